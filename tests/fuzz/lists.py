"""The files that people hand in: sheets, rosters, entries, rule files; and the texts that stand in HTTP heads."""

from __future__ import annotations

import csv
import io
import os
import tempfile
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

import xlsxwriter

from adapters.pace import http_date, retry_after_seconds
from adapters.sheet import read_sheet
from desk.intake import EntryList, RosterList, read_entries, read_roster
from domain.errors import UsageError
from mapping.load import load_rules
from sandbox.lists import ENTRY_COLUMNS, ROSTER_COLUMNS
from sandbox.people import resident_number
from tests.adapter_contract.clock import NIGHT
from tests.fuzz.target import READ, Target, hold_told

UNREADABLE = "unreadable"
TODAY = date(2022, 4, 1)
NUMBERS = tuple(resident_number(date(1955 + one, 3, 7), one) for one in range(3))
ROSTER = (
    ("P1", "覃小英", "01", NUMBERS[0], "10012345678", "CZ01", "2021-09-01", "", "GX7", "gx1", "national"),
    ("P2", "韦阿芳", "01", NUMBERS[1], "10012345679", "城中", "2021/9/1", "护士证", "", "", "国家平台、桂志愿"),
    ("P3", "陆建国", "01", NUMBERS[2], "", "CZ02", "", "", "", "", ""),
)
ENTRIES = (
    ("E1", "P1", "情感慰藉", "2022-03-05", "09:00", "10:00", "", "CZ01", "陆奶奶", "韦站长", "莫主任", ""),
    ("E2", "P2", "escort", "2022-03-06", "14:00", "15:30", "是", "城中", "", "韦站长", "", "排队久"),
    ("E3", "P3", "4501", "2022-03-07", "", "", "", "CZ02", "", "", "", ""),
)
HIDDEN = ("覃小英", "10012345678", "陆奶奶", *NUMBERS)
SMALL_RULES = """
document = "柳民发〔2022〕1号"
valid_from = 2022-01-01
confirmations = ["station", "community"]
[limits]
cap_hours = 1500
grace_days = 14
day_note_hours = 8
day_hold_hours = 12
minimum_age = 18
[platforms.national]
names = ["国家平台"]
objects = ["03"]
tells_honours = true
[[periods]]
first_day = 2022-01-01
suffices = ["national"]
decides = "national"
[[categories]]
code = "escort"
name = "陪同"
credit_hours = 0.5
codes = { national = ["0017"] }
words = { national = ["陪同"] }
[[stations]]
code = "CZ01"
name = "城中"
[[stations.teams]]
platform = "national"
organisation = "T1"
"""


def _as_csv(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([columns, *rows])
    return text.getvalue().encode()


def _as_workbook(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    body = io.BytesIO()
    with xlsxwriter.Workbook(body, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for line, cells in enumerate([columns, *rows]):
            for column, cell in enumerate(cells):
                sheet.write(line, column, cell)
        sheet.write_datetime(1, len(columns), NIGHT.replace(tzinfo=None), book.add_format({"num_format": "yyyy/m/d"}))
        sheet.write_number(2, len(columns), 0.5)
        sheet.write_formula(3, len(columns), "=1+1", None, 2)
    return body.getvalue()


class Tray:
    """One file that is written anew for every input, and the readers of such files."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / f"handed-in-{os.getpid()}"
        with resources.as_file(resources.files("rulesets") / "liuzhou-chengzhong.toml") as path:
            self._rules = load_rules(path)

    def roster(self, body: bytes) -> str:
        return self._read(body, lambda path: _hold_roster(body, read_roster(path, self._rules, TODAY)))

    def entries(self, body: bytes) -> str:
        return self._read(body, lambda path: _hold_entries(body, read_entries(path, self._rules, TODAY)))

    def sheet(self, body: bytes) -> str:
        return self._read(body, lambda path: read_sheet(path, ROSTER_COLUMNS))

    def rules(self, body: bytes) -> str:
        return self._read(body, load_rules)

    def _read(self, body: bytes, read: Callable[[Path], object]) -> str:
        self._file.write_bytes(body)
        try:
            read(self._file)
        except UsageError as error:
            hold_told(error, HIDDEN)
            return error.code
        finally:
            self._file.unlink()
        return READ


def _hold_roster(body: bytes, read: RosterList) -> None:
    lines = [row.line for row in read.rows]
    _hold_lines(body, ROSTER_COLUMNS, "本地编号", lines, [row.line for row in (*read.refused, *read.skipped)])
    assert len({row.local_number for row in read.rows}) == len(read.rows)
    assert len({row.person.id_number for row in read.rows}) == len(read.rows)
    hold_told(Exception(read.refused, read.skipped), HIDDEN)
    hold_told(Exception(read.rows), NUMBERS)


def _hold_entries(body: bytes, read: EntryList) -> None:
    _hold_lines(body, ENTRY_COLUMNS, "录入编号", list(read.lines), [row.line for row in (*read.refused, *read.skipped)])
    assert len(read.lines) == len(read.rows)
    assert len({(row.station, row.entry_id) for row in read.rows}) == len(read.rows)
    assert all(row.service_date <= TODAY for row in read.rows)
    hold_told(Exception(read.refused, read.skipped), HIDDEN)


def _hold_lines(body: bytes, columns: Sequence[str], key: str, taken: list[int], told: list[int]) -> None:
    """Hold that every line is taken or told of once; one said before, word for word, may be passed over."""
    assert len(set(taken)) == len(taken)
    assert not set(taken) & set(told)
    try:
        lines = list(csv.reader(io.StringIO(body.decode("utf-8"), newline=""), strict=True))
    except (ValueError, csv.Error):
        return
    if any("\n" in cell for cells in lines for cell in cells) or tuple(lines[0]) != tuple(columns):
        return
    place = columns.index(key)
    keys = [cells[place].strip() if place < len(cells) else "" for cells in lines]
    for number, cells in enumerate(lines[1:], start=2):
        if not all(map(_is_blank, cells[: len(columns)])) and number not in {*taken, *told}:
            assert keys[number - 1] in keys[1 : number - 1], "a line was lost"


def _is_blank(cell: str) -> bool:
    """Say whether nothing can be seen in a cell."""
    return not any(unicodedata.category(sign) not in {"Cf", "Zs", "Cc"} for sign in cell)


def head_text(body: bytes) -> str:
    """Read what stands behind Retry-After or Date."""
    text = body.decode("latin-1")
    seconds = retry_after_seconds(text, NIGHT)
    assert seconds is None or seconds >= 0
    instant = http_date(text)
    assert instant is None or abs(instant - NIGHT) < timedelta(days=40_000)
    return READ if seconds is not None or instant is not None else UNREADABLE


def list_targets(folder: Path | None = None) -> list[Target]:
    """Give a target for each kind of file."""
    tray = Tray(folder or Path(tempfile.gettempdir()))
    rosters, entries = [_as_csv(ROSTER_COLUMNS, ROSTER)], [_as_csv(ENTRY_COLUMNS, ENTRIES)]
    heads = [
        b"7",
        b"Thu, 31 Mar 2022 18:30:07 GMT",
        b"",
        b"-5",
        b"99999999999999999999",
        b"Thursday, 31-Mar-22 18:30:07",
    ]
    shipped = (resources.files("rulesets") / "liuzhou-chengzhong.toml").read_bytes()
    return [
        Target("roster", lambda: rosters, tray.roster, "csv"),
        Target("entries", lambda: entries, tray.entries, "csv"),
        Target("csv", lambda: rosters + entries, tray.sheet, "csv"),
        Target("workbook", lambda: [_as_workbook(ROSTER_COLUMNS, ROSTER)], tray.sheet, "xlsx"),
        Target("roster-workbook", lambda: [_as_workbook(ROSTER_COLUMNS, ROSTER)], tray.roster, "xlsx"),
        Target("rule-file", lambda: [SMALL_RULES.encode()], tray.rules, "text"),
        Target("shipped-rule-file", lambda: [shipped], tray.rules, "text"),
        Target("head", lambda: heads, head_text, "text"),
    ]
