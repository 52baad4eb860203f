"""The workbook that comes back filled in: how it is filled in, a row per conflict, and what may be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from desk.report.arrange import in_working_order, is_note, is_unsettled
from desk.report.rows import Line, line_of
from desk.report.table import LINE_HEIGHT, Formats, width_of, write_table
from desk.report.values import ReportData
from desk.words.words import Words
from domain.clock import SHANGHAI, day_in_shanghai
from domain.decisions import DecisionCode

_STEP_HEIGHT = 20
_STEP_WIDTH = 92


def write_workbook(data: ReportData, words: Words, path: Path) -> None:
    """Write the workbook to ``path``; the same data give the same bytes.

    Every cell is text, never a formula, whatever a platform wrote into a name; no id number is in it.

    Raises:
        OSError: the file cannot be written.
    """
    unsettled = [conflict for conflict in data.conflicts if is_unsettled(conflict)]
    notes = in_working_order(conflict for conflict in unsettled if is_note(conflict))
    conflicts = in_working_order(conflict for conflict in unsettled if not is_note(conflict)) + notes
    today = day_in_shanghai(data.generated_at)
    lines = [line_of(conflict, data.seal, words, today) for conflict in conflicts]
    path.write_bytes(workbook_of(lines, words, data.bank, data.generated_at))


def workbook_of(lines: Sequence[Line], words: Words, bank: str, made_at: datetime) -> bytes:
    """Make a workbook of these rows; it opens on them where they tell what came of them."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    room = BytesIO()
    with Workbook(room, options | {"in_memory": True}) as book:
        book.set_properties({"created": made_at.astimezone(SHANGHAI).replace(tzinfo=None)})
        formats = Formats.of(book)
        how = book.add_worksheet(words.say("workbook", "how_sheet"))
        rows = book.add_worksheet(words.say("workbook", "conflicts_sheet"))
        offered = book.add_worksheet(words.say("workbook", "choices_sheet"))
        _write_how(how, bank, words, formats)
        write_table(rows, offered, lines, words, formats)
        _set_print(rows, words, pages_high=0)
        offered.protect()
        offered.hide()
        if any(line.outcome for line in lines):
            rows.activate()
    return room.getvalue()


def _write_how(sheet: Worksheet, bank: str, words: Words, formats: Formats) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 88)
    sheet.merge_range(0, 0, 0, 1, words.say("workbook", "how_title"), formats.title)
    sheet.merge_range(1, 0, 1, 1, words.page("title", bank=bank), formats.step)
    sheet.set_row(0, _STEP_HEIGHT * 1.4)
    sheet.set_row(1, _STEP_HEIGHT * 1.4)
    for number, step in enumerate(words.how, 1):
        sheet.merge_range(number + 1, 0, number + 1, 1, f"{number}. {step}", formats.step)
        sheet.set_row(number + 1, _STEP_HEIGHT * (1 + width_of(step) // _STEP_WIDTH) + 4)
    first = len(words.how) + 3
    sheet.merge_range(first, 0, first, 1, words.say("workbook", "how_table"), formats.title)
    sheet.set_row(first, _STEP_HEIGHT * 1.4)
    for row, code in enumerate(DecisionCode, first + 1):
        sheet.set_row(row, LINE_HEIGHT * 1.4)
        sheet.write_string(row, 0, words.decision(code.value), formats.head)
        sheet.write_string(row, 1, words.say("meanings", code.value), formats.text)
    _set_print(sheet, words, pages_high=1)
    sheet.protect()


def _set_print(sheet: Worksheet, words: Words, pages_high: int) -> None:
    """Set A4 landscape, one page wide; 0 ``pages_high`` lets it run on."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, pages_high)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
    sheet.set_footer(words.say("workbook", "footer"))
