"""Read a CSV file as lines of text cells, whatever its encoding and delimiter."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from adapters.sheetlimits import COLUMNS_MAX, ROWS_MAX, SheetFault

_ENCODINGS = ("utf-8-sig", "gb18030")
_DELIMITERS = ",\t;"
_LOOKED_AT_LINES = 20


def rows_of_csv(body: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Give each line's number (where it begins) and its cells.

    Raises:
        SheetFault: no text in UTF-8, UTF-16 with its mark or GB18030; a quotation mark that is never closed; too long.
    """
    text = _decoded(body)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    begins = 1
    try:
        for count, cells in enumerate(reader, start=1):
            if count > ROWS_MAX or len(cells) > COLUMNS_MAX:
                raise SheetFault("sheet_too_large")
            yield begins, tuple(cells)
            begins = reader.line_num + 1
    except csv.Error:
        raise SheetFault("sheet_broken") from None


def _decoded(body: bytes) -> str:
    text = _utf16(body) if body[:2] in {b"\xff\xfe", b"\xfe\xff"} else _first_that_fits(body)
    if "\x00" in text:
        raise SheetFault("sheet_wrong_type")
    return text


def _utf16(body: bytes) -> str:
    try:
        return body.decode("utf-16")
    except UnicodeDecodeError:
        raise SheetFault("sheet_wrong_type") from None


def _first_that_fits(body: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetFault("sheet_wrong_type")


def _delimiter(text: str) -> str:
    """Give the delimiter that cuts one of the first lines into most cells."""
    lines = text.splitlines()[:_LOOKED_AT_LINES]
    return max(_DELIMITERS, key=lambda mark: max((line.count(mark) for line in lines), default=0))
