"""A small bank and its two platforms in one process: a night there is a call of a function, on a clock held by hand."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx

from adapters.registry import make
from desk.balances import Balance, balances, statement
from desk.intake import read_entries, read_roster
from desk.redeem import redeem
from desk.verify import verify
from domain.claims import Claim
from domain.clock import SHANGHAI, day_in_shanghai
from domain.entries import Entry, business_key
from domain.errors import PlatformError
from local_store import runs
from local_store.entries import save_entries
from local_store.people import save_roster
from local_store.store import Store, open_store
from local_store.vault import create_key_file
from mapping.load import load_rules
from mapping.names import folded_name
from mapping.read import Who, read_entry
from mapping.rules import RuleSet
from sandbox.cipher import KeyPair, Secrets, chance, draw_keys
from sandbox.clock import PlatformClock
from sandbox.faults import WIRE_FAULTS
from sandbox.guangxi import GuangxiPlatform
from sandbox.guangxi_rows import Activity
from sandbox.listener import Platform
from sandbox.lists import ENTRY_COLUMNS, ROSTER_COLUMNS
from sandbox.national import NationalPlatform
from sandbox.national_rows import Project
from sandbox.people import Volunteer, draw_volunteers
from sandbox.streets import KINDS, MEETINGS, STATIONS
from sandbox.visits import list_projects
from sandbox.wire import Request
from sync.night import Night, NightTally
from sync.source import Source
from tests.adapter_contract.clock import MiddlingChance
from tests.stores import STORES

NIGHT_TIME = timedelta(hours=2, minutes=30)
ADAPTERS = {"national": "chinavolunteer", "guangxi": "guizhiyuan"}
TWO_STATIONS = STATIONS[:2]
APP_ID = "demo"


class HandClock:
    """Stands where it was put; waiting moves only the scale of deadlines."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.waited_seconds = 0.0

    def now(self) -> datetime:
        return self.at

    def real_now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp() + self.waited_seconds

    def sleep(self, seconds: float) -> None:
        self.waited_seconds += seconds


class DirectWire(httpx.BaseTransport):
    """Hands requests to a modelled platform without a socket; what would break a connection breaks here too."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.read().decode(), keep_blank_values=True))
        headers = {name.lower(): value for name, value in request.headers.items()}
        reply, fault = self._platform.handle(Request(request.url.path, form, headers))
        if fault is not None and fault.kind in WIRE_FAULTS:
            raise httpx.ReadError(fault.kind, request=request)
        told = {"date": self._platform.clock.http_date(), "content-type": reply.content_type, **reply.headers}
        return httpx.Response(reply.status, headers=told, content=reply.body)


class Town:
    """Both platforms, empty but for two stations' projects; people are drawn, nobody is anywhere yet."""

    def __init__(self, people: int = 8) -> None:
        source = chance("town", people)
        self.secrets = {
            "national": {"app_id": APP_ID, "app_secret": source.randbytes(16).hex()},
            "guangxi": {"app_id": APP_ID, "app_secret": source.randbytes(16).hex()},
        }
        request, response, data = draw_keys(source), draw_keys(source), draw_keys(source)
        self.clock = HandClock(datetime(2000, 1, 1, tzinfo=SHANGHAI))
        self.national = NationalPlatform(self._secrets("national", response), request, PlatformClock())
        self.guangxi = GuangxiPlatform(self._secrets("guangxi", data), PlatformClock(), calls_per_second_max=None)
        self._name_keys("national", ("request", request), ("response", response))
        self._name_keys("guangxi", ("data", data))
        projects, activities = _projects_of_two()
        self.national.load({station.team: station.street for station in TWO_STATIONS}, projects, [], [])
        organisations = {station.organisation: station.street for station in TWO_STATIONS}
        self.guangxi.load(organisations, activities, [], [])
        drawn = [person for person in draw_volunteers(people, source) if person.is_on_roster]
        self.people = tuple(
            replace(person, station=TWO_STATIONS[number % 2].code, local_number=f"P{number}")
            for number, person in enumerate(drawn)
        )

    def _secrets(self, platform: str, keys: KeyPair) -> Secrets:
        return Secrets(APP_ID, self.secrets[platform]["app_secret"], keys)

    def _name_keys(self, platform: str, *named: tuple[str, KeyPair]) -> None:
        for name, keys in named:
            self.secrets[platform] |= {f"{name}_key": keys.key, f"{name}_iv": keys.iv}

    def set_clock(self, at: datetime) -> None:
        """Hold every clock at one instant."""
        self.clock.at = at
        self.national.clock.freeze(at)
        self.guangxi.clock.freeze(at)

    def sources(self, rules: RuleSet) -> Iterator[Source]:
        """Give what a night reads: both platforms, at the two stations."""
        doors: dict[str, Platform] = {"national": self.national, "guangxi": self.guangxi}
        scopes = {
            "national": tuple(station.team for station in TWO_STATIONS),
            "guangxi": tuple(station.organisation for station in TWO_STATIONS),
        }
        assert set(doors) <= set(rules.readings)
        for name, platform in doors.items():
            adapter = make(
                ADAPTERS[name], name, self.secrets[name] | {"base_url": "http://127.0.0.1:1"},
                clock=self.clock, random=MiddlingChance(), transport=DirectWire(platform),
            )  # fmt: skip
            yield Source(adapter, scopes[name], "town")


def _projects_of_two() -> tuple[list[Project], list[Activity]]:
    projects, activities = list_projects([*KINDS, MEETINGS])
    teams = {station.team for station in TWO_STATIONS}
    organisations = {station.organisation for station in TWO_STATIONS}
    return [one for one in projects if one.team in teams], [
        one for one in activities if one.organisation in organisations
    ]


def shipped_rules(**changes: int) -> RuleSet:
    """Give the Chengzhong rules, with another limit here and there."""
    with resources.as_file(resources.files("rulesets") / "liuzhou-chengzhong.toml") as path:
        return replace(load_rules(path), **changes)  # type: ignore[arg-type] # limits are numbers


@dataclass(frozen=True, slots=True)
class Place:
    """Where one record ended up, read from the store's own tables."""

    platform: str
    external_id: str
    disposition: str | None


def store_url(folder: Path) -> str:
    """Give where the bank of a folder keeps its store: as all tests do, or where ``store.url`` there says."""
    told = folder / "store.url"
    if told.exists():
        return told.read_text(encoding="utf-8")
    url = STORES.url(folder / "shiqiao.db")
    if STORES.server is not None:
        told.write_text(url, encoding="utf-8")
    return url


class Bank:
    """A store in a folder of its own, and what a person or the scheduler does with it."""

    def __init__(
        self, town: Town, folder: Path, rules: RuleSet, random_bytes: Callable[[int], bytes] = os.urandom
    ) -> None:
        self.town = town
        self.folder = folder
        self.rules = rules
        self._random_bytes = random_bytes
        create_key_file(folder / "shiqiao.key", random_bytes)
        self.store: Store = self._open()

    def _open(self) -> Store:
        key_file = self.folder / "shiqiao.key"
        return open_store(store_url(self.folder), key_file, self.town.clock, random_bytes=self._random_bytes)

    def close(self) -> None:
        self.store.close()

    def night(self, *, is_plan_only: bool = False) -> NightTally:
        """Run one night now."""
        sources = tuple(self.town.sources(self.rules))
        try:
            night = Night(self.store, sources, self.rules, self.town.clock, lambda *_: None, "test/1")
            return night.run(is_plan_only=is_plan_only)
        finally:
            for source in sources:
                source.adapter.close()

    def take_in(self, people: Sequence[Volunteer]) -> None:
        """Import a roster of these people."""
        rows = [
            (one.local_number, one.name, "01", one.id_number, one.phone, one.station, "2021-09-01", one.licence,
             "", "", "national,guangxi")
            for one in people
        ]  # fmt: skip
        read = read_roster(self._file("roster.csv", ROSTER_COLUMNS, rows), self.rules, self._today)
        assert not read.refused
        with self.store.writing() as tx:
            assert not save_roster(tx, read.rows, folded_name).refused

    def type_entry(self, *cells: str) -> None:
        """Import one entry; the cells are those of the entries' file."""
        listed = read_entries(self._file("entries.csv", ENTRY_COLUMNS, [cells]), self.rules, self._today)
        assert not listed.refused

        def read(entry: Entry, identity: int, name_token: str, revision: int) -> Claim:
            key = business_key(entry.station, entry.entry_id, revision)
            return read_entry(entry, Who(identity, name_token), self._today, self.rules, key)

        with self.store.writing() as tx:
            run = runs.begin(tx, "entries", self.town.clock.now(), self.rules.version)
            assert not save_entries(tx, listed.rows, read, self.town.clock.now(), run).refused
            runs.finish(tx, run, "complete", "{}")

    @property
    def _today(self) -> date:
        return day_in_shanghai(self.town.clock.now())

    def _file(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
        path = self.folder / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([columns, *rows])
        return path

    def faults_found(self) -> list[str]:
        """Give the names of the promises that the store breaks."""
        with self.store.reading() as tx:
            checks = verify(tx, self.rules, self._today)
        return [f"{check.name}: {check.detail}" for check in checks if not check.ok]

    def balances(self) -> dict[str, Balance]:
        """Give everyone's balances by 本地编号."""
        with self.store.reading() as tx:
            return {one.person: one for one in balances(tx)}

    def credited(self, local_number: str) -> dict[tuple[date, str, str], int]:
        """Give what a person's vouchers come to, by day, category and station; what came to nothing is left out."""
        net: dict[tuple[date, str, str], int] = {}
        with self.store.reading() as tx:
            for line in statement(tx, local_number).lines:
                if line.what in ("post", "reverse"):
                    key = (line.service_date, line.category, line.station)
                    net[key] = net.get(key, 0) + line.seconds
        return {key: seconds for key, seconds in net.items() if seconds}

    def places(self) -> list[Place]:
        """Give every record and where it is, once for every place that it is in."""
        asked = "SELECT platform, external_id, disposition FROM record LEFT JOIN membership ON record = number"
        return [Place(*row) for row in self._rows(asked)]

    def held(self) -> Counter[str]:
        """Count the open conflicts that hold a booking, by kind."""
        return Counter(kind for (kind,) in self._rows("SELECT kind FROM conflict WHERE state = 'open' AND is_blocking"))

    def redeem(self, local_number: str, seconds: int) -> None:
        """Draw hours."""
        with self.store.writing() as tx:
            run = runs.begin(tx, "redeem", self.town.clock.now(), self.rules.version)
            redeem(
                tx, local_number, seconds, beneficiary="self", reason="陪护", by="韦站长",
                on=self._today, run=run, rules_version=self.rules.version,
            )  # fmt: skip
            runs.finish(tx, run, "complete", "{}")

    def account_total_seconds(self) -> int:
        """Give the sum of all balances."""
        ((total,),) = self._rows("SELECT COALESCE(SUM(seconds), 0) FROM balance")
        return int(total)

    def _rows(self, statement: str) -> Sequence[Any]:
        with self.store.reading() as tx:
            return tx.connection.exec_driver_sql(statement).all()


def problems_of(tally: NightTally) -> dict[str, dict[str, PlatformError]]:
    """Give what went wrong with each platform, by organisation ("" for all of it)."""
    return {name: pulled.problems for name, pulled in tally.platforms.items() if pulled.problems}
