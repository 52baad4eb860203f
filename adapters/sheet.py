"""Read a sheet that people filled in, XLSX or CSV, as rows of text cells with the sheet's own line numbers."""

from __future__ import annotations

import hashlib
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from adapters.csvfile import rows_of_csv
from adapters.formulas import Place
from adapters.sheetlimits import FILE_BYTES_MAX, SheetFault
from adapters.workbook import rows_of_workbook
from domain.errors import UsageError

HEADER_LINES_MAX = 20
_HEADINGS_LEAST = 2
_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_TYPES = (b"%PDF", b"{\\rtf", b"<")  # pages of a website are often saved under a spreadsheet's ending
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

Line = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its line in the sheet (from 1) and its cells by folded heading; "" is an empty cell.

    ``formulas`` are the headings under which a formula stands: its cell is the last result, which nobody typed.
    """

    line: int
    cells: dict[str, str] = field(repr=False)
    formulas: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's table: its headings as folded and as written, in order, and its rows that are not empty.

    ``digest`` is the SHA-256 of the whole file, in hex.
    """

    headings: dict[str, str]
    rows: tuple[SheetRow, ...]
    digest: str = ""


def read_sheet(path: Path, known_headings: Iterable[str]) -> Sheet:
    """Read the one table of a file: the header row is the one, among the first twenty, with most known headings.

    A title may stand above it. Formulas are never evaluated: a workbook's last stored result is read.

    Raises:
        UsageError: ``sheet_…`` with the ``file``: missing, unreadable, too_large, encrypted, old_format, wrong_type,
            broken, empty, no_header, several (tables), column_twice (with the ``column``).
    """
    known = frozenset(map(folded_heading, known_headings))
    try:
        body = _read_bytes(path)
        tables = [table for lines, formulas in _lines_of(body) if (table := _table(lines, formulas, known)) is not None]
    except SheetFault as fault:
        raise UsageError(fault.code, file=str(path), **fault.data) from None
    filled = [table for table in tables if table.rows] or tables
    if not filled:
        raise UsageError("sheet_no_header", file=str(path))
    if len(filled) > 1:
        raise UsageError("sheet_several", file=str(path))
    return replace(filled[0], digest=hashlib.sha256(body).hexdigest())


def folded_heading(text: str) -> str:
    """Give the text under which a heading is compared: half width, no blanks, no asterisk of required columns."""
    return "".join(unicodedata.normalize("NFKC", text).split()).strip("*")


def _lines_of(body: bytes) -> Iterator[tuple[Iterable[Line], frozenset[Place]]]:
    """Give the lines and the formulas of each sheet of the file that may hold a table; a CSV file is one."""
    if not body.strip():
        raise SheetFault("sheet_empty")
    if body.startswith(_OLD_OFFICE):
        raise SheetFault("sheet_encrypted" if _ENCRYPTED in body else "sheet_old_format")
    if body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(_OTHER_TYPES):
        raise SheetFault("sheet_wrong_type")
    if body.startswith(_ZIP):
        yield from rows_of_workbook(body)
    else:
        yield rows_of_csv(body), frozenset()


def _read_bytes(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
            raise SheetFault("sheet_wrong_type")
        with path.open("rb") as file:
            body = file.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        raise SheetFault("sheet_missing") from None
    except (OSError, ValueError):
        raise SheetFault("sheet_unreadable") from None
    if len(body) > FILE_BYTES_MAX:
        raise SheetFault("sheet_too_large")
    return body


def _table(lines: Iterable[Line], formulas: frozenset[Place], known: frozenset[str]) -> Sheet | None:
    """Find the header and give the table below it, or None in a sheet that has no known headings."""
    kept = list(lines)
    header = _header(kept, known)
    if header is None:
        return None
    cells = kept[header][1]
    headings = [folded_heading(cell) for cell in cells]
    _refuse_twice(headings, known)
    places = [(place, heading) for place, heading in enumerate(headings) if heading]
    rows = (_row(line, row, places, formulas) for line, row in kept[header + 1 :])
    return Sheet({headings[place]: cells[place].strip() for place, _ in places}, tuple(filter(None, rows)))


def _header(lines: list[Line], known: frozenset[str]) -> int | None:
    counts = [len(known.intersection(map(folded_heading, cells))) for _, cells in lines[:HEADER_LINES_MAX]]
    most = max(counts, default=0)
    return counts.index(most) if most >= _HEADINGS_LEAST else None


def _refuse_twice(headings: list[str], known: frozenset[str]) -> None:
    for heading in known:
        if headings.count(heading) > 1:
            raise SheetFault("sheet_column_twice", column=heading)


def _row(
    line: int, cells: tuple[str, ...], places: list[tuple[int, str]], formulas: frozenset[Place]
) -> SheetRow | None:
    """Give a row by heading, or None for an empty one; text without a heading over it is no part of the table."""
    found = {heading: cells[place].strip() if place < len(cells) else "" for place, heading in places}
    counted = frozenset(heading for place, heading in places if (line, place) in formulas) if formulas else frozenset()
    return SheetRow(line, found, counted) if counted or any(found.values()) else None
