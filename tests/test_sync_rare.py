"""Rare facts: what nobody sees on most nights must be judged as soundly as what everybody does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.actions import Disposition, Hold, Leave, Reverse, Wait
from domain.services import Booking, Standing
from tests.planning import (
    HOUR,
    LATER,
    STATION,
    action,
    booked,
    conflict_of,
    decided,
    entry,
    gone,
    guangxi,
    kinds,
    national,
    only_line,
    pending,
    person,
    planned,
    subject,
)  # fmt: skip

SPAN = "09:00-10:00"
NURSE = {1: person(has_licence=True)}


def test_what_only_a_guess_could_part_asks_nobody_before_it_is_effective() -> None:
    said = (guangxi("G1"), national("N1", span="09:00-09:30"), national("N2", span="14:00-14:45"))
    made = planned(subject(*map(pending, said)))

    assert kinds(made) == []
    assert {type(line.action) for line in made.lines} == {Wait}
    assert kinds(planned(subject(*said))) == ["ambiguous_match"]


def test_a_visit_of_no_hours_earns_nothing_and_what_was_booked_for_it_is_taken_back() -> None:
    nothing = guangxi(category="professional", seconds=0)
    line = only_line(planned(subject(nothing, people=NURSE)))
    assert (line.action, line.reason) == (Leave(), "earns_nothing")
    assert planned(subject(nothing, people=NURSE)).dispositions == {nothing.key: Disposition.OUT_OF_SCOPE}

    before = booked(subject(guangxi(category="professional", seconds=HOUR), people=NURSE))
    assert only_line(planned(replace(before, claims=(nothing,)))).action == Reverse()


def test_on_a_day_for_which_the_rules_name_nobody_nothing_is_booked_by_itself() -> None:
    day = date(2020, 5, 1)
    said = subject(entry(day=day, span=SPAN), guangxi(day=day, span=SPAN))

    assert action(planned(said, today=day + timedelta(days=14))) == "wait"
    held = planned(said, today=day + timedelta(days=15))
    found = conflict_of(held, "uncorroborated")
    assert action(held) == "hold"
    assert (found.reason, found.suggestion, dict(found.details)["platform"]) == (
        "only_one_platform",
        "accept:guangxi",
        "",
    )
    assert only_line(held).deciding == guangxi().key


def test_accepting_a_record_that_no_rule_reads_books_nothing() -> None:
    facts = subject(gone(guangxi(category=None)))
    spoken = decided(facts, conflict_of(planned(facts), "vanished"), "accept:guangxi")

    assert (only_line(planned(spoken)).action, only_line(planned(spoken)).reason) == (Leave(), "decided")


def test_hours_cannot_be_credited_to_somebody_who_is_not_on_the_roster() -> None:
    facts = subject(gone(guangxi()), people={})
    spoken = decided(facts, conflict_of(planned(facts), "vanished"), "credit:1")

    assert only_line(planned(spoken)).action == Hold()
    assert only_line(planned(replace(spoken, people={1: person()}))).reason == "decided"


def test_two_known_spans_a_day_apart_that_only_touch_by_the_clock_are_two_visits() -> None:
    said = (guangxi(span="09:00-10:00"), national(day=LATER + timedelta(days=1), span="10:00-11:00", seconds=HOUR))

    assert len(planned(subject(*said)).lines) == 2


@pytest.mark.parametrize(
    ("away", "whose", "is_booked", "does"),
    [
        (0, 101, True, "hold"), (1, 101, True, "hold"), (-1, 101, True, "hold"), (2, 101, True, "post"),
        (-2, 101, True, "post"), (0, 102, True, "post"), (0, 101, False, "post"),
    ],
)  # fmt: skip
def test_nothing_new_is_posted_beside_what_a_record_that_names_another_now_still_holds(
    away: int,
    whose: int,
    is_booked: bool,  # noqa: FBT001 - a table of cases
    does: str,
) -> None:
    booking = Booking(whose, LATER + timedelta(days=away), "escort", STATION, HOUR)
    stray = Standing("SSTRAY", 1, booking if is_booked else None, None, 3, whose)
    facts = subject(guangxi(), strays=(stray,))
    made = planned(facts, LATER + timedelta(days=3))

    assert action(made) == does
    assert only_line(made).reason == ("beside_stray" if does == "hold" else "sufficient")
    assert made.due_on == (LATER + timedelta(days=3) if does == "hold" else None)
    assert made.conflicts == ()


def test_what_is_booked_already_is_corrected_also_beside_a_stray() -> None:
    facts = booked(subject(guangxi()))
    stray = replace(facts.standings[0], service_id="SSTRAY")
    changed = replace(facts, claims=(guangxi(category="recreation"),), strays=(stray,))

    assert action(planned(changed)) == "correct"
