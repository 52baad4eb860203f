"""The bench's own room: towns and tapes made once, stores made anew, a server that starts when it is asked for."""

from __future__ import annotations

import cProfile
import gc
import os
import pstats
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from bench import postgresql
from bench.house import enrol, night
from bench.pages import write_night
from bench.population import FIRST_NIGHT
from bench.pulling import StandingClock, load_house_rules, opened, played, sqlite_url
from bench.tape import Tape
from bench.town import Town, build_town
from domain.clock import day_in_shanghai
from local_store.store import Store
from mapping.rules import RuleSet
from sync.summary import months_due

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
SECOND_NIGHT = FIRST_NIGHT + timedelta(days=1)
_LOOK_BACK = timedelta(hours=72, minutes=1)
_LINES = 25
_MISSED = "the night did not do what it is measured for"


@dataclass(slots=True, frozen=True)
class Sizes:
    """How many records each part works on, how many rounds it makes, and to what history a quiet night is held."""

    records: int
    rounds: int
    matched: int
    touched: int
    history: int


@dataclass
class Workshop:
    """What every measure needs; ``folder`` is emptied by whoever made it."""

    sizes: Sizes
    folder: Path
    stack: ExitStack
    clock: Callable[[], float] = time.perf_counter
    profiles: bool = False
    _numbers: Iterator[int] = field(default_factory=count)
    _towns: dict[tuple[int, bool], Town] = field(default_factory=dict)
    _lived: dict[tuple[int, bool], Path] = field(default_factory=dict)
    _tapes: dict[tuple[int, bool, datetime], dict[str, Tape]] = field(default_factory=dict)

    @cached_property
    def rules(self) -> RuleSet:
        """Give the rule set."""
        return load_house_rules()

    @cached_property
    def server(self) -> Path:
        """Give the folder of a PostgreSQL server, which starts now."""
        say("PostgreSQL starts")
        return self.stack.enter_context(postgresql.running())

    def town(self, records: int | None = None, *, has_times: bool = True) -> Town:
        """Give a town, made once."""
        key = (records or self.sizes.records, has_times)
        if key not in self._towns:
            say(f"a town of {key[0]:,} records is made")
            self._towns[key] = build_town(key[0], has_times=has_times)
        return self._towns[key]

    def tapes(self, town: Town, instant: datetime = FIRST_NIGHT) -> dict[str, Tape]:
        """Give what the platforms say of a town in its first night, or in a later one of the 72 hours before."""
        key = (town.records, town.has_times, instant)
        if key not in self._tapes:
            folder = self.room("tapes")
            if instant == FIRST_NIGHT:
                self._tapes[key] = write_night(town, folder, instant)
            else:
                months = sorted(months_due({}, self.rules.valid_from, day_in_shanghai(instant)))
                self._tapes[key] = write_night(town, folder, instant, FIRST_NIGHT - _LOOK_BACK, months)
        return self._tapes[key]

    def room(self, name: str) -> Path:
        """Make an empty folder."""
        room = self.folder / f"{next(self._numbers)}-{name}"
        room.mkdir()
        return room

    @contextmanager
    def enrolled(self, town: Town, database: str, clock: StandingClock | None = None) -> Iterator[tuple[Store, Path]]:
        """Open a fresh store, ``sqlite`` or ``postgresql``, with the town's roster; give its folder too."""
        room = self.room(database)
        url = sqlite_url(room) if database == "sqlite" else postgresql.create(self.server, "ours")
        with opened(url, room, clock or StandingClock()) as store:
            enrol(store, town)
            yield store, room
        if database == "sqlite":
            shutil.rmtree(room, ignore_errors=True)

    def lived(self, town: Town) -> Path:
        """Give the folder of a SQLite store after the town's first night, lived through once: not to be changed."""
        key = (town.records, town.has_times)
        if key not in self._lived:
            say(f"a first night of {town.records:,} records")
            room, clock = self.room("lived"), StandingClock()
            with opened(sqlite_url(room), room, clock) as store:
                enrol(store, town)
                with played(self.tapes(town), self.rules, clock) as sources:
                    night(store, sources, self.rules, clock)
            self._lived[key] = room
        return self._lived[key]

    def copied(self, room: Path) -> Path:
        """Give the folder of a copy of a store, with its key."""
        copy = self.room("copy")
        for name in ("store.db", "key"):
            shutil.copy2(room / name, copy / name)
        return copy

    def timed(self, what: str, work: Callable[[], Any]) -> tuple[float, Any]:
        """Give the seconds that some work took by the shop's clock, and what it gave; show its profile if asked to."""
        gc.collect()
        profile = cProfile.Profile() if self.profiles else None
        begun = self.clock()
        given = profile.runcall(work) if profile else work()
        seconds = self.clock() - begun
        if profile:
            sys.stderr.write(f"\n== {what}: {seconds:.2f} s under the profiler\n")
            pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(_LINES)
        return seconds, given


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process, and all that it starts meanwhile, on one core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def insist(done: bool) -> None:  # noqa: FBT001 - an assertion in words
    """Refuse a figure of something that was not done."""
    if not done:
        raise RuntimeError(_MISSED)


def say(what: str) -> None:
    """Tell who waits what is going on."""
    sys.stderr.write(f"… {what}\n")
