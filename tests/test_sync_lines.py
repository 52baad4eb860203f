"""Each plan line says what is to be done, which row of the table spoke, by whose word and by which decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.actions import Action, Correct, Disposition, Hold, Leave, Post, Reverse, Wait
from domain.records import RecordKey
from domain.services import Booking, Service
from domain.subjects import Subject
from tests.planning import (
    EARLY_2022,
    HALF_HOUR,
    HOUR,
    IN_2021,
    LATER,
    STATION,
    booked,
    conflict_of,
    decided,
    entry,
    gone,
    guangxi,
    national,
    only_line,
    pending,
    person,
    planned,
    subject,
    withdrawn,
)  # fmt: skip

SPAN = "09:00-10:00"
G1, N1, E1 = RecordKey("guangxi", "G1"), RecordKey("national", "N1"), RecordKey("station", "E1", STATION)
BOTH = subject(guangxi(span=SPAN), national(span=SPAN))
BOOKED = Booking(101, LATER, "emotional_support", STATION, HALF_HOUR)
DISPUTED = subject(guangxi(span=SPAN, category="recreation"), national(span=SPAN))


def spoken(facts: Subject, kind: str, *words: str) -> Subject:
    """Give the subject after one decision after another on a conflict."""
    for number, word in enumerate(words, start=7):
        facts = decided(facts, conflict_of(planned(facts), kind), word, number)
    return facts


@pytest.mark.parametrize(
    ("facts", "action", "reason", "deciding", "decision"),
    [
        (BOTH, Post(BOOKED), "sufficient", G1, None),
        (booked(BOTH), Leave(), "sufficient", G1, None),
        (replace(booked(BOTH), claims=(guangxi(span=SPAN, category="recreation"),)),
         Correct(replace(BOOKED, category="recreation", seconds=HOUR)), "sufficient", G1, None),
        (replace(booked(BOTH), claims=(withdrawn(guangxi(span=SPAN)), withdrawn(national(span=SPAN)))),
         Reverse(), "withdrawn", G1, None),
        (subject(withdrawn(guangxi(span=SPAN)), withdrawn(national(span=SPAN))), Leave(), "withdrawn", None, None),
        (replace(booked(BOTH), claims=(withdrawn(guangxi(span=SPAN)), national(span=SPAN))),
         Reverse(), "withdrawn", N1, None),
        (subject(withdrawn(guangxi(span=SPAN)), pending(national(span=SPAN))), Leave(), "withdrawn", None, None),
        (subject(gone(guangxi(span=SPAN)), national(span=SPAN)), Hold(), "vanished", N1, None),
        (subject(guangxi(category=None)), Hold(), "unmapped", G1, None),
        (subject(national(span=SPAN)), Wait(LATER + timedelta(days=15)), "within_grace", N1, None),
        (subject(pending(guangxi())), Wait(LATER + timedelta(days=15)), "within_grace", None, None),
        (subject(national(is_type_unknown=True)), Hold(), "uncorroborated", N1, None),
        (DISPUTED, Hold(), "category_differs", G1, None),
        (spoken(DISPUTED, "category_differs", "accept:national"), Post(BOOKED), "decided", G1, 7),
        (spoken(DISPUTED, "category_differs", "void"), Leave(), "decided", G1, 7),
        (spoken(DISPUTED, "category_differs", "ignore"), Hold(), "decided", G1, 7),
        (spoken(DISPUTED, "category_differs", "return"), Hold(), "category_differs", G1, None),
    ],
)  # fmt: skip
def test_a_line_says_who_spoke(
    facts: Subject, action: Action, reason: str, deciding: RecordKey | None, decision: int | None
) -> None:
    line = only_line(planned(facts, LATER + timedelta(days=1)))

    assert (line.action, line.reason, line.deciding, line.decision) == (action, reason, deciding, decision)


@pytest.mark.parametrize(
    ("day", "deciding"), [(IN_2021, N1), (EARLY_2022, G1), (LATER, G1)], ids=["2021", "early 2022", "later"]
)
def test_the_platform_that_the_rules_name_decides(day: date, deciding: RecordKey) -> None:
    said = [replace(one, service_date=day) for one in (guangxi(), national(), entry())]

    assert only_line(planned(subject(*said))).deciding == deciding


def test_where_neither_decides_one_that_suffices_does_and_the_stations_own_word_comes_last() -> None:
    assert only_line(planned(subject(entry(day=EARLY_2022), national(day=EARLY_2022)))).deciding == N1
    assert only_line(planned(subject(entry(), national()))).deciding == N1
    assert only_line(planned(subject(entry(day=IN_2021), guangxi(day=IN_2021)))).deciding == G1
    assert only_line(planned(subject(entry()))).deciding == E1


def test_the_decision_that_books_least_speaks_where_several_were_made() -> None:
    facts = subject(guangxi(span="06:00-19:00", category="recreation"), national(span="06:00-19:00"))
    day = spoken(facts, "implausible", "void")
    both = decided(day, conflict_of(planned(day), "category_differs"), "credit:2", number=9)
    line = only_line(planned(both))
    assert (line.action, line.decision, len(line.conflicts)) == (Leave(), 7, 2)

    stays = decided(day, conflict_of(planned(day), "category_differs"), "ignore", number=9)
    assert (only_line(planned(stays)).action, only_line(planned(stays)).decision) == (Hold(), 9)

    first = spoken(facts, "implausible", "credit:1")
    later = decided(first, conflict_of(planned(first), "category_differs"), "credit:2", number=9)
    assert only_line(planned(later)).decision == 9
    assert only_line(planned(later)).action == Post(replace(BOOKED, category="recreation", seconds=2 * HOUR))


def test_of_several_decisions_each_says_what_its_kind_is_about() -> None:
    facts = subject(guangxi(span=SPAN, category="escort"), national(span="09:00-12:00", category="assistance"))
    first = spoken(facts, "category_differs", "accept:guangxi")
    line = only_line(planned(decided(first, conflict_of(planned(first), "hours_differ"), "accept:national", number=8)))

    assert (line.action, line.reason, line.decision) == (Post(replace(BOOKED, category="escort")), "decided", 8)
    assert [conflict.kind.value for conflict in line.conflicts] == ["category_differs", "hours_differ"]


def test_what_was_decided_is_still_told() -> None:
    facts = subject(withdrawn(guangxi(span=SPAN)), national(span=SPAN))
    line = only_line(planned(spoken(facts, "uncorroborated", "accept:national")))

    assert (line.action, line.reason, line.deciding, line.decision) == (Post(BOOKED), "decided", N1, 7)
    assert [conflict.reason for conflict in line.conflicts] == ["withdrawn_elsewhere"]


def test_a_booking_that_no_claim_speaks_for_any_more_is_left_behind() -> None:
    facts = booked(subject(guangxi()))
    made = planned(replace(facts, claims=()), LATER)

    assert [(one.action, one.reason, one.deciding, one.service) for one in made.lines] == [
        (Reverse(), "left_behind", G1, Service(facts.standings[0].service_id, ()))
    ]


@pytest.mark.parametrize(
    ("facts", "disposition"),
    [
        (subject(withdrawn(guangxi())), Disposition.WITHDRAWN),
        (subject(pending(guangxi())), Disposition.PENDING),
        (subject(guangxi(category=None)), Disposition.IN_CONFLICT),
        (subject(national()), Disposition.WAITING),
        (subject(guangxi()), Disposition.BOOKED),
        (booked(subject(guangxi())), Disposition.BOOKED),
        (subject(replace(guangxi(), out_of_scope="honour")), Disposition.OUT_OF_SCOPE),
        (subject(guangxi(), people={1: person(opening_through=LATER)}), Disposition.COVERED_BY_OPENING),
        (spoken(subject(guangxi(category=None)), "unmapped", "void"), Disposition.OUT_OF_SCOPE),
        (subject(withdrawn(gone(guangxi()))), Disposition.WITHDRAWN),
        (subject(withdrawn(guangxi()), national()), Disposition.WITHDRAWN),
    ],
)
def test_every_record_is_in_one_place(facts: Subject, disposition: Disposition) -> None:
    made = planned(facts, LATER + timedelta(days=1))

    assert set(made.dispositions.values()) == {disposition}


def test_lines_stand_in_the_order_of_their_days() -> None:
    late, early = guangxi("A", day=LATER + timedelta(days=3)), guangxi("B")
    made = planned(subject(late, early))

    assert [line.service.claims[0].key.external_id for line in made.lines] == ["B", "A"]
    moved = replace(booked(subject(late, early)), claims=(late, replace(early, service_date=LATER + timedelta(days=6))))
    assert [line.service.claims[0].key.external_id for line in planned(moved).lines] == ["A", "B"]
    left = replace(booked(subject(guangxi("C", day=LATER + timedelta(days=1)))), claims=(late, early))
    days = [line.service.claims[0].key.external_id if line.service.claims else "C" for line in planned(left).lines]
    assert days == ["B", "C", "A"]


def test_a_plan_is_of_its_subject_and_its_revision() -> None:
    made = planned(replace(subject(guangxi()), number=4, revision=9, stands_for=(4, 5)))

    assert (made.subject, made.revision, made.stands_for) == (4, 9, (4, 5))


def test_the_next_day_to_look_again_is_the_earliest() -> None:
    soon, late = national("N1"), national("N2", day=LATER + timedelta(days=4))
    ahead = guangxi("G9", day=LATER + timedelta(days=12))

    assert planned(subject(soon, late), LATER + timedelta(days=5)).due_on == LATER + timedelta(days=15)
    assert planned(subject(soon, late, ahead), LATER + timedelta(days=5)).due_on == LATER + timedelta(days=12)
    assert planned(subject(guangxi())).due_on is None
    assert planned(subject(guangxi(), owed={101: 60}), LATER).due_on == LATER
    assert planned(booked(subject(guangxi(), owed={101: 60})), LATER).due_on is None
