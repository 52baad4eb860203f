"""Plant a bug in a copy of the house and see whether it is caught."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "adapters", "desk", "domain", "local_store", "mapping", "rulesets", "sandbox", "scheduler", "shiqiao", "sync",
    "tests",
)  # fmt: skip
SEEDS = range(1, 6)
DAYS = 120
LIMIT_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Bug:
    """One bug: in which file what is right, what is planted, and what catches it.

    That are the named ``tests``, or kills in a ``scene``, or, without either, a simulated life.
    """

    name: str
    file: str
    right: str
    wrong: str
    tests: tuple[str, ...] = ()
    scene: str = ""
    is_canary: bool = False


def bugs() -> list[Bug]:
    """Give all bugs, the canary first."""
    listed = tomllib.loads(Path(__file__).with_name("bugs.toml").read_text(encoding="utf-8"))["bug"]
    return [Bug(**{**said, "tests": tuple(said.get("tests", ()))}) for said in listed]


def planted_text(bug: Bug, text: str) -> str:
    """Give the file's text with the bug in it.

    Raises:
        ValueError: what is right does not stand there exactly once: the house has moved on and the bug must follow.
    """
    if text.count(bug.right) != 1:
        raise ValueError(f"{bug.name}: {text.count(bug.right)} times in {bug.file}")
    return text.replace(bug.right, bug.wrong)


def caught_by(bug: Bug | None, days: int = DAYS) -> str:
    """Give what caught a bug (None: plant none), "" where nothing did."""
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        house = Path(folder)
        for package in PACKAGES:
            shutil.copytree(ROOT / package, house / package, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", house)
        if bug is not None:
            file = house / bug.file
            file.write_text(planted_text(bug, file.read_text(encoding="utf-8")), encoding="utf-8")
        if bug is not None and bug.tests:
            return _caught_by_tests(house, bug.tests)
        if bug is not None and bug.scene:
            return _caught_by_kills(house, bug.scene)
        return _caught_by_lives(house, days)


def _caught_by_tests(house: Path, tests: Sequence[str]) -> str:
    done = _run(house, ["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests])
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    return failed[0].removeprefix("FAILED ").partition(" - ")[0] if done.returncode == 1 and failed else ""


def _caught_by_kills(house: Path, scene: str) -> str:
    done = _run(house, ["-m", "tests.kill", "--scene", scene, "--points", "60", "--workers", "1"])
    points = [line for line in done.stdout.splitlines() if line.startswith(f"{scene}@")]
    return points[0] if done.returncode == 1 and points else ""


def _caught_by_lives(house: Path, days: int) -> str:
    """Live until a life fails; one that cannot even begin has caught nothing."""
    for seed in SEEDS:
        done = _run(house, ["-m", "tests.simulation", "--seed", str(seed), "--days", str(days), "--workers", "1"])
        if done.returncode == 1 and f"--seed {seed}" in done.stdout:
            return f"seed {seed}: {done.stdout.splitlines()[0][:150]}"
        if done.returncode:
            return ""
    return ""


def _run(house: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run Python in the copied house, whose packages come before the installed ones."""
    environment = os.environ | {"PYTHONPATH": str(house), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=house, env=environment, capture_output=True, text=True, check=False,
        timeout=LIMIT_SECONDS,
    )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Plant the bugs asked for; 1 where one was not caught."""
    asked = _parser().parse_args(arguments)
    chosen = [bug for bug in bugs() if asked.bug in (None, bug.name)][: asked.first]
    caught = 0
    if caught_by(None, days=1):
        sys.stdout.write("the house itself does not live: nothing can be said of bugs\n")
        return 1
    with ThreadPoolExecutor(asked.workers) as pool:
        for bug, by in zip(chosen, pool.map(caught_by, chosen), strict=True):
            sys.stdout.write(f"{'caught' if by else 'MISSED'}  {bug.name}: {by}\n")
            sys.stdout.flush()
            caught += bool(by)
    sys.stdout.write(f"{caught} of {len(chosen)} planted bugs caught\n")
    return 0 if chosen and caught == len(chosen) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description="Plant bugs; each must be caught.")
    parser.add_argument("--bug", help="this one only")
    parser.add_argument("--first", type=int, default=None, help="only so many, from the first")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="how many at a time")
    return parser
