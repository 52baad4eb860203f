"""What each decision does to the book, and how long it speaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.actions import Correct, Post, Reverse
from domain.claims import Claim
from domain.conflicts import ConflictKind
from domain.services import Booking
from domain.subjects import Subject
from tests.planning import (
    HALF_HOUR,
    HOUR,
    LATER,
    STATION,
    applied,
    booked,
    books,
    conflict_of,
    decided,
    entry,
    gone,
    guangxi,
    is_quiet,
    kinds,
    moves,
    national,
    person,
    planned,
    subject,
    withdrawn,
)  # fmt: skip

SPAN = "09:00-10:00"
LONG = "09:00-12:00"
AFTER_GRACE = LATER + timedelta(days=20)
NEXT_DAY = LATER + timedelta(days=1)
NURSE = {1: person(has_licence=True)}


def _booking(seconds: int, category: str = "emotional_support", day: date = LATER) -> Booking:
    return Booking(101, day, category, STATION, seconds)


def _actual(*claims: Claim) -> Subject:
    return subject(*(replace(said, category="professional") for said in claims), people=NURSE)


HOURS = _actual(guangxi(span=SPAN), national(span=LONG), entry(span="09:00-11:00"))
CATEGORY = subject(guangxi(span=SPAN, category="recreation"), national(span=SPAN))
DAY = subject(guangxi(), national(day=NEXT_DAY, seconds=HALF_HOUR))
ALONE = subject(national())
STATION_ALONE = subject(entry())
GONE = subject(gone(guangxi()), national())
YOUNG = subject(guangxi(), people={1: person(born_on=date(2010, 1, 1))})
LONG_DAY = subject(guangxi(span="06:00-19:00"))
UNMAPPED = subject(guangxi(category=None))
OVERLAP = subject(guangxi("G1", span=SPAN), guangxi("G2", span="09:30-10:30"))
AMBIGUOUS = subject(guangxi("G1"), national("N1", span="09:00-09:30"), national("N2", span="14:00-14:45"))
UNKNOWN = subject(guangxi(), people={})
OTHER_NAME = subject(guangxi(name_token="name-2"))  # noqa: S106 - the token of a name opens nothing


@pytest.mark.parametrize(
    ("facts", "kind", "spoken", "stands"),
    [
        pytest.param(
            HOURS, "hours_differ", "accept:guangxi", [_booking(HOUR, "professional")], id="hours-accept-guangxi"
        ),
        pytest.param(
            HOURS, "hours_differ", "accept:national", [_booking(3 * HOUR, "professional")], id="hours-accept-national"
        ),
        pytest.param(
            HOURS, "hours_differ", "accept:station", [_booking(2 * HOUR, "professional")], id="hours-accept-entry"
        ),
        pytest.param(HOURS, "hours_differ", "credit:1.25", [_booking(4500, "professional")], id="hours-credit"),
        pytest.param(HOURS, "hours_differ", "void", [], id="hours-void"),
        pytest.param(
            CATEGORY, "category_differs", "accept:guangxi", [_booking(HOUR, "recreation")], id="category-accept-guangxi"
        ),
        pytest.param(
            CATEGORY, "category_differs", "accept:national", [_booking(HALF_HOUR)], id="category-accept-national"
        ),
        pytest.param(CATEGORY, "category_differs", "credit:0.75", [_booking(2700, "recreation")], id="category-credit"),
        pytest.param(CATEGORY, "category_differs", "void", [], id="category-void"),
        pytest.param(DAY, "date_differs", "accept:guangxi", [_booking(HALF_HOUR)], id="date-accept-guangxi"),
        pytest.param(
            DAY, "date_differs", "accept:national", [_booking(HALF_HOUR, day=NEXT_DAY)], id="date-accept-national"
        ),
        pytest.param(DAY, "date_differs", "credit:1", [_booking(HOUR)], id="date-credit"),
        pytest.param(DAY, "date_differs", "void", [], id="date-void"),
        pytest.param(ALONE, "uncorroborated", "accept:national", [_booking(HALF_HOUR)], id="alone-accept"),
        pytest.param(ALONE, "uncorroborated", "credit:1", [_booking(HOUR)], id="alone-credit"),
        pytest.param(ALONE, "uncorroborated", "void", [], id="alone-void"),
        pytest.param(STATION_ALONE, "missing_on_platform", "accept:station", [_booking(HALF_HOUR)], id="entry-accept"),
        pytest.param(STATION_ALONE, "missing_on_platform", "credit:1", [_booking(HOUR)], id="entry-credit"),
        pytest.param(STATION_ALONE, "missing_on_platform", "void", [], id="entry-void"),
        pytest.param(GONE, "vanished", "accept:national", [_booking(HALF_HOUR)], id="gone-accept-the-other"),
        pytest.param(GONE, "vanished", "accept:guangxi", [_booking(HALF_HOUR)], id="gone-accept-what-it-said"),
        pytest.param(GONE, "vanished", "credit:1", [_booking(HOUR)], id="gone-credit"),
        pytest.param(GONE, "vanished", "void", [], id="gone-void"),
        pytest.param(subject(gone(guangxi())), "vanished", "credit:1", [_booking(HOUR)], id="gone-alone-credit"),
        pytest.param(YOUNG, "ineligible", "credit:0.5", [_booking(HALF_HOUR)], id="young-credit"),
        pytest.param(YOUNG, "ineligible", "void", [], id="young-void"),
        pytest.param(LONG_DAY, "implausible", "credit:13", [_booking(13 * HOUR)], id="long-day-credit"),
        pytest.param(LONG_DAY, "implausible", "void", [], id="long-day-void"),
        pytest.param(UNMAPPED, "unmapped", "void", [], id="unmapped-void"),
        pytest.param(OVERLAP, "overlap", "credit:1.5", [_booking(5400)], id="overlap-credit-is-given-once"),
        pytest.param(OVERLAP, "overlap", "void", [], id="overlap-void"),
        pytest.param(
            AMBIGUOUS, "ambiguous_match", "accept:guangxi", [_booking(HALF_HOUR)], id="ambiguous-accept-guangxi"
        ),
        pytest.param(
            AMBIGUOUS, "ambiguous_match", "accept:national", [_booking(HALF_HOUR)] * 2, id="ambiguous-accept-national"
        ),
        pytest.param(AMBIGUOUS, "ambiguous_match", "credit:1", [_booking(HOUR)], id="ambiguous-credit-is-given-once"),
        pytest.param(AMBIGUOUS, "ambiguous_match", "void", [], id="ambiguous-void"),
        pytest.param(UNKNOWN, "unknown_person", "void", [], id="unknown-void"),
        pytest.param(OTHER_NAME, "person_differs", "void", [], id="person-void"),
        *(
            pytest.param(facts, kind, spoken, [], id=f"{kind}-{spoken}")
            for spoken in ("return", "ignore")
            for facts, kind in (
                (HOURS, "hours_differ"),
                (CATEGORY, "category_differs"),
                (DAY, "date_differs"),
                (ALONE, "uncorroborated"),
                (STATION_ALONE, "missing_on_platform"),
                (GONE, "vanished"),
                (YOUNG, "ineligible"),
                (LONG_DAY, "implausible"),
                (UNMAPPED, "unmapped"),
                (OVERLAP, "overlap"),
                (AMBIGUOUS, "ambiguous_match"),
                (UNKNOWN, "unknown_person"),
                (OTHER_NAME, "person_differs"),
            )
        ),
    ],
)
def test_a_decision_books_what_it_says_and_then_rests(
    facts: Subject, kind: str, spoken: str, stands: list[Booking]
) -> None:
    after = decided(facts, conflict_of(planned(facts, today=AFTER_GRACE), kind), spoken)
    done = booked(after, today=AFTER_GRACE)
    assert books(done) == stands
    assert is_quiet(planned(done, today=AFTER_GRACE))
    assert kind in kinds(planned(done, today=AFTER_GRACE))


@pytest.mark.parametrize(
    ("first", "facts", "kind"),
    [
        pytest.param(HOURS.claims[:1], HOURS, "hours_differ", id="hours"),
        pytest.param(CATEGORY.claims[:1], CATEGORY, "category_differs", id="category"),
        pytest.param(DAY.claims[:1], DAY, "date_differs", id="date"),
        pytest.param((guangxi(),), GONE, "vanished", id="vanished"),
        pytest.param(OVERLAP.claims[:1], OVERLAP, "overlap", id="overlap"),
        pytest.param((guangxi(),), UNMAPPED, "unmapped", id="unmapped"),
        pytest.param((guangxi(),), OTHER_NAME, "person_differs", id="person"),
    ],
)
@pytest.mark.parametrize("spoken", ["void", "ignore", "return"])
def test_void_reverses_what_is_booked_and_ignore_and_return_leave_it(
    first: tuple[Claim, ...], facts: Subject, kind: str, spoken: str
) -> None:
    before = booked(replace(facts, claims=first))
    assert len(books(before)) == 1
    after = replace(before, claims=facts.claims)
    after = decided(after, conflict_of(planned(after), kind), spoken)
    assert books(booked(after)) == ([] if spoken == "void" else books(before))


@pytest.mark.parametrize(
    ("facts", "kind", "changed"),
    [
        pytest.param(HOURS, "hours_differ", {"reported_seconds": 2 * HOUR}, id="hours"),
        pytest.param(CATEGORY, "category_differs", {"category": "training"}, id="category"),
        pytest.param(DAY, "date_differs", {"service_date": NEXT_DAY + timedelta(days=1)}, id="date"),
    ],
)
def test_changed_evidence_holds_again_and_the_decided_amount_stays(
    facts: Subject, kind: str, changed: dict[str, Any]
) -> None:
    conflict = conflict_of(planned(facts), kind)
    done = booked(decided(facts, conflict, "credit:2"))
    stands = books(done)
    assert [said.seconds for said in stands] == [2 * HOUR]
    moved = (replace(facts.claims[0], **changed), *facts.claims[1:])
    again = replace(done, claims=moved)
    made = planned(again)
    assert conflict_of(made, kind).about == conflict.about
    assert conflict_of(made, kind).evidence_fingerprint != conflict.evidence_fingerprint
    assert is_quiet(made)
    assert books(applied(again, made)) == stands


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        pytest.param(HOURS, "hours_differ", id="hours"),
        pytest.param(CATEGORY, "category_differs", id="category"),
        pytest.param(DAY, "date_differs", id="date"),
        pytest.param(ALONE, "uncorroborated", id="alone"),
        pytest.param(STATION_ALONE, "missing_on_platform", id="entry"),
        pytest.param(GONE, "vanished", id="gone"),
        pytest.param(YOUNG, "ineligible", id="young"),
        pytest.param(LONG_DAY, "implausible", id="long-day"),
        pytest.param(UNMAPPED, "unmapped", id="unmapped"),
        pytest.param(OVERLAP, "overlap", id="overlap"),
        pytest.param(AMBIGUOUS, "ambiguous_match", id="ambiguous"),
        pytest.param(UNKNOWN, "unknown_person", id="unknown"),
        pytest.param(OTHER_NAME, "person_differs", id="person"),
    ],
)
def test_a_rule_version_or_an_update_is_no_new_evidence(facts: Subject, kind: str) -> None:
    before = conflict_of(planned(facts, today=AFTER_GRACE), kind)
    told = tuple(
        replace(said, revision=9, rules_version="another", rule="another", is_flagged=True) for said in facts.claims
    )
    after = conflict_of(planned(replace(facts, claims=told), today=AFTER_GRACE), kind)
    assert (after.conflict_id, after.evidence_fingerprint) == (before.conflict_id, before.evidence_fingerprint)


def test_every_conflict_that_holds_a_service_needs_its_decision() -> None:
    facts = subject(
        guangxi(span=SPAN, category="recreation", is_special=True), national(span=LONG, category="professional"),
        people={1: person(born_on=date(2010, 1, 1))},
    )  # fmt: skip
    made = planned(facts)
    assert kinds(made, is_blocking=True) == ["hours_differ", "ineligible"]
    one = decided(facts, conflict_of(made, "hours_differ"), "accept:guangxi")
    assert books(booked(one)) == []
    both = decided(one, conflict_of(made, "ineligible"), "credit:1", number=2)
    assert [said.seconds for said in books(booked(both))] == [HOUR]
    voided = decided(one, conflict_of(made, "ineligible"), "void", number=2)
    assert books(booked(voided)) == []


def test_undoing_a_decision_holds_again_and_the_book_waits_for_the_undo_booking() -> None:
    conflict = conflict_of(planned(HOURS), "hours_differ")
    done = booked(decided(HOURS, conflict, "credit:2"))
    assert is_quiet(planned(replace(done, decisions=())))


def test_what_the_decider_withdrew_can_still_be_accepted_by_a_person() -> None:
    facts = subject(withdrawn(guangxi(span=SPAN)), national(span=SPAN))
    conflict = conflict_of(planned(facts), "uncorroborated")
    assert not conflict.is_blocking
    done = booked(decided(facts, conflict, "accept:national"))
    assert books(done) == [_booking(HALF_HOUR)]
    assert is_quiet(planned(done))


@pytest.mark.parametrize(
    ("spoken", "category"),
    [("accept:national", "assistance"), ("accept:guangxi", "escort"), ("ignore", "escort"), ("return", "escort")],
)
def test_a_note_on_the_category_can_be_decided_too(spoken: str, category: str) -> None:
    facts = subject(guangxi(span=SPAN, category="escort"), national(span=SPAN, category="assistance"))
    done = booked(decided(facts, conflict_of(planned(facts), "category_differs"), spoken))
    assert books(done) == [_booking(HALF_HOUR, category)]
    assert is_quiet(planned(done))


def test_what_a_platform_has_withdrawn_is_no_word_that_could_be_accepted() -> None:
    facts = subject(withdrawn(guangxi()), national(span=SPAN))
    note = conflict_of(planned(facts), "uncorroborated")
    assert books(booked(decided(facts, note, "accept:guangxi"))) == []
    facts = subject(gone(guangxi()), withdrawn(national()))
    lost = conflict_of(planned(facts), "vanished")
    assert books(booked(decided(facts, lost, "accept:national"))) == []


def test_a_decision_on_a_note_never_books_what_nobody_corroborates() -> None:
    facts = subject(national(span=SPAN, category="escort"), entry(span=SPAN, category="assistance"))
    done = booked(decided(facts, conflict_of(planned(facts), "category_differs"), "accept:national"))
    assert books(done) == []


def test_a_decision_outlives_the_rule_that_made_its_conflict_hold() -> None:
    facts = subject(guangxi(span=SPAN, is_special=True), national(span=LONG))
    done = booked(decided(facts, conflict_of(planned(facts), "hours_differ"), "credit:2"))
    plain = replace(done, claims=(replace(facts.claims[0], is_special=False), facts.claims[1]))
    assert kinds(planned(plain), is_blocking=False) == ["hours_differ"]
    assert is_quiet(planned(plain))


def test_a_decided_day_speaks_for_all_its_services_together() -> None:
    morning, evening = guangxi("G1", span="06:00-13:00"), guangxi("G2", span="14:00-20:00")
    facts = replace(booked(subject(evening)), claims=(morning, evening))
    after = decided(facts, conflict_of(planned(facts), "implausible"), "credit:1")
    done = booked(after)
    assert sum(said.seconds for said in books(done)) == HOUR
    assert is_quiet(planned(done))


def test_credit_on_a_project_without_a_category_takes_another_members() -> None:
    facts = subject(guangxi(span=SPAN, category=None), national(span=SPAN, category="escort"))
    done = booked(decided(facts, conflict_of(planned(facts), "unmapped"), "credit:1"))
    assert books(done) == [_booking(HOUR, "escort")]


def test_credit_on_a_project_that_nobody_categorises_is_booked_as_unmapped() -> None:
    done = booked(decided(UNMAPPED, conflict_of(planned(UNMAPPED), "unmapped"), "credit:1"))
    assert books(done) == [_booking(HOUR, "unmapped")]
    assert is_quiet(planned(done))


def test_an_approval_of_a_safety_stop_changes_no_service() -> None:
    facts = subject(guangxi())
    conflict = conflict_of(planned(subject(guangxi(category=None))), "unmapped")
    guard = replace(conflict, kind=ConflictKind.GUARD, about="platform/guangxi")
    assert isinstance(moves(planned(decided(facts, guard, "approve:100")))[0].action, Post)


def test_the_actions_of_a_decision_are_the_smallest_that_do() -> None:
    facts = replace(booked(replace(HOURS, claims=HOURS.claims[:1])), claims=HOURS.claims)
    conflict = conflict_of(planned(facts), "hours_differ")
    assert isinstance(moves(planned(decided(facts, conflict, "credit:2")))[0].action, Correct)
    assert isinstance(moves(planned(decided(facts, conflict, "void")))[0].action, Reverse)
    assert is_quiet(planned(decided(facts, conflict, "accept:guangxi")))


def _with(facts: Subject, *spoken: tuple[str, str]) -> Subject:
    """Give the subject after one decision after another, each on the conflict of its kind."""
    made = planned(facts)
    for number, (kind, word) in enumerate(spoken, start=1):
        facts = decided(facts, conflict_of(made, kind), word, number)
    return facts


def test_a_decision_each_on_hours_day_and_category_settles_what_it_is_about() -> None:
    mine = guangxi(span=SPAN, category="professional")
    theirs = national(day=NEXT_DAY, span=LONG, category="escort", station="CZ01", carried_from=mine.key)
    facts = _with(
        subject(mine, theirs, people=NURSE),
        ("hours_differ", "accept:national"),
        ("date_differs", "accept:national"),
        ("category_differs", "accept:guangxi"),
    )
    assert books(booked(facts)) == [_booking(HALF_HOUR, "professional", NEXT_DAY)]


def test_a_decision_on_the_category_moves_no_station() -> None:
    facts = subject(
        guangxi(span=SPAN, category="professional"),
        national(span=LONG, category="escort", station="CZ01"),
        people=NURSE,
    )
    after = _with(facts, ("category_differs", "accept:national"), ("hours_differ", "accept:guangxi"))
    assert books(booked(after)) == [_booking(HOUR, "escort")]


def test_one_visit_that_two_days_are_told_of_is_booked_once_somebody_says_it_is_one() -> None:
    after = _with(DAY, ("date_differs", "same"))
    assert books(booked(after)) == [_booking(HALF_HOUR)]
    moved = replace(after, claims=(DAY.claims[0], national(day=LATER - timedelta(days=1), seconds=HALF_HOUR)))
    assert books(booked(moved)) == []


def test_a_judged_figure_stands_on_the_same_facts_and_is_asked_about_again_on_others() -> None:
    hours = booked(decided(HOURS, conflict_of(planned(HOURS), "hours_differ"), "credit:2"))
    changed = planned(replace(hours, claims=HOURS.claims[:1]))
    assert is_quiet(changed)
    assert conflict_of(changed, "hours_differ").reason == "judged_before"

    project = booked(decided(UNMAPPED, conflict_of(planned(UNMAPPED), "unmapped"), "credit:2", number=7))
    (line,) = planned(replace(project, claims=(replace(UNMAPPED.claims[0], category="escort"),))).lines
    assert (line.reason, line.decision) == ("decided", 7)
