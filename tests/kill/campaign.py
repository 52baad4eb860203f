"""Kill a process at each of its effects, let the next one begin anew, and compare with the end of one that lived."""

from __future__ import annotations

import argparse
import os
import pickle
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sandbox.cipher import chance
from tests.effects import Effects, kill_for_real
from tests.kill.scenes import SCENES, Scene, at, watched_statements
from tests.simulation.house import House


@dataclass(frozen=True, slots=True)
class Point:
    """Where a scene is cut: after how many effects, once, or again in the process that came after."""

    scene: str
    hits: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.scene}@{'+'.join(map(str, self.hits))}"


@dataclass(frozen=True, slots=True)
class Stage:
    """A scene made ready: the folder to copy, its effects in order and the end of one that lived."""

    folder: Path
    house: House
    names: list[str]
    end: object


@cache
def stage(name: str) -> Stage:
    """Make a scene ready, once in a process."""
    scene, folder = SCENES[name], Path(tempfile.mkdtemp(prefix="kill-"))
    house = scene.prepare(folder)
    with _copied(folder) as copied:
        names, end = lived(scene, house, copied)
    return Stage(folder, house, names, end)


def fault_at(point: Point) -> str:
    """Kill at a point, begin anew until it is done; give what is not as it should be, or ""."""
    scene, ready = SCENES[point.scene], stage(point.scene)
    with _copied(ready.folder) as folder:
        for number, hit in enumerate(point.hits):
            code = done_in_child(partial(_die, scene, ready.house, folder, hit))
            if not (os.WIFSIGNALED(code) and os.WTERMSIG(code) == signal.SIGKILL):
                is_done = number > 0 and code == 0  # what was left to do had fewer effects
                if not is_done:
                    return f"{point}: was not killed ({code})"
        try:
            _, end = lived(scene, ready.house, folder)
        except AssertionError as fault:
            return f"{point}: {fault}"
    return "" if end == ready.end else f"{point}: ended otherwise: {_first_difference(end, ready.end)}"


def points(name: str, stride: int, pairs: int) -> Iterator[Point]:
    """Give every effect of a scene but only each ``stride``-th statement, and so many drawn pairs."""
    names = stage(name).names
    singles = [hit for hit, what in enumerate(names, 1) if what != "statement" or hit % stride == 0]
    yield from (Point(name, (hit,)) for hit in singles)
    source = chance("pairs", name)
    for _ in range(pairs):
        yield Point(name, (source.randint(1, len(names)), source.randint(1, len(names))))


def _die(scene: Scene, house: House, folder: Path, hit: int) -> None:
    effects = Effects(hit, kill_for_real)
    with watched_statements(effects):
        scene.act(at(house, folder), effects)


def lived(scene: Scene, house: House, folder: Path) -> tuple[list[str], Any]:
    """Do the deed to its end in a process of its own; give the names of its effects and what then stands."""
    report = folder / "report"

    def live() -> None:
        effects = Effects()
        with watched_statements(effects):
            there = at(house, folder)
            scene.act(there, effects)
        report.write_bytes(pickle.dumps((effects.names, scene.tell(there))))

    code = done_in_child(live)
    if code:
        raise AssertionError(f"{scene.name}: the next process ended with {code}")
    names, end = pickle.loads(report.read_bytes())  # noqa: S301 - our own child wrote it
    return names, end


def done_in_child(deed: Callable[[], None]) -> int:
    """Do something in a process of its own and give how it ended, as ``os.waitpid`` tells it."""
    number = os.fork()
    if number == 0:
        code = 1
        try:
            deed()
            code = 0
        except BaseException:  # noqa: BLE001 - a child must not run on into its parent's work
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitpid(number, 0)[1]


class _copied:  # noqa: N801 - used as a function
    """A copy of a folder for as long as it is needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._copy = Path(tempfile.mkdtemp(prefix="killed-"))

    def __enter__(self) -> Path:
        shutil.copytree(self._folder, self._copy, dirs_exist_ok=True)
        return self._copy

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._copy)


def _first_difference(found: Any, wanted: Any) -> str:  # noqa: ANN401 - whatever a scene tells
    parts = zip(found, wanted, strict=True)
    return next((f"part {number}" for number, (one, other) in enumerate(parts) if one != other), "nothing")


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill at the points asked for; 1 where a next process did not come to the same end."""
    asked = _parser().parse_args(arguments)
    scenes = [asked.scene] if asked.scene else [*SCENES]
    chosen = [Point(asked.scene, tuple(asked.at))] if asked.at else None
    with tempfile.TemporaryDirectory() as folder:
        _keep_folders_in(folder)
        every = chosen or [one for scene in scenes for one in points(scene, asked.stride, asked.pairs)]
        tempfile.tempdir = None
    faults = [fault for fault in _faults(every, asked.workers) if fault]
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    pairs = sum(len(one.hits) > 1 for one in every)
    sys.stdout.write(f"{len(every) - pairs} points and {pairs} pairs in {len(scenes)} scenes, {len(faults)} wrong\n")
    return 1 if faults else 0


def _faults(every: Sequence[Point], workers: int) -> Iterator[str]:
    """Try all points side by side, in folders that are gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        spawn = get_context("spawn")
        with ProcessPoolExecutor(workers, spawn, initializer=_keep_folders_in, initargs=(folder,)) as pool:
            yield from pool.map(fault_at, every, chunksize=16)


def _keep_folders_in(folder: str) -> None:
    tempfile.tempdir = folder


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description="Kill -9 at the effects of a process.")
    parser.add_argument("--scene", choices=[*SCENES], help="this scene only")
    parser.add_argument("--at", type=int, nargs="+", help="kill only there: at this effect, and then at that one")
    parser.add_argument("--stride", type=int, default=1, help="kill at every so-many-th statement only")
    parser.add_argument("--pairs", type=int, default=0, help="how many pairs of kills for each scene")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="how many at a time")
    return parser
