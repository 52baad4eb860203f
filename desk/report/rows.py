"""What stands in the workbook's rows: the locked cells, what may be chosen, and the seal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from desk.report.choices import choices
from desk.report.say import conflict_reason
from desk.report.seal import RowSeal
from desk.report.sides import show_span
from desk.report.values import ReportConflict, Side
from desk.words.words import Words, show_day
from domain.conflicts import ConflictState
from domain.decisions import DecisionCode, is_possible
from domain.hours import show_hours

SHOWN_COLUMNS = (
    ("conflict_id", 13), ("kind", 12), ("person", 9), ("local_number", 9), ("station", 9), ("day", 11),
    ("activity", 12), ("sides", 30), ("hours", 7), ("explanation", 22), ("suggestion", 20), ("state", 8),
)  # fmt: skip
FILLED_COLUMNS = (("decision", 18), ("hours_blank", 8), ("reason", 20), ("decided_by", 9))
HIDDEN_COLUMNS = ("row_key", "row_version", "check_code")
CREDIT_HOURS_MAX, APPROVED_HOURS_MAX = 24, 100_000
_UNFILLED = ("",) * len(FILLED_COLUMNS)
_SIDES_MAX = 6
_TEXT_MAX = 32_000  # a spreadsheet's cell holds 32,767 characters


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its texts in the order of the columns; ``choices`` are what is offered, none in a row that is locked.

    ``is_person_typed``: one of the choices takes a 本地编号 typed behind it. ``outcome`` says what came of the row.
    """

    shown: tuple[str, ...]
    hidden: tuple[str, ...]
    choices: tuple[str, ...] = ()
    is_person_typed: bool = False
    hours_max: int = CREDIT_HOURS_MAX
    filled: tuple[str, ...] = field(default=_UNFILLED, repr=False)
    outcome: str = ""


def line_of(conflict: ReportConflict, seal: RowSeal, words: Words, today: date) -> Line:
    """Give a conflict's row, nothing filled in; what waits for a second person or is settled cannot be filled in."""
    shown = shown_cells(conflict, words, today)
    key = seal.key(conflict.conflict_id)
    hidden = (key, conflict.version, seal.code(key, conflict.version, shown))
    if conflict.state not in {ConflictState.OPEN, ConflictState.RETURNED}:
        return Line(shown, hidden)
    offered = choices(conflict)
    is_release = is_possible(DecisionCode.APPROVE, conflict.kind, is_blocking=conflict.is_blocking)
    return Line(
        shown,
        hidden,
        tuple(words.decision(code) for code in offered),
        is_person_typed=DecisionCode.PERSON in offered,
        hours_max=APPROVED_HOURS_MAX if is_release else CREDIT_HOURS_MAX,
    )


def shown_cells(conflict: ReportConflict, words: Words, today: date) -> tuple[str, ...]:
    """Give the texts of a conflict's locked cells, in the order of ``SHOWN_COLUMNS``."""
    said = (
        conflict.conflict_id,
        words.kind(conflict.kind).name,
        conflict.person_masked,
        conflict.local_number,
        conflict.station_name,
        conflict.service_date.isoformat() if conflict.service_date else "",
        conflict.what,
        _sides(conflict.sides, words, today),
        show_hours(conflict.seconds_at_stake),
        conflict_reason(conflict, words),
        words.suggestion(conflict.kind, conflict.suggestion),
        words.say("conflict_states", conflict.state.value),
    )
    return tuple(text[:_TEXT_MAX] for text in said)


def column_name(code: str, words: Words) -> str:
    """Give a column's heading."""
    own = words.tables["workbook"]
    return own[code] if code in own else words.page(code)


def _sides(sides: tuple[Side, ...], words: Words, today: date) -> str:
    lines = [
        words.say(
            "workbook",
            "side",
            platform=words.platform_short(side.platform),
            day=show_day(side.service_date, this_year=today.year),
            time=show_span(side.starts_at, side.ends_at),
            hours=show_hours(side.seconds),
            category=side.category_name,
        )
        for side in sides[:_SIDES_MAX]
    ]
    if len(sides) > len(lines):
        lines.append(words.page("more_sides", count=len(sides) - len(lines)))
    return "\n".join(" ".join(line.split()) for line in lines)
