"""The usual mistakes, planted into a year of visits: a table says which, and how often."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sandbox import mistyping
from sandbox.people import Volunteer
from sandbox.visits import Clerk, Visit

_GRACE_DAYS = 16
_ALONE_DAYS = 3
_PEOPLE_PER_TABLE = 300


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake: how often it happens to 300 people in a year, which visits it fits, what it does to one."""

    name: str
    times: int
    fits: Callable[[Visit], bool]
    spoil: Callable[[Visit, Clerk], None]


def plant_mistakes(
    visits: Sequence[Visit], people: Sequence[Volunteer], clerk: Clerk, source: random.Random, now: datetime
) -> None:
    """Spoil a few visits in a hundred, none twice, and none so near another of the person that it could be mixed up."""
    candidates = [visit for visit in _lonely(visits) if (now.date() - visit.served_on).days > _GRACE_DAYS]
    source.shuffle(candidates)
    for mistake in MISTAKES:
        _plant(mistake, candidates, clerk, max(1, mistake.times * len(people) // _PEOPLE_PER_TABLE))
    recent = [visit for visit in _lonely(visits) if (now.date() - visit.served_on).days <= _GRACE_DAYS]
    source.shuffle(recent)
    for mistake in RECENT_MISTAKES:
        _plant(mistake, recent, clerk, max(1, mistake.times * len(people) // _PEOPLE_PER_TABLE))


def _plant(mistake: Mistake, candidates: list[Visit], clerk: Clerk, times: int) -> None:
    chosen = [visit for visit in candidates if not visit.mistake and mistake.fits(visit)][:times]
    for visit in chosen:
        mistake.spoil(visit, clerk)
        visit.mistake = mistake.name


def _lonely(visits: Sequence[Visit]) -> list[Visit]:
    """Give the visits with no other of the same person within some days."""
    days: dict[str, list[int]] = {}
    for visit in visits:
        days.setdefault(visit.person.id_number, []).append(visit.served_on.toordinal())
    return [
        visit
        for visit in visits
        if sum(abs(day - visit.served_on.toordinal()) <= _ALONE_DAYS for day in days[visit.person.id_number]) == 1
    ]


MISTAKES = (
    Mistake("name_dots", 3, mistyping.has_dot, mistyping.vary_dot),
    Mistake("hours_wrong", 5, mistyping.is_actual_on_both, mistyping.mistype_hours),
    Mistake("hours_wrong_flat", 6, mistyping.is_flat_on_both, mistyping.mistype_flat_hours),
    Mistake("saved_twice_national", 7, mistyping.on_national, mistyping.save_national_twice),
    Mistake("saved_twice_guangxi", 4, mistyping.has_times_on_both, mistyping.save_guangxi_twice),
    Mistake("day_off", 5, mistyping.is_flat_on_both, mistyping.shift_day),
    Mistake("category_wrong", 5, mistyping.is_flat_on_both, mistyping.mistake_category),
    Mistake("surname_wrong", 2, mistyping.on_both, mistyping.swap_surname),
    Mistake("corrected_national", 6, mistyping.on_national, mistyping.correct_national),
    Mistake("corrected_guangxi", 6, mistyping.on_both, mistyping.correct_guangxi),
    Mistake("withdrawn_both", 4, mistyping.on_both, mistyping.withdraw_both),
    Mistake("refused_national", 3, mistyping.on_both, mistyping.withdraw_national),
    Mistake("id_number_broken", 3, mistyping.on_both, mistyping.break_id_number),
    Mistake("hours_null_national", 2, mistyping.on_both, mistyping.lose_national_hours),
    Mistake("hours_null_guangxi", 2, mistyping.on_both, mistyping.lose_guangxi_minutes),
    Mistake("hours_thirty", 2, mistyping.on_both, mistyping.type_thirty_hours),
    Mistake("end_unreadable", 2, mistyping.on_both, mistyping.lose_end),
    Mistake("area_named", 4, mistyping.on_national, mistyping.name_area),
    Mistake("forgotten_guangxi", 7, mistyping.is_forgettable, mistyping.forget_guangxi),
    Mistake("thirteen_hours", 1, mistyping.is_actual_on_both, mistyping.stretch_to_thirteen_hours),
    Mistake("future_date", 1, mistyping.is_forgettable, mistyping.move_to_next_year),
    Mistake("no_licence", 2, mistyping.has_no_licence, mistyping.claim_licence),
    Mistake("status_unknown", 1, mistyping.on_both, mistyping.send_unknown_status),
    Mistake("special", 6, mistyping.is_flat_on_both, mistyping.remark_special),
)
"""In this order: a mistake that fits few visits comes before those that fit many."""

RECENT_MISTAKES = (
    Mistake("pending_national", 4, mistyping.on_national, mistyping.leave_national_pending),
    Mistake("pending_guangxi", 4, mistyping.on_both, mistyping.leave_guangxi_pending),
)
