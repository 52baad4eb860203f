"""A small Liuzhou, made up from a seed: people, a year of visits, what both platforms hold of them, and the truth."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sandbox.cipher import chance
from sandbox.clock import SHANGHAI
from sandbox.guangxi_rows import Activity, GuangxiRecord, GuangxiVolunteer
from sandbox.mistakes import plant_mistakes
from sandbox.national_rows import NationalRecord, NationalVolunteer, Project
from sandbox.people import Volunteer, draw_volunteers
from sandbox.strays import draw_strays
from sandbox.streets import KINDS, MEETINGS, STATIONS, UNNAMED
from sandbox.visits import GUANGXI_BEGINS, GUANGXI_DECIDES, Clerk, Visit, draw_visits, list_projects

FIRST_DAY = date(2021, 10, 8)
FIRST_NIGHT = datetime(2022, 10, 21, 2, 30, tzinfo=SHANGHAI)
_VISITS_PER_PERSON = 20
_ENTRY_DAYS = 30
_GUANGXI_ONLY, _NATIONAL_ONLY, _LATE = 0.11, 0.15, 0.08  # shares of the visits
_LATE_DAYS = 12


@dataclass(frozen=True, slots=True)
class City:
    """Everything that the sandbox is filled with, and the truth behind it."""

    seed: int
    first_night: datetime
    people: tuple[Volunteer, ...]
    visits: tuple[Visit, ...]
    projects: tuple[Project, ...]
    activities: tuple[Activity, ...]

    @property
    def second_night(self) -> datetime:
        """Give the night after the first."""
        return self.first_night + timedelta(days=1)

    @property
    def teams(self) -> dict[str, str]:
        """Give the national teams by id."""
        return {station.team: f"{station.street}时间银行志愿服务队" for station in STATIONS}

    @property
    def organisations(self) -> dict[str, str]:
        """Give the Guangxi organisations by code."""
        return {station.organisation: f"{station.street}时间银行" for station in STATIONS}

    @property
    def national_records(self) -> list[NationalRecord]:
        """Give what the national platform holds."""
        return [record for visit in self.visits for record in visit.national]

    @property
    def guangxi_records(self) -> list[GuangxiRecord]:
        """Give what the Guangxi platform holds."""
        return [record for visit in self.visits for record in visit.guangxi]

    @property
    def national_volunteers(self) -> list[NationalVolunteer]:
        """Give the volunteers of the national teams."""
        teams = {station.code: station.team for station in STATIONS}
        return [
            NationalVolunteer(teams[person.station], person.national_number, person.name, person.id_number)
            for person in self.people
        ]

    @property
    def guangxi_volunteers(self) -> list[GuangxiVolunteer]:
        """Give the volunteers of the Guangxi organisations."""
        codes = {station.code: station.organisation for station in STATIONS}
        joined = datetime(2021, 12, 20, 9, tzinfo=SHANGHAI)
        return [
            GuangxiVolunteer(codes[person.station], person.guangxi_number, person.name, person.id_number, joined)
            for person in self.people
        ]

    @property
    def mistakes(self) -> Counter[str]:
        """Count what went wrong, by name."""
        return Counter(visit.mistake for visit in self.visits if visit.mistake)


def build_city(
    people: int = 300, seed: int = 1, *, visits_per_person: int = _VISITS_PER_PERSON, has_mistakes: bool = True
) -> City:
    """Make a city of so many volunteers at seven stations, with about a year of visits; same seed, same city."""
    source = chance("city", seed)
    volunteers = draw_volunteers(people, source)
    days = _days(FIRST_DAY, FIRST_NIGHT.date() - timedelta(days=1))
    on_roster = [person for person in volunteers if person.is_on_roster]
    visits = draw_visits(on_roster, days, visits_per_person, source)
    clerk = Clerk(FIRST_NIGHT, source)
    for visit in visits:
        _type(visit, clerk, source)
    if has_mistakes:
        plant_mistakes(visits, on_roster, clerk, source, FIRST_NIGHT)
        visits += draw_strays(visits, volunteers, clerk, source)
    _type_entries(visits, source)
    projects, activities = list_projects([*KINDS, MEETINGS, UNNAMED])
    return City(seed, FIRST_NIGHT, tuple(volunteers), tuple(visits), tuple(projects), tuple(activities))


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=count) for count in range((last - first).days + 1)]


def _type(visit: Visit, clerk: Clerk, source: random.Random) -> None:
    """Type a visit where it was typed: at first in one place, later mostly in both."""
    mark = source.random()
    is_recent = visit.served_on > FIRST_NIGHT.date() - timedelta(days=_LATE_DAYS)
    if visit.served_on < GUANGXI_BEGINS:
        clerk.type_national(visit)
    elif visit.served_on < GUANGXI_DECIDES:
        _type_both(visit, clerk, has_national=mark > _GUANGXI_ONLY, has_guangxi=mark < 1 - _NATIONAL_ONLY)
    else:
        _type_both(visit, clerk, has_national=mark > _GUANGXI_ONLY, has_guangxi=not is_recent or mark < 1 - _LATE)


def _type_both(visit: Visit, clerk: Clerk, *, has_national: bool, has_guangxi: bool) -> None:
    if has_national:
        clerk.type_national(visit)
    if has_guangxi:
        clerk.type_guangxi(visit)


def _type_entries(visits: Sequence[Visit], source: random.Random) -> None:
    """Let the stations keep some of the last weeks' visits in their own list; a few stand nowhere else yet."""
    since = FIRST_NIGHT.date() - timedelta(days=_ENTRY_DAYS)
    recent = [visit for visit in visits if visit.served_on >= since and not visit.mistake and visit.kind.category]
    for number, visit in enumerate(source.sample(recent, len(recent) // 4), start=1):
        visit.entry = f"{visit.station.code}-{visit.served_on:%Y%m%d}-{number:03d}"
        if number % 6 == 0 and "guangxi" in visit.person.consents:
            visit.national.clear()
            visit.guangxi.clear()
