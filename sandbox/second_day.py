"""What happens in the city between the first night and the second: late rows, withdrawals, corrections, new visits."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from sandbox.cipher import chance
from sandbox.city import City
from sandbox.guangxi_rows import floor_to_half_hours
from sandbox.national_rows import hours_text
from sandbox.serve import Sandbox
from sandbox.streets import STATIONS
from sandbox.visits import GUANGXI_BEGINS, PROFESSIONAL, Clerk, Visit, draw_visit

_LATE, _WITHDRAWN, _CORRECTED, _NEW = 6, 3, 2, 12
_HALF_HOUR = timedelta(minutes=30)
_MORNING = 9


@dataclass(frozen=True, slots=True)
class SecondDay:
    """The visits that were touched, as they stood before (``new`` as they stand now)."""

    late: tuple[Visit, ...]
    withdrawn: tuple[Visit, ...]
    corrected: tuple[Visit, ...]
    new: tuple[Visit, ...]


def second_day(city: City, sandbox: Sandbox, seed: int = 1) -> SecondDay:
    """Let a day pass on both platforms, and leave their clocks at the second night; the same seed, the same day."""
    source = chance("second day", city.seed, seed)
    clerk = Clerk(city.second_night, source)
    visits = list(city.visits)
    source.shuffle(visits)
    sandbox.set_clocks(city.first_night + timedelta(hours=7))
    late = _type_late(visits, sandbox, clerk)
    sandbox.set_clocks(city.first_night + timedelta(hours=8))
    withdrawn = _withdraw(visits, sandbox)
    sandbox.set_clocks(city.first_night + timedelta(hours=9))
    corrected = _correct(visits, sandbox)
    sandbox.set_clocks(city.first_night + timedelta(hours=15))
    new = _serve(city, sandbox, clerk, source)
    sandbox.set_clocks(city.second_night)
    return SecondDay(late, withdrawn, corrected, new)


def _take(visits: Iterable[Visit], count: int) -> tuple[Visit, ...]:
    return tuple(islice(visits, count))


def _type_late(visits: list[Visit], sandbox: Sandbox, clerk: Clerk) -> tuple[Visit, ...]:
    """Type into Guangxi's what had been forgotten there."""
    forgotten = _take((visit for visit in visits if visit.mistake == "forgotten_guangxi"), _LATE)
    for visit in forgotten:
        sandbox.guangxi.add(replace(clerk.type_guangxi(_anew(visit)), record_id=0))
    return forgotten


def _withdraw(visits: list[Visit], sandbox: Sandbox) -> tuple[Visit, ...]:
    """Withdraw visits that were never made, on both platforms."""
    chosen = _take((visit for visit in visits if _is_plain(visit) and visit.kind is not PROFESSIONAL), _WITHDRAWN)
    for visit in chosen:
        sandbox.national.withdraw(visit.national[0].record_id)
        sandbox.guangxi.withdraw(visit.guangxi[0].record_id)
    return chosen


def _correct(visits: list[Visit], sandbox: Sandbox) -> tuple[Visit, ...]:
    """Let visits whose true length counts have lasted half an hour longer: delete and add, there is no update."""
    chosen = _take((visit for visit in visits if _is_plain(visit) and visit.kind is PROFESSIONAL), _CORRECTED)
    for visit in chosen:
        _correct_one(visit, sandbox)
    return chosen


def _correct_one(visit: Visit, sandbox: Sandbox) -> None:
    national, guangxi, end = visit.national[0], visit.guangxi[0], visit.ends_at + _HALF_HOUR
    sandbox.national.withdraw(national.record_id)
    sandbox.national.add(replace(national, record_id="", ends_at=end, hours=hours_text(visit.starts_at, end)))
    sandbox.guangxi.withdraw(guangxi.record_id)
    minutes = floor_to_half_hours(visit.minutes + 30)
    end_time = guangxi.end_time and f"{end:%H:%M}"
    sandbox.guangxi.add(replace(guangxi, record_id=0, duration_minutes=minutes, end_time=end_time))


def _serve(city: City, sandbox: Sandbox, clerk: Clerk, source: random.Random) -> tuple[Visit, ...]:
    """Let some people serve in the morning, and the stations type it at once."""
    stations = {station.code: station for station in STATIONS}
    people = [person for person in city.people if person.is_on_roster and not person.is_minor]
    day = city.first_night.date()
    drawn = [
        draw_visit(person, stations[person.station], day, source, _MORNING)
        for person in source.sample(people, min(_NEW, len(people)))
    ]
    for visit in drawn:
        visit.national[:] = [sandbox.national.add(clerk.type_national(visit))]
        typed = clerk.type_guangxi(visit)
        visit.guangxi[:] = [sandbox.guangxi.add(replace(typed, record_id=0))]
    return tuple(drawn)


def _is_plain(visit: Visit) -> bool:
    """Say whether both platforms tell of the visit once and nothing is wrong with it."""
    return (
        not (visit.mistake or visit.entry)
        and visit.served_on >= GUANGXI_BEGINS
        and len(visit.national) == len(visit.guangxi) == 1
        and not visit.guangxi[0].source_ref
    )


def _anew(visit: Visit) -> Visit:
    """Give the visit without its records, so that typing it again leaves the city as it was."""
    return replace(visit, national=[], guangxi=[])
