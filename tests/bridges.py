"""One station and its people at two platforms: tests of the bridge and of explanations put single visits there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from desk.bridge.draw import draw_bridge
from desk.bridge.values import Bridge
from desk.decide.act import Desk
from desk.decide.said import Said, read_decision
from desk.merge import merge_people
from domain.clock import SHANGHAI
from domain.conflicts import ConflictKind, ConflictState
from local_store import conflicts, runs
from sandbox.guangxi_rows import GuangxiRecord
from sandbox.national_rows import NationalRecord, hours_text
from sandbox.people import Volunteer
from sandbox.streets import KINDS, Station
from sandbox.visits import activity_id, project_id
from tests.nights import TWO_STATIONS, Bank, Town, shipped_rules

MINUTE, HOUR = 60, 3600
SERVED_ON = date(2022, 8, 2)
EARLY_2022 = date(2022, 3, 10)
OF = {kind.category: kind for kind in KINDS}


class Street:
    """A station whose people are on the roster, and both platforms; a night begins a day after the clock stands."""

    def __init__(self, folder: Path, day: date) -> None:
        self.day = day
        self.town = Town()
        self.town.set_clock(datetime.combine(day, time(20), SHANGHAI))
        self.bank = Bank(self.town, folder, shipped_rules())
        self.station: Station = TWO_STATIONS[0]
        self.people = tuple(
            replace(one, station=self.station.code, licence="护士执业证书") for one in self.town.people[:4]
        )
        self.bank.take_in(self.people[:3])

    @property
    def one(self) -> Volunteer:
        """Give the volunteer most visits are of."""
        return self.people[0]

    def national(self, start: str, minutes: int, category: str = "emotional_support", **said: Any) -> str:  # noqa: ANN401 - any field of a row
        """Let the national platform show a visit; ``hours``, ``status``, ``day`` and more may be said otherwise."""
        person, station = self._whose(said), self._where(said)
        begun = datetime.combine(self._day(said), time.fromisoformat(start), SHANGHAI)
        ended = begun + timedelta(minutes=minutes)
        entered = self.town.clock.at
        row = NationalRecord(
            "", station.team, person.national_number, person.name, person.id_number,
            project_id(station, OF[category].projects[0]), begun, ended, hours_text(begun, ended), entered, entered,
        )  # fmt: skip
        return self.town.national.add(replace(row, **said)).record_id

    def guangxi(self, start: str | None, minutes: int, category: str = "emotional_support", **said: Any) -> int:  # noqa: ANN401 - any field of a row
        """Let the Guangxi platform show a visit; it keeps whole half hours, rounded down, beside the times."""
        person, station, day, now = self._whose(said), self._where(said), self._day(said), self.town.clock.at
        begun = None if start is None else datetime.combine(day, time.fromisoformat(start), SHANGHAI)
        ended = None if begun is None else begun + timedelta(minutes=minutes)
        row = GuangxiRecord(
            0, station.organisation, person.guangxi_number, person.name, person.id_number,
            activity_id(station, OF[category].projects[0]), OF[category].service_type, day, start,
            None if ended is None else f"{ended:%H:%M}", minutes // 30 * 30, now, now,
        )  # fmt: skip
        return self.town.guangxi.add(replace(row, **said)).record_id

    def _whose(self, said: dict[str, Any]) -> Volunteer:
        person = said.pop("person", self.one)
        assert isinstance(person, Volunteer)
        return person

    @staticmethod
    def _where(said: dict[str, Any]) -> Station:
        station = said.pop("station", TWO_STATIONS[0])
        assert isinstance(station, Station)
        return station

    def _day(self, said: dict[str, Any]) -> date:
        day = said.pop("day", self.day)
        assert isinstance(day, date)
        return day

    def night(self, days: int = 1) -> None:
        """Let days go by and run a night."""
        self.town.set_clock(self.town.clock.at + timedelta(days=days))
        self.bank.night()

    def decide(self, kind: str, decision: str, by: str = "韦站长") -> str:
        """Decide the one open conflict of this kind; give its id."""
        (conflict_id,) = self.open(kind)
        code, argument = read_decision(decision, self.bank.rules)
        said = Said(conflict_id, code, argument, "签到表09:00至09:42", by)
        (outcome,) = self.desk().decide([said])
        assert outcome.problem is None
        return conflict_id

    def open(self, kind: str) -> list[str]:
        """Give the ids of the open conflicts of a kind."""
        with self.bank.store.reading() as tx:
            found = conflicts.listing(tx, [ConflictKind(kind)], [ConflictState.OPEN])
        return [one.conflict.conflict_id for one in found]

    def desk(self) -> Desk:
        """Give the place where decisions are taken."""
        return Desk(self.bank.store, self.bank.rules, self.town.clock, "test/1")

    def merge(self, old: str, new: str) -> None:
        """Let one 本地编号 stand for another from now on."""
        with self.bank.store.writing() as tx:
            run = runs.begin(tx, "merge", self.town.clock.now(), self.bank.rules.version)
            merge_people(tx, old, new, reason="同一人", by="韦站长", on=self.day, run=run, rules=self.bank.rules)

    def bridge(self, **part: str | None) -> Bridge:
        """Draw a bridge, with all that its figures are made of."""
        with self.bank.store.reading() as tx:
            return draw_bridge(tx, self.bank.rules, kept_max=None, **part)

    def sides(self, **part: str | None) -> dict[str, dict[str, int]]:
        """Give, by platform, the seconds of what is not 0: ``reported``, ``ledger``, ``residual`` and the items."""
        said = {}
        for platform, column in self.bridge(**part).total().items():
            figures = {"reported": column.reported_seconds, "ledger": column.ledger_seconds}
            figures |= {item.value: seconds for item, seconds in column.items.items()}
            figures["residual"] = column.residual_seconds
            said[platform] = {name: seconds for name, seconds in figures.items() if seconds}
        return said

    def change(self, statement: str, *values: object) -> None:
        """Change the store behind the house's back."""
        with self.bank.store.writing() as tx:
            assert tx.connection.exec_driver_sql(statement, tuple(values)).rowcount


@contextmanager
def street(folder: Path, day: date = SERVED_ON) -> Iterator[Street]:
    """Open a street on a day, and close it behind."""
    folder.mkdir(exist_ok=True)
    made = Street(folder, day)
    try:
        yield made
    finally:
        made.bank.close()
