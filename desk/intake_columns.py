"""The columns of the lists that stations hand in, and the rows of a file by those columns."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from adapters.sheet import Sheet, folded_heading, read_sheet
from desk.intake_row import Row
from domain.errors import UsageError
from mapping.rules import RuleSet

_LIKENESS_LEAST = 0.7


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one kind of list: those it must have, those it may have, and other headings for them."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)

    def with_numbers(self, rules: RuleSet) -> Columns:
        """Add the columns that hold the platforms' volunteer numbers, each named by its platform."""
        spelt = {folded_heading(heading): platform for heading, platform in rules.number_headings.items()}
        return replace(self, optional=self.optional + rules.platforms(), aliases={**self.aliases, **spelt})

    @property
    def headings(self) -> dict[str, str]:
        """Map every heading that a file may have to our column."""
        return {column: column for column in self.required + self.optional} | dict(self.aliases)


ROSTER_COLUMNS = Columns(
    required=("本地编号", "姓名", "证件号码", "服务站"),
    optional=("证件类型", "手机号", "登记日期", "执业证书", "同意上报", "备注"),
    aliases={
        "志愿者姓名": "姓名",
        "身份证号": "证件号码",
        "身份证号码": "证件号码",
        "证件号": "证件号码",
        "联系电话": "手机号",
        "手机号码": "手机号",
        "手机": "手机号",
        "电话": "手机号",
    },
)
ENTRY_COLUMNS = Columns(
    required=("录入编号", "本地编号", "服务类别", "服务日期", "服务站"),
    optional=("开始时间", "结束时间", "特殊情况", "服务对象", "站点确认", "社区确认", "备注"),
)


def rows_of(path: Path, columns: Columns) -> tuple[Row, ...]:
    """Read a file as rows by our columns; one in which only others are filled in, as 序号 often is, is none.

    Raises:
        UsageError: ``sheet_column_missing``, ``sheet_column_unclear`` (it nearly has a known name) or
            ``sheet_column_twice``, each with the ``column``, and whatever ``read_sheet`` raises.
    """
    headings = columns.headings
    sheet = read_sheet(path, headings)
    found: dict[str, str] = {}
    for heading in sheet.headings:
        column = headings.get(heading)
        if column in found:
            raise UsageError("sheet_column_twice", file=str(path), column=sheet.headings[heading])
        if column is not None:
            found[column] = heading
    _refuse_unclear(path, sheet, columns, found)
    missing = [column for column in columns.required if column not in found]
    if missing:
        raise UsageError("sheet_column_missing", file=str(path), column="、".join(missing))
    written = {column: sheet.headings[heading] for column, heading in found.items()}
    rows = (
        Row(row.line, {column: row.cells[heading] for column, heading in found.items()}, written) for row in sheet.rows
    )
    return tuple(row for row in rows if not all(map(row.is_blank, row.cells)))


def _refuse_unclear(path: Path, sheet: Sheet, columns: Columns, found: dict[str, str]) -> None:
    """Refuse a heading that looks like a misspelt one, or its whole column would be lost in silence."""
    absent = [heading for heading, column in columns.headings.items() if column not in found]
    for heading, written in sheet.headings.items():
        near = difflib.get_close_matches(heading, absent, n=1, cutoff=_LIKENESS_LEAST)
        if heading not in columns.headings and near:
            raise UsageError("sheet_column_unclear", file=str(path), column=written, meant=near[0])
