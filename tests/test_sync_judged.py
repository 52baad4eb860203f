"""A judged figure stands until a person judges anew; of several decisions each says its part; moves name one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.actions import Hold, Leave, Post, Reverse
from domain.conflicts import ConflictKind, PairBinding
from domain.ledger import AccountKind, PersonBalances, Transfer, person_account, restored, reversal, service_account
from domain.people import PersonBinding
from domain.subjects import Subject
from sync.attribution import attributed
from tests.planning import (
    HALF_HOUR,
    HOUR,
    LATER,
    booked,
    books,
    conflict_of,
    decided,
    guangxi,
    is_quiet,
    kinds,
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
