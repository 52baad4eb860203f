"""A judged figure stands until a person judges anew; of several decisions each says its part; moves name one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.actions import Disposition, Hold, Leave, Plan, PlanLine, Post, Reverse
from domain.conflicts import ConflictKind, PairBinding
from domain.ledger import AccountKind, PersonBalances, Transfer, person_account, restored, reversal, service_account
from domain.people import PersonBinding
from domain.subjects import Subject
from sync.attribution import attributed
from tests.planning import (
    EARLY_2022,
    HALF_HOUR,
    HOUR,
    LATER,
    applied,
    booked,
    books,
    conflict_of,
    decided,
    guangxi,
    is_quiet,
    kinds,
    moves,
    national,
    only_line,
    person,
    planned,
    subject,
)  # fmt: skip

NEXT_DAY = LATER + timedelta(days=1)
SPAN, LONG = "09:00-10:00", "09:00-12:00"
NURSE = {1: person(has_licence=True)}
AVAILABLE, SURPLUS, DEFICIT = (
    person_account(kind, 1) for kind in (AccountKind.AVAILABLE, AccountKind.SURPLUS, AccountKind.DEFICIT)
)
SOURCE = service_account(AccountKind.DEPOSITED, "CZ01", "escort")


def professional(*spans: str) -> Subject:
    said = zip((guangxi, national), spans, strict=False)
    return subject(*(replace(say(span=span), category="professional") for say, span in said), people=NURSE)


def judged(spoken: str) -> Subject:
    facts = professional(SPAN, LONG)
    return booked(decided(facts, conflict_of(planned(facts), "hours_differ"), spoken))


def now_saying(facts: Subject, *spans: str) -> Subject:
    return replace(facts, claims=professional(*spans).claims)


def test_where_the_platforms_come_to_agree_the_judged_figure_stays_and_is_asked_about() -> None:
    made = planned(now_saying(judged("credit:2"), SPAN, SPAN))
    assert isinstance(only_line(made).action, Hold)
    conflict = conflict_of(made, "hours_differ")
    assert (conflict.reason, conflict.is_blocking, conflict.suggestion) == ("judged_before", True, "accept:guangxi")
    assert dict(conflict.details) == {"booked_seconds": str(2 * HOUR), "would_seconds": str(HOUR)}


def test_nobody_is_asked_where_the_facts_come_to_what_was_judged() -> None:
    made = planned(now_saying(judged("credit:1"), SPAN, SPAN))
    assert (only_line(made).action, kinds(made)) == (Leave(), [])


def test_what_was_judged_worth_nothing_is_not_booked_without_a_word() -> None:
    made = planned(now_saying(judged("void"), SPAN, SPAN))
    assert isinstance(only_line(made).action, Hold)
    assert dict(conflict_of(made, "hours_differ").details)["booked_seconds"] == "0"


def test_judged_anew_the_figure_stands_though_nothing_holds_it() -> None:
    facts = now_saying(judged("credit:2"), SPAN, SPAN)
    again = booked(decided(facts, conflict_of(planned(facts), "hours_differ"), "credit:3", number=2))
    assert [booking.seconds for booking in books(again)] == [3 * HOUR]
    assert is_quiet(planned(again))


def test_who_left_the_book_as_it_was_judged_no_figure() -> None:
    made = planned(now_saying(judged("ignore"), SPAN, SPAN))
    assert (type(only_line(made).action), kinds(made)) == (Post, [])


def test_one_service_though_the_days_differ_is_booked_on_the_deciding_day() -> None:
    facts = subject(guangxi(), national(day=NEXT_DAY, seconds=HALF_HOUR))
    conflict = conflict_of(planned(facts), "date_differs")
    answered = decided(facts, conflict, "same")
    assert ([one.service_date for one in books(booked(answered))], kinds(planned(answered))) == ([LATER], [])
    other = replace(facts, claims=(facts.claims[0], national(day=LATER - timedelta(days=1), seconds=HALF_HOUR)))
    assert kinds(planned(decided(other, conflict, "same"))) == ["date_differs"]


def test_one_decision_settles_the_day_and_another_the_hours_in_whatever_order() -> None:
    said = [guangxi(span=SPAN), national(day=NEXT_DAY, span=LONG)]
    pair = (PairBinding(said[0].key, said[1].key, is_same=True),)
    claims = [replace(one, category="professional") for one in said]
    facts = subject(*claims, people=NURSE, pairs=pair)
    assert sorted(kinds(planned(facts))) == ["date_differs", "hours_differ"]
    day, hours = (conflict_of(planned(facts), kind) for kind in ("date_differs", "hours_differ"))
    for first, second in ((1, 2), (2, 1)):
        done = decided(decided(facts, day, "accept:national", number=first), hours, "credit:1.5", number=second)
        (booking,) = books(booked(done))
        assert (booking.service_date, booking.seconds) == (NEXT_DAY, 5400)


def test_a_move_names_the_binding_without_which_it_would_not_be() -> None:
    bound = PersonBinding(7, "name-2", 101, decision=5)
    facts = subject(
        guangxi(identity=7, name_token="name-2"), people={1: person()}, person_bindings=(bound,)  # noqa: S106 - opens nothing
    )  # fmt: skip
    assert only_line(attributed(planned(facts), facts, planned)).decision == 5


def test_a_move_that_no_decision_makes_names_none() -> None:
    first, second = guangxi("G1", span=SPAN), guangxi("G2", span="14:00-15:00")
    facts = subject(first, second, pairs=(PairBinding(first.key, second.key, is_same=False, decision=5),))
    assert {line.decision for line in attributed(planned(facts), facts, planned).lines} == {None}


def test_what_two_records_bound_as_one_take_from_the_book_names_the_decision() -> None:
    first, second = guangxi("G1", span=SPAN), guangxi("G2", span="14:00-15:00")
    before = booked(subject(first, second))
    facts = replace(before, pairs=(PairBinding(first.key, second.key, is_same=True, decision=5),))
    moving = [line for line in attributed(planned(facts), facts, planned).lines if isinstance(line.action, Reverse)]
    assert [line.decision for line in moving] == [5]


def come_apart(spoken: str = "accept:national") -> Subject:
    """Give a visit of early 2022 that was judged, when the national row says another time of the day since."""
    said = (guangxi(day=EARLY_2022, span=LONG), national(day=EARLY_2022, span=SPAN))
    claims = tuple(replace(one, category="professional") for one in said)
    facts = subject(*claims, people=NURSE)
    done = booked(decided(facts, conflict_of(planned(facts), "hours_differ"), spoken))
    moved = replace(national(day=EARLY_2022, span="14:00-15:00"), category="professional")
    return replace(done, claims=(claims[0], moved))


def line_of(made: Plan, platform: str) -> PlanLine:
    (found,) = [line for line in made.lines if {claim.key.platform for claim in line.service.claims} == {platform}]
    return found


def test_what_was_judged_as_one_and_comes_apart_is_not_credited_twice() -> None:
    facts = come_apart()
    for _ in range(2):
        made = planned(facts)
        line = line_of(made, "national")
        assert (line.action, line.reason, set(made.dispositions.values())) == (
            Hold(), "beside_judged", {Disposition.IN_CONFLICT},
        )  # fmt: skip
        assert conflict_of(made, "hours_differ").reason == "judged_before"
        facts = applied(facts, made)
    assert [one.seconds for one in books(facts)] == [HOUR]


def test_what_came_apart_is_booked_once_the_judged_figure_was_judged_anew() -> None:
    facts = booked(come_apart())
    again = decided(facts, conflict_of(planned(facts), "hours_differ"), "accept:guangxi", number=2)
    made = planned(again)
    assert sorted(one.seconds for one in books(applied(again, made))) == [HOUR, 3 * HOUR]
    assert line_of(attributed(made, again, planned), "national").decision == 2


def test_another_visit_of_that_day_is_booked_beside_a_figure_to_be_judged_anew() -> None:
    facts = come_apart()
    other = guangxi("G2", day=EARLY_2022, span="17:00-18:00")
    made = planned(replace(facts, claims=(*facts.claims, replace(other, category="professional"))))
    assert [line.deciding for line in moves(made)] == [other.key]


def test_a_record_that_came_back_under_another_number_is_not_credited_beside_its_judged_figure() -> None:
    facts = come_apart()
    old = replace(facts.claims[1], is_gone=True)
    new = replace(national("N2", day=EARLY_2022, span="14:00-15:00"), category="professional")
    far = replace(national("N3", day=EARLY_2022 + timedelta(days=2), span="14:00-15:00"), category="professional")
    made = planned(replace(facts, claims=(facts.claims[0], old, new, far)))
    assert [line.deciding for line in moves(made)] == [far.key]


def test_a_licence_judged_beside_is_of_no_record_and_holds_what_is_new_within_a_day() -> None:
    said = (guangxi(day=EARLY_2022, span=LONG), national(day=EARLY_2022, span=LONG))
    claims = tuple(replace(one, category="professional") for one in said)
    facts = subject(*claims)
    done = booked(decided(facts, conflict_of(planned(facts), "ineligible"), "credit:2"))
    moved = replace(national(day=EARLY_2022, span="14:00-15:00"), category="professional")
    made = planned(replace(done, claims=(claims[0], moved), people=NURSE))
    assert [line.reason for line in made.lines if line.standing is None] == ["beside_judged"]


def test_a_judged_conflict_keeps_its_kind() -> None:
    made = planned(now_saying(judged("accept:national"), SPAN, SPAN))
    assert [conflict.kind for conflict in made.conflicts] == [ConflictKind.HOURS_DIFFER]


def test_what_a_reversal_took_is_put_back_leg_by_leg() -> None:
    legs = (Transfer(SOURCE, DEFICIT, 10), Transfer(SOURCE, AVAILABLE, 20), Transfer(SOURCE, SURPLUS, 30))
    for held in ((5, 0, 0), (20, 30, 0), (100, 10, 7)):
        balances = PersonBalances(available=held[0], surplus=held[1], owed=held[2])
        taken = reversal(legs, 1, balances)
        back = restored(taken, 1, balances, cap_seconds=1000)
        assert (balances.available, balances.surplus, balances.owed) == held
        assert sum(leg.seconds for leg in back) == 60


def test_what_no_longer_fits_where_it_stood_is_deposited() -> None:
    taken = (Transfer(AVAILABLE, SOURCE, 20), Transfer(DEFICIT, SOURCE, 10))
    balances = PersonBalances(available=95, owed=4)
    back = restored(taken, 1, balances, cap_seconds=100)
    assert [(leg.credit.kind.value, leg.seconds) for leg in back] == [("deficit", 4), ("available", 5), ("surplus", 21)]
    assert (balances.available, balances.surplus, balances.owed) == (100, 21, 0)
