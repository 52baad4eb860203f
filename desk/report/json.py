"""The conflicts as the list of dicts that scripts read (``conflicts --json``, ``conflicts.json``)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from desk.evidence import changes
from desk.report.arrange import working_days
from desk.report.say import conflict_reason
from desk.report.values import ReportConflict, Side
from desk.words.words import Words
from mapping.rules import RuleSet


def to_json(conflicts: Iterable[ReportConflict], words: Words) -> list[dict[str, Any]]:
    """Give one dict per conflict, in the order given; ``reason`` and ``suggestion`` are sentences."""
    return [_conflict(conflict, words) for conflict in conflicts]


def life_of(conflict: ReportConflict, words: Words, rules: RuleSet, today: date) -> dict[str, Any]:
    """Give what a conflict's life so far comes to: its cause, its age, until when somebody is asked, what changed."""
    asked_until = conflict.asked_until
    return {
        "cause": conflict.cause,
        "age_working_days": working_days(conflict.since, today),
        "asked_until": None if asked_until is None else asked_until.isoformat(),
        "changed": changed(conflict, words, rules),
    }


def changed(conflict: ReportConflict, words: Words, rules: RuleSet) -> list[str]:
    """Say what has changed in the facts since the last decision; nothing where nobody has decided."""
    return changes(conflict.judged_on, conflict.evidence, words, rules) if conflict.judged_on else []


def _conflict(conflict: ReportConflict, words: Words) -> dict[str, Any]:
    return {
        "id": conflict.conflict_id,
        "kind": conflict.kind.value,
        "state": conflict.state.value,
        "person": conflict.local_number or None,
        "person_name": conflict.person_masked or None,
        "station": conflict.station or None,
        "service_date": conflict.service_date.isoformat() if conflict.service_date else None,
        "records": [_record(side) for side in conflict.sides],
        "seconds_at_stake": conflict.seconds_at_stake,
        "blocking": conflict.is_blocking,
        "since": conflict.since.isoformat(),
        "reason": conflict_reason(conflict, words),
        "suggestion": words.suggestion(conflict.kind, conflict.suggestion),
        "decision": conflict.decision,
    }


def _record(side: Side) -> dict[str, Any]:
    return {
        "platform": side.platform,
        "external_id": side.external_id,
        "seconds": side.seconds,
        "service_date": side.service_date.isoformat(),
    }
