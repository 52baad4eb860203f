"""Long runs of the fuzz targets: numbered inputs made by chance, or guided by which code they reach."""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz.catalogue import KEPT, spoilt, targets

ROOT = Path(__file__).resolve().parents[2]
FIRST = 1_000_000
"""Where long runs begin to count: the tests have begun from nought."""


def main(arguments: list[str] | None = None) -> int:
    """Run targets; give 1 if one of them found something."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="only these")
    parser.add_argument("--runs", type=int, default=10_000, help="how many inputs each target is given")
    parser.add_argument("--first", type=int, default=FIRST, help="the number of the first input")
    parser.add_argument("--guided", action="store_true", help="let the code that is reached guide chance (atheris)")
    parser.add_argument("--workers", type=int, default=2, help="how many targets run at a time")
    parser.add_argument("--here", action="store_true", help="run in this process")
    asked = parser.parse_args(arguments)
    names = asked.targets or sorted(targets())
    if unknown := set(names) - set(targets()):
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(sorted(targets()))}")
    if asked.here:
        return max(_numbered(name, asked.first, asked.runs) for name in names)
    is_guided = asked.guided and importlib.util.find_spec("atheris") is not None
    if asked.guided and not is_guided:
        sys.stdout.write("there is no atheris here, so chance is not guided\n")
    commands = [_guided(name, asked.runs) if is_guided else _apart(name, asked.first, asked.runs) for name in names]
    with ThreadPoolExecutor(asked.workers) as pool:
        return int(any(list(pool.map(_ended_ill, commands))))


def _apart(name: str, first: int, runs: int) -> list[str]:
    """Run a target in a process of its own, which a native parser may end."""
    return [sys.executable, "-m", "tests.fuzz", name, "--here", "--first", str(first), "--runs", str(runs)]


def _guided(name: str, runs: int) -> list[str]:
    found = KEPT / name
    found.mkdir(parents=True, exist_ok=True)
    options = [f"-atheris_runs={runs}", f"-artifact_prefix={found}/", "-timeout=30", "-rss_limit_mb=4096"]
    return [sys.executable, "-m", "tests.fuzz.guided", name, *options]


def _ended_ill(command: list[str]) -> bool:
    name, began = command[3], time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    verdict = "well" if done.returncode == 0 else f"with {done.returncode}"
    sys.stdout.write(f"{name}: ended {verdict} after {time.monotonic() - began:.0f} s\n")
    if done.returncode:
        sys.stdout.write(done.stdout[-2000:] + done.stderr[-4000:])
    sys.stdout.flush()
    return done.returncode != 0


def _numbered(name: str, first: int, runs: int) -> int:
    """Give a target its numbered inputs; tell the number of any find, also where a parser ends the whole process."""
    target, ended = targets()[name], Counter[str]()
    for number, body in spoilt(target, first, runs):
        sys.stdout.write(f"\rpython -m tests.fuzz {name} --here --first {number} --runs 1")
        sys.stdout.flush()
        try:
            ended[target.run(body)] += 1
        except BaseException:
            sys.stdout.write("\n")
            raise
    sys.stdout.write(f"\r{name}: {dict(ended.most_common())}\n")
    return 0
