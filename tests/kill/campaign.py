"""Kill a process at each of its effects, let the next one begin anew, and compare with the end of one that lived."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from domain.errors import ShiqiaoError
from sandbox.cipher import chance
from tests.kill.child import shared_out
from tests.kill.homes import home
from tests.kill.scenes import SCENES
from tests.kill.stage import Stage, is_killed, lived, set_up
from tests.kill.warm import kept_warm

STATEMENTS = {"read", "write"}


@dataclass(frozen=True, slots=True)
class Point:
    """Where a scene is cut: after how many effects, once, or again in the process that came after."""

    scene: str
    hits: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.scene}@{'+'.join(map(str, self.hits))}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How often a process was killed at a point, and what was not as it should be then ("": nothing)."""

    point: Point
    kills: int
    fault: str


def outcome_at(stages: Mapping[str, Stage], point: Point) -> Outcome:
    """Kill at a point, then begin anew until it is done."""
    stage, kills = stages[point.scene], 0
    try:
        with stage.home.copied(stage.folder) as folder:
            for hit in point.hits:
                kills += is_killed(stage.scene, stage.ready, folder, hit)
                wound = stage.scene.wound(folder)
                if wound:
                    return Outcome(point, kills, wound)
            _, end = lived(stage.scene, stage.ready, folder)
    except (AssertionError, OSError, ShiqiaoError) as fault:
        return Outcome(point, kills, f"{type(fault).__name__}: {fault}")
    if not kills:
        return Outcome(point, kills, "nobody was killed")
    return Outcome(point, kills, "" if end == stage.end else f"ended otherwise: {_first_difference(end, stage.end)}")


def singles(stages: Mapping[str, Stage], how_many: int | None) -> list[Point]:
    """Give so many points (None: all): two thirds are no mere statements, if there are as many."""
    rare, statements = list[Point](), list[Point]()
    for name, stage in stages.items():
        for hit, what in enumerate(stage.names, 1):
            is_same_again = what == "commit" and stage.names[hit - 2] == what  # told by the store and by SQLAlchemy
            if not is_same_again:
                (statements if what in STATEMENTS else rare).append(Point(name, (hit,)))
    if how_many is None:
        return [*rare, *statements]
    taken = _spread(rare, how_many * 2 // 3)
    return [*taken, *_spread(statements, how_many - len(taken))]


def _spread(every: Sequence[Point], how_many: int) -> list[Point]:
    taken = min(how_many, len(every))
    return [every[number * len(every) // taken] for number in range(taken)]


def pairs(stages: Mapping[str, Stage], how_many: int) -> Iterator[Point]:
    """Draw so many pairs, a scene at a time: the second kill falls on what the first has left to do."""
    source = chance("pairs", *stages)
    names = [name for name, stage in stages.items() if len(stage.names) > 1]
    for number in range(how_many):
        name = names[number % len(names)]
        length = len(stages[name].names)
        first = source.randint(1, length - 1)
        yield Point(name, (first, source.randint(1, length - first)))


def _first_difference(found: object, wanted: object) -> str:
    assert isinstance(found, tuple)
    assert isinstance(wanted, tuple)
    parts = zip(found, wanted, strict=True)
    return next(f"part {number}" for number, (one, other) in enumerate(parts) if one != other)


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill at the points asked for; 1 where a next process did not come to the same end, or too few were killed."""
    asked = _parser().parse_args(arguments)
    with home(asked.database) as (place, room), kept_warm():
        wanted = {name: scene for name, scene in SCENES[asked.database].items() if asked.scene in {None, name}}
        stages = {name: set_up(scene, place, room / name) for name, scene in wanted.items()}
        if asked.at:
            every = [Point(asked.scene, tuple(asked.at))]
        else:
            every = [*singles(stages, asked.points), *pairs(stages, asked.pairs)]
        gc.collect()
        gc.freeze()  # so that no child goes through all that its parent has
        outcomes = shared_out(partial(outcome_at, stages), every, asked.workers)
    wrong = [one for one in outcomes if one.fault]
    for one in wrong:
        sys.stdout.write(f"{one.point}: {one.fault}\n    {_again(asked.database, one.point)}\n")
    are_enough = _counted(outcomes, len(stages), asked.points or 0, asked.pairs)
    return 0 if are_enough and not wrong else 1


def _again(database: str, point: Point) -> str:
    """Give the line that kills at a point once more."""
    where = "" if database == "sqlite" else f"--database {database} "
    return f"python -m tests.kill {where}--scene {point.scene} --at {' '.join(map(str, point.hits))}"


def _counted(outcomes: Sequence[Outcome], scenes: int, points_min: int, pairs_min: int) -> bool:
    """Tell how many processes were killed once and how many points twice, and say whether that is enough."""
    wrong = sum(bool(one.fault) for one in outcomes)
    twice = sum(one.kills > 1 for one in outcomes)
    once = sum(len(one.point.hits) == 1 and one.kills == 1 for one in outcomes)
    sys.stdout.write(f"{once} points and {twice} pairs in {scenes} scenes, {wrong} wrong\n")
    if once >= points_min and twice >= pairs_min:
        return True
    sys.stdout.write(f"too few: {points_min} points and {pairs_min} pairs were asked for\n")
    return False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description="Kill -9 at the effects of a process.")
    parser.add_argument("--database", choices=[*SCENES], default="sqlite", help="where the stores are kept")
    parser.add_argument("--scene", choices=[*SCENES["sqlite"]], help="this scene only")
    parser.add_argument("--at", type=int, nargs="+", help="kill only there: at this effect, and then at that one")
    parser.add_argument("--points", type=int, help="how many effects to kill at, no less (otherwise at each)")
    parser.add_argument("--pairs", type=int, default=0, help="how many pairs of kills, no less")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="how many at a time")
    return parser
