"""What must hold of any plan: a second night does nothing, and no hour is credited twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.actions import Correct, Disposition, Hold, Leave, Post, Wait
from domain.claims import Claim
from domain.conflicts import ConflictKind
from domain.decisions import is_possible
from domain.records import RecordState
from domain.subjects import Subject
from tests.drawing import subjects
from tests.planning import LATER, applied, booked, books, decided, is_quiet, planned

TODAY = LATER + timedelta(days=4)
AFTER_GRACE = LATER + timedelta(days=40)
SPOKEN = {"accept": "accept:guangxi", "credit": "credit:1.25", "void": "void", "ignore": "ignore", "return": "return"}


@given(subjects())
def test_a_second_night_over_the_same_facts_does_nothing(facts: Subject) -> None:
    for today in (TODAY, AFTER_GRACE):
        after = booked(facts, today)
        made = planned(after, today)
        assert {type(line.action) for line in made.lines} <= {Leave, Wait, Hold}
        assert applied(after, made).standings == after.standings
        assert applied(after, made).membership == after.membership


@given(subjects())
def test_a_second_night_tells_the_same_conflicts(facts: Subject) -> None:
    first = planned(facts, TODAY)
    again = planned(applied(facts, first), TODAY)
    held = {c.conflict_id: c.evidence_fingerprint for c in first.conflicts if c.kind is not ConflictKind.IMPLAUSIBLE}
    told = {c.conflict_id: c.evidence_fingerprint for c in again.conflicts if c.kind is not ConflictKind.IMPLAUSIBLE}
    assert held == told


@given(subjects())
def test_a_hold_or_a_wait_never_moves_the_book(facts: Subject) -> None:
    made = planned(facts, AFTER_GRACE)
    after = applied(facts, made)
    held = {line.service.service_id for line in made.lines if isinstance(line.action, Hold | Wait)}
    assert not held & {said.service_id for said in after.standings}


@given(subjects(), st.data())
def test_after_any_change_one_night_is_enough(facts: Subject, data: st.DataObject) -> None:
    before = booked(facts, TODAY)
    changed = replace(before, claims=tuple(_changed(said, data) for said in before.claims))
    assert is_quiet(planned(booked(changed, TODAY), TODAY))


def _changed(said: Claim, data: st.DataObject) -> Claim:
    ways: list[dict[str, Any]] = [
        {}, {},
        {"state": RecordState.WITHDRAWN},
        {"state": RecordState.EFFECTIVE, "is_gone": False},
        {"is_gone": True},
        {"reported_seconds": said.reported_seconds + 1800},
        {"category": "assistance"},
        {"service_date": said.service_date + timedelta(days=1)},
    ]  # fmt: skip
    return replace(said, **data.draw(st.sampled_from(ways)))


@given(subjects(), st.data())
def test_after_any_decision_one_night_is_enough(facts: Subject, data: st.DataObject) -> None:
    before = booked(facts, AFTER_GRACE)
    for number, conflict in enumerate(planned(before, AFTER_GRACE).conflicts, start=1):
        possible = [
            said
            for code, said in SPOKEN.items()
            if is_possible(code, conflict.kind, is_blocking=conflict.is_blocking)  # type: ignore[arg-type]
        ]
        before = decided(before, conflict, data.draw(st.sampled_from(possible)), number)
    assert is_quiet(planned(booked(before, AFTER_GRACE), AFTER_GRACE))


@given(subjects())
def test_withdrawing_everything_empties_the_book(facts: Subject) -> None:
    before = booked(facts, TODAY)
    nothing = tuple(replace(said, state=RecordState.WITHDRAWN) for said in before.claims)
    assert books(booked(replace(before, claims=nothing), TODAY)) == []


@given(subjects())
def test_withdrawing_everything_and_saying_it_again_gives_the_same_book(facts: Subject) -> None:
    before = booked(facts, TODAY)
    nothing = tuple(replace(said, state=RecordState.WITHDRAWN) for said in before.claims)
    emptied = booked(replace(before, claims=nothing), TODAY)
    again = booked(replace(emptied, claims=before.claims), TODAY)
    long_days = [c for c in planned(facts, TODAY).conflicts if c.kind is ConflictKind.IMPLAUSIBLE]
    assert books(again) == books(before) or long_days


@given(subjects())
def test_the_dispositions_agree_with_the_actions(facts: Subject) -> None:
    made = planned(facts, TODAY)
    for line in made.lines:
        told = {made.dispositions[said.key] for said in line.service.claims}
        if isinstance(line.action, Post | Correct):
            assert Disposition.BOOKED in told
        assert (Disposition.IN_CONFLICT in told) <= isinstance(line.action, Hold)
        assert (Disposition.WAITING in told) <= isinstance(line.action, Wait)


@given(subjects())
def test_a_hold_always_says_what_a_person_must_judge(facts: Subject) -> None:
    for line in planned(facts, AFTER_GRACE).lines:
        if isinstance(line.action, Hold):
            assert any(conflict.is_blocking for conflict in line.conflicts)
