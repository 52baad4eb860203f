"""The safety stop: what it counts, and what waits while it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.actions import Correct, Disposition, Hold, PlanLine, Post, Reverse
from domain.conflicts import ConflictKind
from domain.records import RecordKey
from sync.bounds import CHANGES_MIN, REMOVAL_SECONDS_MAX, REMOVALS_MIN
from sync.guard import Figures, Survey, beyond, held_back, stop, under_release
from tests.planning import LATER, STATION, Change, booked, gone, guangxi, only_line, planned, subject, withdrawn

HERE, THERE = ("guangxi", STATION), ("guangxi", "CZ01")
HALF_HOUR = 1800


def line_of(leave: Change = withdrawn, number: int = 1) -> PlanLine:
    """Give the plan line of something booked that its platform has left."""
    facts = booked(subject(guangxi(f"G{number}")))
    left = subject(leave(guangxi(f"G{number}")), standings=facts.standings, membership=facts.membership)
    return only_line(planned(left))


def corrected(number: int = 1) -> PlanLine:
    """Give the plan line of something booked that should be booked otherwise."""
    line = line_of(number=number)
    assert line.standing is not None
    assert line.standing.booking is not None
    return replace(line, action=Correct(replace(line.standing.booking, seconds=60)))


def survey_of(*lines: PlanLine) -> Survey:
    survey = Survey()
    for line in lines:
        survey.count(line)
    return survey


def booked_for(line: PlanLine, seconds: int) -> PlanLine:
    """Give the line as if so much were booked."""
    assert line.standing is not None
    assert line.standing.booking is not None
    booking = replace(line.standing.booking, seconds=seconds)
    return replace(line, standing=replace(line.standing, booking=booking))


@pytest.mark.parametrize("leave", [withdrawn, gone])
def test_what_is_withdrawn_and_what_a_sweep_proves_gone_count_as_removed(leave: Change) -> None:
    facts = booked(subject(guangxi()))
    line = only_line(planned(subject(leave(guangxi()), standings=facts.standings, membership=facts.membership)))
    survey = Survey()
    for _ in range(REMOVALS_MIN):
        survey.count(line)
    assert not survey.stops({HERE: Figures(100, 360000)})
    survey.count(line)
    assert survey.stops({HERE: Figures(100, 360000)}).keys() == {HERE}


def test_nothing_is_booked_beside_what_a_sweep_no_longer_shows_while_the_stop_stands() -> None:
    facts = booked(subject(guangxi()))
    anew = [guangxi("G2", day=LATER + timedelta(days=1), activity_id="b"), guangxi("G3", day=LATER + timedelta(days=3))]
    later = subject(gone(guangxi()), *anew, standings=facts.standings, membership=facts.membership)
    free = planned(later)
    kept = held_back(free, {HERE}, LATER + timedelta(days=9))
    assert [type(line.action) for line in free.lines] == [Hold, Post, Post]
    assert [(type(line.action), line.reason) for line in kept.lines] == [
        (Hold, "vanished"),
        (Hold, "guard"),
        (Post, "sufficient"),
    ]
    assert kept.dispositions[anew[0].key] is Disposition.IN_CONFLICT
    assert kept.due_on == LATER + timedelta(days=9)


def test_corrections_that_a_new_rule_set_is_for_stop_nothing_but_removals_still_do() -> None:
    facts = booked(subject(guangxi()))
    changed = only_line(planned(facts))
    booking = changed.standing.booking if changed.standing else None
    assert booking is not None
    survey = Survey()
    for _ in range(CHANGES_MIN + 1):
        survey.count(replace(changed, action=Correct(replace(booking, seconds=booking.seconds * 2))))
    assert survey.stops({HERE: Figures(100, 360000)}).keys() == {HERE}
    assert not survey.stops({HERE: Figures(100, 360000)}, are_changes_meant=True)
    for _ in range(REMOVALS_MIN + 1):
        survey.count(replace(changed, action=Reverse()))
    assert survey.stops({HERE: Figures(100, 360000)}, are_changes_meant=True).keys() == {HERE}


@pytest.mark.parametrize(
    ("count", "stands", "is_stopped"),
    [(10, 0, False), (11, 0, True), (11, 219, True), (11, 220, False), (12, 239, True)],
)
def test_removals_stop_beyond_ten_and_a_twentieth_of_what_stands(count: int, stands: int, is_stopped: bool) -> None:  # noqa: FBT001 - a case
    survey = survey_of(*[line_of()] * count)
    assert bool(survey.stops({HERE: Figures(stands, stands)})) is is_stopped
    assert survey.is_quiet is (count <= REMOVALS_MIN)


@pytest.mark.parametrize(("seconds", "is_stopped"), [(REMOVAL_SECONDS_MAX, False), (REMOVAL_SECONDS_MAX + 1, True)])
def test_one_removal_beyond_a_hundred_hours_stops_whatever_stands(seconds: int, is_stopped: bool) -> None:  # noqa: FBT001 - a case
    survey = survey_of(booked_for(line_of(), seconds))
    assert bool(survey.stops({HERE: Figures(9999, 0)})) is is_stopped
    assert survey.is_quiet is not is_stopped


@pytest.mark.parametrize(
    ("count", "stands", "is_stopped"),
    [(50, 0, False), (51, 0, True), (51, 127, True), (51, 128, False), (52, 129, True), (52, 130, False)],
)
def test_changes_stop_beyond_fifty_and_two_fifths_of_what_stands(count: int, stands: int, is_stopped: bool) -> None:  # noqa: FBT001 - a case
    survey = survey_of(*[corrected()] * count)
    assert bool(survey.stops({HERE: Figures(stands, stands)})) is is_stopped
    assert survey.is_quiet is (count <= CHANGES_MIN)


def test_a_case_tells_what_would_be_taken_what_stands_and_what_to_look_at() -> None:
    lines = [line_of(number=number) for number in range(20, 9, -1)]
    survey = survey_of(*lines, booked_for(corrected(30), 61))
    found = survey.stops({HERE: Figures(44, 100_000)})[HERE]
    assert (found.kind, found.about, found.station) == (ConflictKind.GUARD, f"guard/guangxi/{STATION}", STATION)
    assert (found.reason, found.is_blocking, found.cause) == ("removals_many", True, "guard/guangxi")
    assert found.seconds_at_stake == survey.taken_seconds(HERE) == 11 * HALF_HOUR + 61
    assert dict(found.details) == {
        "platform": "guangxi", "taken_seconds": str(11 * HALF_HOUR + 72), "count": "11",
        "removed_seconds": str(11 * HALF_HOUR), "booked": "44", "booked_seconds": "100000", "share": "25",
    }  # fmt: skip
    assert found.records == tuple(RecordKey("guangxi", f"G{number}") for number in range(10, 15))
    assert dict(survey.stops({})[HERE].details)["share"] == "100"
    assert dict(survey.stops({HERE: Figures(11, 0)})[HERE].details)["share"] == "100"
    assert dict(survey.stops({})[HERE].details)["booked_seconds"] == "0"


def test_a_case_of_changes_counts_the_changes() -> None:
    found = survey_of(line_of(), *[corrected(number) for number in range(51)]).stops({HERE: Figures(60, 9)})[HERE]
    assert (found.reason, dict(found.details)["count"], dict(found.details)["share"]) == ("changes_many", "51", "85")
    assert found.seconds_at_stake == 52 * HALF_HOUR


def test_each_platform_and_station_is_counted_apart() -> None:
    def elsewhere(line: PlanLine) -> PlanLine:
        assert line.standing is not None
        assert line.standing.booking is not None
        there = replace(line.standing.booking, station="CZ01")
        return replace(line, standing=replace(line.standing, booking=there))

    few = [elsewhere(line_of())] * REMOVALS_MIN
    assert survey_of(*[line_of()] * REMOVALS_MIN, *few).stops({}) == {}
    assert survey_of(*[line_of()] * REMOVALS_MIN, *few, *few).stops({}).keys() == {THERE}


def test_what_is_left_posted_or_held_for_another_reason_counts_for_nothing() -> None:
    left = only_line(planned(booked(subject(guangxi()))))
    posted = only_line(planned(subject(guangxi())))
    held = replace(left, action=Hold(), reason="hours_differ")
    survey = survey_of(*[left, posted, held] * 60)
    assert survey.is_quiet
    assert survey.stops({}) == {}


def test_what_vanished_and_was_told_before_does_not_count_again_unless_a_stop_stands_for_it() -> None:
    lines = [line_of(gone, number) for number in range(REMOVALS_MIN + 1)]
    told = {lines[0].conflicts[0].conflict_id}
    assert survey_of(*lines).vanished() > told
    assert survey_of(line_of()).vanished() == set()
    for standing, is_stopped in (((), False), ((THERE,), False), ((HERE,), True)):
        survey = survey_of(*lines)
        survey.leave_out(told, standing)
        assert bool(survey.stops({})) is is_stopped
    survey = survey_of(*lines, line_of(gone, 99))
    survey.leave_out(told, ())
    assert dict(survey.stops({})[HERE].details)["count"] == str(REMOVALS_MIN + 1)


@pytest.mark.parametrize(
    ("count", "hours", "is_other"), [(8, 0, False), (15, 0, False), (16, 0, True), (8, 159, False), (8, 160, True)]
)
def test_a_case_is_another_one_once_it_has_doubled(count: int, hours: int, is_other: bool) -> None:  # noqa: FBT001 - a case
    before, now = (
        stop(HERE, "removals_many", {"count": 8}, 0),
        stop(HERE, "removals_many", {"count": count}, hours * 3600),
    )
    assert before.conflict_id == now.conflict_id
    assert (before.evidence_fingerprint != now.evidence_fingerprint) is is_other
    assert stop(HERE, "suddenly_empty", {"count": 8}, 0).evidence_fingerprint != before.evidence_fingerprint


def test_a_case_beyond_its_release_is_another_one_and_says_what_was_released() -> None:
    before = stop(HERE, "removals_many", {"count": 11}, 3600)
    grown = beyond(before, 1800, 7)
    assert grown.conflict_id == before.conflict_id
    assert grown.evidence_fingerprint not in {before.evidence_fingerprint, beyond(before, 1800, 8).evidence_fingerprint}
    assert (grown.reason, dict(grown.details)["ceiling_seconds"]) == ("beyond_release", "1800")
    assert grown.evidence[0] == "removals_many"


def test_beside_what_a_platform_in_doubt_has_booked_nothing_new_is_posted() -> None:
    facts = booked(subject(guangxi()))
    near, far = (
        guangxi("G2", day=LATER - timedelta(days=1), activity_id="b"),
        guangxi("G3", day=LATER + timedelta(days=2)),
    )
    later = planned(subject(guangxi(), near, far, standings=facts.standings, membership=facts.membership))
    today = LATER + timedelta(days=9)
    kept = held_back(later, {HERE}, today, {HERE})
    reasons = {line.service.claims[0].key.external_id: (type(line.action), line.reason) for line in kept.lines}
    assert reasons["G2"] == (Hold, "guard")
    assert reasons["G3"] == (Post, "sufficient")
    assert reasons["G1"][1] != "guard"
    assert kept.due_on == today
    assert held_back(later, {HERE}, today) is later
    assert held_back(later, {THERE}, today, {THERE}) is later


@pytest.mark.parametrize(("days", "is_held"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_correction_keeps_waiting_what_is_new_beside_its_old_day_and_its_new_one(days: int, is_held: bool) -> None:  # noqa: FBT001 - a case
    for moved_by in (0, 9):
        line = corrected()
        assert isinstance(line.action, Correct)
        new_day = line.action.booking.service_date + timedelta(days=moved_by)
        line = replace(line, action=Correct(replace(line.action.booking, service_date=new_day)))
        anew = planned(subject(guangxi("G2", day=new_day + timedelta(days=days))))
        kept = held_back(replace(anew, lines=(line, *anew.lines)), {HERE}, LATER)
        assert [type(one.action) for one in kept.lines] == [Hold, Hold if is_held else Post]


def test_a_stop_elsewhere_keeps_nothing_waiting() -> None:
    plan = planned(subject(withdrawn(guangxi()), standings=booked(subject(guangxi())).standings))
    assert held_back(plan, {THERE}, LATER) is plan


def test_what_a_release_lets_through_names_it_unless_a_decision_already_speaks() -> None:
    facts = booked(subject(guangxi()))
    anew = guangxi("G2", day=LATER + timedelta(days=9))
    plan = planned(subject(withdrawn(guangxi()), anew, standings=facts.standings, membership=facts.membership))
    assert [(type(line.action), line.decision) for line in plan.lines] == [(Reverse, None), (Post, None)]
    assert [line.decision for line in under_release(plan, {HERE: 7}).lines] == [7, None]
    assert under_release(plan, {}) is plan
    assert [line.decision for line in under_release(plan, {THERE: 7}).lines] == [None, None]
    decided = replace(plan, lines=tuple(replace(line, decision=3) for line in plan.lines))
    assert [line.decision for line in under_release(decided, {HERE: 7}).lines] == [3, 3]
    held = replace(plan, lines=tuple(replace(line, action=Hold()) for line in plan.lines))
    assert [line.decision for line in under_release(held, {HERE: 7}).lines] == [None, None]
