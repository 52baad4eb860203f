"""A conflict's own sentence, the same on pages, in the workbook and in JSON."""

from __future__ import annotations

from desk.evidence import changes
from desk.report.values import ReportConflict
from desk.words.words import Words, show_day
from domain.conflicts import ConflictState
from mapping.rules import RuleSet


def life_lines(conflict: ReportConflict, words: Words, rules: RuleSet | None, this_year: int) -> list[str]:
    """Say where a conflict stands that somebody has judged: who proposed what, who is asked, what has changed since."""
    if conflict.decision is None:
        return []
    said = {"decision": words.decision(conflict.decision), "by": conflict.decided_by or words.page("not_given")}
    match conflict.state:
        case ConflictState.PROPOSED:
            return [words.page("life_proposed", **said)]
        case ConflictState.RETURNED:
            until = conflict.asked_until
            shown = words.page("not_given") if until is None else show_day(until, this_year=this_year)
            return [words.page("life_returned", until=shown, **said)]
        case ConflictState.OPEN:
            told = [] if rules is None else changes(conflict.judged_on, conflict.evidence, words, rules)
            return [words.page("life_reopened", **said), *(words.page("life_changed", change=one) for one in told)]
        case _:
            return []


def conflict_reason(conflict: ReportConflict, words: Words) -> str:
    """Say why this conflict stands."""
    return words.reason(conflict.kind, conflict.reason, conflict.details, is_blocking=conflict.is_blocking)
