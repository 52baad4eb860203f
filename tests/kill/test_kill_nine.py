"""A few kills, in processes of their own; ``make kill`` and ``make soak`` do the rest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _kill(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.kill", "--workers", "1", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("scene", ["roster", "entries", "migrate"])
def test_whoever_begins_anew_after_a_kill_comes_to_the_same_end(scene: str) -> None:
    done = _kill("--scene", scene, "--stride", "40", "--pairs", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "and 2 pairs in 1 scenes, 0 wrong" in done.stdout


def test_one_point_is_killed_again_by_its_numbers() -> None:
    done = _kill("--scene", "first-night", "--at", "200", "150")
    assert done.stdout == "0 points and 1 pairs in 1 scenes, 0 wrong\n"
