"""A platform that does not keep to its contract: many rows unreadable for one reason, sums that its rows are not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from domain.conflicts import Conflict, ConflictKind
from local_store.sweeps import Asked
from mapping.rules import RuleSet

MANY = 20


def contract_conflicts(unreadable: Mapping[tuple[str, str], int]) -> list[Conflict]:
    """Give one conflict for each platform and reason with many rows; ``unreadable`` counts them by both."""
    return [
        _conflict(platform, reason, count) for (platform, reason), count in sorted(unreadable.items()) if count >= MANY
    ]


def differing_sums(asked: Iterable[Asked], rules: RuleSet, today: date) -> list[Conflict]:
    """Give one conflict for each organisation whose platform sums up other days than it shows, even to a sweep."""
    told = [one for one in asked if one.reason == "summary" and one.tried_on is not None]
    return [_of_sums(one, rules.station_of(one.platform, one.scope, today)) for one in told]


def _of_sums(one: Asked, station: str) -> Conflict:
    days: dict[str, list[int | None]] = one.figures["days"]
    first = min(days)
    theirs, _, ours, _ = (0 if figure is None else figure for figure in days[first])
    return Conflict(
        kind=ConflictKind.CONTRACT,
        about=f"contract/{one.platform}/sums/{one.scope}",
        is_blocking=False,
        person=None,
        identity=None,
        station=station,
        service_date=None,
        records=(),
        seconds_at_stake=0,
        cause=f"contract/{one.platform}/sums",
        evidence=(one.platform, one.scope, *sorted(days)),
        reason="sums_differ",
        details=(
            ("platform", one.platform), ("count", str(len(days))), ("first_on", first),
            ("theirs", str(theirs)), ("ours", str(ours)),
        ),
    )  # fmt: skip


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
