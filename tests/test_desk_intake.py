"""Rosters and entries as stations hand them in: good rows go in, each bad one is refused with line, column, reason."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path

import pytest
import xlsxwriter

from desk.intake import EntryList, RosterList, read_entries, read_roster
from domain.clock import SHANGHAI
from domain.errors import UsageError
from domain.idnumber import check_digit
from mapping.load import load_rules

RULES = load_rules(Path(str(files("rulesets") / "liuzhou-chengzhong.toml")))
ROSTER = [
    "本地编号",
    "姓名",
    "证件类型",
    "证件号码",
    "手机号",
    "服务站",
    "登记日期",
    "执业证书",
    "国家平台编号",
    "桂志愿编号",
    "同意上报",
]
ENTRIES = [
    "录入编号",
    "本地编号",
    "服务类别",
    "服务日期",
    "开始时间",
    "结束时间",
    "特殊情况",
    "服务站",
    "服务对象",
    "站点确认",
    "社区确认",
    "备注",
]


def id_number(serial: int) -> str:
    seventeen = f"45990019850307{serial:03d}"
    return seventeen + check_digit(seventeen)


PERSON = {
    "本地编号": "V001", "姓名": "韦小桥", "证件类型": "01", "证件号码": id_number(101), "手机号": "10012345678",
    "服务站": "CZ03",
    "登记日期": "2021-11-01", "执业证书": "", "国家平台编号": "45a7", "桂志愿编号": "", "同意上报": "national,guangxi",
}  # fmt: skip
VISIT = {
    "录入编号": "E1", "本地编号": "V001", "服务类别": "出行陪伴", "服务日期": "2022-03-05", "开始时间": "9:00",
    "结束时间": "9:42",
    "特殊情况": "", "服务站": "中南街道", "服务对象": "覃奶奶", "站点确认": "黄站长", "社区确认": "陆主任", "备注": "",
}  # fmt: skip


def write(folder: Path, headings: list[str], rows: list[list[str]]) -> Path:
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows])
    file = folder / "list.csv"
    file.write_text(text.getvalue(), encoding="utf-8-sig")
    return file


def roster(folder: Path, *people: dict[str, str], today: date | None = None) -> RosterList:
    rows = [[{**PERSON, **person}[heading] for heading in ROSTER] for person in people]
    return read_roster(write(folder, ROSTER, rows), RULES, today)


def entries(folder: Path, *visits: dict[str, str], today: date | None = None) -> EntryList:
    rows = [[{**VISIT, **visit}[heading] for heading in ENTRIES] for visit in visits]
    return read_entries(write(folder, ENTRIES, rows), RULES, today)


def test_a_person_as_the_roster_says(tmp_path: Path) -> None:
    read = roster(tmp_path, {})
    assert (read.refused, read.skipped) == ((), ())
    (row,) = read.rows
    assert (row.line, row.local_number, row.station, row.phone) == (2, "V001", "CZ03", "10012345678")
    assert (row.person.name, row.person.id_type, row.person.id_number) == ("韦小桥", "resident", id_number(101))
    assert (row.registered_on, row.licence) == (date(2021, 11, 1), "")
    assert row.platform_numbers == {"national": "45A7"}
    assert row.consents == {"national", "guangxi"}


@pytest.mark.parametrize(
    "station", ["CZ03", "cz03", "中南", "中南街道", "中南站", "中南服务站", "中南街道服务站", " 中 南 ", "ＣＺ０３"]
)
def test_station_by_code_or_name(tmp_path: Path, station: str) -> None:
    assert [row.station for row in roster(tmp_path, {"服务站": station}).rows] == ["CZ03"]


@pytest.mark.parametrize(
    ("said", "consents"),
    [
        ("不同意", set()),
        ("未同意", set()),
        ("national,guangxi", {"national", "guangxi"}), ("guangxi", {"guangxi"}),
        ("桂志愿、中国志愿服务网", {"national", "guangxi"}),
        ("国家平台", {"national"}), ("", set()), ("无", set()), ("否", set()), ("/", set()),
        ("National； Guangxi", {"national", "guangxi"}),
    ],
)  # fmt: skip
def test_consent_is_what_was_named(tmp_path: Path, said: str, consents: set[str]) -> None:
    assert [row.consents for row in roster(tmp_path, {"同意上报": said}).rows] == [consents]


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"本地编号": ""}, "本地编号", "cell_missing"),
        ({"本地编号": "10012345678"}, "本地编号", "number_looks_personal"),
        ({"本地编号": id_number(107)}, "本地编号", "number_looks_personal"),
        ({"姓名": "张三、李四"}, "姓名", "several_people"),
        ({"姓名": ""}, "姓名", "cell_missing"),
        ({"证件类型": "学生证"}, "证件类型", "id_type_unknown"),
        ({"证件号码": "4.6E+17"}, "证件号码", "id_eaten"),
        ({"证件号码": "459900198503071000"[:15] + "000"}, "证件号码", "id_eaten"),
        ({"证件号码": id_number(101)[:17] + "ABCDEFGHIJK"[0]}, "证件号码", "id_shape"),
        ({"证件号码": ""}, "证件号码", "cell_missing"),
        ({"手机号": "123"}, "手机号", "phone_unreadable"),
        ({"服务站": "柳东"}, "服务站", "station_unknown"),
        ({"服务站": ""}, "服务站", "cell_missing"),
        ({"登记日期": "3月5日"}, "登记日期", "date_no_year"),
        ({"登记日期": "2022-04-02"}, "登记日期", "date_in_future"),
        ({"国家平台编号": "4.5E+31"}, "国家平台编号", "number_eaten"),
        ({"同意上报": "是"}, "同意上报", "consent_unknown"),
        ({"同意上报": "national,微信"}, "同意上报", "consent_unknown"),
    ],
)
def test_a_bad_person_is_refused_alone(tmp_path: Path, changes: dict[str, str], column: str, code: str) -> None:
    good = {"本地编号": "V009", "证件号码": id_number(109)}
    read = roster(
        tmp_path, good, changes, {**good, "本地编号": "V010", "证件号码": id_number(110)}, today=date(2022, 4, 1)
    )
    assert [row.local_number for row in read.rows] == ["V009", "V010"]
    assert [(row.line, row.column, row.code) for row in read.refused] == [(3, column, code)]


def test_same_person_twice_once_and_another_under_the_number_refused(tmp_path: Path) -> None:
    other = {"姓名": "韦大桥", "证件号码": id_number(103)}
    read = roster(tmp_path, {}, {}, other, {"本地编号": "V002"})
    assert [(row.line, row.local_number) for row in read.rows] == [(2, "V001")]
    assert [(row.line, row.column, row.code, row.data) for row in read.refused] == [
        (4, "本地编号", "local_number_twice", (("first_line", "2"),)),
        (5, "证件号码", "id_number_twice", (("first_line", "2"),)),
    ]


def test_minors_are_not_refused_at_the_door(tmp_path: Path) -> None:
    seventeen = "45990020100307101"
    assert len(roster(tmp_path, {"证件号码": seventeen + check_digit(seventeen)}).rows) == 1


def test_other_headings_for_the_same_columns(tmp_path: Path) -> None:
    renamed = {"证件号码": "身份证号", "手机号": "联系电话", "国家平台编号": "中国志愿服务网编号"}
    headings = [renamed.get(heading, heading) for heading in ROSTER]
    rows = [[PERSON[heading] for heading in ROSTER], [{**PERSON, "证件号码": "4.6E+17"}[heading] for heading in ROSTER]]
    read = read_roster(write(tmp_path, headings, rows), RULES)
    assert [(row.phone, row.platform_numbers) for row in read.rows] == [("10012345678", {"national": "45A7"})]
    assert [row.column for row in read.refused] == ["身份证号"]


def test_columns_in_any_order_below_a_title(tmp_path: Path) -> None:
    order = list(reversed(ROSTER))
    file = write(tmp_path, ["中南街道志愿者名册"], [order, [PERSON[heading] for heading in order]])
    assert [(row.line, row.local_number) for row in read_roster(file, RULES).rows] == [(3, "V001")]


@pytest.mark.parametrize(
    ("headings", "code", "column"),
    [
        ([heading for heading in ROSTER if heading != "证件号码"], "sheet_column_missing", "证件号码"),
        ([heading for heading in ROSTER if heading not in {"姓名", "服务站"}], "sheet_column_missing", "姓名、服务站"),
        ([heading.replace("执业证书", "职业证书") for heading in ROSTER], "sheet_column_unclear", "职业证书"),
        ([*ROSTER, "身份证号"], "sheet_column_twice", "身份证号"),
    ],
)
def test_columns_that_stop_the_import(tmp_path: Path, headings: list[str], code: str, column: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_roster(write(tmp_path, headings, [["x"] * len(headings)]), RULES)
    assert (caught.value.code, caught.value.data["column"]) == (code, column)


def test_a_visit_as_the_station_typed_it(tmp_path: Path) -> None:
    read = entries(tmp_path, {})
    assert (read.refused, read.skipped, read.lines) == ((), (), (2,))
    (entry,) = read.rows
    assert (entry.entry_id, entry.local_number, entry.station, entry.category) == ("E1", "V001", "CZ03", "escort")
    assert entry.starts_at == datetime(2022, 3, 5, 9, tzinfo=SHANGHAI)
    assert entry.ends_at == datetime(2022, 3, 5, 9, 42, tzinfo=SHANGHAI)
    assert (entry.is_special, entry.station_by, entry.community_by) == (False, "黄站长", "陆主任")
    assert (entry.beneficiary, entry.remark) == ("覃奶奶", "")


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("escort", "escort"), ("出行陪伴", "escort"), ("其他服务（专业）", "professional"),
        ("其他服务(专业)", "professional"),
        ("专业", "professional"), ("emotional_support", "emotional_support"), ("情感慰藉 ", "emotional_support"),
    ],
)  # fmt: skip
def test_category_by_name_or_code(tmp_path: Path, said: str, category: str) -> None:
    assert [entry.category for entry in entries(tmp_path, {"服务类别": said}).rows] == [category]


def test_rows_of_a_template_that_are_only_numbered_are_none(tmp_path: Path) -> None:
    blank = ["", *[""] * (len(ENTRIES) - 1)]
    rows = [["1", *VISIT.values()], ["2", *blank], ["3", "\u200b", *blank[1:]]]
    read = read_entries(write(tmp_path, ["序号", *VISIT], rows), RULES)
    assert [row.entry_id for row in read.rows] == ["E1"]
    assert (read.refused, read.skipped) == ((), ())


def test_entries_without_times_or_confirmations(tmp_path: Path) -> None:
    blank = {"开始时间": "", "结束时间": "", "站点确认": "", "社区确认": "", "服务对象": ""}
    (entry,) = entries(tmp_path, blank).rows
    assert (entry.starts_at, entry.ends_at, entry.station_by, entry.community_by) == (None, None, "", "")


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"录入编号": ""}, "录入编号", "cell_missing"),
        ({"录入编号": "2.02203E+12"}, "录入编号", "number_eaten"),
        ({"本地编号": "V001、V002"}, "本地编号", "several_people"),
        ({"服务类别": "打扫"}, "服务类别", "category_unknown"),
        ({"服务类别": ""}, "服务类别", "cell_missing"),
        ({"服务日期": "3月5日"}, "服务日期", "date_no_year"),
        ({"服务日期": "2022-04-02"}, "服务日期", "date_in_future"),
        ({"服务日期": "2021-09-30"}, "服务日期", "date_outside_rules"),
        ({"开始时间": "2:30", "结束时间": "3:30"}, "开始时间", "time_at_night"),
        ({"开始时间": "10:30", "结束时间": "9:00"}, "结束时间", "times_reversed"),
        ({"开始时间": ""}, "开始时间", "time_alone"),
        ({"特殊情况": "可能"}, "特殊情况", "yes_no_unclear"),
        ({"服务站": "柳东"}, "服务站", "station_unknown"),
        ({"站点确认": "同上"}, "站点确认", "ditto"),
        ({"社区确认": "〃"}, "社区确认", "ditto"),
        ({"社区确认": "√"}, "社区确认", "confirmer_no_name"),
    ],
)
def test_a_bad_visit_is_refused_alone(tmp_path: Path, changes: dict[str, str], column: str, code: str) -> None:
    read = entries(tmp_path, {"录入编号": "E7"}, changes, {"录入编号": "E8"}, today=date(2022, 4, 1))
    assert [entry.entry_id for entry in read.rows] == ["E7", "E8"]
    assert read.lines == (2, 4)
    assert [(row.line, row.column, row.code) for row in read.refused] == [(3, column, code)]


def test_the_same_entry_twice_once_and_other_content_refused(tmp_path: Path) -> None:
    read = entries(tmp_path, {}, {}, {"结束时间": "10:00"}, {"服务站": "河东", "结束时间": "10:00"})
    assert [(entry.station, entry.entry_id) for entry in read.rows] == [("CZ03", "E1"), ("CZ06", "E1")]
    assert [(row.line, row.code, row.data) for row in read.refused] == [(4, "entry_id_twice", (("first_line", "2"),))]


def test_totals_examples_and_signatures_are_skipped_with_a_note(tmp_path: Path) -> None:
    nothing = dict.fromkeys(ENTRIES, "")
    read = entries(
        tmp_path,
        {"录入编号": "示例", "本地编号": "V000"},
        {},
        {"录入编号": "E2", "备注": "示例，请勿删除"},
        {**nothing, "录入编号": "合 计", "服务对象": "1"},
        {**nothing, "本地编号": "填表人：黄站长"},
    )
    assert [entry.entry_id for entry in read.rows] == ["E1"]
    assert read.refused == ()
    assert [(row.line, row.code) for row in read.skipped] == [
        (2, "row_example"), (4, "row_example"), (5, "row_total"), (6, "row_footer"),
    ]  # fmt: skip


def test_a_column_pasted_one_row_down_spoils_the_list(tmp_path: Path) -> None:
    days = ["2022-03-05", "2022-03-06", "2022-03-07"]
    visits = [{"录入编号": f"E{n}", "服务日期": day} for n, day in enumerate(["", *days[:2]])]
    hanging = {**dict.fromkeys(ENTRIES, ""), "服务日期": days[2]}
    read = entries(tmp_path, *visits, hanging)
    assert read.rows == ()
    assert {(row.column, row.code) for row in read.refused} == {("服务日期", "column_shifted")}
    assert [row.line for row in read.refused] == [2, 3, 4, 5]


def test_one_empty_cell_is_no_shifted_column(tmp_path: Path) -> None:
    visits = [{"录入编号": f"E{n}", "服务日期": day} for n, day in enumerate(["", "2022-03-05", "2022-03-06"])]
    read = entries(tmp_path, *visits)
    assert [row.code for row in read.refused] == ["cell_missing"]
    assert len(read.rows) == 2


def test_last_year_typed_in_january(tmp_path: Path) -> None:
    visits = [{"录入编号": "E1", "服务日期": "2022-01-08"}, {"录入编号": "E2", "服务日期": "2023-01-07"}]
    read = entries(tmp_path, *visits, today=date(2023, 1, 9))
    assert [entry.entry_id for entry in read.rows] == ["E2"]
    assert [(row.line, row.column, row.code) for row in read.refused] == [(2, "服务日期", "date_last_year")]


def test_a_whole_old_year_handed_in_in_january_is_believed(tmp_path: Path) -> None:
    visits = [{"录入编号": f"E{month}", "服务日期": f"2022-{month:02d}-08"} for month in range(1, 13)]
    assert len(entries(tmp_path, *visits, today=date(2023, 1, 9)).rows) == 12


def test_last_january_is_believed_in_any_other_month(tmp_path: Path) -> None:
    assert len(entries(tmp_path, {"服务日期": "2022-01-08"}, today=date(2023, 2, 1)).rows) == 1


def test_workbook_with_cells_of_every_kind(tmp_path: Path) -> None:
    file = tmp_path / "entries.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("录入")
        day, clock = book.add_format({"num_format": "yyyy/m/d"}), book.add_format({"num_format": "h:mm"})
        sheet.merge_range(0, 0, 0, 11, "三月服务登记表")
        sheet.write_row(1, 0, ENTRIES)
        for line, (start, end) in enumerate([(9 / 24, 9.7 / 24), (14.5 / 24, 15 / 24)], start=2):
            sheet.write_row(line, 0, [VISIT[heading] for heading in ENTRIES])
            sheet.write_number(line, 0, 100 + line)
            sheet.write_number(line, 3, 44625, day if line == 2 else None)
            sheet.write_number(line, 4, start, clock if line == 2 else None)
            sheet.write_number(line, 5, end, clock if line == 2 else None)
            sheet.write_boolean(line, 6, line == 3)
    read = read_entries(file, RULES)
    assert read.refused == ()
    assert [(entry.entry_id, entry.service_date, entry.is_special) for entry in read.rows] == [
        ("102", date(2022, 3, 5), False),
        ("103", date(2022, 3, 5), True),
    ]
    assert [entry.starts_at and entry.starts_at.strftime("%H:%M") for entry in read.rows] == ["09:00", "14:30"]
    assert [entry.ends_at and entry.ends_at.strftime("%H:%M") for entry in read.rows] == ["09:42", "15:00"]


def test_nothing_personal_in_refusals_or_reprs(tmp_path: Path) -> None:
    bad = {"本地编号": "V002", "证件号码": "覃奶奶" + id_number(105), "姓名": "韦小桥"}
    read = roster(tmp_path, {}, bad)
    shown = repr(read) + repr(entries(tmp_path, {}, {"录入编号": "E2", "服务日期": id_number(105)}))
    for secret in ("韦小桥", id_number(101), id_number(105), "10012345678", "覃奶奶", "黄站长", "45A7"):
        assert secret not in shown


def test_an_empty_list_is_a_list(tmp_path: Path) -> None:
    assert roster(tmp_path).rows == ()
    assert entries(tmp_path).rows == ()
