"""The weight of what speaks for two claims being one visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.claims import Claim
from sync.evidence import WEIGHTS, evidence_day_apart, evidence_of, points, spans_overlap
from tests.planning import HOUR, LATER, guangxi, national

SPAN = "09:00-10:00"
NEXT_DAY = LATER + timedelta(days=1)


def test_the_weights_stand_in_the_order_of_the_specification() -> None:
    order = ("overlap", "same_day", "ranges_meet", "same_category", "same_station")
    assert [name for name in sorted(WEIGHTS, key=WEIGHTS.__getitem__, reverse=True) if name in order] == list(order)


@pytest.mark.parametrize("name", ["overlap", "same_day", "ranges_meet", "same_category"])
def test_each_weight_outweighs_all_that_stand_behind_it(name: str) -> None:
    order = ("overlap", "same_day", "ranges_meet", "same_category", "same_station")
    assert WEIGHTS[name] > sum(WEIGHTS[behind] for behind in order[order.index(name) + 1 :])


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        pytest.param(
            national(span="09:30-11:00", category="escort", station="CZ01"),
            national(seconds=HOUR),
            id="overlap-beats-all-else",
        ),
        pytest.param(national(span=SPAN), national(span="09:30-10:30"), id="more-overlap"),
        pytest.param(national(seconds=HOUR, category="escort"), national(seconds=9000), id="ranges-before-category"),
        pytest.param(
            national(seconds=HOUR, station="CZ01"),
            national(seconds=HOUR, category="escort"),
            id="category-before-station",
        ),
        pytest.param(national(seconds=HOUR), national(seconds=HOUR, station="CZ01"), id="station"),
    ],
)
def test_more_or_weightier_evidence_scores_more(better: Claim, worse: Claim) -> None:
    said = guangxi(span=SPAN)
    assert points(evidence_of(said, better, 0)) > points(evidence_of(said, worse, 0)) > 0


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(national(span="10:00-11:00"), id="spans-that-only-touch"),
        pytest.param(national(span="14:00-15:00"), id="spans-apart"),
        pytest.param(national(day=NEXT_DAY, span=SPAN), id="another-day-with-times"),
        pytest.param(national(day=NEXT_DAY), id="another-day-without-times"),
        pytest.param(national(seconds=9000, category="escort"), id="nothing-but-the-day-and-station"),
    ],
)
def test_what_cannot_be_one_visit_has_no_weight_at_all(other: Claim) -> None:
    assert evidence_of(guangxi(span=SPAN), other, 0) == ()


def test_evidence_does_not_depend_on_the_side() -> None:
    first, second = guangxi(span=SPAN), national(span="09:20-10:20", category="escort")
    assert evidence_of(first, second, 0) == evidence_of(second, first, 0)


def test_the_tolerance_lets_figures_meet() -> None:
    first, second = guangxi(seconds=HOUR, category=None), national(seconds=HOUR - 36, category="escort")
    assert evidence_of(first, second, 0) == ()
    assert dict(evidence_of(first, second, 60))["ranges_meet"] == WEIGHTS["ranges_meet"]


@pytest.mark.parametrize(
    ("changed", "fits"),
    [
        ({}, True),
        ({"category": "escort"}, False),
        ({"station": "CZ01"}, False),
        ({"category": None}, False),
        ({"service_date": LATER}, False),
        ({"service_date": NEXT_DAY + timedelta(days=1)}, False),
    ],
    ids=str,
)
def test_one_day_apart_category_station_and_figures_must_all_agree(changed: dict[str, Any], *, fits: bool) -> None:
    other = replace(national(day=NEXT_DAY, seconds=HOUR), **changed)
    assert bool(evidence_day_apart(guangxi(seconds=HOUR), other, 0)) is fits


def test_one_day_apart_the_clock_times_must_overlap_where_both_are_known() -> None:
    said = guangxi(span=SPAN)
    assert evidence_day_apart(said, national(day=NEXT_DAY, span="09:30-10:30"), 0)
    assert not evidence_day_apart(said, national(day=NEXT_DAY, span="14:00-15:00"), 0)
    assert evidence_day_apart(said, national(day=NEXT_DAY, seconds=HOUR), 0)


def test_an_end_that_could_not_be_read_is_no_overlap() -> None:
    assert not spans_overlap(guangxi(span=SPAN), replace(national(span=SPAN), ends_at=None))
