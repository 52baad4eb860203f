"""A few kills, in processes of their own; ``make kill`` and ``make soak`` do the rest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CANARIES = """
import sys
from tests.kill import campaign
from tests.kill.scene import Scene

def half(folder):
    return "half a file" if (folder / "list").exists() and not (folder / "list").read_text() else ""

def add(folder, _):
    lines = (folder / "list").read_text() if (folder / "list").exists() else ""
    (folder / "list").write_text(lines + "one more")
    (folder / "done").touch()

def tell(folder):
    return ((folder / "list").read_text(),)

canary = Scene("canary", lambda _: None, lambda _, folder: folder, add, tell, half, is_of_files=True)
campaign.SCENES["sqlite"] = {"canary": canary}
sys.exit(campaign.main(["--workers", "1"]))
"""


def _kill(*arguments: str) -> subprocess.CompletedProcess[str]:
    return _python("-m", "tests.kill", "--workers", "1", *arguments)


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_whoever_begins_anew_after_a_kill_comes_to_the_same_end() -> None:
    done = _kill("--points", "24", "--pairs", "12")
    assert done.stdout == "24 points and 12 pairs in 17 scenes, 0 wrong\n", done.stderr
    assert done.returncode == 0


def test_one_point_is_killed_again_by_its_numbers() -> None:
    done = _kill("--scene", "first-night", "--at", "200", "150")
    assert done.stdout == "0 points and 1 pairs in 1 scenes, 0 wrong\n", done.stderr


def test_fewer_kills_than_asked_for_are_no_success() -> None:
    done = _kill("--scene", "report", "--points", "2000")
    assert done.returncode == 1
    assert done.stdout.endswith("0 wrong\ntoo few: 2000 points and 0 pairs were asked for\n"), done.stderr


def test_half_a_file_and_a_deed_done_twice_are_told_with_the_line_that_repeats_them() -> None:
    done = _python("-c", CANARIES)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "canary@1: half a file",
        "    python -m tests.kill --scene canary --at 1",
        "canary@2: ended otherwise: part 0",
        "    python -m tests.kill --scene canary --at 2",
        "2 points and 0 pairs in 1 scenes, 2 wrong",
    ], done.stderr
