"""A returned workbook is checked anew, row by row: what was altered, forged, overtaken or mistyped is refused alone."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.report.rows import FILLED_COLUMNS, HIDDEN_COLUMNS, SHOWN_COLUMNS, column_name
from desk.report.seal import RowSeal
from desk.returned.read import read_returned
from desk.returned.take_in import TakenIn
from desk.words.words import LANGUAGES, words
from domain.conflicts import ConflictKind
from domain.errors import UsageError
from tests.morning import CHINESE, OPERATOR, REASON, Morning, ends, refusals
from tests.spreadsheet import Spreadsheet

SHOWN = [column_name(code, CHINESE) for code, _ in SHOWN_COLUMNS]
HIDDEN = [column_name(code, CHINESE) for code in HIDDEN_COLUMNS]
FILLED = [column_name(code, CHINESE) for code, _ in FILLED_COLUMNS]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """Give a morning at which nothing is taken, so that all tests may share it."""
    morning = Morning(tmp_path_factory.mktemp("untouched"))
    before = [(one.conflict_id, one.version) for one in morning.conflicts()]
    yield morning
    assert [(one.conflict_id, one.version) for one in morning.conflicts()] == before
    morning.bank.close()


@pytest.fixture
def sheet(untouched: Morning) -> Spreadsheet:
    return untouched.sheet()


def line_of(morning: Morning, sheet: Spreadsheet, kind: str = "uncorroborated") -> int:
    return sheet.line_of(morning.conflicts(kind)[0].conflict_id)


def refused(morning: Morning, sheet: Spreadsheet) -> list[str]:
    """Take in a sheet of which every filled row must be refused, and give why."""
    taken = morning.returned(sheet)
    assert set(ends(taken)) == {"refused"}
    return refusals(taken)


# --- what nobody may change ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("heading", [*SHOWN, *HIDDEN])
def test_a_row_in_which_a_locked_or_hidden_cell_was_changed_is_refused(
    untouched: Morning, sheet: Spreadsheet, heading: str
) -> None:
    line = line_of(untouched, sheet)
    sheet.fill(line, "不予记入", "", REASON, OPERATOR)
    sheet.type(line, heading, sheet.read(line, heading) + "1")
    assert refused(untouched, sheet) == ["returned_tampered"]


@pytest.mark.parametrize("heading", [one for one in SHOWN if one not in {"编号", "姓名"}])
def test_a_locked_cell_that_was_emptied_is_refused(untouched: Morning, sheet: Spreadsheet, heading: str) -> None:
    line = line_of(untouched, sheet)
    sheet.fill(line, "不予记入", "", REASON, OPERATOR)
    sheet.type(line, heading, "")
    assert refused(untouched, sheet) == ["returned_tampered"]


def test_a_formula_that_shows_what_a_locked_cell_showed_is_refused(untouched: Morning, sheet: Spreadsheet) -> None:
    line = line_of(untouched, sheet)
    sheet.fill(line, "不予记入", "", REASON, OPERATOR)
    sheet.type_formula(line, "小时", "1+0", sheet.read(line, "小时"))
    assert refused(untouched, sheet) == ["returned_tampered"]


def test_two_rows_whose_ids_changed_places_are_both_refused(untouched: Morning, sheet: Spreadsheet) -> None:
    one, other = (sheet.line_of(conflict.conflict_id) for conflict in untouched.conflicts("uncorroborated")[:2])
    ids = sheet.read(one, "编号"), sheet.read(other, "编号")
    for line, conflict_id in ((one, ids[1]), (other, ids[0])):
        sheet.fill(line, "不予记入", "", REASON, OPERATOR)
        sheet.type(line, "编号", conflict_id)
    assert refused(untouched, sheet) == ["returned_tampered"] * 2


def test_the_hidden_cells_of_another_row_open_nothing(untouched: Morning, sheet: Spreadsheet) -> None:
    one, other = (sheet.line_of(conflict.conflict_id) for conflict in untouched.conflicts("uncorroborated")[:2])
    sheet.fill(one, "不予记入", "", REASON, OPERATOR)
    for heading in HIDDEN:
        sheet.type(one, heading, sheet.read(other, heading))
    assert refused(untouched, sheet) == ["returned_tampered"]


def _forged(sheet: Spreadsheet, line: int, seal: RowSeal) -> None:
    shown = [sheet.read(line, heading) for heading in SHOWN]
    key, version = (sheet.read(line, heading) for heading in HIDDEN[:2])
    sheet.type(line, HIDDEN[2], seal.code(key, version, shown))


def test_a_row_made_up_with_a_plain_hash_or_another_key_is_refused(untouched: Morning, sheet: Spreadsheet) -> None:
    lines = [sheet.line_of(conflict.conflict_id) for conflict in untouched.conflicts("uncorroborated")[:3]]
    for line in lines:
        sheet.fill(line, "不予记入", "", REASON, OPERATOR)
        sheet.type(line, "小时", "2.00")
    _forged(sheet, lines[0], RowSeal("", lambda *parts: hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]))
    said = "".join(f"{len(text)}:{text}" for text in (sheet.read(lines[1], heading) for heading in SHOWN))
    sheet.type(lines[1], HIDDEN[2], hashlib.sha256(said.encode()).hexdigest()[:16])
    sheet.type(lines[2], HIDDEN[2], "")
    assert refused(untouched, sheet) == ["returned_tampered"] * 3


def test_the_seal_of_the_vaults_other_purposes_is_no_check_code(untouched: Morning, sheet: Spreadsheet) -> None:
    line = line_of(untouched, sheet)
    sheet.fill(line, "不予记入", "", REASON, OPERATOR)
    sheet.type(line, "小时", "2.00")
    with untouched.bank.store.reading() as tx:
        seal = RowSeal.of(lambda *parts: tx.vault.token("check", *parts))
        _forged(sheet, line, seal)
    assert refused(untouched, sheet) == ["returned_tampered"]


def test_a_workbook_of_another_bank_is_refused_whole(untouched: Morning, tmp_path: Path, sheet: Spreadsheet) -> None:
    other = Morning(tmp_path)
    line = line_of(untouched, sheet)
    sheet.fill(line, "不予记入", "", REASON, OPERATOR)
    with pytest.raises(UsageError) as caught:
        other.returned(sheet)
    assert caught.value.code == "returned_other_bank"
    assert {one.state.value for one in other.conflicts()} == {"open"}
    other.bank.close()


def test_a_single_row_of_another_bank_is_refused_alone(untouched: Morning, sheet: Spreadsheet) -> None:
    line = line_of(untouched, sheet)
    sheet.fill(line, "不予记入", "", REASON, OPERATOR)
    sheet.type(line, HIDDEN[0], f"00000000.{sheet.read(line, '编号')}")
    assert refused(untouched, sheet) == ["returned_row_of_other_bank"]


@pytest.mark.parametrize("conflict_id", ["C234567ABCD", "", "45990020050314002X"])
def test_a_conflict_that_there_is_not_is_refused(untouched: Morning, sheet: Spreadsheet, conflict_id: str) -> None:
    line = sheet.copy_line(line_of(untouched, sheet))
    sheet.fill(line, "不予记入", "", REASON, OPERATOR)
    sheet.type(line, "编号", conflict_id)
    sheet.type(line, HIDDEN[0], sheet.read(line, HIDDEN[0]).partition(".")[0] + ".CAAAAAAAAAA")
    taken = untouched.returned(sheet)
    assert refusals(taken) == ["returned_unknown"]
    assert "45990020050314002X" not in repr(taken)


# --- what is filled in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        (("不予记入", "", "", OPERATOR), ["returned_reason_missing"]),
        (("不予记入", "", "/", OPERATOR), ["returned_reason_missing"]),
        (("不予记入", "", REASON, ""), ["returned_name_missing"]),
        (("不予记入", "", REASON, " \u3000"), ["returned_name_missing"]),
        (("不予记入", "", "", ""), ["returned_reason_missing", "returned_name_missing"]),
        (("不予记入", "", "同上", "〃"), ["returned_ditto", "returned_ditto"]),
        (("不予记入", "", REASON, "√"), ["returned_no_name"]),
        (("不予记入", "", REASON, "是"), ["returned_no_name"]),
        (("不予记入", "", REASON, 12345.0), ["returned_no_name"]),
        (("不予记入", 1.5, REASON, OPERATOR), ["returned_hours_needless"]),
        (("不予记入", "", "据" * 1001, OPERATOR), ["returned_reason_long"]),
        (("不予记入", "", "本人459900194403160033已核", OPERATOR), ["returned_reason_personal"]),
        (("不予记入", "", "本人 459900 19440316 0033 已核", OPERATOR), ["returned_reason_personal"]),
        (("不予记入", "", "电话10012345678问过", OPERATOR), ["returned_reason_personal"]),
        (("不予记入", "", "本人有高血压，没有去", OPERATOR), ["returned_reason_health"]),
        (("同一次", "", REASON, OPERATOR), ["returned_impossible"]),
        (("放行", 3.0, REASON, OPERATOR), ["returned_impossible"]),
        (("归到此志愿者：P1", "", REASON, OPERATOR), ["returned_impossible"]),
        (("accept:guangxi", "", REASON, OPERATOR), ["returned_platform_silent"]),
        (("accept:moon", "", REASON, OPERATOR), ["returned_decision_unclear"]),
        (("accept", "", REASON, OPERATOR), ["returned_decision_unclear"]),
        (("以该平台为准", "", REASON, OPERATOR), ["returned_decision_unclear"]),
        (("拿不准", "", REASON, OPERATOR), ["returned_decision_unclear"]),
        ((1.0, "", REASON, OPERATOR), ["returned_decision_unclear"]),
        (("void:1", "", REASON, OPERATOR), ["returned_decision_unclear"]),
        (("按填写小时记", "", REASON, OPERATOR), ["returned_hours_missing"]),
        (("按填写小时记", "/", REASON, OPERATOR), ["returned_hours_missing"]),
        (("credit", "一个半", REASON, OPERATOR), ["returned_hours_unreadable"]),
        (("credit", -1.0, REASON, OPERATOR), ["returned_hours_unreadable"]),
        (("credit", "1:30", REASON, OPERATOR), ["returned_hours_unreadable"]),
        (("credit", 0.0, REASON, OPERATOR), ["returned_hours_missing"]),
        (("credit", "0.00", REASON, OPERATOR), ["returned_hours_unreadable"]),
        (("credit", 24.5, REASON, OPERATOR), ["returned_hours_over_day"]),
        (("credit:25", "", REASON, OPERATOR), ["returned_hours_over_day"]),
        (("credit", 0.3333, REASON, OPERATOR), ["returned_hours_too_fine"]),
        (("credit", "20分钟", REASON, OPERATOR), ["returned_hours_too_fine"]),
        (("credit", 5.0, REASON, OPERATOR), ["returned_hours_unlikely"]),
        (("credit", "30", REASON, OPERATOR), ["returned_hours_over_day"]),
        (("credit:1.5", 2.0, REASON, OPERATOR), ["returned_hours_differ"]),
        (("credit:0", "", REASON, OPERATOR), ["returned_hours_unreadable"]),
        (("credit", "4.6E+17", "", ""), [
            "returned_hours_unreadable", "returned_reason_missing", "returned_name_missing",
        ]),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_taken_refuses_its_row(
    untouched: Morning, sheet: Spreadsheet, cells: tuple[str | float, ...], codes: list[str]
) -> None:
    sheet.fill(line_of(untouched, sheet), *cells)
    assert refused(untouched, sheet) == codes


@pytest.mark.parametrize("heading", FILLED)
def test_a_formula_in_a_filled_cell_is_refused_whatever_it_came_to(
    untouched: Morning, sheet: Spreadsheet, heading: str
) -> None:
    line = line_of(untouched, sheet)
    sheet.fill(line, "按填写小时记", 1.0, REASON, OPERATOR)
    sheet.type_formula(line, heading, "1+1", sheet.read(line, heading))
    assert refused(untouched, sheet) == ["returned_formula"]


def test_the_same_conflict_said_twice_in_unlike_words_is_refused_twice(untouched: Morning, sheet: Spreadsheet) -> None:
    line = line_of(untouched, sheet)
    sheet.fill(line, "不予记入", "", REASON, OPERATOR)
    sheet.fill(sheet.copy_line(line), "维持现状", "", REASON, OPERATOR)
    assert refused(untouched, sheet) == ["returned_twice_unlike"] * 2


# --- the file --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("heading", [*SHOWN, *FILLED, *HIDDEN])
def test_a_file_without_one_of_our_columns_is_refused_and_the_column_named(
    untouched: Morning, sheet: Spreadsheet, heading: str
) -> None:
    sheet.fill(line_of(untouched, sheet), "不予记入", "", REASON, OPERATOR)
    sheet.delete_column(heading)
    with pytest.raises(UsageError) as caught:
        untouched.returned(sheet)
    assert (caught.value.code, caught.value.data["column"]) == ("returned_column_missing", heading)


def test_a_column_that_stands_there_twice_is_refused(untouched: Morning, sheet: Spreadsheet) -> None:
    sheet.add_column("理由", "另写的")
    with pytest.raises(UsageError, match="sheet_column_twice"):
        untouched.returned(sheet)


def _bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 250_000_000)
    return path


def test_a_bomb_is_refused_before_it_is_unfolded(untouched: Morning, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="sheet_too_large"):
        untouched.take_in(_bomb(tmp_path / "bomb.xlsx"))
    assert not (tmp_path / "bomb-结果.xlsx").exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "sheet_empty"),
        (b"PK\x03\x04 cut off", "sheet_broken"),
        (b"%PDF-1.4", "sheet_wrong_type"),
        ("编号,处理意见\nC234567ABCD,void\n".encode(), "returned_column_missing"),
    ],
)
def test_what_is_no_workbook_of_ours_is_refused_whole_and_leaves_nothing(
    untouched: Morning, tmp_path: Path, body: bytes, code: str
) -> None:
    path = tmp_path / "file.xlsx"
    path.write_bytes(body)
    with pytest.raises(UsageError, match=code):
        untouched.take_in(path)
    assert list(tmp_path.iterdir()) == [path]


def test_rows_in_which_nothing_was_decided_say_nothing(untouched: Morning, sheet: Spreadsheet) -> None:
    for line in sheet.lines:
        sheet.fill(line, "", "", "", OPERATOR)
    sheet.fill(sheet.lines[0], " ", 1.5, "还没有查", OPERATOR)
    sheet.type(sheet.lines[1], "小时", "9.00")
    taken: TakenIn = untouched.returned(sheet)
    assert {row.end.value for row in taken.rows} == {"blank"}


def test_no_two_columns_are_called_alike_in_any_language() -> None:
    codes = [code for code, _ in (*SHOWN_COLUMNS, *FILLED_COLUMNS)] + [*HIDDEN_COLUMNS, "outcome"]
    called = {(column_name(code, words(lang)), code) for lang in LANGUAGES for code in codes}
    assert len({name for name, _ in called}) == len(called) == len(codes) * len(LANGUAGES)


def test_the_columns_to_fill_in_are_called_as_promised() -> None:
    assert [*FILLED, SHOWN[0]] == ["处理意见", "小时数", "理由", "处理人", "编号"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_workbook_in_either_language_is_read(untouched: Morning, lang: str) -> None:
    read = read_returned(untouched.report(f"{lang}.xlsx", words(lang)))
    assert {row.conflict_id for row in read.rows} == {one.conflict_id for one in untouched.conflicts()}


def test_nothing_that_a_person_wrote_stands_in_a_rows_repr(untouched: Morning, sheet: Spreadsheet) -> None:
    sheet.fill(line_of(untouched, sheet), "不予记入", "", "隔壁覃大姐说的", "韦站长")
    read = read_returned(sheet.save(untouched.folder / "said.xlsx"))
    assert "覃大姐" not in repr(read)
    assert "韦站长" not in repr(read)


def test_every_kind_that_is_tried_here_is_there(untouched: Morning) -> None:
    assert {one.kind for one in untouched.conflicts()} == {
        ConflictKind.UNCORROBORATED, ConflictKind.UNKNOWN_PERSON, ConflictKind.HOURS_DIFFER, ConflictKind.DUPLICATE,
    }  # fmt: skip
