"""What is to be done about one subject: a pure function of its facts, the rules, the coverage and the day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date

from domain.actions import Correct, Disposition, Hold, Leave, Plan, PlanLine, Post, Reverse, Wait
from domain.claims import Claim
from domain.conflicts import Conflict, ConflictKind
from domain.records import RecordKey, RecordState
from domain.services import Service
from domain.subjects import CoveredThrough, Subject
from mapping.rules import RuleSet
from sync.bench import Bench
from sync.bundle import Bundle
from sync.crossing import Crossings, identity_conflicts, long_days, overlaps
from sync.finding import fact, keys_of, stake_seconds
from sync.judge import judge
from sync.judged import beside_judged
from sync.match import match
from sync.naming import name_services
from sync.spell import Spell, spell_of

BESIDE_STRAY = "beside_stray"


def plan(subject: Subject, rules: RuleSet, covered: CoveredThrough, today: date) -> Plan:
    """Give everything to be done about ``subject`` on ``today`` (a Shanghai day); reads nothing, changes nothing."""
    aside = _aside(subject)
    inside = subject
    if aside:
        inside = replace(subject, claims=tuple([claim for claim in subject.claims if claim.key not in aside]))
    matching = match(inside, rules.tolerance_seconds)
    services = name_services(matching.bundles, inside)
    standings = {standing.service_id: standing for standing in subject.standings}
    spells = [spell_of(service, subject, standings.get(service.service_id), rules) for service in services]
    bench = Bench(
        rules, covered, today,
        decisions={(decision.kind, decision.about): decision for decision in subject.decisions},
        crossings=_crossings(spells, matching.ambiguous, inside, rules, today),
        identities=identity_conflicts(spells, subject, rules),
        owed=subject.owed,
    )  # fmt: skip
    judged = [_beside_strays(judge(spell, bench), subject) for spell in spells]
    lines = beside_judged(judged, bench.decisions.values()) + _left_behind(subject, services)
    return Plan(
        subject=subject.number,
        revision=subject.revision,
        lines=tuple(sorted(lines, key=_order)),
        conflicts=tuple({conflict.conflict_id: conflict for line in lines for conflict in line.conflicts}.values()),
        dispositions=aside | _dispositions(lines),
        due_on=_due_on(lines, spells, subject, today),
        stands_for=subject.stands_for,
    )


def _order(line: PlanLine) -> tuple[date, str]:
    days = [claim.service_date for claim in line.service.claims]
    if not days and line.standing is not None and line.standing.booking is not None:
        days = [line.standing.booking.service_date]
    return (min(days, default=date.min), line.service.service_id)


def _aside(subject: Subject) -> dict[RecordKey, Disposition]:
    """Give where each claim belongs that is never matched."""
    are_all_asked = subject.outside_identities or subject.outside_activities or _has_opening(subject)
    asked = (claim for claim in subject.claims if are_all_asked or claim.out_of_scope or claim.carried_from is not None)
    return {claim.key: place for claim in asked if (place := _place_aside(claim, subject))}


def _has_opening(subject: Subject) -> bool:
    return any(person.opening_through is not None for person in subject.people.values())


def _place_aside(claim: Claim, subject: Subject) -> Disposition | None:
    """Give where a claim belongs that is never matched, or None."""
    if claim.out_of_scope or claim.identity in subject.outside_identities:
        return Disposition.OUT_OF_SCOPE
    if (claim.key.platform, claim.activity_id) in subject.outside_activities:
        return Disposition.OUT_OF_SCOPE
    if _carries_honour(claim, subject):
        return Disposition.OUT_OF_SCOPE
    person = subject.person_of(claim)
    if person is not None and person.opening_through is not None and claim.service_date <= person.opening_through:
        return Disposition.COVERED_BY_OPENING
    return None


def _carries_honour(claim: Claim, subject: Subject) -> bool:
    """Say whether a record carried over repeats one that is no service (its new home may not know honour hours)."""
    if claim.carried_from is None:
        return False
    return any(other.key == claim.carried_from and other.out_of_scope == "honour" for other in subject.claims)


def _crossings(
    spells: list[Spell], ambiguous: tuple[tuple[Bundle, ...], ...], subject: Subject, rules: RuleSet, today: date
) -> Crossings:
    found: Crossings = defaultdict(list)
    for group in ambiguous:
        _tell_ambiguous(group, spells, rules, found)
    for more in (overlaps(spells, subject, rules, found), long_days(spells, rules, today)):
        for service_id, conflicts in more.items():
            found[service_id] += conflicts
    return found


def _tell_ambiguous(group: tuple[Bundle, ...], spells: list[Spell], rules: RuleSet, found: Crossings) -> None:
    """Hold every service of a group that only a guess could part, by one conflict."""
    keys = {claim.key for bundle in group for claim in bundle.claims}
    theirs = [spell for spell in spells if any(claim.key in keys for claim in spell.effective)]
    if not theirs:
        return
    claims = sorted((claim for spell in theirs for claim in spell.effective), key=lambda claim: claim.key)
    conflict = Conflict(
        kind=ConflictKind.AMBIGUOUS_MATCH,
        about="records/" + "+".join(map(str, keys_of(claims))),
        is_blocking=True,
        person=None if theirs[0].person is None else theirs[0].person.number,
        identity=claims[0].identity,
        station=claims[0].station,
        service_date=min(claim.service_date for claim in claims),
        records=keys_of(claims),
        seconds_at_stake=max(stake_seconds(s.effective, rules, is_special=s.is_special) for s in theirs),
        cause=f"ambiguous/{claims[0].station}",
        evidence=tuple(fact(claim) for claim in claims),
        reason="several_fit",
        details=(("count", str(len(claims))),),
    )
    for spell in theirs:
        found[spell.service.service_id].append(conflict)


def _left_behind(subject: Subject, services: list[Service]) -> list[PlanLine]:
    """Reverse what is booked for services that no claim speaks of any more (two became one, or left the scope)."""
    named = {service.service_id for service in services}
    return [
        PlanLine(Service(standing.service_id, ()), standing, Reverse(), "left_behind", standing.record)
        for standing in subject.standings
        if standing.service_id not in named and standing.booking is not None
    ]


def _beside_strays(line: PlanLine, subject: Subject) -> PlanLine:
    """Post nothing new beside what a record holds for this person that names another now: it may be the same visit."""
    if not subject.strays or not isinstance(line.action, Post):
        return line
    person, day = line.action.booking.person, line.action.booking.service_date
    is_near = any(
        stray.booking and stray.person == person and abs((stray.booking.service_date - day).days) <= 1
        for stray in subject.strays
    )
    return replace(line, action=Hold(), reason=BESIDE_STRAY) if is_near else line


def _dispositions(lines: list[PlanLine]) -> dict[RecordKey, Disposition]:
    return {claim.key: _disposition(claim, line) for line in lines for claim in line.service.claims}


def _disposition(claim: Claim, line: PlanLine) -> Disposition:
    if claim.state is RecordState.WITHDRAWN:
        return Disposition.WITHDRAWN
    if claim.state is RecordState.PENDING:
        return Disposition.PENDING
    if isinstance(line.action, Hold):
        return Disposition.IN_CONFLICT
    if isinstance(line.action, Wait):
        return Disposition.WAITING
    return _settled(line)


def _settled(line: PlanLine) -> Disposition:
    """Give where the claims of a settled service go: booked, worth nothing (by decision or by figure), or withdrawn."""
    is_booked = line.standing is not None and line.standing.booking is not None
    if isinstance(line.action, Post | Correct) or (isinstance(line.action, Leave) and is_booked):
        return Disposition.BOOKED
    is_worthless = line.decision is not None or line.reason == "earns_nothing"
    return Disposition.OUT_OF_SCOPE if is_worthless else Disposition.WITHDRAWN


def _due_on(lines: list[PlanLine], spells: list[Spell], subject: Subject, today: date) -> date | None:
    """Give the next day on which the plan may change by itself: a grace ends, a day has come, a debt is paid."""
    days = [line.action.due_on for line in lines if isinstance(line.action, Wait)]
    days += [today for line in lines if line.reason == BESIDE_STRAY]
    days += [today for line in lines if subject.owed and isinstance(line.action, Post | Correct)]
    days += [spell.day for spell in spells if spell.day > today]
    return min(days, default=None)
