"""Records that their platform moves to somebody else: nobody is credited twice, and no night breaks off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from domain.clock import SHANGHAI
from sandbox.guangxi_rows import GuangxiRecord
from sandbox.national_rows import NationalRecord, hours_text
from sandbox.people import Volunteer
from sandbox.streets import KINDS, Station
from sandbox.visits import activity_id, project_id
from tests.nights import TWO_STATIONS, Bank, Town, shipped_rules

HANDCRAFT = next(kind for kind in KINDS if kind.category == "recreation")
HOUR_SECONDS = 3600


class Street:
    """One station, three of its people on the roster and one who is not."""

    def __init__(self, folder: Path, first_night: datetime) -> None:
        self.town = Town()
        self.town.set_clock(first_night)
        self.bank = Bank(self.town, folder, shipped_rules())
        self.station: Station = TWO_STATIONS[0]
        self.one, self.other, self.third, self.stranger = (
            replace(person, station=self.station.code) for person in self.town.people[:4]
        )
        self.bank.take_in([self.one, self.other, self.third])

    def shown_nationally(self, person: Volunteer, day: date) -> str:
        start = datetime.combine(day, time(9), SHANGHAI)
        end = start + timedelta(hours=1)
        record = NationalRecord(
            "", self.station.team, person.national_number, person.name, person.id_number,
            project_id(self.station, HANDCRAFT.projects[0]), start, end, hours_text(start, end), end, end,
        )  # fmt: skip
        return self.town.national.add(record).record_id

    def shown_in_guangxi(self, person: Volunteer, day: date) -> int:
        now = self.town.clock.at
        row = GuangxiRecord(
            0, self.station.organisation, person.guangxi_number, person.name, person.id_number,
            activity_id(self.station, HANDCRAFT.projects[0]), HANDCRAFT.service_type, day, "09:00", "10:00", 60,
            now, now,
        )  # fmt: skip
        return self.town.guangxi.add(row).record_id

    def moved_to(self, row: int, person: Volunteer, **changes: str) -> None:
        self.town.guangxi.edit(
            row, name=person.name, id_number=person.id_number, volunteer_number=person.guangxi_number, **changes
        )

    def night(self) -> None:
        """Wait until morning comes and run; what was typed before the night has settled by then."""
        self.town.set_clock(self.town.clock.at + timedelta(days=1))
        self.bank.night()

    def credited_seconds(self, person: Volunteer) -> int:
        return sum(self.bank.credited(person.local_number).values())


@pytest.fixture
def street(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Street]:
    street = Street(tmp_path, datetime.combine(request.param, time(2, 30), SHANGHAI))
    yield street
    street.bank.close()


@pytest.mark.parametrize("street", [date(2022, 5, 20)], indirect=True)
def test_a_booked_record_that_names_a_stranger_now_lets_nothing_else_book_the_visit_again(street: Street) -> None:
    street.shown_nationally(street.one, date(2022, 5, 10))
    row = street.shown_in_guangxi(street.one, date(2022, 5, 10))
    street.night()
    assert street.credited_seconds(street.one) == HOUR_SECONDS
    street.moved_to(row, street.stranger)
    for _ in range(3):
        street.night()
        assert street.credited_seconds(street.one) == HOUR_SECONDS
    assert street.bank.held() == {"unknown_person": 1}
    assert street.bank.faults_found() == []


@pytest.mark.parametrize("street", [date(2022, 5, 20)], indirect=True)
def test_when_the_stray_booking_has_moved_on_the_other_platform_s_word_is_booked(street: Street) -> None:
    street.shown_nationally(street.one, date(2022, 5, 10))
    row = street.shown_in_guangxi(street.one, date(2022, 5, 10))
    street.night()
    street.moved_to(row, street.other)
    street.night()
    street.night()
    assert street.credited_seconds(street.one) == HOUR_SECONDS
    assert street.credited_seconds(street.other) == HOUR_SECONDS
    assert street.bank.night(is_plan_only=True).applied.actions.keys() <= {"leave"}


@pytest.mark.parametrize("street", [date(2021, 12, 1)], indirect=True)
def test_a_record_that_left_the_scope_and_comes_back_elsewhere_finds_a_name_of_its_own(street: Street) -> None:
    row = street.shown_in_guangxi(street.one, date(2021, 11, 10))
    street.shown_nationally(street.one, date(2021, 11, 10))
    street.night()
    street.town.guangxi.edit(row, service_type="0001")
    street.night()
    street.moved_to(row, street.other, service_type=HANDCRAFT.service_type)
    street.shown_nationally(street.other, date(2021, 11, 10))
    street.night()
    assert street.credited_seconds(street.one) == HOUR_SECONDS
    assert street.credited_seconds(street.other) == HOUR_SECONDS
    assert street.bank.faults_found() == []
