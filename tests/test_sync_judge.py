"""The decision table, row by row: whose word books, reverses, waits and holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.actions import Disposition, Post, Wait
from domain.claims import Claim
from domain.records import RecordKey
from domain.services import Booking
from domain.subjects import CoveredThrough
from tests.planning import (
    EARLY_2022,
    HALF_HOUR,
    HOUR,
    IN_2021,
    LATER,
    RULES,
    STATION,
    Change,
    Say,
    action,
    applied,
    booked,
    books,
    conflict_of,
    covered,
    entry,
    gone,
    guangxi,
    is_quiet,
    kinds,
    national,
    only_line,
    pending,
    person,
    planned,
    subject,
    withdrawn,
)  # fmt: skip

SPAN = "09:00-09:42"


# Whose word is enough ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "claims", "does"),
    [
        pytest.param(IN_2021, [national], "post", id="2021-national-alone-posts"),
        pytest.param(IN_2021, [guangxi], "wait", id="2021-guangxi-alone-waits"),
        pytest.param(IN_2021, [national, guangxi], "post", id="2021-both-post"),
        pytest.param(IN_2021, [entry], "wait", id="2021-entry-alone-waits"),
        pytest.param(IN_2021, [national, entry], "post", id="2021-national-and-entry-post"),
        pytest.param(IN_2021, [guangxi, entry], "wait", id="2021-guangxi-and-entry-wait"),
        pytest.param(EARLY_2022, [national], "post", id="early-2022-national-alone-posts"),
        pytest.param(EARLY_2022, [guangxi], "post", id="early-2022-guangxi-alone-posts"),
        pytest.param(EARLY_2022, [national, guangxi, entry], "post", id="early-2022-all-post"),
        pytest.param(EARLY_2022, [entry], "wait", id="early-2022-entry-alone-waits"),
        pytest.param(LATER, [national], "wait", id="later-national-alone-waits"),
        pytest.param(LATER, [guangxi], "post", id="later-guangxi-alone-posts"),
        pytest.param(LATER, [national, guangxi], "post", id="later-both-post"),
        pytest.param(LATER, [national, entry], "wait", id="later-national-and-entry-wait"),
        pytest.param(LATER, [guangxi, entry], "post", id="later-guangxi-and-entry-post"),
        pytest.param(LATER, [entry], "wait", id="later-entry-alone-waits"),
    ],
)
def test_a_platform_that_suffices_on_the_day_books(day: date, claims: list[Say], does: str) -> None:
    made = planned(subject(*(say(day=day, span=SPAN) for say in claims)))
    assert action(made) == does
    assert made.conflicts == ()


@pytest.mark.parametrize(
    ("day", "does"),
    [
        (date(2021, 10, 1), "post"),
        (date(2021, 12, 31), "post"),
        (date(2022, 1, 1), "post"),
        (date(2022, 6, 30), "post"),
        (date(2022, 7, 1), "wait"),
    ],
    ids=str,
)
def test_the_national_word_is_enough_through_the_last_day_of_june_2022(day: date, does: str) -> None:
    assert action(planned(subject(national(day=day)))) == does


@pytest.mark.parametrize(("day", "does"), [(date(2021, 12, 31), "wait"), (date(2022, 1, 1), "post")], ids=str)
def test_the_guangxi_word_is_enough_from_the_first_day_of_2022(day: date, does: str) -> None:
    assert action(planned(subject(guangxi(day=day)))) == does


@pytest.mark.parametrize(
    ("day", "decider"),
    [
        pytest.param(IN_2021, "CZ01", id="2021-national"),
        pytest.param(EARLY_2022, "CZ02", id="early-2022-guangxi"),
        pytest.param(LATER, "CZ02", id="later-guangxi"),
    ],
)
def test_the_deciding_platforms_station_counts_and_another_one_is_no_conflict(day: date, decider: str) -> None:
    made = planned(subject(national(day=day, span=SPAN, station="CZ01"), guangxi(day=day, span=SPAN, station="CZ02")))
    done = only_line(made).action
    assert isinstance(done, Post)
    assert done.booking.station == decider
    assert made.conflicts == ()


def test_what_is_booked_so_already_is_left() -> None:
    facts = booked(subject(guangxi(span=SPAN), national(span=SPAN)))
    assert action(planned(facts)) == "leave"
    assert planned(facts).dispositions == dict.fromkeys((c.key for c in facts.claims), Disposition.BOOKED)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"category": "recreation"}, id="category-and-credit"),
        pytest.param({"category": "assistance"}, id="category-alone"),
        pytest.param({"station": "CZ01"}, id="station"),
        pytest.param({"service_date": LATER - timedelta(days=1)}, id="day"),
        pytest.param({"is_special": True, "reported_seconds": 5400}, id="credit-alone"),
    ],
)
def test_what_is_booked_otherwise_is_corrected(changed: dict[str, Any]) -> None:
    facts = booked(subject(guangxi()))
    after = replace(facts, claims=(replace(guangxi(), **changed),))
    line = only_line(planned(after))
    assert type(line.action).__name__ == "Correct"
    assert line.service.service_id == facts.standings[0].service_id


def test_a_change_that_the_book_does_not_show_leaves_it() -> None:
    facts = booked(subject(guangxi(span="09:00-09:42")))
    after = replace(facts, claims=(guangxi(span="09:05-09:40"),))
    assert action(planned(after)) == "leave"


# What it earns ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "seconds"),
    [
        pytest.param([guangxi(span="09:00-11:00")], HALF_HOUR, id="flat-whatever-the-duration"),
        pytest.param(
            [guangxi(span="09:00-09:20", seconds=0)], HALF_HOUR, id="flat-also-where-the-floor-made-it-nothing"
        ),
        pytest.param([guangxi(category="recreation", span="09:00-09:30")], HOUR, id="flat-hour"),
        pytest.param([guangxi(span="09:00-10:45", is_special=True)], 6300, id="special-takes-the-span"),
        pytest.param([guangxi(seconds=5400, is_special=True)], 5400, id="special-without-times-takes-the-figure"),
        pytest.param(
            [guangxi(span="09:00-09:42"), national(span="09:00-09:42", is_special=True)],
            2520,
            id="special-at-another-member",
        ),
        pytest.param(
            [guangxi(span="09:00-09:42"), entry(span="09:00-09:42", is_special=True)], 2520, id="special-entry"
        ),
        pytest.param(
            [guangxi(span="09:00-09:42"), withdrawn(national(span="09:00-09:42", is_special=True))],
            HALF_HOUR,
            id="special-of-a-withdrawn-claim-is-no-word",
        ),
        pytest.param(
            [guangxi(span="09:00-09:42"), pending(national(span="09:00-09:42", is_special=True))],
            HALF_HOUR,
            id="special-of-a-pending-claim-is-no-word",
        ),
    ],
)
def test_the_credit_is_flat_or_the_true_duration(claims: list[Claim], seconds: int) -> None:
    assert [said.seconds for said in books(booked(subject(*claims)))] == [seconds]


@pytest.mark.parametrize(
    ("claims", "seconds"),
    [
        pytest.param([guangxi(span="09:00-09:42")], 2520, id="span-within-the-figures-range"),
        pytest.param([guangxi(span="09:00-09:42", seconds=HOUR)], HOUR, id="figure-where-the-span-contradicts-it"),
        pytest.param([guangxi(seconds=5400)], 5400, id="figure-without-times"),
        pytest.param(
            [guangxi(seconds=HALF_HOUR), national(span="09:00-09:42")], HALF_HOUR, id="the-deciders-own-figure"
        ),
    ],
)
def test_actual_credit_is_the_deciding_claims_span_or_its_figure(claims: list[Claim], seconds: int) -> None:
    nurse = {1: person(has_licence=True)}
    facts = subject(*(replace(said, category="professional") for said in claims), people=nurse)
    assert [said.seconds for said in books(booked(facts))] == [seconds]


# Withdrawn --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "first", "second", "does", "notes"),
    [
        pytest.param(IN_2021, "national", "guangxi", "reverse", ["uncorroborated"], id="2021-the-decider"),
        pytest.param(IN_2021, "guangxi", "national", "leave", [], id="2021-the-other"),
        pytest.param(EARLY_2022, "guangxi", "national", "reverse", ["uncorroborated"], id="early-2022-the-decider"),
        pytest.param(EARLY_2022, "national", "guangxi", "leave", [], id="early-2022-the-other"),
        pytest.param(LATER, "guangxi", "national", "reverse", ["uncorroborated"], id="later-the-decider"),
        pytest.param(LATER, "national", "guangxi", "leave", [], id="later-the-other"),
    ],
)
def test_the_deciding_platforms_withdrawal_reverses(
    day: date, first: str, second: str, does: str, notes: list[str]
) -> None:
    say = {"national": national, "guangxi": guangxi}
    facts = booked(subject(say[first](day=day, span=SPAN), say[second](day=day, span=SPAN)))
    made = planned(replace(facts, claims=(withdrawn(say[first](day=day, span=SPAN)), say[second](day=day, span=SPAN))))
    assert action(made) == does
    assert kinds(made) == notes
    assert kinds(made, is_blocking=True) == []


@pytest.mark.parametrize("day", [IN_2021, EARLY_2022, LATER], ids=str)
def test_a_service_that_everybody_withdraws_is_reversed_without_a_word(day: date) -> None:
    facts = booked(subject(national(day=day, span=SPAN), guangxi(day=day, span=SPAN)))
    made = planned(replace(facts, claims=tuple(map(withdrawn, facts.claims))))
    assert action(made) == "reverse"
    assert made.conflicts == ()
    assert set(made.dispositions.values()) == {Disposition.WITHDRAWN}


def test_what_was_never_booked_and_is_withdrawn_moves_nothing() -> None:
    made = planned(subject(withdrawn(guangxi(span=SPAN)), national(span=SPAN)))
    assert is_quiet(made)
    assert kinds(made, is_blocking=False) == ["uncorroborated"]
    assert action(planned(subject(withdrawn(guangxi(span=SPAN))))) == "leave"


def test_early_in_2022_the_national_platform_decides_where_guangxi_has_no_claim() -> None:
    facts = booked(subject(national(day=EARLY_2022, span=SPAN), entry(day=EARLY_2022, span=SPAN)))
    assert len(books(facts)) == 1
    made = planned(replace(facts, claims=(withdrawn(facts.claims[0]), facts.claims[1])))
    assert action(made) == "reverse"
    assert kinds(made, is_blocking=False) == ["uncorroborated"]


def test_withdrawn_and_said_again_is_booked_under_the_next_revisions() -> None:
    facts = booked(subject(guangxi()))
    facts = booked(replace(facts, claims=(withdrawn(guangxi()),)))
    assert books(facts) == []
    assert facts.standings[0].revision == 2
    facts = booked(replace(facts, claims=(guangxi(),)))
    assert len(books(facts)) == 1
    assert [said.revision for said in facts.standings] == [3]


def test_delete_and_add_is_one_correction() -> None:
    before = guangxi(span="09:00-10:00", category="professional")
    facts = booked(subject(before, people={1: person(has_licence=True)}))
    after = guangxi("G2", span="09:00-10:30", category="professional", seconds=5400)
    line = only_line(planned(replace(facts, claims=(withdrawn(before), after))))
    assert type(line.action).__name__ == "Correct"
    assert line.service.service_id == facts.standings[0].service_id
    assert line.deciding == after.key


def test_delete_and_add_of_the_same_leaves_the_book() -> None:
    facts = booked(subject(guangxi(), national()))
    made = planned(replace(facts, claims=(withdrawn(guangxi()), guangxi("G2"), national())))
    assert action(made) == "leave"
    assert kinds(made) == []


def test_the_withdrawal_of_one_person_never_touches_another_persons_service() -> None:
    couple = {1: person(101), 2: person(102, "name-2")}
    theirs = guangxi("G2", span=SPAN, identity=2, name_token="name-2")  # noqa: S106 - the token of a name
    facts = booked(subject(guangxi("G1", span=SPAN), theirs, people=couple))
    assert [said.person for said in books(facts)] == [101, 102]
    for still, stopped in (
        (theirs, withdrawn(guangxi("G1", span=SPAN))),
        (guangxi("G1", span=SPAN), withdrawn(theirs)),
    ):
        after = booked(replace(facts, claims=(stopped, still)))
        assert len(books(after)) == 1
        alone = booked(subject(stopped, replace(still, key=RecordKey("national", "N9")), people=couple))
        assert {len(line.service.claims) for line in planned(alone).lines} == {1}


# Gone -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "first", "second"),
    [
        pytest.param(IN_2021, national, guangxi, id="2021"),
        pytest.param(EARLY_2022, guangxi, national, id="early-2022"),
        pytest.param(LATER, guangxi, national, id="later"),
    ],
)
@pytest.mark.parametrize("is_booked", [True, False], ids=["booked", "not-booked"])
def test_the_deciding_claim_gone_without_a_trace_holds_and_the_book_stays(
    day: date, first: Say, second: Say, *, is_booked: bool
) -> None:
    decider, other = first(day=day, span=SPAN), second(day=day, span=SPAN)
    facts = subject(decider, other)
    before = booked(facts) if is_booked else facts
    made = planned(replace(before, claims=(gone(decider), other)))
    assert action(made) == "hold"
    assert kinds(made, is_blocking=True) == ["vanished"]
    assert books(applied(before, made)) == books(before)


def test_another_member_gone_is_a_note_and_the_book_goes_on() -> None:
    made = planned(subject(guangxi(span=SPAN), gone(national(span=SPAN))))
    assert action(made) == "post"
    assert kinds(made, is_blocking=False) == ["vanished"]
    assert kinds(made, is_blocking=True) == []


@pytest.mark.parametrize("is_first", [True, False], ids=["booked-by-it", "booked-by-the-other"])
def test_another_member_gone_is_a_note_whichever_of_the_two_came_first(*, is_first: bool) -> None:
    decider, other = guangxi(day=EARLY_2022, span=SPAN), national(day=EARLY_2022, span=SPAN)
    before = booked(subject(other if is_first else decider))
    made = planned(replace(before, claims=(decider, gone(other))))
    assert action(made) == "leave"
    assert kinds(made, is_blocking=False) == ["vanished"]
    assert kinds(made, is_blocking=True) == []


def test_the_last_claim_gone_holds() -> None:
    facts = booked(subject(guangxi()))
    made = planned(replace(facts, claims=(gone(guangxi()),)))
    assert action(made) == "hold"
    assert kinds(made) == ["vanished"]


def test_the_same_fact_under_a_new_number_is_credited_once_and_the_old_number_is_noted() -> None:
    facts = booked(subject(guangxi("G1", span=SPAN)))
    together = planned(replace(facts, claims=(guangxi("G1", span=SPAN), guangxi("G2", span=SPAN))))
    assert action(together) == "leave"
    assert kinds(together) == ["duplicate"]
    swept = planned(replace(facts, claims=(gone(guangxi("G1", span=SPAN)), guangxi("G2", span=SPAN))))
    assert action(swept) == "leave"
    assert kinds(swept, is_blocking=False) == ["vanished"]
    assert kinds(swept, is_blocking=True) == []


def test_a_claim_both_gone_and_withdrawn_is_withdrawn() -> None:
    facts = booked(subject(guangxi()))
    made = planned(replace(facts, claims=(gone(withdrawn(guangxi())),)))
    assert action(made) == "reverse"
    assert made.conflicts == ()


# Waiting ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        pytest.param([national()], "uncorroborated", id="national-alone"),
        pytest.param([national(span=SPAN), entry(span=SPAN)], "uncorroborated", id="national-and-entry"),
        pytest.param([entry()], "missing_on_platform", id="entry-alone"),
        pytest.param([pending(guangxi())], "uncorroborated", id="pending-at-the-decider"),
        pytest.param([pending(entry())], "missing_on_platform", id="entry-not-yet-confirmed"),
    ],
)
@pytest.mark.parametrize(("days", "does"), [(1, "wait"), (14, "wait"), (15, "hold"), (40, "hold")], ids=str)
def test_day_fourteen_waits_and_day_fifteen_is_held(claims: list[Claim], kind: str, days: int, does: str) -> None:
    made = planned(subject(*claims), today=LATER + timedelta(days=days))
    assert action(made) == does
    assert kinds(made) == ([kind] if does == "hold" else [])
    if does == "wait":
        assert only_line(made).action == Wait(LATER + timedelta(days=15))
        assert made.due_on == LATER + timedelta(days=15)


@pytest.mark.parametrize(
    ("entered", "held_on"),
    [
        pytest.param([LATER - timedelta(days=3)], LATER + timedelta(days=15), id="typed-before-the-service"),
        pytest.param([LATER + timedelta(days=5)], LATER + timedelta(days=20), id="typed-five-days-late"),
        pytest.param(
            [LATER + timedelta(days=9), LATER + timedelta(days=2)], LATER + timedelta(days=17), id="the-earliest-counts"
        ),
    ],
)
def test_the_grace_runs_from_the_later_of_service_and_typing(entered: list[date], held_on: date) -> None:
    said = [national(span=SPAN, entered_on=entered[0])]
    said += [entry(span=SPAN, entered_on=day) for day in entered[1:]]
    assert action(planned(subject(*said), today=held_on - timedelta(days=1))) == "wait"
    assert action(planned(subject(*said), today=held_on)) == "hold"


@pytest.mark.parametrize("again", ["N0", "N2"])
def test_saying_it_twice_gives_no_more_time(again: str) -> None:
    claims = (national(span=SPAN), national(again, span=SPAN, entered_on=LATER + timedelta(days=10)))
    assert action(planned(subject(*claims), today=LATER + timedelta(days=15))) == "hold"


def test_the_grace_does_not_run_from_a_withdrawn_claim() -> None:
    said = (withdrawn(entry(span=SPAN)), national(span=SPAN, entered_on=LATER + timedelta(days=10)))
    assert action(planned(subject(*said), today=LATER + timedelta(days=20))) == "wait"


@pytest.mark.parametrize(
    ("through", "does"),
    [
        pytest.param(LATER + timedelta(days=13), "wait", id="not-to-the-end-of-the-grace"),
        pytest.param(LATER + timedelta(days=14), "hold", id="through-the-end-of-the-grace"),
    ],
)
def test_an_outage_of_the_missing_platform_floods_nobody(through: date, does: str) -> None:
    made = planned(subject(national()), today=LATER + timedelta(days=60), coverage=covered(through))
    assert action(made) == does


def test_only_the_missing_platforms_coverage_of_the_station_counts() -> None:
    end = LATER + timedelta(days=14)
    theirs = {("guangxi", scope): end for scope in RULES.organisations("guangxi", STATION, LATER)}
    made = planned(subject(national()), today=LATER + timedelta(days=20), coverage=CoveredThrough(theirs))
    assert action(made) == "hold"
    never = planned(subject(national()), today=LATER + timedelta(days=20), coverage=CoveredThrough({}))
    assert action(never) == "wait"


def test_a_wait_never_moves_what_is_booked() -> None:
    facts = booked(subject(guangxi(span=SPAN), national(span=SPAN)))
    after = replace(facts, claims=(pending(guangxi(span=SPAN)), national(span=SPAN)))
    made = planned(after)
    assert action(made) == "wait"
    assert books(applied(after, made)) == books(facts)


def test_a_pending_claim_of_the_other_platform_does_not_stop_the_booking() -> None:
    made = planned(subject(guangxi(span=SPAN), pending(national(span=SPAN))))
    assert action(made) == "post"
    assert made.dispositions[RecordKey("national", "N1")] is Disposition.PENDING


# Older exports ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [IN_2021, EARLY_2022, LATER], ids=str)
def test_an_old_export_that_does_not_say_its_kind_of_hours_is_held_at_once(day: date) -> None:
    made = planned(subject(national(day=day, is_type_unknown=True)))
    assert action(made) == "hold"
    assert kinds(made) == ["uncorroborated"]
    assert conflict_of(made, "uncorroborated").reason == "type_unknown_old_export"


@pytest.mark.parametrize(
    ("day", "other", "does"),
    [
        pytest.param(IN_2021, guangxi, "post", id="2021-guangxi-confirms"),
        pytest.param(IN_2021, entry, "post", id="2021-entry-confirms"),
        pytest.param(EARLY_2022, guangxi, "post", id="early-2022-guangxi-confirms"),
        pytest.param(LATER, guangxi, "post", id="later-guangxi-confirms"),
    ],
)
def test_an_old_export_is_booked_once_another_source_confirms_it(day: date, other: Say, does: str) -> None:
    said = (national(day=day, span=SPAN, is_type_unknown=True), other(day=day, span=SPAN))
    assert action(planned(subject(*said))) == does


@pytest.mark.parametrize("change", [withdrawn, pending, gone])
def test_a_claim_that_is_not_effective_confirms_no_old_export(change: Change) -> None:
    said = (national(day=IN_2021, span=SPAN, is_type_unknown=True), change(entry(day=IN_2021, span=SPAN)))
    assert action(planned(subject(*said))) == "hold"


# Beside the table -------------------------------------------------------------------------------------------------


def test_a_day_in_the_future_is_held_until_it_has_come() -> None:
    ahead = guangxi(day=LATER + timedelta(days=2))
    made = planned(subject(ahead), today=LATER)
    assert action(made) == "hold"
    assert kinds(made) == ["implausible"]
    assert made.due_on == LATER + timedelta(days=2)
    assert action(planned(subject(ahead), today=LATER + timedelta(days=2))) == "post"


def test_hours_of_before_the_opening_are_counted_and_never_booked() -> None:
    people = {1: person(opening_through=LATER)}
    made = planned(subject(guangxi(), guangxi("G2", day=LATER + timedelta(days=1)), people=people))
    assert made.dispositions[RecordKey("guangxi", "G1")] is Disposition.COVERED_BY_OPENING
    assert action(made) == "post"
    assert made.dispositions[RecordKey("guangxi", "G2")] is Disposition.BOOKED


def test_an_opening_that_comes_later_reverses_what_it_covers() -> None:
    facts = booked(subject(guangxi()))
    made = planned(replace(facts, people={1: person(opening_through=LATER)}))
    assert action(made) == "reverse"


@pytest.mark.parametrize(
    "outside",
    [
        pytest.param({"outside_identities": frozenset({1})}, id="identity"),
        pytest.param({"outside_activities": frozenset({("guangxi", "guangxi-emotional_support")})}, id="project"),
    ],
)
def test_what_is_bound_as_outside_is_out_of_scope_and_reversed_where_booked(outside: dict[str, Any]) -> None:
    facts = booked(subject(guangxi()))
    made = planned(replace(facts, **outside))
    assert action(made) == "reverse"
    assert made.dispositions == {RecordKey("guangxi", "G1"): Disposition.OUT_OF_SCOPE}
    assert made.conflicts == ()


def test_an_outside_project_is_outside_on_its_own_platform_only() -> None:
    made = planned(subject(guangxi(), outside_activities=frozenset({("national", "guangxi-emotional_support")})))
    assert action(made) == "post"


def test_honour_hours_carried_over_to_the_other_platform_stay_out_of_scope() -> None:
    honour = national(span=SPAN, out_of_scope="honour")
    carried = guangxi(span=SPAN, carried_from=honour.key)
    made = planned(subject(honour, carried))
    assert made.lines == ()
    assert set(made.dispositions.values()) == {Disposition.OUT_OF_SCOPE}


def test_a_deficit_is_noted_while_it_is_owed() -> None:
    facts = booked(booked(subject(guangxi())))
    facts = booked(replace(facts, claims=(withdrawn(guangxi()),)))
    short = (replace(facts.standings[0], short_seconds=HALF_HOUR),)
    owing = planned(replace(facts, standings=short, owed={101: HALF_HOUR}))
    assert kinds(owing) == ["balance_short"]
    assert conflict_of(owing, "balance_short").seconds_at_stake == HALF_HOUR
    assert kinds(planned(replace(facts, standings=short, owed={}))) == []


def test_the_booking_says_person_day_category_station_and_credit() -> None:
    made = planned(subject(guangxi(span=SPAN), national(span=SPAN)))
    assert only_line(made).action == Post(Booking(101, LATER, "emotional_support", STATION, HALF_HOUR))
    assert only_line(made).deciding == RecordKey("guangxi", "G1")
