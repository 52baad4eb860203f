"""What a decision makes of a conflict: the book's answer to a person's word."""

from __future__ import annotations

from dataclasses import dataclass

from domain.conflicts import Conflict, ConflictKind, Decision
from domain.hours import seconds_of_hours
from domain.services import Booking
from mapping.rules import RuleSet
from sync.spell import Spell

Decisions = dict[tuple[ConflictKind, str], Decision]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``stays``: the book does not move. Otherwise ``booking`` is what should stand (None: nothing)."""

    decision: int
    stays: bool
    booking: Booking | None


def verdict_on(conflict: Conflict, decisions: Decisions, spell: Spell, rules: RuleSet) -> Verdict | None:
    """Give what was decided of a conflict whose evidence is still the same, or None where nobody has, or it changed."""
    decision = decisions.get((conflict.kind, conflict.about))
    if decision is None or decision.evidence_fingerprint != conflict.evidence_fingerprint:
        return None
    match decision.code:
        case "void":
            return Verdict(decision.number, stays=False, booking=None)
        case "accept":
            return _accepted(decision, spell, rules)
        case "credit":
            return _credited(decision, spell)
        case "ignore":
            return Verdict(decision.number, stays=True, booking=None)
        case _:
            return None


def _accepted(decision: Decision, spell: Spell, rules: RuleSet) -> Verdict | None:
    """Take one platform's claim as it stands."""
    platform = decision.argument
    claims = [claim for claim in spell.service.claims if claim.key.platform == platform]
    alive = [claim for claim in claims if claim in spell.alive] or claims
    if not alive:
        return None
    return Verdict(decision.number, stays=False, booking=spell.booking_by(alive[0], rules))


def _credited(decision: Decision, spell: Spell) -> Verdict | None:
    """Book the hours that a person wrote down, on the deciding claim's day and category."""
    claim, person = spell.deciding, spell.person
    if claim is None or person is None:
        return None
    return Verdict(
        decision.number, stays=False, booking=spell.booking_of(claim, person, seconds_of_hours(decision.argument))
    )
