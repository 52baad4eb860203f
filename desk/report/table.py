"""The workbook's sheet of conflicts: four cells a row to fill in, choices from a hidden sheet, the rest locked."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from desk.report.rows import FILLED_COLUMNS, HIDDEN_COLUMNS, SHOWN_COLUMNS, Line, column_name
from desk.words.words import Words

LINE_HEIGHT = 17
OUTCOME_COLUMN = ("outcome", 26)
_DECISION = len(SHOWN_COLUMNS)
_HOURS = _DECISION + 1
_BEHIND_FILLED = _DECISION + len(FILLED_COLUMNS)


@dataclass(frozen=True, slots=True)
class Formats:
    """How the cells of both sheets look."""

    title: Format
    step: Format
    head: Format
    text: Format
    fill: Format
    hours: Format

    @staticmethod
    def of(book: Workbook) -> Formats:
        """Make the formats of a workbook."""
        base = {"font_name": "Microsoft YaHei", "font_size": 11, "valign": "top", "text_wrap": True}
        boxed = base | {"border": 1, "num_format": "@"}
        fill = boxed | {"locked": False, "bg_color": "#FFF7D6"}
        return Formats(
            title=book.add_format(base | {"font_size": 18, "bold": True}),
            step=book.add_format(base | {"font_size": 14}),
            head=book.add_format(boxed | {"bold": True, "bg_color": "#DDDDDD", "valign": "vcenter"}),
            text=book.add_format(boxed),
            fill=book.add_format(fill),
            hours=book.add_format(fill | {"num_format": "0.00"}),
        )


def write_table(sheet: Worksheet, offered: Worksheet, lines: Sequence[Line], words: Words, formats: Formats) -> None:
    """Write the rows, with their outcomes where they have any; what may be chosen goes on the hidden ``offered``."""
    has_outcomes = any(line.outcome for line in lines)
    columns = (*SHOWN_COLUMNS, *FILLED_COLUMNS, *((OUTCOME_COLUMN,) if has_outcomes else ()))
    sheet.set_row(0, LINE_HEIGHT * 2)
    for column, (code, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, column_name(code, words), formats.head)
    for column, code in enumerate(HIDDEN_COLUMNS, len(columns)):
        sheet.set_column(column, column, None, None, {"hidden": True})
        sheet.write_string(0, column, column_name(code, words), formats.head)
    for row, line in enumerate(lines, 1):
        _write_line(sheet, row, line, formats, has_outcomes=has_outcomes)
        sheet.set_row(row, LINE_HEIGHT * _height(line))
    _offer_choices(sheet, offered, lines, words)
    last = max(1, len(lines))
    sheet.autofilter(0, 0, last, len(columns) - 1)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    sheet.print_area(0, 0, last, len(columns) - 1)
    sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})


@lru_cache(maxsize=8192)  # stations, kinds and sentences come again and again
def width_of(text: str) -> int:
    """Give a text's width in half-width characters, as a spreadsheet measures its columns."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(character) in "FWA" else 1 for character in text)


def _write_line(sheet: Worksheet, row: int, line: Line, formats: Formats, *, has_outcomes: bool) -> None:
    for column, text in enumerate(line.shown):
        sheet.write_string(row, column, text, formats.text)
    for column, text in enumerate(line.filled, _DECISION):
        style = formats.hours if column == _HOURS else formats.fill
        _write_text(sheet, row, column, text, style if line.choices else formats.text)
    if has_outcomes:
        _write_text(sheet, row, _BEHIND_FILLED, line.outcome, formats.text)
    for column, text in enumerate(line.hidden, _BEHIND_FILLED + has_outcomes):
        sheet.write_string(row, column, text, formats.text)


def _write_text(sheet: Worksheet, row: int, column: int, text: str, style: Format) -> None:
    if text:
        sheet.write_string(row, column, text, style)
    else:
        sheet.write_blank(row, column, None, style)


def _offer_choices(sheet: Worksheet, offered: Worksheet, lines: Sequence[Line], words: Words) -> None:
    """Write each different list of choices once, as a row of the hidden sheet, and point the conflicts' rows to it.

    Rows that follow one another and offer the same share one rule: a rule a row is slow to write, and to open.
    """
    lists: dict[tuple[str, ...], int] = {}
    rows = [(row, (line.choices, line.is_person_typed, line.hours_max)) for row, line in enumerate(lines, 1)]
    for (choices, is_person_typed, hours_max), run in groupby(rows, key=itemgetter(1)):
        if not choices:
            continue
        numbers = [row for row, _ in run]
        first, last = numbers[0], numbers[-1]
        place = lists.setdefault(choices, len(lists))
        sheet.data_validation(first, _DECISION, last, _DECISION, {
            "validate": "list",
            "source": f"='{offered.get_name()}'!$A${place + 1}:${chr(ord('A') + len(choices) - 1)}${place + 1}",
            "input_title": words.say("workbook", "choice_title"),
            "input_message": words.say("workbook", "choice_hint_person" if is_person_typed else "choice_hint"),
            "error_title": words.say("workbook", "choice_title"),
            "error_message": words.say("workbook", "choice_error_person" if is_person_typed else "choice_error"),
            # Whom it belongs to must be typed behind the choice, so that the list alone would shut the answer out.
            "error_type": "warning" if is_person_typed else "stop",
        })  # fmt: skip
        sheet.data_validation(first, _HOURS, last, _HOURS, {
            "validate": "decimal", "criteria": "between", "minimum": 0, "maximum": hours_max,
            "input_message": words.say("workbook", "hours_hint"),
            "error_message": words.say("workbook", "hours_error"),
        })  # fmt: skip
    for texts, place in lists.items():
        for column, text in enumerate(texts):
            offered.write_string(place, column, text)


def _height(line: Line) -> int:
    """Give how many lines the tallest cell of a row needs; spreadsheets do not find that out by themselves."""
    texts = (*line.shown, *line.filled, line.outcome)
    columns = (*SHOWN_COLUMNS, *FILLED_COLUMNS, OUTCOME_COLUMN)
    cells = zip(texts, columns, strict=True)
    return max(sum(1 + width_of(part) // (width - 1) for part in text.split("\n")) for text, (_, width) in cells)
