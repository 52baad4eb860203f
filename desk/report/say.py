"""A conflict's own sentence, the same on pages, in the workbook and in JSON."""

from __future__ import annotations

from desk.report.values import ReportConflict
from desk.words.words import Words


def conflict_reason(conflict: ReportConflict, words: Words) -> str:
    """Say why this conflict stands."""
    return words.reason(conflict.kind, conflict.reason, conflict.details, is_blocking=conflict.is_blocking)
