"""Notes: what the report should say of a service although it blocks nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from domain.claims import Claim
from domain.conflicts import Conflict, ConflictKind
from domain.records import RecordState
from sync.bench import Bench
from sync.bundle import Bindings
from sync.finding import balance_short, keys_of, of_service, stake_seconds
from sync.spell import Spell


def notes(spell: Spell, bench: Bench, differences: Sequence[Conflict]) -> Iterator[Conflict]:
    """Yield what the report should say although it blocks nothing."""
    for conflict in bench.crossings.get(spell.service.service_id, ()):
        if not conflict.is_blocking or (conflict.kind is ConflictKind.IMPLAUSIBLE and spell.booking):
            yield conflict
    yield from (conflict for conflict in differences if not conflict.is_blocking)
    if not spell.is_plain:
        if _is_noted_vanished(spell):
            yield vanished_conflict(spell, bench, is_blocking=False)
        yield from _duplicates(spell, bench)
    short = spell.standing.short_seconds if spell.standing else 0
    if short and spell.standing and bench.owed.get(spell.standing.person, 0):
        yield balance_short(spell.service, spell.standing, short)


def _is_noted_vanished(spell: Spell) -> bool:
    """Say whether a record is gone and somebody else still speaks for the service."""
    gone = [claim for claim in spell.service.claims if claim.is_gone and claim.state == RecordState.EFFECTIVE]
    return bool(gone) and bool(spell.alive)


def _duplicates(spell: Spell, bench: Bench) -> Iterator[Conflict]:
    """Tell of what a platform says twice, unless somebody has said already that it is the same."""
    bindings = Bindings(spell.subject.pairs)
    by_platform: dict[str, list[Claim]] = {}
    for claim in spell.service.duplicates:
        if not any(bindings.are_same(claim.key, member.key) for member in spell.alive):
            by_platform.setdefault(claim.key.platform, []).append(claim)
    for platform, extra in by_platform.items():
        kept = [claim for claim in spell.alive if claim.key.platform == platform]
        keys = keys_of([*kept, *extra])
        conflict = of_service(
            ConflictKind.DUPLICATE, spell, bench.rules, "said_twice",
            is_blocking=False, evidence=[str(key) for key in keys],
            details=(("platform", platform), ("count", str(len(keys)))), suggestion="same",
        )  # fmt: skip
        stake = stake_seconds(extra, bench.rules, is_special=spell.is_special)
        yield replace(conflict, about="records/" + "+".join(map(str, keys)), records=keys, seconds_at_stake=stake)


def vanished_conflict(spell: Spell, bench: Bench, *, is_blocking: bool) -> Conflict:
    """Say that records are gone without a trace and without a withdrawal."""
    gone = [claim for claim in spell.service.claims if claim.is_gone and claim.state is not RecordState.WITHDRAWN]
    return of_service(
        ConflictKind.VANISHED, spell, bench.rules, "gone_without_trace",
        is_blocking=is_blocking, evidence=[f"{claim.key}|gone" for claim in gone],
        details=(("platform", ", ".join(sorted({claim.key.platform for claim in gone}))),),
    )  # fmt: skip
