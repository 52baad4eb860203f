"""Bundles of two platforms become one: within a day or night first, then a lone pair one day apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import combinations

from domain.services import Tie
from sync.bundle import Bindings, Bundle
from sync.weighing import Weigh, best_tie, speaks_for, weighed


def pair_lone_days(bundles: list[Bundle], weigh: Weigh, bindings: Bindings) -> None:
    """Pair where a day has nobody but one claim on either side: nothing else could fit, so nothing is to be assigned.

    It is what ``pair_days`` would come to, and how most days are.
    """
    for todays in _shared_days(bundles):
        one, other = todays[0], todays[1]
        if len(todays) == 2 and len(one.days) == len(other.days) == len(one.claims) == len(other.claims) == 1:  # noqa: PLR2004 - a pair
            tie = best_tie(one, other, weigh, bindings)
            if tie is not None:
                one.absorb(other, tie)
                other.claims = []


def pair_days(bundles: list[Bundle], weigh: Weigh, bindings: Bindings, ambiguous: list[tuple[Bundle, ...]]) -> None:
    """Assign one to one, platform against platform, among the bundles whose days or nights touch."""
    for day_bundles in _shared_days(bundles):
        for left_platform, right_platform in combinations(sorted({p for b in day_bundles for p in b.platforms}), 2):
            left = [b for b in day_bundles if b.claims and speaks_for(b, left_platform, right_platform)]
            right = [b for b in day_bundles if b.claims and speaks_for(b, right_platform, left_platform)]
            if left and right:
                _pair(left, right, weigh, bindings, ambiguous)


def _shared_days(bundles: Sequence[Bundle]) -> list[list[Bundle]]:
    """Give, in order, the days that several bundles touch: all of these; an emptied bundle touches none."""
    days: dict[date, list[Bundle]] = defaultdict(list)
    for bundle in bundles:
        if bundle.claims:
            for day in bundle.days:
                days[day].append(bundle)
    return [days[day] for day in sorted([day for day, todays in days.items() if len(todays) > 1])]


def _pair(
    left: list[Bundle], right: list[Bundle], weigh: Weigh, bindings: Bindings, ambiguous: list[tuple[Bundle, ...]]
) -> None:
    found, ties = weighed(left, right, weigh, bindings)
    for rows, columns in found.ties:
        group = [left[i] for i in sorted(rows)] + [right[j] for j in sorted(columns)]
        ambiguous.append(tuple(group))
        for bundle in group:
            bundle.is_tied = True
    for i, j in found.pairs:
        left[i].absorb(right[j], ties[i, j])
        right[j].claims = []


def pair_days_apart(bundles: list[Bundle], weigh: Weigh, bindings: Bindings) -> list[Bundle]:
    """Join lone pairs one day apart: each side has nobody else, on its own day or on either day beside it."""
    days: dict[date, list[Bundle]] = defaultdict(list)
    for bundle in bundles:
        days[bundle.claims[0].service_date].append(bundle)
    suitors: dict[int, list[tuple[Bundle, Tie]]] = defaultdict(list)
    for day, todays in days.items():
        for one in todays:
            for other in days.get(day + timedelta(days=1), ()):
                is_possible = not (one.is_tied or other.is_tied) and one.platforms.isdisjoint(other.platforms)
                tie = best_tie(one, other, weigh, bindings) if is_possible else None
                if tie is not None:
                    suitors[id(one)].append((other, tie))
                    suitors[id(other)].append((one, tie))
    if not suitors:
        return bundles
    for bundle in bundles:
        if len(suitors[id(bundle)]) == 1 and bundle.claims:
            other, tie = suitors[id(bundle)][0]
            if len(suitors[id(other)]) == 1 and other.claims:
                bundle.absorb(other, tie)
                other.claims = []
    return [bundle for bundle in bundles if bundle.claims]
