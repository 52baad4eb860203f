"""The records of one conflict side by side, and which of their differences a person must judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from desk.report.values import ReportConflict, Side
from desk.words.words import Words, show_day
from domain.clock import SHANGHAI
from domain.conflicts import ConflictKind
from domain.hours import show_hours
from domain.records import RecordState

SHOWN_SIDES_MAX = 12


class Mark(StrEnum):
    """How a cell is framed: not at all, as what the conflict is about, or as one more difference."""

    NONE = "none"
    JUDGE = "judge"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of one side."""

    text: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class SideTable:
    """The sides as rows under common columns; ``left_out`` sides stand in the appendix only."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class _Column:
    code: str
    read: Callable[[Side, Words, int], str]
    is_only_if_different: bool = False


_COLUMNS = (
    _Column("person", lambda side, _words, _year: side.person_masked, is_only_if_different=True),
    _Column("day", lambda side, _words, year: show_day(side.service_date, this_year=year)),
    _Column("time", lambda side, _words, _year: show_span(side.starts_at, side.ends_at)),
    _Column("duration", lambda side, _words, _year: show_hours(side.seconds)),
    _Column("category", lambda side, _words, _year: side.category_name),
    _Column("station", lambda side, _words, _year: side.station_name, is_only_if_different=True),
    _Column("activity", lambda side, _words, _year: side.activity_name),
    _Column("record_state", lambda side, words, _year: _state(side, words), is_only_if_different=True),
)
_JUDGED = {
    ConflictKind.HOURS_DIFFER: ("time", "duration"),
    ConflictKind.CATEGORY_DIFFERS: ("category",),
    ConflictKind.DATE_DIFFERS: ("day",),
    ConflictKind.PERSON_DIFFERS: ("person",),
    ConflictKind.OVERLAP: ("time",),
}
# Only here do all sides speak of one service, so that any other difference is worth a look.
_OF_ONE_SERVICE = frozenset({ConflictKind.HOURS_DIFFER, ConflictKind.CATEGORY_DIFFERS, ConflictKind.DATE_DIFFERS})


def side_table(conflict: ReportConflict, words: Words, today: date) -> SideTable:
    """Lay the sides of a conflict out side by side; a value that is not given differs from nothing."""
    texts = {column: [column.read(side, words, today.year) for side in conflict.sides] for column in _COLUMNS}
    marks = {column: _mark(conflict.kind, column.code, texts[column]) for column in _COLUMNS}
    shown = [column for column in _COLUMNS if _is_shown(column, conflict.kind, texts[column])]
    blank = words.page("not_given")
    rows = [
        (
            words.platform_short(side.platform),
            tuple(
                Cell(texts[column][place] or blank, _of_text(marks[column], texts[column][place])) for column in shown
            ),
        )
        for place, side in enumerate(conflict.sides[:SHOWN_SIDES_MAX])
    ]
    return SideTable(tuple(column.code for column in shown), tuple(rows), len(conflict.sides) - len(rows))


def show_span(starts_at: datetime | None, ends_at: datetime | None) -> str:
    """Show a span as ``09:00–09:42`` in Shanghai time, an unknown end as ``09:00–?``, nothing as an empty text."""
    if starts_at is None and ends_at is None:
        return ""
    return "–".join(f"{at.astimezone(SHANGHAI):%H:%M}" if at else "?" for at in (starts_at, ends_at))


def _state(side: Side, words: Words) -> str:
    return "" if side.state is RecordState.EFFECTIVE else words.say("record_states", side.state.value)


def _is_shown(column: _Column, kind: ConflictKind, texts: list[str]) -> bool:
    if not any(texts):
        return False
    return not column.is_only_if_different or len(set(texts)) > 1 or column.code in _JUDGED.get(kind, ())


def _mark(kind: ConflictKind, column: str, texts: list[str]) -> Mark:
    # Two names may differ and yet look the same once masked.
    is_different = len({text for text in texts if text}) > 1 or (
        kind is ConflictKind.PERSON_DIFFERS and column == "person"
    )
    if not is_different:
        return Mark.NONE
    if column in _JUDGED.get(kind, ()):
        return Mark.JUDGE
    return Mark.OTHER if kind in _OF_ONE_SERVICE else Mark.NONE


def _of_text(mark: Mark, text: str) -> Mark:
    return mark if text else Mark.NONE
