"""Many simulated lives side by side, what they came to, and the one line that lives a failed one again."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path

from tests.simulation.clerk import DEEDS_OF_CLERKS
from tests.simulation.life import DAYS, Manner, Story, live
from tests.simulation.office import DEEDS_OF_THE_OFFICE
from tests.simulation.operators import DEEDS_OF_OPERATORS
from tests.simulation.room import hall, room, settle_in
from tests.simulation.station import DEEDS_OF_THE_STATION
from tests.simulation.weather import KINDS

DEEDS = DEEDS_OF_CLERKS | DEEDS_OF_THE_STATION | DEEDS_OF_THE_OFFICE | {"night with a clock that is off"}
KILLS = [f"killed at {effect}" for effect in ("answer", "begin", "commit", "send")]
KEPT = Path(__file__).with_name("seeds.txt")
FRAMES_SHOWN = 3
DESCRIPTION = "Live simulated lives of the bank; those that once went wrong come first."


@dataclass(frozen=True, slots=True)
class Lived:
    """How one life went: its story, or what went wrong in it."""

    seed: int
    story: Story | None
    trouble: str = ""


def kept_seeds() -> list[int]:
    """Give the seeds that ever failed."""
    lines = KEPT.read_text(encoding="utf-8").splitlines()
    return [int(line.partition("#")[0]) for line in lines if line.partition("#")[0].strip()]


def lived(seed: int, days: int, where: Path, manner: Manner | None = None) -> Lived:
    """Live one life in a room of its own."""
    with room(where) as folder:
        try:
            return Lived(seed, live(seed, folder, days, manner))
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is told with the line that replays it
            frames = traceback.extract_tb(fault.__traceback__)
            ours = [f"{Path(one.filename).name}:{one.lineno}" for one in frames if "site-packages" not in one.filename]
            return Lived(seed, None, f"{type(fault).__name__} at {' '.join(ours[-FRAMES_SHOWN:])}: {fault}")


def replay_line(seed: int, days: int, *, has_operators: bool = False) -> str:
    """Give the one line that lives a life again."""
    return f"python -m tests.simulation --seed {seed} --days {days}" + (" --operators" if has_operators else "")


def live_all(seeds: Sequence[int], days: int, workers: int, manner: Manner | None = None) -> Iterator[Lived]:
    """Live all these lives, as many at a time as there are workers."""
    with hall() as where:
        live_one = partial(lived, days=days, where=where, manner=manner)
        if workers == 1:
            yield from map(live_one, seeds)
            return
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=settle_in) as pool:
            yield from pool.map(live_one, seeds)


def figures(stories: Iterable[Story], days: int) -> str:
    """Say what all these lives came to."""
    told = list(stories)
    faults = sum((story.faults for story in told), Counter())
    kills = sum((story.kills for story in told), Counter())
    deeds = sum((story.deeds for story in told), Counter())
    judged, doubted = (sum(getattr(story, name) for story in told) for name in ("judged", "doubted"))
    counts = {name: sum(getattr(story, name) for story in told) for name in ("nights", "runs", "partial", "stops")}
    compared = sum(story.compared for story in told)
    return "\n".join((
        f"{len(told)} lives of {days} days: " + ", ".join(f"{count} {name}" for name, count in counts.items()),
        f"{judged} opinions on a visit, {doubted} of them left open; {compared} visits told alike by one sweep",
        f"{sum(story.records for story in told)} records, {sum(story.vouchers for story in told)} vouchers",
        f"{sum(kills.values())} kills: " + ", ".join(f"{count} at {name}" for name, count in sorted(kills.items())),
        f"{sum(faults.values())} faults: " + ", ".join(f"{faults[kind]} {kind}" for kind in KINDS),
        f"{sum(deeds.values())} deeds: " + ", ".join(f"{deeds[deed]} {deed}" for deed in sorted(DEEDS | deeds.keys())),
    ))  # fmt: skip


def rarest(stories: Iterable[Story], deeds: Iterable[str] = DEEDS) -> tuple[int, str]:
    """Give how often the rarest kind of fault, deed or kill was met, and which it is."""
    met: Counter[str] = Counter()
    for story in stories:
        met += story.faults + story.deeds + Counter({f"killed at {name}": times for name, times in story.kills.items()})
    return min((met[kind], kind) for kind in (*KINDS, *deeds, *KILLS))


def main(arguments: Sequence[str] | None = None) -> int:
    """Live the lives that were asked for, kept seeds first; 1 where one went wrong or a fault was met too seldom."""
    asked = _parser().parse_args(arguments)
    seeds = [asked.seed] if asked.seed is not None else [*range(asked.first, asked.first + asked.seeds)]
    if asked.seed is None:
        seeds = list(dict.fromkeys([*kept_seeds(), *seeds]))
    stories, failed = [], 0
    manner = Manner(has_operators=asked.operators)
    for one in live_all(seeds, asked.days, asked.workers, manner):
        if one.story is None:
            failed += 1
            sys.stdout.write(f"{one.trouble}\n  {replay_line(one.seed, asked.days, has_operators=asked.operators)}\n")
            sys.stdout.flush()
        else:
            stories.append(one.story)
    sys.stdout.write(figures(stories, asked.days) + "\n")
    times, kind = rarest(stories, DEEDS | DEEDS_OF_OPERATORS if asked.operators else DEEDS)
    if times < asked.each:
        sys.stdout.write(f"{kind} was met {times} times, and not {asked.each}\n")
        return 1
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=DESCRIPTION)
    parser.add_argument("--seed", type=int, help="live this one life only")
    parser.add_argument("--seeds", type=int, default=2, help="how many lives")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--days", type=int, default=DAYS, help="how long a life lasts before the faults end")
    parser.add_argument("--workers", type=int, default=cpu_count() or 1, help="how many at a time")
    parser.add_argument("--operators", action="store_true", help="let operators decide conflicts in the mornings")
    parser.add_argument("--each", type=int, default=0, help="how often each fault, deed and kill must be met")
    return parser
