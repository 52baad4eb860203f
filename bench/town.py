"""A made-up town of any size with the truth about it: who served when, what each platform holds, what must be found."""

from __future__ import annotations

import random
from bisect import bisect
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any

from bench import mistakes
from bench.doubt import mark_doubtful
from bench.mistakes import Tell
from bench.population import Inhabitant, inhabitants
from bench.visits import ALL_KINDS, PROFESSIONAL, RECREATION, TRAINING, Press, Told, Visit
from sandbox.streets import KINDS, STATIONS

FIRST_DAY = date(2022, 1, 1)
LOOK_BACK_ROWS_MAX = 1600  # what 200,000 records a year leave in 72 hours
_FIRST_SERVICE, _LAST_SERVICE, _RECENT = 2, 285, (290, 291, 292)  # days after FIRST_DAY
_VISITS_MIN, _VISITS_MAX, _STRANGERS_VISITS = 14, 26, 2
_LICENSED_SHARE, _ENTRY_MINUTES_MAX = 0.4, 2 * 1440
_EVERYDAY = tuple(index for index, kind in enumerate(KINDS) for _ in range(kind.weight))
_HALF_HOUR_KINDS = 3

# How many visits in ten thousand, and whether only a visit worth half an hour can come to it.
_CASES: tuple[tuple[Tell, int, bool], ...] = (
    (mistakes.shifted, 2000, False),
    (mistakes.only_guangxi, 600, False),
    (mistakes.only_national, 300, False),
    (mistakes.carried, 600, False),
    (mistakes.special, 100, True),
    (mistakes.pending, 60, False),
    (mistakes.hours_differ, 60, True),
    (mistakes.hours_noted, 60, True),
    (mistakes.category_differs, 60, True),
    (mistakes.category_noted, 60, True),
    (mistakes.date_differs, 60, True),
    (mistakes.person_differs, 60, False),
    (mistakes.twice_national, 60, False),
    (mistakes.twice_guangxi, 60, False),
    (mistakes.withdrawn_both, 60, False),
    (mistakes.withdrawn_decider, 60, False),
    (mistakes.refused_national, 60, False),
    (mistakes.corrected_national, 60, False),
    (mistakes.corrected_guangxi, 60, False),
    (mistakes.hours_missing, 30, False),
    (mistakes.card_broken, 30, False),
    (mistakes.end_lost, 60, False),
    (mistakes.unmapped, 60, False),
    (mistakes.ineligible, 60, False),
    (mistakes.no_service, 60, False),
    (mistakes.honours, 60, False),
    (mistakes.too_long, 60, False),
    (mistakes.in_future, 60, False),
)
_COUPLES = (("two_a_day", 300), ("overlap", 60), ("ambiguous", 60))
_TOTAL = 10_000


@dataclass(frozen=True, slots=True)
class Town:
    """Everything that a bench is filled with; ``visits[n].number == n``, and rows name their visit and person."""

    seed: int
    has_times: bool
    people: tuple[Inhabitant, ...]
    visits: tuple[Visit, ...]
    national: tuple[Told, ...] = field(repr=False)
    guangxi: tuple[Told, ...] = field(repr=False)

    @property
    def records(self) -> int:
        """Give the number of rows on both platforms."""
        return len(self.national) + len(self.guangxi)

    @property
    def cases(self) -> Counter[str]:
        """Count the visits by what became of them."""
        return Counter(visit.case for visit in self.visits)


def build_town(records: int, seed: int = 1, *, has_times: bool = True) -> Town:
    """Make a town with about so many records (it ends with a whole person); same arguments, same town."""
    drawing = _Drawing(random.Random(f"town/{seed}"), Press(has_times=has_times))  # noqa: S311 - must repeat
    recent = min(LOOK_BACK_ROWS_MAX // 2, records // 24)
    for person in inhabitants(seed):
        drawing.draw_person(person, is_recent=len(drawing.people) < recent)
        if drawing.records >= records:
            break
    press = drawing.press
    if not has_times:
        mark_doubtful(drawing.visits, press.national, press.guangxi)
    return Town(
        seed, has_times, tuple(drawing.people), tuple(drawing.visits), tuple(press.national), tuple(press.guangxi)
    )


def midnight(day: int) -> datetime:
    """Give the first instant of a day, told in days after FIRST_DAY, in UTC."""
    return datetime(2021, 12, 31, 16, tzinfo=UTC) + timedelta(days=day)


@dataclass(slots=True)
class _Drawing:
    """A town in the making."""

    source: random.Random
    press: Press
    people: list[Inhabitant] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)

    @property
    def records(self) -> int:
        return len(self.press.national) + len(self.press.guangxi)

    def draw_person(self, person: Inhabitant, *, is_recent: bool) -> None:
        """Draw somebody's year; a visit a day, and now and then two."""
        self.people.append(person)
        chance = self.source.random
        if not person.is_on_roster:
            for day in self.source.sample(range(_FIRST_SERVICE, _LAST_SERVICE), _STRANGERS_VISITS):
                visit = self._visit(person, day, "stranger")
                mistakes.agree(self.press, visit)
                visit.label, visit.seconds = "unknown_person", 0
            return
        count = _VISITS_MIN + int(chance() * (_VISITS_MAX - _VISITS_MIN + 1))
        for day in sorted(self.source.sample(range(_FIRST_SERVICE, _LAST_SERVICE), count)):
            self._draw_day(person, day, chance())
        if is_recent:
            self._recent(person)

    def _draw_day(self, person: Inhabitant, day: int, mark: float) -> None:
        place = bisect(_BOUNDS, mark * _TOTAL)
        if place == len(_BOUNDS):
            mistakes.agree(self.press, self._visit(person, day, "agree"))
        elif place < len(_CASES):
            tell, _, is_half_hour = _CASES[place]
            visit = self._visit(person, day, tell.__name__, is_half_hour=is_half_hour)
            if tell is mistakes.ineligible and person.is_licensed:
                tell, visit.case = mistakes.agree, "agree"
            tell(self.press, visit)
        else:
            _COUPLE_DRAWERS[place - len(_CASES)](self, person, day)

    def _visit(self, person: Inhabitant, day: int, case: str, *, is_half_hour: bool = False) -> Visit:
        """Make a visit that begins in the morning or the afternoon and is typed within two days."""
        chance = self.source.random
        if not is_half_hour and person.is_licensed and chance() < _LICENSED_SHARE:
            kind = PROFESSIONAL
        else:
            kind = _EVERYDAY[int(chance() * len(_EVERYDAY))]
        if is_half_hour:
            kind %= _HALF_HOUR_KINDS
        what = ALL_KINDS[kind]
        start = (8 if chance() < 0.5 else 14) * 60 + 5 * int(chance() * 36)  # noqa: PLR2004 - an even chance
        minutes = what.minutes_min + int(chance() * (what.minutes_max - what.minutes_min + 1))
        entered = (day * 1440 + start + minutes + 20 + int(chance() * _ENTRY_MINUTES_MAX)) * 60 + int(chance() * 60)
        number = len(self.visits)
        visit = Visit(
            number, len(self.people) - 1, person.station, kind, int(chance() * len(what.projects)), day, start,
            minutes, entered, is_special=False, case=case, group=number,
        )  # fmt: skip
        self.visits.append(visit)
        return visit

    def _again(self, visit: Visit, **changes: Any) -> Visit:  # noqa: ANN401 - any of its fields
        """Make another visit like one, with the changes to it."""
        number = len(self.visits)
        other = replace(visit, number=number, group=number, **changes)
        other.entered = visit.entered + 300
        self.visits.append(other)
        return other

    def two_a_day(self, person: Inhabitant, day: int) -> None:
        """Serve in the morning and in the afternoon, each typed into both."""
        first = self._visit(person, day, "two_a_day")
        first.start = 8 * 60 + first.start % 60
        what = ALL_KINDS[first.kind]
        length = what.minutes_min + int(self.source.random() * (what.minutes_max - what.minutes_min + 1))
        second = self._again(first, start=first.start + 6 * 60, minutes=length)
        if not self.press.has_times and first.minutes // 30 == second.minutes // 30:
            second.group = first.group
        for visit in (first, second):
            mistakes.agree(self.press, visit)

    def overlap(self, person: Inhabitant, day: int) -> None:
        """Be at another station, too, from the middle of a visit on."""
        first = self._visit(person, day, "overlap")
        other = self._again(
            first, station=(first.station + 1) % len(STATIONS), start=first.start + first.minutes // 2, minutes=90,
            kind=RECREATION if first.kind != RECREATION else TRAINING, project=0,
        )  # fmt: skip
        self.press.tell_both(first)
        self.press.tell_national(other)
        first.label = other.label = "overlap"

    def ambiguous(self, person: Inhabitant, day: int) -> None:
        """Let two visits be told of by one row at the other platform that fits both."""
        first = self._visit(person, day, "ambiguous")
        first.start, first.minutes = 9 * 60, max(45, first.minutes)
        apart = first.minutes if self.press.has_times else 6 * 60
        second = self._again(first, start=first.start + apart)
        self.press.tell_national(first)
        self.press.tell_national(second)
        if self.press.has_times:  # one row for both, from the first's beginning to the second's end
            both = 2 * first.minutes
            self.press.tell_guangxi(first, end=first.start + both, figure=both // 30 * 30)
        else:
            self.press.tell_guangxi(first)
        first.label = second.label = "ambiguous_match"

    def _recent(self, person: Inhabitant) -> None:
        """Serve within the last 72 hours: what a later night reads again."""
        visit = self._visit(person, _RECENT[len(self.people) % len(_RECENT)], "recent")
        visit.start = 9 * 60
        visit.entered = (visit.day * 1440 + visit.start + visit.minutes + 30) * 60
        mistakes.agree(self.press, visit)


_COUPLE_DRAWERS: tuple[Callable[[_Drawing, Inhabitant, int], None], ...] = (
    _Drawing.two_a_day,
    _Drawing.overlap,
    _Drawing.ambiguous,
)
_BOUNDS = list(accumulate([*(share for _, share, _ in _CASES), *(share for _, share in _COUPLES)]))
