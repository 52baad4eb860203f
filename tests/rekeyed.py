"""A station with enough booked to be stopped, and what its platform can do to all of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from domain.clock import SHANGHAI
from domain.conflicts import ConflictKind
from domain.decisions import DecisionCode
from local_store import conflicts, decisions, releases
from local_store.open_conflicts import OpenConflict
from local_store.tables.ledger import VOUCHER
from sandbox.guangxi_rows import GuangxiRecord
from sandbox.streets import KINDS, STATIONS
from sandbox.visits import activity_id
from sync.night import NightTally
from tests.nights import Bank, Town, shipped_rules

FIRST_NIGHT = datetime(2022, 9, 1, 2, 30, tzinfo=SHANGHAI)
VISITS = 24
GROWN_UP_BEFORE = 2003
STATION = STATIONS[0]
HERE = ("guangxi", STATION.code)
ORGANISATION = STATION.organisation


class BusyStation:
    """A bank whose first night has booked ``VISITS`` visits of one station, all told by 桂志愿, none with times."""

    def __init__(self, folder: Path, *, visits: int = VISITS) -> None:
        self.town = Town()
        self.town.set_clock(FIRST_NIGHT - timedelta(hours=8))
        people = [
            one
            for one in self.town.people
            if one.station == STATION.code and int(one.id_number[6:10]) < GROWN_UP_BEFORE
        ]
        kind = next(one for one in KINDS if one.service_type == "4504")
        for number in range(visits):
            person, day = (
                people[number % len(people)],
                FIRST_NIGHT.date() - timedelta(days=4 + 3 * (number // len(people))),
            )
            self.town.guangxi.add(
                GuangxiRecord(
                    0, ORGANISATION, person.guangxi_number, person.name, person.id_number,
                    activity_id(STATION, kind.projects[0]), kind.service_type, day, None, None, 60,
                    FIRST_NIGHT, FIRST_NIGHT,
                )
            )  # fmt: skip
        self.bank = Bank(self.town, folder, shipped_rules())
        self.bank.take_in(self.town.people)
        self.days = 0
        self.town.set_clock(FIRST_NIGHT)
        self.first = self.bank.night()

    def night(self, after_days: int = 1, *, is_plan_only: bool = False) -> NightTally:
        """Run the night some days later."""
        self.days += after_days
        self.town.set_clock(FIRST_NIGHT + timedelta(days=self.days))
        return self.bank.night(is_plan_only=is_plan_only)

    def by_day(self) -> None:
        """Let it be the morning after."""
        self.town.set_clock(FIRST_NIGHT + timedelta(days=self.days, hours=6))

    def rows(self) -> Sequence[GuangxiRecord]:
        return self.town.guangxi.records.rows(ORGANISATION)

    def re_key(self, activity: str = "") -> None:
        """Give every row a new number, as a platform does that was moved; its activities may have new ones too."""
        for row in self.rows():
            self.town.guangxi.remove(row.record_id)
            self.town.guangxi.add(replace(row, record_id=0, activity_id=activity or row.activity_id))

    def withdraw(self, count: int) -> None:
        """Let the platform take back so many rows."""
        for row in [row for row in self.rows() if row.state == "VALID"][:count]:
            self.town.guangxi.withdraw(row.record_id)

    def stop(self) -> OpenConflict | None:
        """Give the station's safety stop, whatever was said of it; None where none stands."""
        with self.bank.store.reading() as tx:
            found = conflicts.listing(tx, [ConflictKind.GUARD], ())
            standing = releases.standing_stops(tx)
        return found[0] if found and HERE in standing else None

    def decide(self, code: DecisionCode, argument: str = "") -> int:
        """Say something of the stop."""
        stop = self.stop()
        assert stop is not None
        self.by_day()
        with self.bank.store.writing() as tx:
            return decisions.add(tx, stop.conflict.conflict_id, code, argument, "平台来函确认", "韦科长")

    def credited_seconds(self) -> int:
        """Give what everybody's vouchers come to."""
        return sum(sum(self.bank.credited(one.local_number).values()) for one in self.town.people)

    def vouchers_under(self, decision: int) -> int:
        """Count the vouchers that name a decision."""
        with self.bank.store.reading() as tx:
            named = select(func.count()).select_from(VOUCHER).where(VOUCHER.c.decision == decision)
            return int(tx.connection.execute(named).scalar_one())
