"""The parts of a real night, one by one, over a made-up city of any size."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path

from adapters import registry
from adapters.base import Adapter
from bench.wire import Recorder, replayed
from desk.intake import read_roster
from domain.actions import Post
from domain.clock import day_in_shanghai
from local_store import coverage, people, runs, subjects
from local_store.lease import Lease
from local_store.store import Store, open_store
from local_store.vault import create_key_file
from mapping.load import load_rules
from mapping.names import folded_name
from mapping.rules import RuleSet
from sandbox.city import City, build_city
from sandbox.lists import write_lists
from sandbox.serve import start
from sync.night import Night, NightTally
from sync.plan import plan
from sync.pull import Puller
from sync.source import Source

PORTION = 400
ADAPTERS = {"national": "chinavolunteer", "guangxi": "guizhiyuan"}


class StandingClock:
    """The bank's clock stands at the first night; the machine's runs, and nothing waits."""

    def __init__(self, now: datetime) -> None:
        """Stand at ``now``."""
        self._now = now

    def now(self) -> datetime:
        """Give the bank's instant."""
        return self._now

    def real_now(self) -> datetime:
        """Give the machine's instant."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Give the machine's seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, as a polite caller must."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A city whose answers were taken down: what each platform said, call by call, and how to ask it again."""

    city: City
    rules: RuleSet
    answers: dict[str, list[bytes]]
    secrets: dict[str, dict[str, str]]

    @property
    def records(self) -> int:
        """Give the number of rows on both platforms."""
        return len(self.city.national_records) + len(self.city.guangxi_records)


def record_city(count: int, folder: Path) -> Recorded:
    """Make a city of ``count`` volunteers and take down everything its platforms say in a first night."""
    with resources.as_file(resources.files("rulesets") / "liuzhou-chengzhong.toml") as path:
        rules = load_rules(path)
    city = build_city(count)
    wires = {name: Recorder() for name in ADAPTERS}
    with start(city) as sandbox:
        urls = {"national": sandbox.national_url, "guangxi": sandbox.guangxi_url}
        clock = StandingClock(city.first_night)
        sources = [
            Source(_adapter(name, urls[name], sandbox.secrets[name], clock, wires[name]), rules.scopes(name), "bench")
            for name in ADAPTERS
        ]
        with fresh_store(folder / "recording", clock) as store:
            Night(store, sources, rules, clock, silent, "bench").run()
        secrets = dict(sandbox.secrets)
    return Recorded(city, rules, {name: wire.answers for name, wire in wires.items()}, secrets)


def silent(_what: str, _done: int, _total: int | None) -> None:
    """Show no progress."""


def _adapter(
    name: str, url: str, secrets: dict[str, str], clock: StandingClock, wire: Recorder | None = None
) -> Adapter:
    settings = {"base_url": url, **secrets}
    return registry.make(ADAPTERS[name], name, settings, clock=clock, random=random.Random(1), transport=wire)  # noqa: S311


@contextmanager
def fresh_store(folder: Path, clock: StandingClock) -> Iterator[Store]:
    """Open an empty store in a folder of its own."""
    folder.mkdir(parents=True)
    create_key_file(folder / "key")
    store = open_store(f"sqlite:///{folder / 'store.db'}", folder / "key", clock)
    try:
        yield store
    finally:
        store.close()


def enrol(store: Store, recorded: Recorded, folder: Path) -> None:
    """Put the city's volunteers on the roster."""
    roster, _ = write_lists(recorded.city, folder / "lists")
    rows = read_roster(roster, recorded.rules).rows
    with store.writing() as tx:
        people.save_roster(tx, rows, folded_name)


@contextmanager
def replayed_sources(recorded: Recorded, clock: StandingClock) -> Iterator[list[Source]]:
    """Give sources that hear the recorded answers again."""
    with replayed(recorded.answers["national"]) as national, replayed(recorded.answers["guangxi"]) as guangxi:
        ports = {"national": national, "guangxi": guangxi}
        yield [
            Source(
                _adapter(name, f"http://127.0.0.1:{ports[name]}", recorded.secrets[name], clock),
                recorded.rules.scopes(name),
                "bench",
            )
            for name in ADAPTERS
        ]


def pull_only(held: Lease, source: Source, recorded: Recorded, clock: StandingClock) -> int:
    """Read one platform into the store; give the records seen."""
    with held.writing() as tx:
        run = runs.begin(tx, "sync", clock.now(), recorded.rules.version)
    return Puller(held, source, recorded.rules, clock, run, silent).pull().records_seen


def plan_all(store: Store, rules: RuleSet, today: date) -> tuple[int, list[tuple[str, int, int]]]:
    """Plan every subject from the store; give the claims planned and the bookings asked for."""
    claims, bookings = 0, []
    with store.reading() as tx:
        covered = coverage.covered_through(tx)
        numbers = subjects.changed(tx, today, rules.version)
        for first in range(0, len(numbers), PORTION):
            for subject in subjects.load(tx, numbers[first : first + PORTION]):
                claims += len(subject.claims)
                for line in plan(subject, rules, covered, today).lines:
                    if isinstance(line.action, Post):
                        booking = line.action.booking
                        bookings.append((line.service.service_id, booking.person, booking.seconds))
    return claims, bookings


def whole_night(store: Store, recorded: Recorded, clock: StandingClock, sources: list[Source]) -> NightTally:
    """Run a night as ``sync`` does."""
    return Night(store, sources, recorded.rules, clock, silent, "bench").run()


def today_of(recorded: Recorded) -> date:
    """Give the Shanghai day of the first night."""
    return day_in_shanghai(recorded.city.first_night)
