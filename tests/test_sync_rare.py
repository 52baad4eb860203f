"""Rare facts: what nobody sees on most nights must be judged as soundly as what everybody does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.actions import Disposition, Hold, Leave, Post, Reverse, Wait
from domain.hours import DurationRange
from domain.services import Booking, Standing
from mapping.rules import Period
from sync.plan import plan
from tests.planning import (
    HALF_HOUR,
    HOUR,
    LATER,
    RULES,
    STATION,
    Change,
    action,
    booked,
    conflict_of,
    covered,
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
    withdrawn,
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


AMBIGUOUS = (guangxi("G1"), national("N1", span="09:00-09:30"), national("N2", span="14:00-14:45"))


def test_accepting_one_platforms_word_settles_every_service_in_doubt() -> None:
    facts = subject(*AMBIGUOUS)
    doubt = conflict_of(planned(facts), "ambiguous_match")
    settled = planned(decided(facts, doubt, "accept:guangxi", number=7))
    unheard = planned(decided(facts, doubt, "accept:station", number=7))

    assert [(type(line.action), line.decision) for line in settled.lines] == [(Post, 7), (Leave, 7), (Leave, 7)]
    assert {(type(line.action), line.decision) for line in unheard.lines} == {(Hold, None)}


@pytest.mark.parametrize("lost", [withdrawn, gone])
def test_what_still_stands_of_a_platform_is_accepted_before_what_does_not(lost: Change) -> None:
    said = (
        lost(guangxi("G0", span=SPAN, category="escort")), guangxi("G1", span=SPAN, category="recreation"),
        national(span=SPAN),
    )  # fmt: skip
    facts = subject(*said)
    spoken = decided(facts, conflict_of(planned(facts), "category_differs"), "accept:guangxi")

    (line,) = [line for line in planned(spoken).lines if isinstance(line.action, Post)]
    assert isinstance(line.action, Post)
    assert line.action.booking.category == "recreation"


def test_strangers_in_doubt_are_asked_about_as_strangers() -> None:
    assert kinds(planned(subject(*AMBIGUOUS, people={}))) == ["unknown_person"]


def test_what_is_at_stake_for_a_special_visit_is_its_true_duration() -> None:
    said = guangxi("G1", span=SPAN, is_special=True), guangxi("G2", span="09:30-10:30")
    assert conflict_of(planned(subject(*said)), "overlap").seconds_at_stake == HOUR + HALF_HOUR
    assert conflict_of(planned(subject(said[0], people={})), "unknown_person").seconds_at_stake == HOUR

    assert conflict_of(
        planned(subject(guangxi(span="06:00-19:00", is_special=True))), "implausible"
    ).seconds_at_stake == (13 * HOUR)
    twice = [guangxi(name, seconds=HOUR, is_special=True) for name in ("G1", "G2")]
    assert conflict_of(planned(subject(*twice)), "duplicate").seconds_at_stake == HOUR

    doubt = replace(AMBIGUOUS[2], is_special=True)
    assert conflict_of(planned(subject(*AMBIGUOUS[:2], doubt)), "ambiguous_match").seconds_at_stake == 2700


def test_a_conflict_of_two_records_names_the_identity_of_the_first() -> None:
    people = {1: person(), 2: person()}
    one, other = guangxi("G1", span=SPAN), guangxi("G2", span="09:30-10:30", identity=2)
    assert conflict_of(planned(subject(one, other, people=people)), "overlap").identity == 1

    said = (AMBIGUOUS[0], *(replace(row, identity=2) for row in AMBIGUOUS[1:]))
    assert conflict_of(planned(subject(*said, people=people)), "ambiguous_match").identity == 1


def test_of_a_station_that_a_platform_does_not_know_all_of_the_platform_must_be_read() -> None:
    elsewhere = subject(national(station="CZ99"))

    assert action(planned(elsewhere, LATER + timedelta(days=15))) == "hold"


def test_a_figure_for_two_services_together_is_booked_with_the_first_and_the_other_rests() -> None:
    facts = subject(guangxi("G1", span=SPAN), guangxi("G2", span="09:30-10:30"))
    made = planned(decided(facts, conflict_of(planned(facts), "overlap"), "credit:1.5", number=7))

    told = {line.service.claims[0].key.external_id: (type(line.action), line.decision) for line in made.lines}
    assert told == {"G1": (Post, 7), "G2": (Leave, 7)}


def test_a_record_is_accepted_for_the_person_that_it_names() -> None:
    said = gone(guangxi(span=SPAN)), national(span=SPAN, identity=2, name_token="name-2", carried_from=guangxi().key)  # noqa: S106 - a token of a name
    facts = subject(*said, people={1: person(), 2: person(102, "name-2")})
    doubt = conflict_of(planned(facts), "vanished")
    assert doubt.person == 102

    for whose, platform in ((101, "guangxi"), (102, "national")):
        line = only_line(planned(decided(facts, doubt, f"accept:{platform}")))
        assert isinstance(line.action, Post)
        assert line.action.booking.person == whose


def test_what_nobody_says_any_more_is_still_asked_about_its_person() -> None:
    assert conflict_of(planned(subject(gone(guangxi()))), "vanished").person == 101


def test_a_second_of_actual_service_is_booked() -> None:
    line = only_line(planned(subject(guangxi(category="professional", seconds=1), people=NURSE)))

    assert line.action == Post(Booking(101, LATER, "professional", STATION, 1))


def test_where_several_suffice_it_is_still_the_one_that_decides_whose_withdrawal_counts() -> None:
    both = (Period(RULES.valid_from, None, frozenset({"guangxi", "national"}), "national"),)
    facts = subject(guangxi(span=SPAN), withdrawn(national(span=SPAN)))
    line = only_line(plan(facts, replace(RULES, periods=both), covered(LATER), LATER))

    assert (line.action, line.reason) == (Leave(), "withdrawn")


def test_the_rules_of_the_day_are_those_of_what_is_effective() -> None:
    eve, day = date(2022, 6, 30), date(2022, 7, 1)  # the last day on which the national platform suffices, and the next

    assert action(planned(subject(pending(guangxi(day=eve)), national(day=day)))) == "wait"
    assert action(planned(subject(pending(guangxi(day=day)), national(day=eve)))) == "post"


@pytest.mark.parametrize(("apart", "told"), [(120, []), (121, ["hours_differ"])])
def test_figures_agree_where_both_could_be_out_by_the_tolerance(apart: int, told: list[str]) -> None:
    first = replace(guangxi(), duration=DurationRange(1800, 1900))
    second = replace(national(), duration=DurationRange(1900 + apart, 2100))

    assert kinds(plan(subject(first, second), replace(RULES, tolerance_seconds=60), covered(LATER), LATER)) == told
