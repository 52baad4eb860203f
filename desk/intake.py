"""Read the lists that a station hands in, roster and entries, row by row: good rows go in, bad ones say why not."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from desk.intake_columns import ENTRY_COLUMNS, ROSTER_COLUMNS, Columns, rows_of
from desk.intake_doubts import last_january, note_of, shifted_column
from desk.intake_entry import read_entry_row
from desk.intake_roster import read_roster_row
from desk.intake_row import Row, RowRefused
from domain.entries import Entry
from domain.people import RosterRow
from domain.refusals import RefusedRow
from mapping.rules import RuleSet

Value = TypeVar("Value", RosterRow, Entry)


@dataclass(frozen=True, slots=True)
class RosterList:
    """A roster file, read. ``skipped`` are rows that are no persons: totals, the template's example, signatures."""

    rows: tuple[RosterRow, ...]
    refused: tuple[RefusedRow, ...]
    skipped: tuple[RefusedRow, ...]


@dataclass(frozen=True, slots=True)
class EntryList:
    """An entries file, read; ``lines`` gives for each entry of ``rows`` its line in the sheet."""

    rows: tuple[Entry, ...]
    lines: tuple[int, ...]
    refused: tuple[RefusedRow, ...]
    skipped: tuple[RefusedRow, ...]


def read_roster(path: Path, rules: RuleSet, today: date | None = None) -> RosterList:
    """Read a roster file; with ``today`` given, days in the future are refused.

    Raises:
        UsageError: the file cannot be read, or a column is missing, unclear or there twice (``sheet_…``).
    """
    rows, skipped = _rows(path, ROSTER_COLUMNS.with_numbers(rules))
    taken, refused = _read_all(rows, lambda row: read_roster_row(row, rules, today))
    taken, twice = _unrepeated(taken, "本地编号", "local_number_twice", lambda value: value.local_number)
    taken, same_id = _unrepeated(taken, "证件号码", "id_number_twice", lambda value: value.person.id_number)
    return RosterList(tuple(value for _, value in taken), _in_order(refused, twice, same_id), skipped)


def read_entries(path: Path, rules: RuleSet, today: date | None = None) -> EntryList:
    """Read an entries file; with ``today`` given, days in the future or of a mistyped year are refused.

    Raises:
        UsageError: as ``read_roster``.
    """
    rows, skipped = _rows(path, ENTRY_COLUMNS)
    taken, refused = _read_all(rows, lambda row: read_entry_row(row, rules, today))
    taken, twice = _unrepeated(taken, "录入编号", "entry_id_twice", lambda value: (value.station, value.entry_id))
    doubtful = last_january([value.service_date for _, value in taken], today) if today else frozenset()
    dated = [row.refused("服务日期", "date_last_year") for row, value in taken if value.service_date in doubtful]
    taken = [(row, value) for row, value in taken if value.service_date not in doubtful]
    return EntryList(
        tuple(value for _, value in taken),
        tuple(row.line for row, _ in taken),
        _in_order(refused, twice, dated),
        skipped,
    )


def _rows(path: Path, columns: Columns) -> tuple[tuple[Row, ...], tuple[RefusedRow, ...]]:
    """Part the rows from those that are none."""
    rows: list[Row] = []
    skipped: list[RefusedRow] = []
    for row in rows_of(path, columns):
        column, note = note_of(row)
        if note:
            skipped.append(row.refused(column, note))
        else:
            rows.append(row)
    return tuple(rows), tuple(skipped)


def _read_all(rows: Sequence[Row], read: Callable[[Row], Value]) -> tuple[list[tuple[Row, Value]], list[RefusedRow]]:
    """Read every row; where a column stands one row too low, no row of the list can be trusted."""
    shifted = shifted_column(rows)
    if shifted:
        return [], [row.refused(shifted, "column_shifted") for row in rows]
    taken: list[tuple[Row, Value]] = []
    refused: list[RefusedRow] = []
    for row in rows:
        try:
            taken.append((row, read(row)))
        except RowRefused as refusal:
            refused.append(refusal.row)
    return taken, refused


def _unrepeated(
    taken: Sequence[tuple[Row, Value]], column: str, code: str, key: Callable[[Value], Hashable]
) -> tuple[list[tuple[Row, Value]], list[RefusedRow]]:
    """Keep the first row of each key; the same row again is passed over, another one under the same key is refused."""
    first: dict[Hashable, tuple[Row, Value]] = {}
    refused: list[RefusedRow] = []
    for row, value in taken:
        known_row, known = first.setdefault(key(value), (row, value))
        if known != value:
            refused.append(row.refused(column, code, (("first_line", str(known_row.line)),)))
    return list(first.values()), refused


def _in_order(*refused: Iterable[RefusedRow]) -> tuple[RefusedRow, ...]:
    return tuple(sorted((row for rows in refused for row in rows), key=lambda row: row.line))
