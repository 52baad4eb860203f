"""What was drawn and is taken back: it is owed, it is said, and it is no longer said once it is repaid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from domain.clock import SHANGHAI
from domain.conflicts import ConflictKind
from local_store import conflicts
from sandbox.guangxi_rows import GuangxiRecord
from sandbox.people import Volunteer
from sandbox.streets import KINDS
from sandbox.visits import activity_id
from tests.nights import TWO_STATIONS, Bank, Town, shipped_rules

STATION = TWO_STATIONS[0]
RECREATION = next(kind for kind in KINDS if kind.category == "recreation")
ESCORT = next(kind for kind in KINDS if kind.category == "escort")
SERVED_ON, LATER_ON = date(2022, 8, 2), date(2022, 8, 20)
HALF_HOUR, HOUR = 1800, 3600


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    town = Town()
    town.set_clock(datetime.combine(SERVED_ON, time(2, 30), SHANGHAI))
    bank = Bank(town, tmp_path, shipped_rules())
    bank.take_in(town.people[:3])
    yield bank
    bank.close()


def shown(bank: Bank, person: Volunteer, day: date) -> int:
    now = bank.town.clock.at
    row = GuangxiRecord(
        0, STATION.organisation, person.guangxi_number, person.name, person.id_number,
        activity_id(STATION, RECREATION.projects[0]), RECREATION.service_type, day, "09:00", "10:00", 60, now, now,
    )  # fmt: skip
    return bank.town.guangxi.add(row).record_id


def night(bank: Bank) -> None:
    bank.town.set_clock(bank.town.clock.at + timedelta(days=2))
    bank.night()


def shortages(bank: Bank) -> list[int]:
    """Give what the open notes say is owed, in seconds."""
    with bank.store.reading() as tx:
        return [one.conflict.seconds_at_stake for one in conflicts.listing(tx, [ConflictKind.BALANCE_SHORT])]


def drawn_hour(bank: Bank, person: Volunteer) -> int:
    row = shown(bank, person, SERVED_ON)
    night(bank)
    bank.redeem(person.local_number, HOUR)
    return row


def test_a_correction_that_takes_back_what_was_drawn_is_noted_until_it_is_repaid(bank: Bank) -> None:
    person = bank.town.people[0]
    row = drawn_hour(bank, person)
    bank.town.guangxi.edit(row, service_type=ESCORT.service_type)
    night(bank)
    assert bank.balances()[person.local_number].deficit_seconds == HALF_HOUR
    assert shortages(bank) == [HALF_HOUR]
    shown(bank, person, LATER_ON)
    bank.town.set_clock(datetime.combine(LATER_ON, time(12), SHANGHAI))
    night(bank)
    night(bank)
    assert bank.balances()[person.local_number].deficit_seconds == 0
    assert shortages(bank) == []


def test_a_visit_that_moves_to_somebody_else_is_noted_where_it_was_drawn(bank: Bank) -> None:
    one, other = bank.town.people[:2]
    row = drawn_hour(bank, one)
    bank.town.guangxi.edit(row, name=other.name, id_number=other.id_number, volunteer_number=other.guangxi_number)
    night(bank)
    assert bank.balances()[one.local_number].deficit_seconds == HOUR
    assert bank.balances()[other.local_number].available_seconds == HOUR
    assert shortages(bank) == [HOUR]
