"""What is wrong between services: overlaps, days too long, days to come, and who somebody is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations, product

from domain.claims import Claim
from domain.conflicts import Conflict, ConflictKind
from domain.records import STATION_PLATFORM, RecordKey
from domain.subjects import Subject
from mapping.rules import RuleSet
from sync.bundle import Bindings
from sync.evidence import overlap_seconds, spans_overlap
from sync.finding import fact, keys_of, stake_seconds
from sync.spell import Spell

Crossings = dict[str, list[Conflict]]


def overlaps(spells: Sequence[Spell], subject: Subject, rules: RuleSet, ambiguous: Crossings) -> Crossings:
    """Give, by service id, the conflicts of services of one person that overlap in time; one conflict a pair.

    Two that may be one and the same are told of by their ``ambiguous`` conflict alone.
    """
    bindings = Bindings(subject.pairs)
    found: Crossings = defaultdict(list)
    for one, other in _near(spells):
        if _same_person(one, other) and _overlap(one, other, bindings) and not _may_be_one(one, other, ambiguous):
            conflict = _overlap_conflict(one, other, rules)
            found[one.service.service_id].append(conflict)
            found[other.service.service_id].append(conflict)
    return found


def _near(spells: Sequence[Spell]) -> Iterator[tuple[Spell, Spell]]:
    """Give the pairs of spells that a moment could share: those of one day, or of two days that touch."""
    by_day: dict[date, list[Spell]] = defaultdict(list)
    for spell in spells:
        if spell.effective:
            by_day[spell.day].append(spell)
    for day, theirs in by_day.items():
        yield from combinations(theirs, 2)
        yield from product(theirs, by_day.get(day + timedelta(days=1), ()))


def _same_person(one: Spell, other: Spell) -> bool:
    return one.person is not None and other.person is not None and one.person.number == other.person.number


def _overlap(one: Spell, other: Spell, bindings: Bindings) -> bool:
    return any(
        spans_overlap(first, second) and not bindings.are_distinct(first.key, second.key)
        for first in one.effective
        for second in other.effective
    )


def _may_be_one(one: Spell, other: Spell, ambiguous: Crossings) -> bool:
    """Say whether it is in doubt that two services are two: one conflict holds both, and no platform shows both."""
    said = {conflict.conflict_id for conflict in ambiguous.get(one.service.service_id, ())}
    if not any(conflict.conflict_id in said for conflict in ambiguous.get(other.service.service_id, ())):
        return False
    return not {claim.key.platform for claim in one.effective} & {claim.key.platform for claim in other.effective}


def _overlap_conflict(one: Spell, other: Spell, rules: RuleSet) -> Conflict:
    claims = sorted((*one.effective, *other.effective), key=lambda claim: claim.key)
    first, second = sorted((one.service.service_id, other.service.service_id))
    return Conflict(
        kind=ConflictKind.OVERLAP,
        about=f"services/{first}+{second}",
        is_blocking=True,
        person=None if one.person is None else one.person.number,
        identity=claims[0].identity,
        station=claims[0].station,
        service_date=min(one.day, other.day),
        records=keys_of(claims),
        seconds_at_stake=sum(stake_seconds(s.effective, rules, is_special=s.is_special) for s in (one, other)),
        cause=f"overlap/{claims[0].station}",
        evidence=tuple(fact(claim) for claim in claims if claim.starts_at is not None),
        reason="spans_overlap",
        details=(("overlap_seconds", str(_shared_seconds(one, other))),),
    )


def _shared_seconds(one: Spell, other: Spell) -> int:
    return max(overlap_seconds(first, second) for first in one.effective for second in other.effective)


def long_days(spells: Sequence[Spell], rules: RuleSet, today: date) -> Crossings:
    """Give, by service id, the conflict of each person-day that is too long or still to come; one a person-day."""
    days: dict[tuple[int, date], list[Spell]] = defaultdict(list)
    for spell in spells:
        if spell.effective and spell.person is not None:
            days[spell.person.number, spell.day].append(spell)
    found: Crossings = {}
    for (person, day), theirs in days.items():
        conflict = _day_conflict(person, day, theirs, rules, today)
        if conflict is not None:
            found |= {spell.service.service_id: [conflict] for spell in theirs}
    return found


def _day_conflict(person: int, day: date, spells: list[Spell], rules: RuleSet, today: date) -> Conflict | None:
    total = sum(spell.actual_seconds() for spell in spells)
    if day <= today and total <= rules.day_note_seconds:
        return None
    claims = sorted((claim for spell in spells for claim in spell.effective), key=lambda claim: claim.key)
    return Conflict(
        kind=ConflictKind.IMPLAUSIBLE,
        about=f"day/{person}/{day.isoformat()}",
        is_blocking=day > today or total > rules.day_hold_seconds,
        person=person,
        identity=claims[0].identity,
        station=claims[0].station,
        service_date=day,
        records=keys_of(claims),
        seconds_at_stake=sum(stake_seconds(s.effective, rules, is_special=s.is_special) for s in spells),
        cause=f"implausible/{'in_future' if day > today else 'day_too_long'}/{claims[0].station}",
        evidence=tuple(fact(claim) for claim in claims),
        reason="in_future" if day > today else "day_too_long",
        details=(("total_seconds", str(total)), ("limit_seconds", str(_limit(total, rules)))),
    )


def _limit(total_seconds: int, rules: RuleSet) -> int:
    """Give the bound of a day that a total is beyond."""
    return rules.day_hold_seconds if total_seconds > rules.day_hold_seconds else rules.day_note_seconds


def identity_conflicts(spells: Sequence[Spell], subject: Subject, rules: RuleSet) -> dict[RecordKey, Conflict]:
    """Give, by record, the conflict of each identity that is not on the roster, or bears another name there."""
    unknown: dict[int, list[Claim]] = defaultdict(list)
    misnamed: dict[int, list[Claim]] = defaultdict(list)
    for spell in spells:
        for claim in spell.effective:
            person = subject.person_of(claim)
            if person is None:
                unknown[claim.identity].append(claim)
            elif claim.name_token != person.name_token and not _name_fits(claim, subject):
                misnamed[claim.identity].append(claim)
    found: dict[RecordKey, Conflict] = {}
    for claims in unknown.values():
        conflict = _identity_conflict(claims, None, _stake_of_visits(claims, spells, rules))
        found |= {claim.key: conflict for claim in claims}
    for identity, claims in misnamed.items():
        stake = _stake_of_visits(claims, spells, rules)
        conflict = _identity_conflict(claims, subject.people[identity].number, stake)
        found |= {claim.key: conflict for claim in claims}
    return found


def _stake_of_visits(claims: Iterable[Claim], spells: Sequence[Spell], rules: RuleSet) -> int:
    """Give what the claims would earn in seconds, each visit once, however many platforms speak of it."""
    keys = {claim.key for claim in claims}
    theirs = (([claim for claim in spell.effective if claim.key in keys], spell.is_special) for spell in spells)
    return sum(stake_seconds(group, rules, is_special=is_special) for group, is_special in theirs)


def _name_fits(claim: Claim, subject: Subject) -> bool:
    """Say whether another name than the roster's is no matter: an entry names its person by number."""
    return claim.key.platform == STATION_PLATFORM or subject.is_name_bound(claim)


def _identity_conflict(claims: Iterable[Claim], person: int | None, seconds_at_stake: int) -> Conflict:
    """Tell of an identity that bears another name than ``person``'s, or, without one, is not on the roster."""
    ordered = sorted(claims, key=lambda claim: claim.key)
    return Conflict(
        kind=ConflictKind.UNKNOWN_PERSON if person is None else ConflictKind.PERSON_DIFFERS,
        about=f"identity/{ordered[0].identity}",
        is_blocking=True,
        person=person,
        identity=ordered[0].identity,
        station=ordered[0].station,
        service_date=min(claim.service_date for claim in ordered),
        records=keys_of(ordered),
        seconds_at_stake=seconds_at_stake,
        cause=f"identity/{ordered[0].identity}",
        evidence=tuple(sorted({f"{claim.identity}|{claim.name_token}" for claim in ordered})),
        reason="not_on_roster" if person is None else "name_disagrees",
        details=(("records", str(len(ordered))),),
    )
