"""Visits that do not belong: meetings, honours, strangers, unnamed projects, two places at once."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sandbox.clock import SHANGHAI
from sandbox.people import Volunteer
from sandbox.streets import KINDS, MEETINGS, STATIONS, UNNAMED, Kind, Station
from sandbox.visits import Clerk, Visit, draw_visit

_PEOPLE_PER_MEETING = 5
_UNNAMED_PEOPLE = 6
_STRANGER_VISITS = 3
_HONOURS = 10


def draw_strays(
    visits: Sequence[Visit], people: Sequence[Volunteer], clerk: Clerk, source: random.Random
) -> list[Visit]:
    """Draw and type them all; each is named by its ``mistake``."""
    on_roster = [person for person in people if person.is_on_roster and not person.is_minor]
    return [
        *_meetings(on_roster, clerk, source),
        *_unnamed(on_roster, clerk, source),
        *_honours(on_roster, clerk, source),
        *_of_strangers([person for person in people if not person.is_on_roster], clerk, source),
        *_overlapping(visits, clerk),
    ]


def _station_of(person: Volunteer) -> Station:
    return next(station for station in STATIONS if station.code == person.station)


def _group(people: Sequence[Volunteer], kind: Kind, project: str, start: datetime, mistake: str) -> list[Visit]:
    """Give a visit of each of these people to the same thing."""
    end = start + timedelta(minutes=90)
    return [Visit(person, _station_of(person), kind, project, start, end, mistake=mistake) for person in people]


def _meetings(people: Sequence[Volunteer], clerk: Clerk, source: random.Random) -> list[Visit]:
    """Let every station hold a training, a meeting and a supervision: volunteering, but no service."""
    drawn: list[Visit] = []
    for month, name in zip((2, 5, 9), MEETINGS.projects, strict=True):
        for station in STATIONS:
            staff = [person for person in people if person.station == station.code][:_PEOPLE_PER_MEETING]
            start = datetime.combine(date(2022, month, source.randint(1, 28)), time(18), SHANGHAI)
            drawn += _group(staff, MEETINGS, name, start, "no_service")
    for visit in drawn:
        clerk.type_national(visit)
        clerk.type_guangxi(visit)
    return drawn


def _unnamed(people: Sequence[Volunteer], clerk: Clerk, source: random.Random) -> list[Visit]:
    """Let one station hold a day whose project nobody has assigned to a category, and 4599 for it at Guangxi."""
    station = STATIONS[5]
    staff = [person for person in people if person.station == station.code][-_UNNAMED_PEOPLE:]
    start = datetime.combine(date(2022, 8, source.randint(1, 28)), time(18, 30), SHANGHAI)
    drawn = _group(staff, UNNAMED, UNNAMED.projects[0], start, "unmapped")
    for visit in drawn:
        clerk.type_national(visit)
        clerk.type_guangxi(visit)
    return drawn


def _honours(people: Sequence[Volunteer], clerk: Clerk, source: random.Random) -> list[Visit]:
    """Give some volunteers honour hours, which are never service."""
    chosen = source.sample(list(people), min(_HONOURS, len(people)))
    start = datetime(2022, 3, 5, 19, tzinfo=SHANGHAI)
    drawn = _group(chosen, KINDS[3], KINDS[3].projects[0], start, "honour_hours")
    for visit in drawn:
        visit.national[:] = [replace(clerk.type_national(visit), hours_type="2")]
    return drawn


def _of_strangers(strangers: Sequence[Volunteer], clerk: Clerk, source: random.Random) -> list[Visit]:
    """Let somebody serve whom the roster does not know."""
    drawn = [
        draw_visit(person, _station_of(person), date(2022, 4 + number, source.randint(1, 28)), source)
        for person in strangers
        for number in range(_STRANGER_VISITS)
    ]
    for visit in drawn:
        visit.mistake = "stranger"
        clerk.type_national(visit)
        clerk.type_guangxi(visit)
    return drawn


def _overlapping(visits: Sequence[Visit], clerk: Clerk) -> list[Visit]:
    """Let two people be at two stations at once."""
    chosen = [visit for visit in visits if not visit.mistake and visit.national and visit.guangxi]
    chosen = [visit for visit in chosen if visit.guangxi[0].start_time and not visit.guangxi[0].source_ref][:2]
    return [_elsewhere(visit, clerk) for visit in chosen]


def _elsewhere(visit: Visit, clerk: Clerk) -> Visit:
    """Give a visit at another station that begins in the middle of this one."""
    station = STATIONS[(STATIONS.index(visit.station) + 1) % len(STATIONS)]
    kind = KINDS[4]
    start = visit.starts_at + timedelta(minutes=visit.minutes // 2)
    other = Visit(
        visit.person, station, kind, kind.projects[0], start, start + timedelta(minutes=90), mistake="overlap"
    )
    clerk.type_national(other)
    return other
