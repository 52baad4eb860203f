"""Whether what stands between the records and the book still follows from them: claims read anew, subjects planned."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from domain.actions import Correct, Plan, Post, Reverse
from domain.conflicts import Conflict, ConflictKind
from domain.records import RecordKey
from local_store import conflicts, coverage, rulebook, subjects
from local_store.claims import claims_of
from local_store.outlook import caps, kept_of, places_of
from local_store.transaction import Tx
from mapping.load import read_rules
from mapping.read import RecordReader
from mapping.rules import RuleSet
from sync.apply import Applier, ApplyTally, load_once
from sync.reread import read_anew

PORTION = 400


def claim_faults(tx: Tx, rules: RuleSet) -> Iterator[str]:
    """Read all that was said anew, and find the claims under these rules that say something else."""
    reader = RecordReader(rules)
    for numbers in _portions(subjects.all_numbers(tx)):
        there = {claim.key: claim for claims in claims_of(tx, list(numbers)).values() for claim in claims}
        for kept in kept_of(tx, numbers):
            claim = there[kept.key]
            if claim.rules_version != rules.version:
                continue  # the next run reads it anew
            anew = read_anew(kept.said, reader, rules)
            if replace(anew, identity=claim.identity, is_gone=claim.is_gone, is_flagged=claim.is_flagged) != claim:
                yield f"claim {kept.said.number}"


def cap_faults(tx: Tx, rules: RuleSet) -> Iterator[str]:
    """Find accounts whose cap no rule set has ever named."""
    named = {rules.cap_seconds} | {read_rules(one.text, one.version).cap_seconds for one in rulebook.texts(tx)}
    yield from (f"{code}: cap {seconds}" for code, seconds in sorted(caps(tx).items()) if seconds not in named)


def plan_faults(tx: Tx, rules: RuleSet, today: date) -> Iterator[str]:
    """Plan anew everybody of whom nothing has changed since they were planned: nothing may come of it."""
    pending = set(subjects.changed(tx, today, rules.version))
    applier = Applier(rules, coverage.covered_through(tx), today, 0, frozenset(), ApplyTally())
    settled = [number for number in subjects.all_numbers(tx) if number not in pending]
    for numbers in _portions(settled):
        loaded = [one for one in load_once(tx, numbers, applier.done) if not pending & {*one.stands_for, one.number}]
        planned = applier.plans(tx, loaded)
        yield from (move for one in planned for move in _moves(one))
        everybody = sorted({number for one in loaded for number in (*one.stands_for, one.number)})
        yield from _misplaced(tx, planned, everybody)
        yield from _untold(tx, [conflict for one in planned for conflict in one.conflicts], everybody)


def _moves(plan: Plan) -> Iterator[str]:
    for line in plan.lines:
        if isinstance(line.action, Post | Correct | Reverse):
            yield f"service {line.service.service_id}: {line.reason}"


def _misplaced(tx: Tx, plans: Sequence[Plan], numbers: Sequence[int]) -> Iterator[str]:
    """Find records that are not where their plan has them."""
    wanted: dict[RecordKey, tuple[str, str]] = {}
    for plan in plans:
        services = {claim.key: line.service.service_id for line in plan.lines for claim in line.service.claims}
        wanted |= {key: (services.get(key, ""), kind.value) for key, kind in plan.dispositions.items()}
    for key, place in places_of(tx, numbers):
        if wanted.get(key) != place:
            yield f"record {key.platform}/{key.external_id}: membership"


def _untold(tx: Tx, found: Sequence[Conflict], numbers: Sequence[int]) -> Iterator[str]:
    """Find conflicts that should be open or closed, and those that say something else than their plan.

    A note of a balance that fell short follows what the person owes, which moves with every booking of theirs: it is
    brought up to date when they are planned the next time, and proves nothing before.
    """
    found = [conflict for conflict in found if conflict.kind is not ConflictKind.BALANCE_SHORT]
    opened, closed = conflicts.foreseen(tx, numbers, found)
    yield from (f"conflict {conflict.conflict_id}: not open" for conflict in opened)
    yield from (f"conflict {row.conflict_id}: no cause" for row in closed if row.kind != ConflictKind.BALANCE_SHORT)
    there = conflicts.rows_of(tx, [conflict.conflict_id for conflict in found])
    for conflict in found:
        row = there.get(conflict.conflict_id)
        if row is not None and (wrong := _differing(row, conflict)):
            yield f"conflict {conflict.conflict_id}: {' '.join(wrong)}"


def _differing(row: Any, conflict: Conflict) -> list[str]:  # noqa: ANN401 - a row
    must = {
        "kind": conflict.kind.value, "about": conflict.about, "is_blocking": conflict.is_blocking,
        "person": conflict.person, "identity": conflict.identity, "station": conflict.station,
        "service_date": conflict.service_date.isoformat() if conflict.service_date else None,
        "seconds_at_stake": conflict.seconds_at_stake, "cause": conflict.cause,
        "evidence": json.dumps(conflict.evidence, ensure_ascii=False), "reason": conflict.reason,
        "details": json.dumps(conflict.details, ensure_ascii=False), "suggestion": conflict.suggestion,
        "keys_said": json.dumps([[key.platform, key.external_id, key.stream] for key in conflict.records]),
    }  # fmt: skip
    return [name for name, value in must.items() if getattr(row, name) != value]


def _portions(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), PORTION):
        yield numbers[start : start + PORTION]
