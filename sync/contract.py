"""Many rows of one platform that cannot be read for one reason: no typing mistakes any more, but another contract."""

from __future__ import annotations

from collections.abc import Mapping

from domain.conflicts import Conflict, ConflictKind

MANY = 20


def contract_conflicts(unreadable: Mapping[tuple[str, str], int]) -> list[Conflict]:
    """Give one conflict for each platform and reason with many rows; ``unreadable`` counts them by both."""
    return [
        _conflict(platform, reason, count) for (platform, reason), count in sorted(unreadable.items()) if count >= MANY
    ]


def _conflict(platform: str, reason: str, count: int) -> Conflict:
    return Conflict(
        kind=ConflictKind.CONTRACT,
        about=f"contract/{platform}/{reason}",
        is_blocking=False,
        person=None,
        identity=None,
        station="",
        service_date=None,
        records=(),
        seconds_at_stake=0,
        cause=f"contract/{platform}",
        evidence=(platform, reason),
        reason="rows_unreadable",
        details=(("platform", platform), ("count", str(count)), ("code", reason)),
    )
