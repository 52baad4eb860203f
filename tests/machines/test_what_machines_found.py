"""What the planner's machine once found, as plain stories: each of them once wanted another night."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.conflicts import PairBinding
from domain.subjects import Subject
from local_store.judgements import Judgements
from tests.planning import (
    EARLY_2022,
    LATER,
    booked,
    books,
    conflict_of,
    decided,
    gone,
    guangxi,
    is_quiet,
    national,
    pending,
    planned,
    subject,
)

SPAN = "09:00-10:00"


def says_the_same_again(facts: Subject) -> bool:
    """Say whether a night and the one after it tell the same of every record."""
    first = planned(facts)
    again = planned(booked(facts))
    return is_quiet(again) and again.dispositions == first.dispositions and again.conflicts == first.conflicts


def test_what_was_voided_is_not_booked_again_because_the_record_was_pending_when_it_went() -> None:
    said = guangxi(day=EARLY_2022, span=SPAN), national(day=EARLY_2022, span=SPAN)
    before = booked(subject(*said))
    held = replace(before, claims=(gone(pending(said[0])), said[1]))
    voided = booked(decided(held, conflict_of(planned(held), "vanished"), "void"))
    assert books(voided) == []
    assert says_the_same_again(voided)


def test_a_pending_record_that_went_holds_the_first_night_as_it_holds_the_second() -> None:
    said = guangxi(day=EARLY_2022, span=SPAN), national(day=EARLY_2022, span=SPAN)
    assert says_the_same_again(subject(gone(pending(said[0])), said[1]))


def test_a_voided_visit_does_not_become_another_visits_missing_record() -> None:
    said = guangxi("G1", span=SPAN), national("N2", span=SPAN)
    again = guangxi("G7", seconds=3600)
    before = booked(replace(booked(subject(*said)), claims=(*said, again)))
    assert len(books(before)) == 2
    held = replace(before, claims=(*said, gone(again)))
    voided = decided(held, conflict_of(planned(held), "vanished"), "void")
    assert says_the_same_again(voided)


def test_a_record_that_went_joins_a_visit_at_once_or_not_at_all() -> None:
    """It was taken for a visit of the next day, whose booking rests on another record."""
    moved = guangxi("G1", day=LATER + timedelta(days=1), span=SPAN)
    here = guangxi("G8", span=SPAN), national("N2", span=SPAN)
    there = national("N9", seconds=3600)
    apart = booked(booked(subject(moved, *here)))
    facts = replace(apart, claims=(moved, *here, gone(there)))
    taken = dict(apart.membership) | {there.key: apart.membership[moved.key]}
    assert says_the_same_again(replace(facts, membership=taken))


def test_a_voided_visit_keeps_its_name_where_another_of_its_records_was_once_a_visit_too() -> None:
    said = guangxi("G5", span="14:00-14:30", category="escort"), national("N6", span="14:00-14:30", category="escort")
    other = guangxi("G7", category="recreation")
    before = booked(replace(booked(subject(*said)), claims=(*said, other)))
    held = booked(replace(before, claims=(gone(said[0]), said[1], other)))
    voided = decided(held, conflict_of(planned(held), "category_differs"), "void")
    assert books(booked(voided)) == []
    assert says_the_same_again(voided)


def test_records_that_were_parted_joined_and_parted_again_are_parted() -> None:
    first, second = guangxi().key, national().key
    parted, joined = (PairBinding(first, second, is_same=is_same) for is_same in (False, True))
    both_know = [Judgements(pairs=(parted, joined, parted))] * 2
    assert Judgements.joined(both_know).pairs == (joined, parted)
