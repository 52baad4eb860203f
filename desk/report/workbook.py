"""The workbook that comes back filled in: one row per conflict, four cells to fill, everything else locked."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from desk.report.arrange import in_working_order, is_note, is_unsettled
from desk.report.choices import choices
from desk.report.say import conflict_reason
from desk.report.sides import show_span
from desk.report.values import ReportConflict, ReportData, Side
from desk.words.words import Words, show_day
from domain.clock import SHANGHAI, day_in_shanghai
from domain.decisions import DecisionCode
from domain.hours import show_hours

SHOWN_COLUMNS = (
    ("conflict_id", 13), ("kind", 12), ("person", 9), ("local_number", 9), ("station", 9), ("day", 11),
    ("activity", 12), ("sides", 30), ("hours", 7), ("explanation", 22), ("suggestion", 20), ("state", 8),
)  # fmt: skip
FILLED_COLUMNS = (("decision", 18), ("hours_blank", 8), ("reason", 20), ("decided_by", 9))
_DECISION = len(SHOWN_COLUMNS)
_CHECK_CODE = _DECISION + len(FILLED_COLUMNS)
_LAST_SHOWN_SIDES = 6
_LINE_HEIGHT = 17
_STEP_HEIGHT = 20
_STEP_WIDTH = 92
_HOURS_MAX = 1500
_TEXT_MAX = 32_000  # a spreadsheet's cell holds 32,767 characters


@dataclass(frozen=True, slots=True)
class _Formats:
    title: Format
    step: Format
    head: Format
    text: Format
    fill: Format
    hours: Format


def write_workbook(data: ReportData, words: Words, path: Path) -> None:
    """Write the workbook to ``path``; the same data give the same bytes.

    Every cell is text, never a formula, whatever a platform wrote into a name; no id number is in it.

    Raises:
        OSError: the file cannot be written.
    """
    unsettled = [conflict for conflict in data.conflicts if is_unsettled(conflict)]
    notes = in_working_order(conflict for conflict in unsettled if is_note(conflict))
    conflicts = in_working_order(conflict for conflict in unsettled if not is_note(conflict)) + notes
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    room = BytesIO()
    with Workbook(room, options | {"in_memory": True}) as book:
        book.set_properties({"created": data.generated_at.astimezone(SHANGHAI).replace(tzinfo=None)})
        formats = _formats(book)
        how = book.add_worksheet(words.say("workbook", "how_sheet"))
        rows = book.add_worksheet(words.say("workbook", "conflicts_sheet"))
        offered = book.add_worksheet(words.say("workbook", "choices_sheet"))
        _write_how(how, data, words, formats)
        _write_conflicts(rows, conflicts, words, formats, day_in_shanghai(data.generated_at))
        _offer_choices(rows, offered, conflicts, words)
        offered.hide()
    path.write_bytes(room.getvalue())


def check_code(conflict_id: str, shown: Iterable[str]) -> str:
    """Give a row's check code: another one as soon as a shown cell is not as it was written."""
    said = "".join(f"{len(text)}:{text}" for text in (conflict_id, *shown))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


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
        for side in sides[:_LAST_SHOWN_SIDES]
    ]
    if len(sides) > len(lines):
        lines.append(words.page("more_sides", count=len(sides) - len(lines)))
    return "\n".join(" ".join(line.split()) for line in lines)


def _formats(book: Workbook) -> _Formats:
    base = {"font_name": "Microsoft YaHei", "font_size": 11, "valign": "top", "text_wrap": True}
    boxed = base | {"border": 1, "num_format": "@"}
    fill = boxed | {"locked": False, "bg_color": "#FFF7D6"}
    return _Formats(
        title=book.add_format(base | {"font_size": 18, "bold": True}),
        step=book.add_format(base | {"font_size": 14}),
        head=book.add_format(boxed | {"bold": True, "bg_color": "#DDDDDD", "valign": "vcenter"}),
        text=book.add_format(boxed),
        fill=book.add_format(fill),
        hours=book.add_format(fill | {"num_format": "0.00"}),
    )


def _write_how(sheet: Worksheet, data: ReportData, words: Words, formats: _Formats) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 88)
    sheet.merge_range(0, 0, 0, 1, words.say("workbook", "how_title"), formats.title)
    sheet.merge_range(1, 0, 1, 1, words.page("title", bank=data.bank), formats.step)
    sheet.set_row(0, _STEP_HEIGHT * 1.4)
    sheet.set_row(1, _STEP_HEIGHT * 1.4)
    for number, step in enumerate(words.how, 1):
        sheet.merge_range(number + 1, 0, number + 1, 1, f"{number}. {step}", formats.step)
        sheet.set_row(number + 1, _STEP_HEIGHT * (1 + _width(step) // _STEP_WIDTH) + 4)
    first = len(words.how) + 3
    sheet.merge_range(first, 0, first, 1, words.say("workbook", "how_table"), formats.title)
    sheet.set_row(first, _STEP_HEIGHT * 1.4)
    for row, code in enumerate(DecisionCode, first + 1):
        sheet.set_row(row, _LINE_HEIGHT * 1.4)
        sheet.write_string(row, 0, words.decision(code.value), formats.head)
        sheet.write_string(row, 1, words.say("meanings", code.value), formats.text)
    _set_print(sheet, words, pages_high=1)
    sheet.protect()


def _write_conflicts(
    sheet: Worksheet, conflicts: tuple[ReportConflict, ...], words: Words, formats: _Formats, today: date
) -> None:
    sheet.set_row(0, _LINE_HEIGHT * 2)
    for column, (code, width) in enumerate((*SHOWN_COLUMNS, *FILLED_COLUMNS)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, column_name(code, words), formats.head)
    sheet.write_string(0, _CHECK_CODE, column_name("check_code", words), formats.head)
    sheet.set_column(_CHECK_CODE, _CHECK_CODE, None, None, {"hidden": True})
    for row, conflict in enumerate(conflicts, 1):
        cells = shown_cells(conflict, words, today)
        for column, text in enumerate(cells):
            sheet.write_string(row, column, text, formats.text)
        for column in range(_DECISION, _CHECK_CODE):
            sheet.write_blank(row, column, None, formats.hours if column == _DECISION + 1 else formats.fill)
        sheet.write_string(row, _CHECK_CODE, check_code(cells[0], cells[1:]), formats.text)
        sheet.set_row(row, _LINE_HEIGHT * _lines(cells))
    sheet.autofilter(0, 0, max(1, len(conflicts)), _CHECK_CODE - 1)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    sheet.print_area(0, 0, max(1, len(conflicts)), _CHECK_CODE - 1)
    _set_print(sheet, words, pages_high=0)
    sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})


def column_name(code: str, words: Words) -> str:
    """Give a column's heading."""
    own = words.tables["workbook"]
    return own[code] if code in own else words.page(code)


def _offer_choices(sheet: Worksheet, offered: Worksheet, conflicts: tuple[ReportConflict, ...], words: Words) -> None:
    """Write each different list of choices once, as a row of the hidden sheet, and point the conflicts' rows to it."""
    lists: dict[tuple[str, ...], int] = {}
    for row, conflict in enumerate(conflicts, 1):
        codes = choices(conflict)
        texts = tuple(words.decision(code) for code in codes)
        place = lists.setdefault(texts, len(lists))
        is_open = DecisionCode.PERSON in codes
        sheet.data_validation(row, _DECISION, row, _DECISION, {
            "validate": "list",
            "source": f"='{offered.get_name()}'!$A${place + 1}:${chr(ord('A') + len(texts) - 1)}${place + 1}",
            "input_title": words.say("workbook", "choice_title"),
            "input_message": words.say("workbook", "choice_hint_person" if is_open else "choice_hint"),
            "error_title": words.say("workbook", "choice_title"),
            "error_message": words.say("workbook", "choice_error_person" if is_open else "choice_error"),
            # Whom it belongs to must be typed behind the choice, so that the list alone would shut the answer out.
            "error_type": "warning" if is_open else "stop",
        })  # fmt: skip
        sheet.data_validation(row, _DECISION + 1, row, _DECISION + 1, {
            "validate": "decimal", "criteria": "between", "minimum": 0, "maximum": _HOURS_MAX,
            "input_message": words.say("workbook", "hours_hint"),
            "error_message": words.say("workbook", "hours_error"),
        })  # fmt: skip
    for texts, place in lists.items():
        for column, text in enumerate(texts):
            offered.write_string(place, column, text)


def _lines(cells: tuple[str, ...]) -> int:
    """Give how many lines the tallest cell of a row needs; spreadsheets do not find that out by themselves."""
    columns = zip(cells, SHOWN_COLUMNS, strict=True)
    return max(sum(1 + _width(line) // (width - 1) for line in text.split("\n")) for text, (_, width) in columns)


def _width(text: str) -> int:
    """Give a text's width in half-width characters, as a spreadsheet measures its columns."""
    return sum(2 if unicodedata.east_asian_width(character) in "FWA" else 1 for character in text)


def _set_print(sheet: Worksheet, words: Words, pages_high: int) -> None:
    """Set A4 landscape, one page wide; 0 ``pages_high`` lets it run on."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, pages_high)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
    sheet.set_footer(words.say("workbook", "footer"))
