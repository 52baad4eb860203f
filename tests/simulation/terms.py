"""Other written rules, drawn: the same terms once for the oracle and once as a rule set for the house."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from mapping.rules import Period, Reading, RuleSet
from tests.oracle import AS_SHIPPED, FIRST_DAY, FLAT_SECONDS, Terms

HALF_HOURS = (1800, 3600, 5400)
TOLERANCES_SECONDS = (300, 900, 1800)
GRACES_DAYS = (5, 10, 21)
AGES = (16, 45)
MOVED_DAYS_MAX = 60
MEANT = {("guangxi", "escort"): "assistance", ("national", "training"): "recreation",
         ("guangxi", "recreation"): "emotional_support"}  # fmt: skip
"""Platform and category to the category that it may be read as: the last earns otherwise."""


def draw_terms(chance: random.Random, before: Terms) -> Terms:
    """Change one or two of the terms; one that was changed before goes back now and then."""
    terms = before
    for name in chance.sample(["credits", "tolerance", "grace", "age", "periods", "meanings"], chance.randint(1, 2)):
        terms = _changed(chance, terms, name)
    return terms


def _changed(chance: random.Random, terms: Terms, name: str) -> Terms:
    is_back = chance.random() < 0.4
    shipped = AS_SHIPPED
    match name:
        case "credits":
            drawn = {code: chance.choice(HALF_HOURS) for code in chance.sample(sorted(FLAT_SECONDS), 2)}
            return replace(terms, flat_seconds={**FLAT_SECONDS, **({} if is_back else drawn)})
        case "tolerance":
            drawn_seconds = chance.choice(TOLERANCES_SECONDS)
            return replace(terms, tolerance_seconds=shipped.tolerance_seconds if is_back else drawn_seconds)
        case "grace":
            return replace(terms, grace=shipped.grace if is_back else timedelta(days=chance.choice(GRACES_DAYS)))
        case "age":
            return replace(terms, age_min=shipped.age_min if is_back else chance.choice(AGES))
        case "periods":
            moved = [timedelta(days=0 if is_back else chance.randint(-MOVED_DAYS_MAX, MOVED_DAYS_MAX)) for _ in "ab"]
            return replace(
                terms, both_suffice_from=shipped.both_suffice_from + moved[0],
                guangxi_alone_from=shipped.guangxi_alone_from + moved[1],
            )  # fmt: skip
        case _:
            meant = [] if is_back else chance.sample(sorted(MEANT), chance.randint(1, 2))
            return replace(terms, meanings={key: MEANT[key] for key in meant})


def rules_of(terms: Terms, shipped: RuleSet, number: int) -> RuleSet:
    """Write terms down as the rule set number so and so of the bank."""
    return replace(
        shipped,
        version=f"{shipped.version}-{number}",
        grace_days=terms.grace.days,
        tolerance_seconds=terms.tolerance_seconds,
        minimum_age=terms.age_min,
        categories={
            code: replace(category, credit_seconds=terms.flat_seconds.get(code))
            for code, category in shipped.categories.items()
        },
        periods=_periods(terms),
        readings={name: _reading(reading, terms.meanings, name) for name, reading in shipped.readings.items()},
    )


def _periods(terms: Terms) -> tuple[Period, ...]:
    firsts = (FIRST_DAY, terms.both_suffice_from, terms.guangxi_alone_from)
    lasts: tuple[date | None, ...] = (*(day - timedelta(days=1) for day in firsts[1:]), None)
    return tuple(
        Period(first, last, frozenset(terms.sufficing(first)), terms.sufficing(first)[0])
        for first, last in zip(firsts, lasts, strict=True)
    )


def _reading(reading: Reading, meanings: Mapping[tuple[str, str], str], platform: str) -> Reading:
    return replace(
        reading,
        codes={code: meanings.get((platform, category), category) for code, category in reading.codes.items()},
        words=tuple(
            replace(word, category=meanings.get((platform, word.category), word.category)) for word in reading.words
        ),
    )
