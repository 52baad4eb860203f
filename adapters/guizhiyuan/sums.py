"""Sums of days as this platform makes them, over rows that we hold: what ``hours.summary`` should say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from adapters.base import DaySummary, SummedRow
from adapters.crypto import sm3_hex
from adapters.fields import FieldFaultError, calendar_day, code_at, external_id_at, text_at
from adapters.guizhiyuan import profile
from adapters.texts import parsed_json


def summed_days(rows: Iterable[SummedRow]) -> tuple[DaySummary, ...]:
    """Sum rows up by day, all states alike."""
    days: dict[str, list[SummedRow]] = defaultdict(list)
    for row in rows:
        days[row.day.isoformat()].append(row)
    return tuple(_summed(days[day]) for day in sorted(days))


def told_in_sum(raw: bytes) -> SummedRow | None:
    """Read of a row, unreadable as it is, what goes into the sum of its day; None where even that is missing."""
    try:
        row = parsed_json(raw)
        if not isinstance(row, dict):
            return None
        figure = code_at(row, "durationMinutes")
        seconds = int(figure) * profile.SECONDS_PER_MINUTE if figure else None
        return SummedRow(
            external_id_at(row, "recordId"), calendar_day(text_at(row, "serviceDate")), seconds, code_at(row, "state")
        )
    except (ValueError, FieldFaultError):
        return None


def _summed(rows: list[SummedRow]) -> DaySummary:
    ordered = sorted(rows, key=lambda row: (len(row.external_id), row.external_id))
    lines = [f"{row.external_id}:{_figure(row)}:{profile.STATE_CODES.get(row.state, row.state)}\n" for row in ordered]
    minutes = sum(row.seconds // profile.SECONDS_PER_MINUTE for row in ordered if row.seconds is not None)
    return DaySummary(rows[0].day, len(rows), minutes, sm3_hex("".join(lines).encode()))


def _figure(row: SummedRow) -> str:
    return "" if row.seconds is None else str(row.seconds // profile.SECONDS_PER_MINUTE)
