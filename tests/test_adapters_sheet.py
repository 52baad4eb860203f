"""Sheets as stations send them are read as they stand; hostile, broken and foreign files are refused by name."""

from __future__ import annotations

import hashlib
import io
import os
import random
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
import xlsxwriter

from adapters.formulas import formulas_of
from adapters.sheet import Sheet, read_sheet
from domain.errors import UsageError

KNOWN = ("本地编号", "姓名", "服务时长(小时)", "备注")
HEADER = "本地编号,姓名,服务时长（小时）,备注"


def read_bytes(folder: Path, body: bytes, name: str = "list.csv") -> Sheet:
    file = folder / name
    file.write_bytes(body)
    return read_sheet(file, KNOWN)


def refusal(folder: Path, body: bytes, name: str = "list.xlsx") -> UsageError:
    with pytest.raises(UsageError) as caught:
        read_bytes(folder, body, name)
    assert caught.value.data["file"] == str(folder / name)
    return caught.value


def workbook(rows: list[list[object]], *, sheets: int = 1, hidden: tuple[int, ...] = ()) -> bytes:
    """Give an XLSX file with these rows on each of its sheets."""
    body = io.BytesIO()
    with xlsxwriter.Workbook(body, {"in_memory": True}) as book:
        day, clock = book.add_format({"num_format": "yyyy/m/d"}), book.add_format({"num_format": "h:mm"})
        for number in range(sheets):
            sheet = book.add_worksheet()
            if number in hidden:
                sheet.hide()
            for line, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    match cell:
                        case time():
                            sheet.write_datetime(line, column, cell, clock)
                        case datetime() | date():
                            sheet.write_datetime(line, column, cell, day)
                        case str() if cell.startswith("="):
                            sheet.write_formula(line, column, cell, None, "stored")
                        case str():
                            sheet.write_string(line, column, cell)
                        case _:
                            sheet.write(line, column, cell)
    return body.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_in_every_usual_spelling(tmp_path: Path, encoding: str, mark: str, end: str) -> None:
    lines = [HEADER, "V001,韦小桥,0.70,", "", 'V002,覃小桥,0.5,"两行"']
    body = end.join(line.replace(",", mark) for line in lines).encode(encoding)
    sheet = read_bytes(tmp_path, body)
    assert sheet.headings["服务时长(小时)"] == "服务时长（小时）"
    assert [(row.line, row.cells["本地编号"], row.cells["姓名"]) for row in sheet.rows] == [
        (2, "V001", "韦小桥"),
        (4, "V002", "覃小桥"),
    ]
    assert sheet.rows[0].cells["备注"] == ""


def test_title_above_the_header_and_cells_over_several_lines(tmp_path: Path) -> None:
    body = f'2022年3月名册,,,\n\n{HEADER}\nV001,甲,,"一\n二"\nV002,乙,,\n'.encode()
    sheet = read_bytes(tmp_path, body)
    assert [(row.line, row.cells["备注"]) for row in sheet.rows] == [(4, "一\n二"), (6, "")]


def test_short_and_long_rows(tmp_path: Path) -> None:
    sheet = read_bytes(tmp_path, f"{HEADER}\nV001\nV002,乙,1,好,多余\n,,,\n".encode())
    assert [row.cells["备注"] for row in sheet.rows] == ["", "好"]


def test_workbook_cells_show_what_they_hold(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["名册"],
        ["*本地编号", " 姓 名 ", "服务时长（小时）", "备注"],
        ["V001", date(2022, 3, 5), 0.5, time(14, 30)],
        [],
        ["V002", datetime(2022, 3, 5, 14, 30), 459900198503071030, "459900198503071030"],  # noqa: DTZ001 - as a cell
        [3, True, 44625, "=1+1"],
    ]
    sheet = read_bytes(tmp_path, workbook(rows), "list.xlsx")
    assert [(row.line, *row.cells.values()) for row in sheet.rows] == [
        (3, "V001", "2022-03-05", "0.5", "14:30"),
        (5, "V002", "2022-03-05 14:30:00", "4.59900198503071E+17", "459900198503071030"),
        (6, "3", "TRUE", "44625", "stored"),
    ]


def test_rows_keep_the_sheets_own_lines_where_the_first_are_empty(tmp_path: Path) -> None:
    rows: list[list[object]] = [[], [], [None, *KNOWN], [None, "V001", "甲", 1, ""]]
    sheet = read_bytes(tmp_path, workbook(rows), "list.xlsx")
    assert [(row.line, row.cells["本地编号"]) for row in sheet.rows] == [(4, "V001")]


def test_table_on_a_later_sheet_and_hidden_sheets(tmp_path: Path) -> None:
    rows: list[list[object]] = [list(KNOWN), ["V001", "甲", 1, ""]]
    assert len(read_bytes(tmp_path, workbook(rows, sheets=2, hidden=(1,)), "list.xlsx").rows) == 1
    assert refusal(tmp_path, workbook(rows, sheets=2)).code == "sheet_several"


def test_nothing_of_a_row_stands_in_its_repr(tmp_path: Path) -> None:
    sheet = read_bytes(tmp_path, f"{HEADER}\nV001,韦小桥,,\n".encode())
    assert "韦小桥" not in repr(sheet)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "sheet_empty"),
        (b" \r\n ", "sheet_empty"),
        (b"\xef\xbb\xbf", "sheet_no_header"),
        (b"a,b,c\n1,2,3\n", "sheet_no_header"),
        (f"{HEADER},姓名\n".encode(), "sheet_column_twice"),
        (f'{HEADER}\nV001,"甲,1,\nV002,乙,1,\n'.encode(), "sheet_broken"),
        (f"{HEADER}\nV001,甲\x00,1,".encode(), "sheet_wrong_type"),
        ("\ufeff<html><table><tr><td>本地编号</td></tr></table>".encode(), "sheet_wrong_type"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "sheet_wrong_type"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "sheet_wrong_type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "sheet_old_format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "sheet_encrypted"),
        (b"PK\x03\x04 and nothing more", "sheet_broken"),
        (workbook([list(KNOWN)])[:900], "sheet_broken"),
    ],
)
def test_files_that_are_no_sheet(tmp_path: Path, body: bytes, code: str) -> None:
    assert refusal(tmp_path, body).code == code


def test_what_is_no_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, code in (
        (tmp_path / "none", "sheet_missing"),
        (tmp_path, "sheet_wrong_type"),
        (pipe, "sheet_wrong_type"),
    ):
        with pytest.raises(UsageError) as caught:
            read_sheet(path, KNOWN)
        assert caught.value.code == code


def repacked(body: bytes, changes: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Give the same archive with some parts changed or added."""
    copy = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(copy, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, old.read(name)))
        for name in changes.keys() - set(old.namelist()):
            new.writestr(name, changes[name])
    return copy.getvalue()


SMALL = workbook([list(KNOWN), ["V001", "甲", 1, ""]])
SHEET_PART = "xl/worksheets/sheet1.xml"
SHEET_HEAD = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
SHEET_TAIL = b"</sheetData></worksheet>"


@pytest.mark.parametrize("reference", [b"XFD1048576", b"A1048576", b"A0000001048576", b"XFD1", b"AAAAAAAA1"])
def test_far_away_cell_would_fill_the_memory(tmp_path: Path, reference: bytes) -> None:
    cells = b'<row r="1"><c r="A1"><v>1</v></c></row><row><c r = "' + reference + b'"><v>1</v></c></row>'
    body = repacked(SMALL, {SHEET_PART: SHEET_HEAD + cells + SHEET_TAIL})
    assert refusal(tmp_path, body).code == "sheet_too_large"


def test_long_text_repeated_a_hundred_thousand_times(tmp_path: Path) -> None:
    texts = b"<sst><si><t>" + b"x" * 100_000 + b"</t></si></sst>"
    cells = b"".join(b'<row><c t="s"><v>0</v></c></row>' for _ in range(100_000))
    body = repacked(SMALL, {SHEET_PART: SHEET_HEAD + cells + SHEET_TAIL, "xl/sharedStrings.xml": texts})
    assert refusal(tmp_path, body).code == "sheet_too_large"


def test_archive_that_unpacks_to_far_too_much(tmp_path: Path) -> None:
    body = repacked(SMALL, {"xl/media/image1.xml": bytes(201_000_000)})
    assert len(body) < 1_000_000
    assert refusal(tmp_path, body).code == "sheet_too_large"


def test_archive_whose_directory_lies_about_sizes(tmp_path: Path) -> None:
    body = bytearray(repacked(SMALL, {SHEET_PART: SHEET_HEAD + b" " * 1_000_000 + SHEET_TAIL}))
    with zipfile.ZipFile(io.BytesIO(bytes(body))) as archive:
        true_size = archive.getinfo(SHEET_PART).file_size.to_bytes(4, "little")
    while (place := body.find(true_size)) >= 0:
        body[place : place + 4] = (1000).to_bytes(4, "little")
    assert refusal(tmp_path, bytes(body)).code == "sheet_broken"


def test_entities_are_never_expanded(tmp_path: Path) -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
        b'<!ENTITY f SYSTEM "file:///etc/passwd">]><sst><si><t>&b;&f;</t></si></sst>'
    )
    body = repacked(SMALL, {"xl/sharedStrings.xml": bomb})
    if code_of(tmp_path, body) == "sheet_read":
        cells = [list(row.cells.values()) for row in read_bytes(tmp_path, body, "list.xlsx").rows]
        assert "root" not in str(cells)
        assert "aaaa" not in str(cells)


def test_other_office_files_and_locked_parts(tmp_path: Path) -> None:
    text = io.BytesIO()
    with zipfile.ZipFile(text, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refusal(tmp_path, text.getvalue()).code == "sheet_wrong_type"
    locked = bytearray(SMALL)
    directory = locked.find(b"PK\x01\x02")
    locked[directory + 8] |= 1
    assert refusal(tmp_path, bytes(locked)).code == "sheet_encrypted"


def test_too_many_rows_and_columns(tmp_path: Path) -> None:
    assert refusal(tmp_path, (HEADER + "\n" + "1,2\n" * 200_001).encode()).code == "sheet_too_large"
    assert refusal(tmp_path, (HEADER + "\n" + "," * 600).encode()).code == "sheet_too_large"


def code_of(folder: Path, body: bytes) -> str:
    """Give the code under which a file is refused, or that it was read."""
    try:
        read_bytes(folder, body, "list.xlsx")
    except UsageError as error:
        return error.code
    return "sheet_read"


@pytest.mark.parametrize("seed", range(40))
def test_damaged_workbooks_are_read_or_refused_and_nothing_else(tmp_path: Path, seed: int) -> None:
    drawn = random.Random(seed)  # noqa: S311 - damage is drawn, no secret
    with zipfile.ZipFile(io.BytesIO(SMALL)) as archive:
        parts = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    part = parts[drawn.choice(sorted(parts))]
    for _ in range(drawn.randint(1, 8)):
        part[drawn.randrange(len(part))] = drawn.randrange(256)
    if drawn.random() < 0.3:
        del part[drawn.randrange(len(part)) :]
    body = bytearray(repacked(SMALL, {name: bytes(part) for name, part in parts.items()}))
    if drawn.random() < 0.3:
        body[drawn.randrange(len(body))] ^= 0xFF
    assert code_of(tmp_path, bytes(body)).startswith("sheet_")


def test_it_is_told_under_which_headings_a_formula_stands(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [],
        [None, *KNOWN],
        [None, "V001", "=A1", 1, "=B1"],
        [None, "V002", "甲", 2, ""],
        [None, "", "", None, "=1"],
    ]
    sheet = read_bytes(tmp_path, workbook(rows), "list.xlsx")
    assert [(row.line, sorted(row.formulas)) for row in sheet.rows] == [(3, ["备注", "姓名"]), (4, []), (5, ["备注"])]


def test_a_formula_on_another_sheet_is_none_of_the_table(tmp_path: Path) -> None:
    body = io.BytesIO()
    with xlsxwriter.Workbook(body, {"in_memory": True}) as book:
        other, table = book.add_worksheet("a&b <“'1'”>"), book.add_worksheet("&amp;")
        other.write_formula(1, 0, "=1+1", None, 2)
        table.write_row(0, 0, KNOWN)
        table.write_row(1, 0, ["V001", "甲"])
        table.write_formula(1, 2, "=1+1", None, 2)
    (row,) = read_bytes(tmp_path, body.getvalue(), "list.xlsx").rows
    assert row.formulas == {"服务时长(小时)"}


def test_formulas_are_found_in_cells_that_do_not_say_where_they_stand() -> None:
    sheet = (
        b"<x:worksheet><x:sheetData><x:row><x:c><x:v>1</x:v></x:c><x:c t='n'><x:f>1+1</x:f><x:v>2</x:v></x:c></x:row>"
        b"<x:row r='7'><x:c r='AB7'><x:f t='shared' si='0'/></x:c></x:row></x:sheetData><x:formula1>A1</x:formula1>"
    )
    parts = {
        "xl/workbook.xml": b'<x:sheets><x:sheet name="&lt;1&gt;" sheetId="1" r:id="r1"/></x:sheets>',
        "xl/_rels/workbook.xml.rels": b"<Relationships><Relationship Target='/xl/Worksheets/s.xml' Id='r1'/>",
        "xl/worksheets/s.xml": sheet,
    }
    assert formulas_of(parts) == {"<1>": {(1, 1), (7, 27)}}


def test_the_digest_is_that_of_the_whole_file(tmp_path: Path) -> None:
    one, same, other = (
        read_bytes(tmp_path, f"{HEADER}\nV001,{name},,\n".encode()).digest for name in ("甲", "甲", "乙")
    )
    assert one == same == hashlib.sha256(f"{HEADER}\nV001,甲,,\n".encode()).hexdigest()
    assert other != one
