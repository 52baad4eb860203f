from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from python_calamine import CalamineWorkbook

from desk.report.arrange import is_note, is_unsettled
from desk.report.choices import choices
from desk.report.rows import FILLED_COLUMNS, HIDDEN_COLUMNS, SHOWN_COLUMNS
from desk.report.seal import RowSeal
from desk.report.workbook import write_workbook
from desk.words.words import words
from domain.conflicts import ConflictKind, ConflictState
from tests.desk_report_night import NAMES, night

CHINESE = words("zh")
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FIRST_FILLED = len(SHOWN_COLUMNS)
FIRST_HIDDEN = FIRST_FILLED + len(FILLED_COLUMNS)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "conflicts.xlsx"
    write_workbook(night(), CHINESE, path)
    return path


def rows(path: Path) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name("待核事项").to_python()


def sheet(path: Path, number: int) -> Element:
    with zipfile.ZipFile(path) as archive:
        found: Element = fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
    return found


def test_it_opens_on_how_to_fill_it_in(book: Path) -> None:
    names = CalamineWorkbook.from_path(str(book)).sheet_names
    assert names == ["怎么填", "待核事项", "选项"]
    how = CalamineWorkbook.from_path(str(book)).get_sheet_by_name("怎么填").to_python()
    assert how[0][0] == "怎么填这张表"


def test_there_is_one_row_per_unsettled_conflict(book: Path) -> None:
    head, *body = rows(book)
    assert head[0] == "编号"
    assert head[FIRST_FILLED:FIRST_HIDDEN] == ["处理意见", "小时数", "理由", "处理人"]
    assert {row[0] for row in body} == {one.conflict_id for one in night().conflicts if is_unsettled(one)}
    assert len(body) == len({row[0] for row in body})


def test_what_only_informs_stands_below_what_asks(book: Path) -> None:
    notes = {one.conflict_id for one in night().conflicts if is_note(one)}
    asked = [row[0] in notes for row in rows(book)[1:]]
    assert any(asked)
    assert asked == sorted(asked)


def test_nothing_is_filled_in_beforehand(book: Path) -> None:
    assert {cell for row in rows(book)[1:] for cell in row[FIRST_FILLED:FIRST_HIDDEN]} == {""}


def test_the_check_code_betrays_any_change_of_a_shown_or_hidden_cell(book: Path) -> None:
    seal = night().seal
    for row in rows(book)[1:]:
        shown, (key, version, code) = row[:FIRST_FILLED], row[FIRST_HIDDEN:]
        assert seal.is_whole(code, key, version, shown)
        assert not seal.is_whole(code, key + "x", version, shown)
        assert not seal.is_whole(code, key, version + "x", shown)
        for place in range(FIRST_FILLED):
            changed = [text + "x" if place == other else text for other, text in enumerate(shown)]
            assert not seal.is_whole(code, key, version, changed)


def test_texts_cannot_change_places_between_cells(book: Path) -> None:
    seal = night().seal
    first, second, *rest = rows(book)[1][:FIRST_FILLED]
    assert seal.code("k", "v", [first, second, *rest]) != seal.code("k", "v", [first + second, "", *rest])


def test_what_spreadsheets_change_in_silence_does_not_count() -> None:
    seal = night().seal
    code = seal.code("k", "v", ["全国网：10-18 0.70小时\n桂志愿：10-18", "a b"])
    for text in (
        "全国网：10-18 0.70小时\r\n桂志愿：10-18",
        " 全国网：10-18\u3000 0.70小时\n\n桂志愿：10-18\x07\u200b ",
    ):
        assert seal.is_whole(code, "k", "v", [text, "a\xa0b"])
    assert not seal.is_whole(code, "k", "v", ["全国网：10-18 0.70小时\n桂志愿：10-18", "ab"])


def test_a_plain_hash_or_another_banks_key_is_no_check_code(book: Path) -> None:
    other = RowSeal.of(lambda *parts: hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32])
    for row in rows(book)[1:]:
        shown, (key, version, _) = row[:FIRST_FILLED], row[FIRST_HIDDEN:]
        said = "".join(f"{len(text)}:{text}" for text in shown)
        assert not night().seal.is_whole(hashlib.sha256(said.encode()).hexdigest()[:16], key, version, shown)
        assert not night().seal.is_whole(other.code(key, version, shown), key, version, shown)
        assert not other.is_own(key)


def test_the_hidden_columns_are_hidden_and_hold_key_version_and_code(book: Path) -> None:
    hidden = [cell for cell in sheet(book, 2).iter(f"{SHEET}col") if cell.get("hidden") == "1"]
    places = [number for cell in hidden for number in range(int(str(cell.get("min"))), int(str(cell.get("max"))) + 1)]
    assert places == [FIRST_HIDDEN + 1 + step for step in range(len(HIDDEN_COLUMNS))]
    versions = {one.conflict_id: one.version for one in night().conflicts}
    for row in rows(book)[1:]:
        key, version, code = row[FIRST_HIDDEN:]
        assert key == night().seal.key(row[0])
        assert version == versions[row[0]]
        assert re.fullmatch("[0-9a-f]{32}", code)


def cells_of(rule: Element) -> list[str]:
    """Give the cells of one column that a rule is for."""
    first, _, last = str(rule.get("sqref")).partition(":")
    return [f"{first[0]}{row}" for row in range(int(first[1:]), int((last or first)[1:]) + 1)]


def test_each_row_offers_what_its_conflict_allows_and_no_more(book: Path) -> None:
    offered = CalamineWorkbook.from_path(str(book)).get_sheet_by_name("选项").to_python()
    conflicts = {one.conflict_id: one for one in night().conflicts}
    lists = {
        place: cell.findtext(f"{SHEET}formula1") or ""
        for cell in sheet(book, 2).iter(f"{SHEET}dataValidation")
        if cell.get("type") == "list"
        for place in cells_of(cell)
    }
    for number, row in enumerate(rows(book)[1:], 2):
        if conflicts[row[0]].state is ConflictState.PROPOSED:
            assert f"M{number}" not in lists
            continue
        place = re.fullmatch(r"'选项'!\$A\$(\d+):\$([A-Z])\$\1", lists[f"M{number}"])
        assert place is not None
        texts = offered[int(place[1]) - 1][: ord(place[2]) - ord("A") + 1]
        assert texts == [CHINESE.decision(code) for code in choices(conflicts[row[0]])]
    assert len(lists) == len(rows(book)) - 2


def test_a_list_refuses_anything_else_unless_a_number_must_be_typed_behind_it(book: Path) -> None:
    kinds = {row[0]: row[1] for row in rows(book)[1:]}
    by_row = dict(enumerate(kinds.values(), 2))
    soft = {
        by_row[int(place[1:])]
        for cell in sheet(book, 2).iter(f"{SHEET}dataValidation")
        if cell.get("errorStyle") == "warning"
        for place in cells_of(cell)
    }
    assert soft == {"名册外人员"}


def test_everything_is_locked_but_the_four_columns(book: Path) -> None:
    page = sheet(book, 2)
    protection = page.find(f"{SHEET}sheetProtection")
    assert protection is not None
    assert (protection.get("sheet"), protection.get("autoFilter")) == ("1", "0")
    with zipfile.ZipFile(book) as archive:
        styles = fromstring(archive.read("xl/styles.xml")).find(f"{SHEET}cellXfs")
    assert styles is not None
    unlocked = {
        str(number) for number, style in enumerate(styles)
        if (locked := style.find(f"{SHEET}protection")) is not None and locked.get("locked") == "0"
    }  # fmt: skip
    open_columns = {
        re.sub(r"\d", "", str(cell.get("r"))) for cell in page.iter(f"{SHEET}c") if cell.get("s") in unlocked
    }
    assert open_columns == {chr(ord("A") + FIRST_FILLED + step) for step in range(len(FILLED_COLUMNS))}
    assert sheet(book, 1).find(f"{SHEET}sheetProtection") is not None


def test_it_prints_on_a4_landscape_with_its_heading_on_every_page(book: Path) -> None:
    page = sheet(book, 2)
    setup, pane = page.find(f"{SHEET}pageSetup"), next(page.iter(f"{SHEET}pane"))
    assert setup is not None
    assert (setup.get("paperSize"), setup.get("orientation")) == ("9", "landscape")
    assert (pane.get("state"), pane.get("ySplit")) == ("frozen", "1")
    with zipfile.ZipFile(book) as archive:
        names = archive.read("xl/workbook.xml").decode()
    assert "'待核事项'!$1:$1" in names or "待核事项!$1:$1" in names
    assert '<sheet name="选项" sheetId="3" state="hidden"' in names


@pytest.mark.parametrize(
    "text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "https://example.org", "4.6E+17", "\x07乱码"]
)
def test_what_a_platform_wrote_stays_text(tmp_path: Path, text: str) -> None:
    data = night()
    hostile = replace(data.conflicts[0], what=text, person_masked=text)
    path = tmp_path / "conflicts.xlsx"
    write_workbook(replace(data, bank=text, conflicts=(hostile,)), CHINESE, path)
    assert not [formula for number in (1, 2, 3) for formula in sheet(path, number).iter(f"{SHEET}f")]
    assert not list(sheet(path, 2).iter(f"{SHEET}hyperlink"))
    assert rows(path)[1][2] == text


def test_a_text_longer_than_a_cell_is_cut_and_not_lost(tmp_path: Path) -> None:
    data = night()
    path = tmp_path / "conflicts.xlsx"
    write_workbook(replace(data, conflicts=(replace(data.conflicts[0], what="长" * 40_000),)), CHINESE, path)
    assert rows(path)[1][6] == "长" * 32_000


def test_no_full_name_is_in_it(book: Path) -> None:
    with zipfile.ZipFile(book) as archive:
        inside = "".join(archive.read(name).decode() for name in archive.namelist())
    assert not [name for name in NAMES if name in inside]


def test_a_night_without_conflicts_gives_a_workbook_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "conflicts.xlsx"
    write_workbook(replace(night(), conflicts=()), CHINESE, path)
    assert len(rows(path)) == 1


def test_the_same_night_gives_the_same_bytes(book: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.xlsx"
    write_workbook(night(), CHINESE, again)
    assert again.read_bytes() == book.read_bytes()


def test_a_conflict_about_nobody_has_a_row(book: Path) -> None:
    guard = next(one for one in night().conflicts if one.kind is ConflictKind.GUARD)
    row = next(row for row in rows(book) if row[0] == guard.conflict_id)
    assert row[2:4] == ["", ""]
    assert row[8] == "100.00"
