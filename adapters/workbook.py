"""Read an XLSX workbook as lines of text cells, after making sure that it is no bomb."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from adapters.formulas import Place, column_number, formulas_of
from adapters.sheetlimits import (
    CELLS_MAX,
    COLUMNS_MAX,
    PARTS_MAX,
    REPEATED_TEXT_BYTES_MAX,
    ROWS_MAX,
    UNPACKED_BYTES_MAX,
    SheetFault,
)

_WORKBOOK_PART = "xl/workbook.xml"
_SHARED_TEXT_PART = "xl/sharedstrings.xml"
_TEXT_COUNT = re.compile(rb"""uniqueCount\s*=\s*["']([^"']*)""", re.IGNORECASE)
_REFERENCE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]*)(\d+)""")
_EXACT_INTEGER_MAX = 10**15
_DIGITS_MAX = 12
_LETTERS_MAX = 7
_SECONDS_PER_MINUTE = 60

Cell = int | float | str | bool | time | date | datetime | timedelta


def rows_of_workbook(body: bytes) -> Iterator[tuple[Iterator[tuple[int, tuple[str, ...]]], frozenset[Place]]]:
    """Give each visible worksheet: its lines, as number and cells as text, and where in them formulas stand.

    Raises:
        SheetFault: not an XLSX workbook, locked, broken, or beyond the limits.
    """
    parts = _checked_parts(body)
    formulas = formulas_of({name.lower(): part for name, part in parts.items()})
    try:
        with CalamineWorkbook.from_filelike(_plain_copy(parts)) as workbook:
            for listed in workbook.sheets_metadata:
                if listed.typ == SheetTypeEnum.WorkSheet and listed.visible == SheetVisibleEnum.Visible:
                    sheet = workbook.get_sheet_by_name(listed.name)
                    first = sheet.start[1] if sheet.start else 0  # the reader leaves out empty columns on the left
                    places = formulas.get(listed.name, frozenset())
                    yield _lines(sheet), frozenset((line, column - first) for line, column in places)
    except PasswordError:
        raise SheetFault("sheet_encrypted") from None
    except (CalamineError, OSError, ValueError):
        raise SheetFault("sheet_broken") from None


def _lines(sheet: CalamineSheet) -> Iterator[tuple[int, tuple[str, ...]]]:
    for line, cells in enumerate(sheet.iter_rows(), start=1):
        yield line, tuple(map(text_of_cell, cells))


def text_of_cell(cell: Cell) -> str:
    """Show a cell as a person would type it; a number too long for a spreadsheet stays visible as ``4.6E+17``."""
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case int() | float():
            return _text_of_number(cell)
        case timedelta():
            minutes = int(cell.total_seconds()) // _SECONDS_PER_MINUTE
            return f"{minutes // 60}:{minutes % 60:02d}"
        case _:
            return _text_of_moment(cell)


def _text_of_number(number: float) -> str:
    is_whole = number == number // 1 and abs(number) < _EXACT_INTEGER_MAX
    return str(int(number)) if is_whole else repr(number).upper()


def _text_of_moment(moment: datetime | date | time) -> str:
    match moment:
        case datetime():
            return moment.isoformat(" ", "seconds")
        case time():
            return moment.isoformat("seconds" if moment.second else "minutes")
        case _:
            return moment.isoformat()


def _plain_copy(parts: dict[str, bytes]) -> io.BytesIO:
    """Make of the parts a plain copy of exactly what was unpacked and found small enough; they are used up.

    The quick reader has no limits of its own and trusts the archive's directory less or more than we do: it is given
    this copy, so that nothing reaches it that was not looked at.
    """
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w") as checked:
        for name in [*parts]:
            checked.writestr(name, parts.pop(name))  # what is copied need not be held twice
    copy.seek(0)
    return copy


def _checked_parts(body: bytes) -> dict[str, bytes]:
    """Give the archive's parts that hold XML, by name, each looked at."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return dict(_unpacked(archive))
    # A lying archive fails in all these ways: RuntimeError is a password, NotImplementedError an unknown compression.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError):
        raise SheetFault("sheet_broken") from None


def _unpacked(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    parts = {part.filename: part for part in archive.infolist()}
    if _WORKBOOK_PART not in {name.lower() for name in parts}:
        raise SheetFault("sheet_wrong_type")
    if len(parts) > PARTS_MAX or sum(part.file_size for part in parts.values()) > UNPACKED_BYTES_MAX:
        raise SheetFault("sheet_too_large")
    if any(part.flag_bits & 1 for part in parts.values()):
        raise SheetFault("sheet_encrypted")
    texts = [name for name in parts if name.lower() == _SHARED_TEXT_PART]
    longest = max((_longest_text(archive.read(parts[name])) for name in texts), default=0)
    for name, part in parts.items():
        if name.lower().endswith((".xml", ".rels")):
            xml = archive.read(part)
            if b"sheetData" in xml:
                _look_at_worksheet(xml, longest)
            yield name, xml


def _longest_text(xml: bytes) -> int:
    """Give at least the length of the longest shared text, in bytes; refuse a part that promises texts it cannot hold.

    The quick reader makes room for as many as are promised, and ends the whole program where there is none.
    """
    tags = xml.count(b"<")
    for promised in _TEXT_COUNT.finditer(xml):
        if not promised[1].isdigit() or int(promised[1][:_DIGITS_MAX]) > tags:
            raise SheetFault("sheet_broken")
    return max(map(len, xml.split(b"</si")))


def _look_at_worksheet(xml: bytes, longest_text: int) -> None:
    """Refuse a worksheet whose outermost cell, or whose repeated texts, would fill the memory."""
    if b"\x00" in xml:
        raise SheetFault("sheet_broken")
    rows, columns = 0, 0
    for reference in _REFERENCE.finditer(xml):
        rows = max(rows, int(reference[2]))
        columns = max(columns, column_number(reference[1][:_LETTERS_MAX]))
    if rows > ROWS_MAX or columns > COLUMNS_MAX or rows * columns > CELLS_MAX:
        raise SheetFault("sheet_too_large")
    if xml.count(b"</") // 2 * longest_text > REPEATED_TEXT_BYTES_MAX:
        raise SheetFault("sheet_too_large")
