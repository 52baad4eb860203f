"""The decision table: one service in, one action and its conflicts out, row by row (docs/decision-table.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from domain.actions import Action, Correct, Hold, Leave, PlanLine, Post, Reverse, Wait
from domain.conflicts import Conflict, ConflictKind
from domain.records import STATION_PLATFORM, RecordKey, RecordState
from domain.services import Booking
from sync.bench import Bench
from sync.finding import fact, of_service
from sync.holds import disagreements, evidence_of_members, flaws
from sync.judged import judged_conflict, judged_of
from sync.notes import notes, vanished_conflict
from sync.spell import Spell
from sync.verdict import is_answered, joint, verdict_on


def judge(spell: Spell, bench: Bench) -> PlanLine:
    """Give the plan line of one service."""
    is_one_voice = spell.is_plain and len(spell.service.claims) == 1
    differences = () if is_one_voice else tuple(disagreements(spell, bench.rules))
    line = None if spell.is_plain else _withdrawn(spell, bench) or _vanished(spell, bench)
    line = line or _held(spell, bench, differences) or _free(spell, bench, differences)
    found = tuple(notes(spell, bench, differences))
    if not found:
        return line
    said = {conflict.conflict_id for conflict in line.conflicts}
    beside = [note for note in found if note.conflict_id not in said]
    return replace(line, conflicts=(*line.conflicts, *beside))


def _line(
    spell: Spell,
    action: Action,
    reason: str,
    *conflicts: Conflict,
    decision: int | None = None,
    by: RecordKey | None = None,
) -> PlanLine:
    deciding = by or (None if spell.deciding is None else spell.deciding.key)
    return PlanLine(spell.service, spell.standing, action, reason, deciding, decision, conflicts)


def settle(spell: Spell, booking: Booking | None) -> Action:
    """Give the action that makes the book say ``booking`` (None: nothing) of this service."""
    if booking == spell.booking:
        return Leave()
    if booking is None:
        return Reverse()
    return Post(booking) if spell.booking is None else Correct(booking)


# Rows: withdrawn, vanished ----------------------------------------------------------------------------------------


def _says_withdrawn(spell: Spell, platform: str) -> bool:
    said = [claim for claim in spell.service.claims if claim.key.platform == platform]
    return bool(said) and all(claim.state is RecordState.WITHDRAWN for claim in said)


def _withdrawn(spell: Spell, bench: Bench) -> PlanLine | None:
    claims = spell.service.claims
    everything = all(claim.state is RecordState.WITHDRAWN for claim in claims)
    if not everything and not _says_withdrawn(spell, spell.decider):
        return None
    if not spell.effective:
        return _line(spell, settle(spell, None), "withdrawn", by=spell.standing.record if spell.standing else None)
    note = of_service(
        ConflictKind.UNCORROBORATED, spell, bench.rules, "withdrawn_elsewhere",
        is_blocking=False, evidence=[fact(claim) for claim in claims],
        details=(("platform", spell.decider),), suggestion="ignore",
    )  # fmt: skip
    return _decided_note(spell, bench, [note]) or _line(spell, settle(spell, None), "withdrawn", note)


def _gone_platforms(spell: Spell) -> list[str]:
    """Give the platforms whose word on the service is gone without a trace, and nobody else of theirs speaks."""
    gone = {
        claim.key.platform
        for claim in spell.service.claims
        if claim.is_gone and claim.state is not RecordState.WITHDRAWN
    }
    return sorted(gone - {claim.key.platform for claim in spell.alive})


def _vanished(spell: Spell, bench: Bench) -> PlanLine | None:
    gone = _gone_platforms(spell)
    if not gone or (spell.decider not in gone and spell.alive):
        return None
    conflict = vanished_conflict(spell, bench, is_blocking=True)
    return _decided(spell, bench, [conflict]) or _line(spell, Hold(), "vanished", conflict)


# Rows: what holds -------------------------------------------------------------------------------------------------


def _held(spell: Spell, bench: Bench, differences: Sequence[Conflict]) -> PlanLine | None:
    blocking = list(_blocking(spell, bench, differences))
    if not blocking:
        return None
    return _decided(spell, bench, blocking) or _line(spell, Hold(), str(blocking[0].kind), *blocking)


def _blocking(spell: Spell, bench: Bench, differences: Sequence[Conflict]) -> Iterator[Conflict]:
    """Yield what holds this service; who it was comes first, and nothing else is asked before that is known."""
    if bench.identities:
        persons = {c.about: c for c in map(bench.identities.get, (c.key for c in spell.effective)) if c is not None}
        if persons:
            yield from persons.values()
            return
    if _are_several(spell):
        yield _persons_differ(spell, bench)
        return
    yield from flaws(spell, bench.rules)
    for conflict in bench.crossings.get(spell.service.service_id, ()):
        if conflict.is_blocking and _concerns(conflict, spell, bench):
            yield conflict
    yield from (one for one in differences if one.is_blocking and not is_answered(one, bench.decisions))


def _are_several(spell: Spell) -> bool:
    """Say whether the effective members speak of different persons."""
    if len(spell.effective) == 1:
        return False
    people = map(spell.person_of, spell.effective)
    return len({person.number for person in people if person is not None}) > 1


def _concerns(conflict: Conflict, spell: Spell, bench: Bench) -> bool:
    """Say whether a conflict between services holds this one: a long day leaves what is booked, until it is decided."""
    if conflict.reason != "day_too_long" or spell.booking is None:
        return True
    return verdict_on(conflict, bench.decisions, spell, bench.rules) is not None


def _persons_differ(spell: Spell, bench: Bench) -> Conflict:
    return of_service(
        ConflictKind.PERSON_DIFFERS, spell, bench.rules, "persons_disagree",
        is_blocking=True, evidence=[f"{claim.key}|{claim.identity}" for claim in spell.effective],
    )  # fmt: skip


def _decided(spell: Spell, bench: Bench, blocking: list[Conflict]) -> PlanLine | None:
    """Give what decisions make of the service, if every conflict that holds it was decided on unchanged evidence."""
    verdicts = [verdict_on(conflict, bench.decisions, spell, bench.rules) for conflict in blocking]
    given = [verdict for verdict in verdicts if verdict is not None]
    if len(given) < len(blocking):
        return None
    last = joint(given)
    action = Hold() if last.stays else settle(spell, last.booking)
    return _line(spell, action, "decided", *blocking, decision=last.decision)


def _decided_note(spell: Spell, bench: Bench, conflicts: Sequence[Conflict]) -> PlanLine | None:
    """Give what decisions make of a service that nothing holds; one that leaves the book alone has nothing to say."""
    if not bench.decisions:
        return None
    verdicts = [verdict_on(conflict, bench.decisions, spell, bench.rules) for conflict in conflicts]
    given = [verdict for verdict in verdicts if verdict is not None and not verdict.stays]
    if not given:
        return None
    last = joint(given)
    return _line(spell, settle(spell, last.booking), "decided", *conflicts, decision=last.decision)


def _free(spell: Spell, bench: Bench, differences: Sequence[Conflict]) -> PlanLine:
    """Give the line of a service that nothing holds; a figure that a person has judged stands all the same.

    On the same facts it speaks on, save as a note; on others the book stays as it is, and the person is asked again.
    """
    line = _standing_word(spell, bench, differences)
    decision = judged_of(spell, bench) if bench.decisions and line.decision is None else None
    if decision is None or isinstance(line.action, Hold):
        return line
    conflict = judged_conflict(spell, bench, decision, line)
    if any(one.evidence_fingerprint == conflict.evidence_fingerprint for one in differences):
        return line
    verdict = verdict_on(conflict, bench.decisions, spell, bench.rules)
    if verdict is not None:
        return _line(spell, settle(spell, verdict.booking), "decided", decision=decision.number)
    if isinstance(line.action, Leave | Wait):
        return line
    return _line(spell, Hold(), str(decision.kind), conflict)


# Rows: whose word is enough ---------------------------------------------------------------------------------------


def _standing_word(spell: Spell, bench: Bench, differences: Sequence[Conflict]) -> PlanLine:
    claim = spell.deciding
    if claim is not None and claim.is_type_unknown and len(spell.effective) == 1:
        return _uncorroborated(spell, bench, "type_unknown_old_export")
    if claim is not None and spell.suffices(claim):
        noted = _decided_note(spell, bench, differences)
        booking = spell.booking_by(claim, bench.rules)
        return noted or _line(spell, settle(spell, booking), "sufficient" if booking else "earns_nothing")
    ends_on = spell.grace_ends_on(bench.rules.grace_days)
    if bench.today <= ends_on or not _is_covered(spell, bench, ends_on):
        return _line(spell, Wait(date.fromordinal(ends_on.toordinal() + 1)), "within_grace")
    only_station = all(claim.key.platform == STATION_PLATFORM for claim in spell.alive)
    return _uncorroborated(spell, bench, "only_station" if only_station else "only_one_platform")


def _is_covered(spell: Spell, bench: Bench, ends_on: date) -> bool:
    """Say whether every platform that would suffice was read without a gap through the end of the grace."""
    station = spell.alive[0].station
    for platform in sorted(spell.period.suffices if spell.period else ()):
        organisations = bench.rules.organisations(platform, station, spell.day) or bench.rules.scopes(platform)
        through = bench.covered.through(platform, organisations)
        if through is None or through < ends_on:
            return False
    return True


def _uncorroborated(spell: Spell, bench: Bench, reason: str) -> PlanLine:
    kind = ConflictKind.MISSING_ON_PLATFORM if reason == "only_station" else ConflictKind.UNCORROBORATED
    speaker = (spell.deciding or spell.alive[0]).key.platform
    conflict = of_service(
        kind, spell, bench.rules, reason,
        is_blocking=True, evidence=evidence_of_members(spell),
        details=(("platform", _missing_platform(spell)), *_waited(spell, bench)), suggestion=f"accept:{speaker}",
    )  # fmt: skip
    return _decided(spell, bench, [conflict]) or _line(spell, Hold(), str(kind), conflict)


def _missing_platform(spell: Spell) -> str:
    """Name the platform whose word would be enough and is not there."""
    suffices = spell.period.suffices if spell.period else frozenset()
    missing = sorted(suffices - {claim.key.platform for claim in spell.effective})
    return missing[0] if missing else ""


def _waited(spell: Spell, bench: Bench) -> tuple[tuple[str, str], ...]:
    return (("waited_until_on", spell.grace_ends_on(bench.rules.grace_days).isoformat()),)
