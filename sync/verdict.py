"""What a decision makes of a conflict: the book's answer to a person's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.conflicts import Conflict, ConflictKind, Decision
from domain.hours import seconds_of_hours
from domain.records import RecordState
from domain.services import Booking
from mapping.rules import RuleSet
from sync.spell import Spell

UNMAPPED = "unmapped"  # what a credit is booked under where no rule names a category
Decisions = dict[tuple[ConflictKind, str], Decision]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``stays``: the book does not move. Otherwise ``booking`` is what should stand (None: nothing)."""

    decision: int
    stays: bool
    booking: Booking | None
    kind: ConflictKind = ConflictKind.UNCORROBORATED

    @property
    def weight(self) -> tuple[bool, bool, int]:
        """Put "the book stays" before "nothing", "nothing" before a figure, the later decision before the earlier."""
        return (self.stays, self.booking is None, self.decision)


def joint(verdicts: Sequence[Verdict]) -> Verdict:
    """Give what several verdicts on one service come to; of figures, each says what its own kind is about.

    So one may settle the day and another the hours; a kind that is about neither says all of it.
    """
    last = max(verdicts, key=lambda verdict: verdict.weight)
    if last.stays or last.booking is None or len(verdicts) == 1:
        return last
    booking = last.booking
    for verdict in sorted(verdicts, key=lambda one: (_PARTS.get(one.kind, 0), one.decision)):
        booking = _with_part(booking, verdict) if verdict.booking is not None else booking
    return replace(last, booking=booking)


_PARTS = {ConflictKind.CATEGORY_DIFFERS: 1, ConflictKind.HOURS_DIFFER: 2, ConflictKind.DATE_DIFFERS: 3}


def _with_part(booking: Booking, verdict: Verdict) -> Booking:
    """Give a booking with what a verdict's kind is about taken from the verdict."""
    said = verdict.booking or booking
    match verdict.kind:
        case ConflictKind.CATEGORY_DIFFERS:
            return replace(booking, category=said.category, seconds=said.seconds)
        case ConflictKind.HOURS_DIFFER:
            return replace(booking, seconds=said.seconds)
        case ConflictKind.DATE_DIFFERS:
            return replace(booking, service_date=said.service_date)
        case _:
            return said


def is_answered(conflict: Conflict, decisions: Decisions) -> bool:
    """Say whether somebody has said that it is one service all the same: then the table goes on."""
    decision = decisions.get((conflict.kind, conflict.about))
    if conflict.kind is not ConflictKind.DATE_DIFFERS or decision is None or decision.code != "same":
        return False
    return decision.evidence_fingerprint == conflict.evidence_fingerprint


def verdict_on(conflict: Conflict, decisions: Decisions, spell: Spell, rules: RuleSet) -> Verdict | None:
    """Give what was decided of a conflict whose evidence is still the same, or None where nobody has, or it changed."""
    decision = decisions.get((conflict.kind, conflict.about))
    if decision is None or decision.evidence_fingerprint != conflict.evidence_fingerprint:
        return None
    match decision.code:
        case "void":
            return Verdict(decision.number, stays=False, booking=None)
        case "accept":
            said = _accepted(conflict, decision, spell, rules)
        case "credit":
            said = _credited(conflict, decision, spell)
        case "ignore":
            return Verdict(decision.number, stays=True, booking=None)
        case _:
            return None
    return None if said is None else replace(said, kind=conflict.kind)


def _accepted(conflict: Conflict, decision: Decision, spell: Spell, rules: RuleSet) -> Verdict | None:
    """Take one platform's claim as it stands: one that it has withdrawn earns nothing.

    Of several services in doubt, those of which that platform does not speak earn nothing either.
    """
    platform = decision.argument
    claims = [claim for claim in spell.service.claims if claim.key.platform == platform]
    alive = [claim for claim in claims if claim in spell.alive]
    said = alive or [claim for claim in claims if claim.state is not RecordState.WITHDRAWN]
    if said:
        return Verdict(decision.number, stays=False, booking=spell.booking_by(said[0], rules))
    is_known = bool(claims) or any(key.platform == platform for key in conflict.records)
    return Verdict(decision.number, stays=False, booking=None) if is_known else None


def _credited(conflict: Conflict, decision: Decision, spell: Spell) -> Verdict | None:
    """Book the hours that a person wrote down, on the deciding claim's day and station.

    Where the conflict is about several services, the figure is for all of them together and booked with the first.
    """
    if conflict.records[0] not in {claim.key for claim in spell.service.claims}:
        return Verdict(decision.number, stays=False, booking=None)
    claim = spell.deciding or (spell.alive or spell.service.claims)[0]
    person = spell.person_of(claim)
    if person is None:
        return None
    category = claim.category or next((c.category for c in spell.effective if c.category), UNMAPPED)
    seconds = seconds_of_hours(decision.argument)
    return Verdict(
        decision.number, stays=False, booking=spell.booking_of(replace(claim, category=category), person, seconds)
    )
