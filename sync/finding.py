"""Conflicts are made here: for each kind what it is about, which facts it judges, what is at stake."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.claims import Claim
from domain.conflicts import Conflict, ConflictKind
from domain.hours import show_hours
from domain.records import RecordKey
from domain.services import Service, Standing
from mapping.rules import RuleSet
from sync.credit import credit_seconds
from sync.spell import Spell


def about_service(spell: Spell) -> str:
    """Name a service as the subject of a conflict."""
    return f"service/{spell.service.service_id}"


def fact(claim: Claim) -> str:
    """Give the facts of a claim that most kinds judge: what it is, its day, span, figure, category, station."""
    return "|".join(
        (
            str(claim.key), claim.state, claim.service_date.isoformat(),
            "" if claim.starts_at is None else claim.starts_at.isoformat(),
            "" if claim.ends_at is None else claim.ends_at.isoformat(),
            str(claim.reported_seconds), claim.category or "", claim.station,
        )
    )  # fmt: skip


def stake_seconds(claims: Iterable[Claim], rules: RuleSet, *, is_special: bool) -> int:
    """Give the most that any of the claims would earn, in seconds; an unmapped one counts by its figure."""
    return max((_worth(claim, rules, is_special=is_special) for claim in claims), default=0)


def _worth(claim: Claim, rules: RuleSet, *, is_special: bool) -> int:
    if claim.category is None:
        return claim.reported_seconds
    return credit_seconds(claim, claim.category, rules, is_special=is_special)


def of_service(  # noqa: PLR0913 - one conflict has as many facts
    kind: ConflictKind,
    spell: Spell,
    rules: RuleSet,
    reason: str,
    *,
    is_blocking: bool,
    evidence: Sequence[str],
    cause: str = "",
    details: tuple[tuple[str, str], ...] = (),
    suggestion: str = "",
) -> Conflict:
    """Make a conflict about one service; without a ``cause`` it shares one with its kind, reason and station."""
    claims = spell.alive or spell.service.claims
    station = (spell.deciding or spell.service.claims[0]).station
    person = spell.person
    return Conflict(
        kind=kind,
        about=about_service(spell),
        is_blocking=is_blocking,
        person=None if person is None else person.number,
        identity=(spell.deciding or spell.service.claims[0]).identity,
        station=station,
        service_date=spell.day,
        records=keys_of(spell.service.claims),
        seconds_at_stake=stake_seconds(claims, rules, is_special=spell.is_special),
        cause=cause or f"{kind}/{reason}/{station}",
        evidence=tuple(evidence),
        reason=reason,
        details=details,
        suggestion=suggestion,
    )


def keys_of(claims: Iterable[Claim]) -> tuple[RecordKey, ...]:
    """Give the claims' keys in order."""
    return tuple(sorted(claim.key for claim in claims))


def hours_by_platform(claims: Iterable[Claim]) -> str:
    """Give the figures side by side, for a sentence: ``national 0.70, guangxi 0.50``."""
    return ", ".join(f"{claim.key.platform} {show_hours(claim.reported_seconds)}" for claim in claims)


def balance_short(service: Service, standing: Standing, short_seconds: int) -> Conflict:
    """Note that a reversal found less than it had to take back; the rest, ``short_seconds``, stands as a deficit."""
    first = service.claims[0] if service.claims else None
    booking = standing.booking
    station = first.station if first else booking.station if booking else ""
    day = first.service_date if first else booking.service_date if booking else None
    return Conflict(
        kind=ConflictKind.BALANCE_SHORT,
        about=f"service/{service.service_id}",
        is_blocking=False,
        person=standing.person,
        identity=first.identity if first else None,
        station=station,
        service_date=day,
        records=keys_of(service.claims),
        seconds_at_stake=short_seconds,
        cause=f"balance_short/{standing.person}",
        evidence=(str(short_seconds),),
        reason="reversal_exceeds_balance",
        details=(("short_seconds", str(short_seconds)),),
        suggestion="ignore",
    )
