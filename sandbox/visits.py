"""The truth of the small Liuzhou: who really served whom, where, when, and what the platforms made of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from sandbox.clock import SHANGHAI
from sandbox.guangxi_rows import Activity, GuangxiRecord, floor_to_half_hours
from sandbox.national_rows import NationalRecord, Project, hours_text
from sandbox.people import Volunteer
from sandbox.streets import KINDS, SPECIAL_REMARK, STATIONS, Kind, Station

GUANGXI_BEGINS = date(2022, 1, 1)
GUANGXI_DECIDES = date(2022, 7, 1)
_FIRST_RECORD_ID = 2**53 + 450_202_000_001
_STEP_MINUTES = 5
PROFESSIONAL = KINDS[-1]
_EVERYDAY = KINDS[:-1]
_MORNING, _AFTERNOON = 8, 14
_ONE_IN_A_HUNDRED, _A_TENTH, _A_FIFTH, _HALF, _NURSE_SHARE = 0.01, 0.1, 0.2, 0.5, 0.4


@dataclass(slots=True)
class Visit:
    """One spell of service in truth, with the records that tell of it; ``mistake`` names what went wrong, if anything.

    ``national`` and ``guangxi`` are what each platform holds (several, where it was saved again); ``entry`` is the
    number under which the station typed it, "" where it did not.
    """

    person: Volunteer
    station: Station
    kind: Kind
    project: str
    starts_at: datetime
    ends_at: datetime
    is_special: bool = False
    mistake: str = ""
    entry: str = ""
    national: list[NationalRecord] = field(default_factory=list)
    guangxi: list[GuangxiRecord] = field(default_factory=list)

    @property
    def served_on(self) -> date:
        """Give the day in Shanghai."""
        return self.starts_at.date()

    @property
    def minutes(self) -> int:
        """Give the true length in minutes."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


def project_id(station: Station, name: str) -> str:
    """Give the national id of a station's project."""
    return f"P{station.code}{name.encode().hex()[:24].upper()}"


def activity_id(station: Station, name: str) -> str:
    """Give the Guangxi id of a station's activity."""
    return f"HD{station.code}{name.encode().hex()[-12:]}"


def list_projects(kinds: Sequence[Kind]) -> tuple[list[Project], list[Activity]]:
    """Give every station's projects and activities of these kinds."""
    named = [(station, kind, name) for station in STATIONS for kind in kinds for name in kind.projects]
    projects = [Project(project_id(at, name), at.team, name, kind.national_category) for at, kind, name in named]
    return projects, [Activity(activity_id(at, name), at.organisation, name) for at, _, name in named]


def draw_visits(
    people: Sequence[Volunteer], days: Sequence[date], per_person: int, source: random.Random
) -> list[Visit]:
    """Draw the year's visits, in order of time; nobody is at two places at once."""
    stations = {station.code: station for station in STATIONS}
    visits = [
        visit
        for person in people
        for day in sorted(source.sample(days, _count(person, len(days), per_person, source)))
        for visit in _draw_day(person, stations[person.station], day, source)
    ]
    return sorted(visits, key=lambda visit: (visit.starts_at, visit.person.id_number))


def _count(person: Volunteer, days: int, per_person: int, source: random.Random) -> int:
    """Draw on how many days somebody serves; a minor was turned away after the second."""
    if person.is_minor:
        return 2
    return min(days, max(1, round(source.gauss(per_person, 5))))


def _draw_day(person: Volunteer, station: Station, day: date, source: random.Random) -> list[Visit]:
    """Draw a day's visit, or, now and then, one in the morning and one in the afternoon."""
    mark = source.random()
    hours = (_MORNING, _AFTERNOON) if mark < 2 * _ONE_IN_A_HUNDRED else (_MORNING,) if mark < _HALF else (_AFTERNOON,)
    return [draw_visit(person, station, day, source, hour) for hour in hours]


def draw_visit(
    person: Volunteer, station: Station, day: date, source: random.Random, from_hour: int = _AFTERNOON
) -> Visit:
    """Draw one visit that begins within three hours of ``from_hour``."""
    kind = PROFESSIONAL if person.licence and source.random() < _NURSE_SHARE else _draw_kind(source)
    start = datetime.combine(day, time(from_hour), SHANGHAI) + timedelta(
        minutes=source.randrange(0, 180, _STEP_MINUTES)
    )
    length = timedelta(minutes=source.randint(kind.minutes_min, kind.minutes_max))
    is_special = source.random() < _ONE_IN_A_HUNDRED
    return Visit(person, station, kind, source.choice(kind.projects), start, start + length, is_special)


def _draw_kind(source: random.Random) -> Kind:
    return source.choices(_EVERYDAY, [kind.weight for kind in _EVERYDAY])[0]


class Clerk:
    """Somebody at the station who types visits into the platforms, days later and with or without times."""

    def __init__(self, now: datetime, source: random.Random) -> None:
        """Type nothing later than ``now``."""
        self._now = now
        self._source = source
        self._next_id = _FIRST_RECORD_ID

    def type_national(self, visit: Visit) -> NationalRecord:
        """Type a visit into the national platform, with its true times and two decimals of hours."""
        entered = self._entered(visit)
        record = NationalRecord(
            self._source.randbytes(16).hex(), visit.station.team, visit.person.national_number, visit.person.name,
            visit.person.id_number, project_id(visit.station, visit.project), visit.starts_at, visit.ends_at,
            hours_text(visit.starts_at, visit.ends_at), entered, entered, remark=self._remark(visit),
            entry_mode=self._source.choice("1112"),
        )  # fmt: skip
        visit.national.append(record)
        return record

    def type_guangxi(self, visit: Visit) -> GuangxiRecord:
        """Type a visit into the Guangxi platform: whole half hours, for half of the rows no times."""
        entered = self._entered(visit)
        has_times = self._source.random() < _HALF
        carried = visit.national and self._source.random() < _A_TENTH
        record = GuangxiRecord(
            self.next_id(), visit.station.organisation, visit.person.guangxi_number, visit.person.name,
            visit.person.id_number, activity_id(visit.station, visit.project), visit.kind.service_type, visit.served_on,
            f"{visit.starts_at:%H:%M}" if has_times else None, f"{visit.ends_at:%H:%M}" if has_times else None,
            floor_to_half_hours(visit.minutes), entered, entered, remark=SPECIAL_REMARK if visit.is_special else "",
            source_system="NATIONAL" if carried else "GX",
            source_ref=visit.national[0].record_id if carried else "",
        )  # fmt: skip
        visit.guangxi.append(record)
        return record

    def type_again(self, record: NationalRecord, **changes: object) -> NationalRecord:
        """Give the same national record under a new id, saved a minute later."""
        later = min(record.entered_at + timedelta(minutes=1), self._now)
        fresh = {"record_id": self._source.randbytes(16).hex(), "entered_at": later, "updated_at": later}
        return replace(record, **{**fresh, **changes})  # type: ignore[arg-type] # any field of the record

    def next_id(self) -> int:
        """Give the next Guangxi record number."""
        self._next_id += self._source.randint(1, 9)
        return self._next_id

    def _entered(self, visit: Visit) -> datetime:
        entered = visit.ends_at + timedelta(
            minutes=self._source.randint(20, 4 * 24 * 60), seconds=self._source.randrange(60)
        )
        return min(entered, max(visit.ends_at, self._now - timedelta(minutes=self._source.randint(1, 600))))

    def _remark(self, visit: Visit) -> str:
        if visit.is_special:
            return SPECIAL_REMARK
        return self._source.choice(visit.kind.remarks) if self._source.random() < _A_FIFTH else ""
