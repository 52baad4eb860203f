"""What only a whole list can tell: rows that are no rows, a column pasted one row down, last year typed in January."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from desk.intake_row import Row
from mapping.typed import plain

_JANUARY = 1
_ROWS_LEAST = 3
_TOTALS = ("合计", "总计", "小计", "共计", "累计", "本页合计", "本页小计")
_EXAMPLES = ("示例", "样例", "范例", "填写示例", "例如", "例：", "(例)", "（例）")
_FOOTERS = ("填表人", "制表人", "审核人", "填报单位", "填表日期", "注:", "说明:")
_NAMING_COLUMNS = ("录入编号", "本地编号", "姓名", "备注")


def note_of(row: Row) -> tuple[str, str]:
    """Give the column and the note for a row that is no person and no visit: a total, an example, a signature line."""
    first = next(column for column in row.cells if not row.is_blank(column))
    said = "".join(plain(row.text(first)).split())
    if said.startswith(_TOTALS):
        return first, "row_total"
    if said.startswith(_FOOTERS):
        return first, "row_footer"
    for column in dict.fromkeys((first, *_NAMING_COLUMNS)):
        marked = plain(row.text(column))
        if marked.startswith(_EXAMPLES) or "(示例)" in marked or "(样例)" in marked:
            return column, "row_example"
    return "", ""


def shifted_column(rows: Sequence[Row]) -> str:
    """Give a column that was pasted one row down, or "": the first row lacks it and below the last it stands alone."""
    if len(rows) < _ROWS_LEAST:
        return ""
    *full, last = rows
    hanging = [column for column in last.cells if not last.is_blank(column)]
    always = [column for column in last.cells if not any(row.is_blank(column) for row in full[1:])]
    for column in hanging:
        alone = all(last.is_blank(other) for other in always if other not in hanging)
        if column in always and full[0].is_blank(column) and alone and len(hanging) < len(always):
            return column
    return ""


def last_january(days: Sequence[date], today: date) -> frozenset[date]:
    """Give the days that were probably typed with last year's number: in January, days of last January.

    A list that also has days between the two Januaries is a list of old visits, and is believed.
    """
    if today.month != _JANUARY:
        return frozenset()
    doubtful = frozenset(day for day in days if (day.year, day.month) == (today.year - 1, _JANUARY))
    between = any(date(today.year - 1, 2, 1) <= day < date(today.year - 1, 12, 1) for day in days)
    return frozenset() if between else doubtful
