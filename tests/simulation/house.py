"""The bank of a simulated life: every part is passed in, watched, and can be made anew on the same store."""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from adapters.base import Adapter
from adapters.chinavolunteer.adapter import from_settings as open_national
from adapters.guizhiyuan.adapter import from_settings as open_guangxi
from desk.bridge.draw import draw_bridge
from desk.bridge.faults import bridge_faults
from desk.decide.act import Desk, Outcome
from desk.decide.said import Said
from desk.merge import merge_people
from domain.decisions import DecisionCode
from domain.errors import ShiqiaoError
from local_store import runs
from mapping.rules import RuleSet
from sandbox.clock import SHANGHAI
from sandbox.listener import Platform
from sync.night import Night, NightTally
from sync.source import Source
from tests.adapter_contract.clock import MiddlingChance
from tests.effects import Effects, WatchedStore, WatchedWire
from tests.nights import TWO_STATIONS, Bank, Town, store_url
from tests.simulation.book import Posting
from tests.simulation.wire import SimulatedWire
from tests.simulation.witness import Witness, WitnessedAdapter

PLATFORMS = ("national", "guangxi")
ADAPTERS: dict[str, Callable[..., Adapter]] = {"national": open_national, "guangxi": open_guangxi}
SCOPES = {
    "national": {station.team: station.code for station in TWO_STATIONS},
    "guangxi": {station.organisation: station.code for station in TWO_STATIONS},
}


@dataclass(frozen=True, slots=True)
class Account:
    """What one person has, in seconds; ``owed`` is positive."""

    available: int = 0
    surplus: int = 0
    owed: int = 0


@dataclass(frozen=True, slots=True)
class Covered:
    """A run's word that it has read a scope completely up to ``end``, under the settings of that fingerprint."""

    number: int
    platform: str
    scope: str
    kind: str
    end: datetime
    fingerprint: str
    run: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A conflict as the store has it; a record by its platform and its number there."""

    conflict_id: str
    kind: str
    state: str
    reason: str
    cause: str
    station: str
    is_blocking: bool
    records: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Saying:
    """What somebody says of a conflict."""

    conflict_id: str
    code: str
    argument: str
    by: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of it: the conflict's state, the decision's number, or the code of what was wrong."""

    state: str
    decision: int
    problem: str


class House(Bank):
    """A bank that works before a witness; ``scopes`` and ``fingerprints`` are its settings for each platform."""

    def __init__(
        self,
        town: Town,
        folder: Path,
        rules: RuleSet,
        witness: Witness,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        super().__init__(town, folder, rules, random_bytes)
        self.witness = witness
        self.scopes = {platform: list(scopes) for platform, scopes in SCOPES.items()}
        self.fingerprints = dict.fromkeys(PLATFORMS, "town")
        self._last_page = 0

    def reopen(self) -> None:
        """Begin anew on the same store, as the next process would."""
        self.store.close()
        self.store = self._open()

    def activate(self, rules: RuleSet) -> None:
        """Put another rule set in force."""
        with self.store.writing() as tx:
            runs.activate_rules(tx, rules.version, "韦科长", "新文件")
        self.rules = rules

    def merge(self, old: str, new: str) -> None:
        """Let one 本地编号 stand for another."""
        with self.store.writing() as tx:
            run = runs.begin(tx, "merge", self.town.clock.now(), self.rules.version)
            merge_people(tx, old, new, reason="一人两号", by="韦站长", on=self._today, run=run, rules=self.rules)
            runs.finish(tx, run, "complete", "{}")

    def say(self, saying: Sequence[Saying]) -> list[Settled]:
        """Decide conflicts in one command."""
        said = [Said(one.conflict_id, DecisionCode(one.code), one.argument, "查签到表", one.by) for one in saying]
        return list(map(_settled, self.desk.decide(said)))

    def agree(self, conflict_ids: Sequence[str], by: str) -> list[Settled]:
        """Agree to what was proposed."""
        return list(map(_settled, self.desk.agree(conflict_ids, by)))

    def undo(self, conflict_ids: Sequence[str], by: str) -> list[Settled]:
        """Take the last word on conflicts back."""
        return list(map(_settled, self.desk.undo(conflict_ids, by)))

    @property
    def desk(self) -> Desk:
        """Give the desk at which decisions are taken."""
        return Desk(self.store, self.rules, self.town.clock, "desk/1")

    def run(
        self, platforms: Sequence[str] = PLATFORMS, effects: Effects | None = None, *, is_plan_only: bool = False
    ) -> NightTally:
        """Do one run now; it may end at an effect."""
        effects = effects or Effects()
        self.witness.tonight.clear()
        self.witness.asked.clear()
        self.witness.forget_pending()
        with self._tables() as tables:
            (self._last_page,) = tables.execute("SELECT COALESCE(MAX(number), 0) FROM raw_page").fetchone()
        sources = tuple(self._sources(platforms, effects))
        store = WatchedStore(self.store, effects, self._tell_kept)
        night = Night(store, sources, self.rules, self.town.clock, lambda *_: None, "simulation/1")
        return night.run(is_plan_only=is_plan_only)

    def _tell_kept(self) -> None:
        """Tell the witness which pages were just committed."""
        if not self.witness.is_waiting:
            return
        with self.store.reading() as tx:
            for number, platform, scope, sealed in tx.connection.exec_driver_sql(_KEPT.format(self._last_page)):
                self._last_page = number
                self.witness.kept(platform, scope, zlib.decompress(tx.vault.open(f"raw_page/{number}/raw", sealed)))

    def _sources(self, platforms: Sequence[str], effects: Effects) -> Iterator[Source]:
        doors: dict[str, Platform] = {"national": self.town.national, "guangxi": self.town.guangxi}
        for name in platforms:
            wire = SimulatedWire(doors[name], self.town.clock, partial(self.witness.hear, name))
            adapter = ADAPTERS[name](
                name, self.town.secrets[name] | {"base_url": "http://127.0.0.1:1"},
                clock=self.town.clock, random=MiddlingChance(), transport=WatchedWire(wire, effects),
            )  # fmt: skip
            scopes = tuple(scope for scope in SCOPES[name] if scope in self.scopes[name])
            yield Source(WitnessedAdapter(adapter, self.witness), scopes, self.fingerprints[name])

    def bridge(self) -> dict[str, tuple[int, int]]:
        """Give what the bridge says of the book and of each platform, in seconds; between them it must close."""
        with self.store.reading() as tx:
            assert list(bridge_faults(tx, self.rules)) == []
            cells = draw_bridge(tx, self.rules).cells
        sums = dict.fromkeys(PLATFORMS, (0, 0))
        for platform, column in [one for columns in cells.values() for one in columns.items()]:
            ledger, reported = sums[platform]
            sums[platform] = (ledger + column.ledger_seconds, reported + column.reported_seconds)
        return sums

    # What stands in the store, read from its tables by hand.

    def net_credits(self) -> dict[tuple[str, date], list[tuple[str, str, int]]]:
        """Give what the vouchers come to: 本地编号 and day to (category, station, seconds); nothing is left out."""
        net: Counter[tuple[str, str, str]] = Counter()
        with self._tables() as tables:
            for local_number, day, source, target, seconds in tables.execute(_MOVES):
                side = source if source.startswith("deposited:") else target
                net[local_number, day, side.partition(":")[2]] += seconds if side == source else -seconds
        found: dict[tuple[str, date], list[tuple[str, str, int]]] = defaultdict(list)
        for (local_number, day, owner), seconds in net.items():
            if seconds:
                station, _, category = owner.partition("/")
                found[local_number, date.fromisoformat(day)].append((category, station, seconds))
        return dict(found)

    def postings(self) -> list[Posting]:
        """Give every transfer that touches a person, in the order of the book."""
        with self._tables() as tables:
            return [Posting(*row) for row in tables.execute(_POSTINGS)]

    def accounts(self) -> dict[str, Account]:
        """Give everybody's account by 本地编号; somebody without a booking has none."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        with self._tables() as tables:
            for local_number, kind, seconds in tables.execute(_ACCOUNTS):
                found[local_number][kind] = seconds
        return {
            one: Account(has.get("available", 0), has.get("surplus", 0), -has.get("deficit", 0))
            for one, has in found.items()
        }

    def open_conflicts(self) -> list[tuple[str, int, str]]:
        """Give kind, whether it blocks, and records of every open conflict, in order."""
        with self._tables() as tables:
            rows = tables.execute("SELECT kind, is_blocking, keys_said FROM conflict WHERE state = 'open'")
            return sorted(rows)

    def conflicts(self) -> list[Listed]:
        """Give every conflict that there ever was, in order."""
        with self._tables() as tables:
            rows = tables.execute(_LISTED).fetchall()
        return [
            Listed(
                conflict_id,
                kind,
                state,
                reason,
                cause,
                station,
                bool(is_blocking),
                tuple((platform, one) for platform, one, _ in json.loads(records)),
            )
            for conflict_id, kind, state, reason, cause, station, is_blocking, records in rows
        ]

    def standings(self) -> list[tuple[object, ...]]:
        """Give where the book stands on every service, without the numbers of vouchers."""
        with self._tables() as tables:
            return sorted(tables.execute(_STANDINGS))

    def bodies(self) -> list[str]:
        """Give the body of every voucher in the order of the book."""
        with self._tables() as tables:
            return [body for (body,) in tables.execute("SELECT body FROM voucher ORDER BY number")]

    def decided(self) -> list[tuple[object, ...]]:
        """Give every decision that was ever taken: of what, which, and whether it stands."""
        with self._tables() as tables:
            return sorted(tables.execute(_SAID).fetchall())

    def decisions_since(self, number: int, people: Iterable[str]) -> set[int | None]:
        """Give the decisions that vouchers of these people after that number rest on; None for one without."""
        with self._tables() as tables:
            rows = tables.execute(_DECIDED.format(number)).fetchall()
        named = set(people)
        return {decision for local_number, decision in rows if local_number in named}

    def covered(self) -> list[Covered]:
        """Give what runs have said to have read completely; a later word stands in the place of one that it widens."""
        with self._tables() as tables:
            rows = tables.execute(_COVERED).fetchall()
        return [
            Covered(number, platform, scope, kind, datetime.fromtimestamp(end, SHANGHAI), fingerprint, run)
            for number, platform, scope, kind, end, fingerprint, run in rows
        ]

    def chain_head(self) -> tuple[int, str]:
        """Give the number and the hash of the last voucher: they seal all before."""
        with self._tables() as tables:
            number, sealed = tables.execute("SELECT number, hash FROM chain_head").fetchone()
            return number, sealed

    @contextmanager
    def _tables(self) -> Iterator[Any]:
        url = store_url(self.folder)
        if url.startswith("sqlite"):
            tables: Any = sqlite3.connect(f"file:{self.folder / 'shiqiao.db'}?mode=ro", uri=True)
        else:
            tables = psycopg.connect(url.replace("+psycopg", ""))
        try:
            yield tables
        finally:
            tables.close()


_LISTED = """
    SELECT conflict_id, kind, state, reason, cause, station, is_blocking, keys_said FROM conflict ORDER BY conflict_id
"""


def _settled(outcome: Outcome) -> Settled:
    problem = outcome.problem.code if isinstance(outcome.problem, ShiqiaoError) else ""
    return Settled(str(outcome.state), outcome.decision, problem)


_SAID = """
    SELECT conflict_id, code, argument, is_proposed, COALESCE(agreed_by, ''), COALESCE(undone_by, '') FROM decision
"""
_DECIDED = """
    SELECT person.local_number, voucher.decision FROM voucher JOIN person ON person.number = voucher.person
    WHERE voucher.number > {}
"""
_KEPT = "SELECT number, platform, scope, sealed FROM raw_page WHERE number > {} ORDER BY number"
_MOVES = """
    SELECT person.local_number, voucher.service_date, debited.code, credited.code, transfer.seconds
    FROM voucher JOIN transfer ON transfer.voucher = voucher.number JOIN person ON person.number = voucher.person
    JOIN account AS debited ON debited.number = transfer.debit
    JOIN account AS credited ON credited.number = transfer.credit WHERE voucher.kind IN ('post', 'reverse')
"""
_POSTINGS = """
    SELECT voucher.number, voucher.kind, voucher.reason, debited.code, credited.code, transfer.seconds,
        COALESCE(voucher.reverses, 0)
    FROM voucher JOIN transfer ON transfer.voucher = voucher.number
    JOIN account AS debited ON debited.number = transfer.debit
    JOIN account AS credited ON credited.number = transfer.credit ORDER BY voucher.number, transfer.line
"""
_ACCOUNTS = """
    SELECT person.local_number, account.kind, balance.seconds FROM account
    JOIN balance ON balance.account = account.number JOIN person ON person.number = account.person
"""
_COVERED = """
    SELECT number, platform, scope, kind, window_end_at, settings_fingerprint, run FROM coverage ORDER BY number
"""
_STANDINGS = """
    SELECT service_id, standing.revision, local_number, service_date, category, standing.station, seconds,
        short_seconds, platform, external_id
    FROM standing JOIN person ON person.number = standing.person LEFT JOIN record ON record.number = standing.record
    ORDER BY service_id
"""
