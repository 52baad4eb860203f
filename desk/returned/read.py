"""Read a workbook that came back, row by row, as its cells stand; what they are worth is judged elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from adapters.sheet import Sheet, SheetRow, folded_heading, read_sheet
from desk.report.rows import FILLED_COLUMNS, HIDDEN_COLUMNS, SHOWN_COLUMNS, column_name
from desk.words.words import LANGUAGES, words
from domain.errors import UsageError

_SHOWN = tuple(code for code, _ in SHOWN_COLUMNS)
_FILLED = tuple(code for code, _ in FILLED_COLUMNS)
_COLUMNS = (*_SHOWN, *_FILLED, *HIDDEN_COLUMNS)


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """One row as it came back; ``line`` is the sheet's own. ``formulas`` are the columns in which a formula stands.

    ``headings`` gives the file's own spelling of a column.
    """

    line: int
    shown: tuple[str, ...] = field(repr=False)
    decision: str = field(repr=False)
    hours: str = field(repr=False)
    reason: str = field(repr=False)
    by: str = field(repr=False)
    key: str
    version: str
    code: str
    formulas: frozenset[str]
    headings: dict[str, str] = field(repr=False)

    @property
    def conflict_id(self) -> str:
        """Give the id in the row's first cell."""
        return self.shown[0].strip().upper()

    @property
    def filled(self) -> tuple[str, ...]:
        """Give the cells that a person fills in, as they stand."""
        return self.decision, self.hours, self.reason, self.by


@dataclass(frozen=True, slots=True)
class Returned:
    """A returned workbook: its rows in the order in which they stand, and the SHA-256 of the file."""

    rows: tuple[ReturnedRow, ...]
    digest: str


def read_returned(path: Path) -> Returned:
    """Read a returned workbook; its columns may stand in any order, others beside them, its sheets under any name.

    Raises:
        UsageError: the file cannot be read (``sheet_…``), or a column of ours is not there.
    """
    known = _headings()
    sheet = read_sheet(path, known)
    found = {known[heading]: heading for heading in reversed(sheet.headings) if heading in known}
    missing = [column for column in _COLUMNS if column not in found]
    if missing:
        said = words(_language(sheet))
        raise UsageError(
            "returned_column_missing",
            file=str(path),
            column=said.page("and").join(column_name(column, said) for column in missing),
        )
    spelt = {column: sheet.headings[heading] for column, heading in found.items()}
    rows = (_row(row, found, spelt) for row in sheet.rows)
    return Returned(tuple(row for row in rows if _says_anything(row)), sheet.digest)


@cache
def _headings() -> dict[str, str]:
    """Map every heading, folded and in either language, to its column."""
    return {folded_heading(column_name(column, words(lang))): column for lang in LANGUAGES for column in _COLUMNS}


def _language(sheet: Sheet) -> str:
    """Give the language in which most of our headings stand."""
    here = {
        lang: sum(folded_heading(column_name(column, words(lang))) in sheet.headings for column in _COLUMNS)
        for lang in LANGUAGES
    }
    return max(LANGUAGES, key=here.__getitem__)


def _row(row: SheetRow, found: dict[str, str], spelt: dict[str, str]) -> ReturnedRow:
    cells = {column: row.cells[heading] for column, heading in found.items()}
    return ReturnedRow(
        line=row.line,
        shown=tuple(cells[column] for column in _SHOWN),
        decision=cells["decision"],
        hours=cells["hours_blank"],
        reason=cells["reason"],
        by=cells["decided_by"],
        key=cells["row_key"],
        version=cells["row_version"],
        code=cells["check_code"],
        formulas=frozenset(column for column, heading in found.items() if heading in row.formulas),
        headings=spelt,
    )


def _says_anything(row: ReturnedRow) -> bool:
    return bool(row.formulas) or any((*row.shown, *row.filled, row.key))
