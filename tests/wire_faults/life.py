"""Two nights of a small bank: on one a call goes wrong for good, and the next must put everything right."""

from __future__ import annotations

import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

import httpx

from adapters.base import Adapter
from adapters.chinavolunteer import adapter as national_adapter
from adapters.chinavolunteer import profile as national_profile
from adapters.guizhiyuan import adapter as guangxi_adapter
from adapters.guizhiyuan import profile as guangxi_profile
from domain.clock import SHANGHAI
from local_store import runs
from local_store.lease import lease
from sandbox.guangxi_rows import GuangxiRecord, floor_to_half_hours
from sandbox.national_rows import NationalRecord, hours_text
from sandbox.streets import KINDS
from sandbox.visits import activity_id, project_id
from sync.night import Night, NightTally
from sync.pull import Puller
from sync.source import PullTally, Source
from tests.adapter_contract.clock import MiddlingChance
from tests.nights import TWO_STATIONS, Bank, DirectWire, HandClock, Town, shipped_rules
from tests.wire_faults.door import Door

PLATFORMS = ("national", "guangxi")
PAGE = 4
ATTEMPTS = 3
ANSWER_BYTES_MAX = 50_000
FIRST_NIGHT = datetime(2022, 8, 1, 2, 30, tzinfo=SHANGHAI)
MONTH, DAY = timedelta(days=31), timedelta(days=1)
MINUTES = 70
_VISITS = 9
_HERE, _THERE = TWO_STATIONS
_ADAPTERS: dict[str, tuple[ModuleType, ModuleType]] = {
    "national": (national_adapter, national_profile), "guangxi": (guangxi_adapter, guangxi_profile),
}  # fmt: skip
SCOPES = {
    "national": (_HERE.team, _THERE.team), "guangxi": (_HERE.organisation, _THERE.organisation),
}  # fmt: skip
"""What is read of each platform; things go wrong at the first."""

Table = tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class State:
    """What stands in a store that matters in the end: records and how they were read, who is gone, the book."""

    records: Table
    places: Table
    book: Table
    conflicts: Table


def scope_of(platform: str) -> str:
    """Give the organisation at whose calls things go wrong."""
    return SCOPES[platform][0]


class Scene:
    """A bank after its first night; since then visits were typed, corrected, withdrawn, and one was removed."""

    def __init__(self, folder: Path) -> None:
        self.town = Town()
        self.town.set_clock(FIRST_NIGHT - timedelta(hours=6))
        self.rules = shipped_rules()
        for number in range(_VISITS):
            self._type(number, date(2022, 7, 1 + 3 * number))
        bank = Bank(self.town, folder, self.rules)
        bank.take_in(self.town.people)
        self.town.set_clock(FIRST_NIGHT)
        assert bank.night().outcome == "complete"
        self.store = bank.store
        self._file = folder / "shiqiao.db"
        self._before = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(self._file)) as stands:
            stands.backup(self._before)
        self._a_month_goes_by()

    def _a_month_goes_by(self) -> None:
        self.town.set_clock(FIRST_NIGHT + MONTH - DAY)
        national = [record.record_id for record in self.town.national.records.rows(scope_of("national"))]
        guangxi = [record.record_id for record in self.town.guangxi.records.rows(scope_of("guangxi"))]
        self.town.national.edit(national[0], remark="录错")
        self.town.guangxi.edit(guangxi[0], remark="录错")
        self.town.national.withdraw(national[1])
        self.town.guangxi.withdraw(guangxi[1])
        self.town.national.remove(national[2])
        self.town.guangxi.remove(guangxi[2])
        for number in (_VISITS, _VISITS + 1):
            self._type(number, date(2022, 8, 20 + number - _VISITS))
        self.town.set_clock(FIRST_NIGHT + MONTH)

    def _type(self, number: int, day: date) -> None:
        """Type one visit at both platforms, and each third one at the other station too."""
        starts_at = datetime.combine(day, time(9, 5), SHANGHAI)
        ends_at = starts_at + timedelta(minutes=MINUTES)
        kind = KINDS[number % 4]
        for station in TWO_STATIONS if number % 3 == 0 else TWO_STATIONS[:1]:
            people = [one for one in self.town.people if one.station == station.code]
            person = people[number % len(people)]
            self.town.national.add(
                NationalRecord(
                    "", station.team, person.national_number, person.name, person.id_number,
                    project_id(station, kind.projects[0]), starts_at, ends_at, hours_text(starts_at, ends_at), ends_at,
                    ends_at,
                )
            )  # fmt: skip
            self.town.guangxi.add(
                GuangxiRecord(
                    0, station.organisation, person.guangxi_number, person.name, person.id_number,
                    activity_id(station, kind.projects[0]), kind.service_type, day, "09:05", f"{ends_at:%H:%M}",
                    floor_to_half_hours(MINUTES), ends_at, ends_at,
                )
            )  # fmt: skip

    def wake(self) -> Life:
        """Give the bank as it stands on the night after that month."""
        with closing(sqlite3.connect(self._file)) as store, store:
            self._before.backup(store)
        self.town.set_clock(FIRST_NIGHT + MONTH)
        return Life(self)

    @cached_property
    def calm(self) -> tuple[State, State, State]:
        """Give what stands before both nights, after the first and after the second, where nothing goes wrong."""
        life = self.wake()
        states = [life.state()]
        for _ in range(2):
            assert life.night().outcome == "complete"
            states.append(life.state())
            life.sleep()
        return states[0], states[1], states[2]

    @cached_property
    def calmly_read(self) -> dict[str, tuple[Table, Table]]:
        """Give the records as they stand after each of two pulls of one platform, where nothing goes wrong."""
        found = {}
        for name in PLATFORMS:
            with Door(name, self.town, scope_of(name)).open() as door:
                life = self.wake()
                tables = []
                for _ in range(2):
                    assert life.pull(door).outcome == "complete"
                    tables.append(life.records())
                    life.sleep()
                found[name] = (tables[0], tables[1])
        return found

    def close(self) -> None:
        """Give the store back."""
        self._before.close()
        self.store.close()


@dataclass
class Life:
    """The bank of a scene, from that night on."""

    scene: Scene

    @property
    def clock(self) -> HandClock:
        """Give the clock of everybody."""
        return self.scene.town.clock

    def sleep(self) -> None:
        """Let a day go by."""
        self.scene.town.set_clock(self.clock.at + DAY)

    def pull(self, door: Door, read_seconds_max: float = 20.0) -> PullTally:
        """Read the platform of ``door`` through it, as a night does before it plans."""
        source = self._source(door.name, door, read_seconds_max)
        try:
            with lease(self.scene.store, "test/1") as held:
                with held.writing() as tx:
                    run = runs.begin(tx, "sync", self.clock.now(), self.scene.rules.version)
                tally = Puller(held, source, self.scene.rules, self.clock, run, lambda *_: None).pull()
                with held.writing() as tx:
                    runs.finish(tx, run, "complete", "{}")
        finally:
            source.adapter.close()
        return tally

    def night(self, door: Door | None = None, read_seconds_max: float = 20.0) -> NightTally:
        """Run one night; the platform of ``door`` is read through it, the other one without a wire."""
        sources = tuple(self._source(name, door, read_seconds_max) for name in PLATFORMS)
        try:
            return Night(self.scene.store, sources, self.scene.rules, self.clock, lambda *_: None, "test/1").run()
        finally:
            for source in sources:
                source.adapter.close()

    def _source(self, name: str, door: Door | None, read_seconds_max: float) -> Source:
        module, profile = _ADAPTERS[name]
        is_wired = door is not None and door.name == name
        short = replace(
            profile.LIMITS, attempts_max=ATTEMPTS, read_seconds_max=read_seconds_max, answer_bytes_max=ANSWER_BYTES_MAX
        )
        town = self.scene.town
        url = door.url if door is not None and is_wired else "http://127.0.0.1:1"
        platform = town.national if name == "national" else town.guangxi
        with patch.object(profile, "LIMITS", short), patch.object(httpx, "create_ssl_context", _no_ssl):
            adapter: Adapter = module.from_settings(
                name, town.secrets[name] | {"base_url": url}, clock=self.clock, random=MiddlingChance(),
                transport=None if is_wired else DirectWire(platform),
            )  # fmt: skip
        return Source(adapter, SCOPES[name], "scene")

    def state(self) -> State:
        """Read what matters from the tables themselves."""
        return State(self.records(), *(self._rows(asked) for asked in (_PLACES, _BOOK, _CONFLICTS)))

    def records(self) -> Table:
        """Give every record, how it was read, and whether it is gone; and what could not be read."""
        return self.readable() + self.unread()

    def readable(self) -> Table:
        """Give every record in its last revision that could be read."""
        return self._rows(_RECORDS)

    def unread(self) -> Table:
        """Give the rows that could not be read, and whether each has been read since."""
        return self._rows(_UNREAD)

    def covered(self) -> dict[tuple[str, str], int]:
        """Give up to where each organisation was read, in seconds since 1970."""
        return {(str(platform), str(scope)): int(str(end)) for platform, scope, end in self._rows(_COVERED)}

    def gone(self) -> Table:
        """Give the records that were found to be gone."""
        return self._rows(_GONE)

    def _rows(self, asked: str) -> Table:
        with self.scene.store.reading() as tx:
            return tuple(tuple(row) for row in tx.connection.exec_driver_sql(asked).all())


def _no_ssl(**_: object) -> ssl.SSLContext:
    """Stand in for the reading of all certificates, which takes longer than a night here and serves none."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@contextmanager
def small_pages() -> Iterator[None]:
    """Let a few rows fill three pages."""
    with patch.object(national_profile, "PAGE_SIZE", PAGE), patch.object(guangxi_profile, "PAGE_SIZE", PAGE):
        yield


_RECORDS = """
    SELECT platform, external_id, record.revision, record.state, organisation, updated_at, gone_on IS NOT NULL,
        claim.service_date, claim.reported_seconds, claim.state, claim.is_gone
    FROM record JOIN claim ON claim.record = record.number ORDER BY platform, external_id
"""
_UNREAD = "SELECT platform, external_id, reason, field, is_lifted FROM quarantine ORDER BY platform, external_id"
_PLACES = """
    SELECT platform, external_id, disposition FROM record LEFT JOIN membership ON membership.record = record.number
    ORDER BY platform, external_id
"""
_BOOK = "SELECT person, service_date, category, station, seconds, short_seconds FROM standing ORDER BY 1, 2"
_CONFLICTS = "SELECT kind, is_blocking FROM conflict WHERE state = 'open' ORDER BY kind, is_blocking"
_COVERED = "SELECT platform, scope, max(window_end_at) FROM coverage GROUP BY platform, scope"
_GONE = "SELECT platform, organisation, external_id FROM record WHERE gone_on IS NOT NULL"
