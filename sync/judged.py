"""What a person has judged of a service stays in the book when nothing holds the service any more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from domain.actions import Correct, Hold, PlanLine, Post, Reverse, Wait
from domain.conflicts import Conflict, ConflictKind, Decision
from domain.services import Booking
from sync.bench import Bench
from sync.bundle import is_alive
from sync.finding import about_service, fact, of_service
from sync.holds import category_facts, day_facts, evidence_of_members, hours_facts, project_fact
from sync.spell import Spell

BESIDE_JUDGED = "beside_judged"
JUDGED_BEFORE = "judged_before"
_FIGURES = frozenset({"accept", "credit", "void"})


def judged_of(spell: Spell, bench: Bench) -> Decision | None:
    """Give the last decision on this very service that says what should be booked."""
    about = about_service(spell)
    found = [one for one in bench.decisions.values() if one.about == about and one.code in _FIGURES]
    return max(found, key=lambda one: one.number, default=None)


def judged_conflict(spell: Spell, bench: Bench, decision: Decision, line: PlanLine) -> Conflict:
    """Give the conflict that a decision was taken on as it would be told today, though nothing raises it.

    Its evidence is what was judged, where that is still the same.
    """
    told = list(_facts(decision.kind, spell))
    evidence = next((facts for facts in told if _fingerprint(facts) == decision.evidence_fingerprint), told[0])
    return of_service(
        decision.kind, spell, bench.rules, JUDGED_BEFORE,
        is_blocking=True, evidence=evidence, details=_figures(spell, line),
        suggestion=_suggestion(spell, decision.kind),
    )  # fmt: skip


def _figures(spell: Spell, line: PlanLine) -> tuple[tuple[str, str], ...]:
    """Say what stands booked, and what would be without the decision."""
    booked = 0 if spell.booking is None else spell.booking.seconds
    match line.action:
        case Post(booking) | Correct(booking):
            would = booking.seconds
        case Reverse():
            would = 0
        case _:
            would = booked
    return (("booked_seconds", str(booked)), ("would_seconds", str(would)))


def _suggestion(spell: Spell, kind: ConflictKind) -> str:
    if spell.deciding is None or kind in {ConflictKind.UNMAPPED, ConflictKind.INELIGIBLE}:
        return ""
    return f"accept:{spell.deciding.key.platform}"


def _facts(kind: ConflictKind, spell: Spell) -> Iterator[Sequence[str]]:
    """Yield what a kind judges, as it is today: first the way in which it would be told anew."""
    match kind:
        case ConflictKind.HOURS_DIFFER:
            yield hours_facts(spell)
        case ConflictKind.CATEGORY_DIFFERS:
            yield category_facts(spell)
        case ConflictKind.DATE_DIFFERS:
            yield day_facts(spell)
        case ConflictKind.UNMAPPED:
            yield [project_fact(claim) for claim in spell.effective]
            yield from ([project_fact(claim)] for claim in spell.effective)
        case _:
            yield evidence_of_members(spell)
            yield [fact(claim) for claim in spell.service.claims]


def _fingerprint(facts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


# A judged figure may pay for what is another service by now ---------------------------------------------------------


def beside_judged(lines: list[PlanLine], decisions: Iterable[Decision]) -> list[PlanLine]:
    """Post nothing new that a judged figure may pay for already, until a person has judged that one anew.

    Where a service has come apart, its figure stays with one part, and the records of the other were judged with it.
    """
    figures = [one for one in decisions if one.code in _FIGURES]
    if not figures:
        return lines
    unsure = {f"service/{line.service.service_id}": line for line in lines if isinstance(line.action, Hold | Wait)}
    alive = {str(claim.key) for line in lines for claim in line.service.claims if is_alive(claim)}
    paid = [
        (booked, {fact.split("|")[0] for fact in one.evidence} if _are_there(one.evidence, alive) else None)
        for one in figures
        if one.about in unsure and (standing := unsure[one.about].standing) and (booked := standing.booking)
    ]
    return [
        replace(line, action=Hold(), reason=BESIDE_JUDGED)
        if isinstance(line.action, Post) and any(_pays_for(line, line.action.booking, *one) for one in paid)
        else line
        for line in lines
    ]


def _are_there(evidence: Sequence[str], alive: set[str]) -> bool:
    """Say whether a decision tells of which records it was said, and all of them still stand under that name."""
    return bool(evidence) and all(fact.split("|")[0] in alive for fact in evidence)


def _pays_for(line: PlanLine, booking: Booking, booked: Booking, judged: set[str] | None) -> bool:
    """Say whether a judged figure may pay for what a line posts: by its records, else by whose it is and the day."""
    if judged is not None:
        return any(str(claim.key) in judged for claim in line.service.claims)
    return booking.person == booked.person and abs((booking.service_date - booked.service_date).days) <= 1
