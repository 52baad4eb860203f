"""What must hold of every plan, whatever the facts: said from the promises, not from the planner's code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import product

from domain.actions import Disposition, Hold, Leave, Plan, PlanLine, Post, Reverse, Wait
from domain.claims import Claim
from domain.conflicts import Conflict, Decision
from domain.records import RecordState
from domain.services import Booking
from domain.subjects import CoveredThrough, Subject
from sync.plan import plan
from tests.planning import RULES

SPEAKING = {"void", "ignore"}


def planned(subject: Subject, coverage: CoveredThrough, today: date) -> Plan:
    """Plan, and again with everything in another order: what came first must not matter."""
    made = plan(subject, RULES, coverage, today)
    turned = Subject(
        **{name: getattr(subject, name) for name in Subject.__slots__}
        | {
            "claims": subject.claims[::-1],
            "people": dict(reversed(subject.people.items())),
            "standings": subject.standings[::-1],
            "membership": dict(reversed(subject.membership.items())),
        }
    )
    again = plan(turned, RULES, coverage, today)
    assert again.lines == made.lines
    assert again.dispositions == made.dispositions
    assert told(again) == told(made)
    assert again.due_on == made.due_on
    return made


def told(made: Plan) -> dict[str, str]:
    """Give the conflicts of a plan with the fingerprint of their evidence."""
    return {conflict.conflict_id: conflict.evidence_fingerprint for conflict in made.conflicts}


def is_quiet(made: Plan) -> bool:
    """Say whether a plan moves nothing."""
    return all(isinstance(line.action, Leave | Wait | Hold) for line in made.lines)


def keep(made: Plan, subject: Subject, coverage: CoveredThrough, today: date) -> None:
    """Hold one plan against the promises."""
    _each_claim_has_one_place(made, subject)
    for line in made.lines:
        _one_word_for_each_platform(line)
        _places_fit_the_action(line, made)
        _action_fits_the_book(line)
        _a_hold_says_why(line, subject)
    _conflicts_are_told_once(made, subject)
    _nobody_is_in_two_places(made, subject)
    _due_in_time(made, coverage, today)


def _each_claim_has_one_place(made: Plan, subject: Subject) -> None:
    """P1: every record is in exactly one place, in one service at most; nothing is made up."""
    claims = {claim.key: claim for claim in subject.claims}
    assert made.dispositions.keys() == claims.keys()
    inside = Counter(claim.key for line in made.lines for claim in line.service.claims)
    aside = {Disposition.OUT_OF_SCOPE, Disposition.COVERED_BY_OPENING}
    assert set(inside.values()) <= {1}
    assert {key for key, place in made.dispositions.items() if place not in aside} <= inside.keys()
    assert all(claims[claim.key] == claim for line in made.lines for claim in line.service.claims)
    names = [line.service.service_id for line in made.lines]
    assert len(set(names)) == len(names)


def _one_word_for_each_platform(line: PlanLine) -> None:
    alive = Counter(claim.key.platform for claim in line.service.members if stands(claim))
    assert not alive or max(alive.values()) == 1


def stands(claim: Claim) -> bool:
    """Say whether a claim is neither withdrawn nor gone."""
    return claim.state is not RecordState.WITHDRAWN and not claim.is_gone


def _places_fit_the_action(line: PlanLine, made: Plan) -> None:
    """P1: withdrawn goes before pending, pending before conflict, conflict before waiting and booked."""
    for claim in line.service.claims:
        place = made.dispositions[claim.key]
        assert (place is Disposition.WITHDRAWN) >= (claim.state is RecordState.WITHDRAWN)
        assert (place is Disposition.PENDING) == (claim.state is RecordState.PENDING)
        if claim.state is RecordState.EFFECTIVE:
            assert (place is Disposition.IN_CONFLICT) == isinstance(line.action, Hold)
            assert (place is Disposition.WAITING) == isinstance(line.action, Wait)
            assert not isinstance(line.action, Post) or place is Disposition.BOOKED


def _action_fits_the_book(line: PlanLine) -> None:
    booked = None if line.standing is None else line.standing.booking
    assert not isinstance(line.action, Post) or booked is None
    assert not isinstance(line.action, Reverse) or booked is not None
    goal = getattr(line.action, "booking", None)
    assert goal is None or (isinstance(goal, Booking) and goal.seconds > 0 and goal != booked)
    assert goal is None or any(claim.service_date == goal.service_date for claim in line.service.claims)


def _a_hold_says_why(line: PlanLine, subject: Subject) -> None:
    """A hold names what a person must judge, and never what somebody has judged on the same evidence."""
    if not isinstance(line.action, Hold) or line.reason in {"beside_stray", "beside_judged"}:
        return
    blocking = [conflict for conflict in line.conflicts if conflict.is_blocking]
    assert blocking
    if line.reason != "decided":
        assert not all(_is_decided(conflict, subject) for conflict in blocking)


def _is_decided(conflict: Conflict, subject: Subject) -> bool:
    said: dict[tuple[str, str], Decision] = {(one.kind, one.about): one for one in subject.decisions}
    last = said.get((conflict.kind, conflict.about))
    return (
        last is not None
        and last.code in SPEAKING
        and last.evidence_fingerprint == conflict.evidence_fingerprint
    )  # fmt: skip


def _conflicts_are_told_once(made: Plan, subject: Subject) -> None:
    keys = {claim.key for claim in subject.claims}
    assert len(told(made)) == len(made.conflicts)
    assert set(told(made)) == {conflict.conflict_id for line in made.lines for conflict in line.conflicts}
    for conflict in made.conflicts:
        assert set(conflict.records) <= keys
        assert conflict.seconds_at_stake >= 0


def _nobody_is_in_two_places(made: Plan, subject: Subject) -> None:
    """P2: nothing is posted, unless somebody decided it, for a time that another service of the person takes.

    Whose a service is must be known: where its sources name several persons, it is nobody's yet.
    """
    parted = {frozenset((pair.first, pair.second)) for pair in subject.pairs if not pair.is_same}
    for line in made.lines:
        if isinstance(line.action, Post) and line.reason != "decided":
            for other in made.lines:
                for one, two in (
                    _overlaps(line, other, subject) if other is not line and _is_ones(other, subject) else ()
                ):
                    assert frozenset((one.key, two.key)) in parted


def _is_ones(line: PlanLine, subject: Subject) -> bool:
    return len({subject.person_of(claim) for claim in _speaking(line)}) == 1


def _overlaps(line: PlanLine, other: PlanLine, subject: Subject) -> Iterator[tuple[Claim, Claim]]:
    for one, two in product(_speaking(line), _speaking(other)):
        if subject.person_of(one) == subject.person_of(two) and _share_a_moment(one, two):
            yield one, two


def _share_a_moment(one: Claim, two: Claim) -> bool:
    if one.starts_at is None or one.ends_at is None or two.starts_at is None or two.ends_at is None:
        return False
    return max(one.starts_at, two.starts_at) < min(one.ends_at, two.ends_at)


def _speaking(line: PlanLine) -> list[Claim]:
    return [one for one in line.service.members if stands(one) and one.state is RecordState.EFFECTIVE]


def _due_in_time(made: Plan, coverage: CoveredThrough, today: date) -> None:
    """A day that is past already is due only while a platform has not been read through it."""
    read_to = min(coverage.days.values())
    for line in made.lines:
        if isinstance(line.action, Wait):
            assert made.due_on is not None
            assert made.due_on <= line.action.due_on
            assert line.action.due_on > today or read_to < line.action.due_on
    assert made.due_on is None or made.due_on >= today or read_to < made.due_on
