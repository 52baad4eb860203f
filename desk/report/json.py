"""The conflicts as the list of dicts that scripts read (``conflicts --json``, ``conflicts.json``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from desk.report.say import conflict_reason
from desk.report.values import ReportConflict, Side
from desk.words.words import Words


def to_json(conflicts: Iterable[ReportConflict], words: Words) -> list[dict[str, Any]]:
    """Give one dict per conflict, in the order given; ``reason`` and ``suggestion`` are sentences."""
    return [_conflict(conflict, words) for conflict in conflicts]


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
