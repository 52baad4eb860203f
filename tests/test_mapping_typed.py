"""Each typing mistake of the station's staff is read right without doubt, or refused with its reason."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import SHANGHAI
from domain.idnumber import RESIDENT, check_digit
from mapping.typed import TypedProblem, typed_hours, typed_optional, typed_yes
from mapping.typed_people import (
    is_several,
    typed_confirmer,
    typed_entry_id,
    typed_id_number,
    typed_id_type,
    typed_local_number,
    typed_name,
    typed_phone,
    typed_platform_number,
)
from mapping.typed_times import typed_date, typed_span, typed_time

DAY = date(2022, 3, 5)


def shown(found: Any) -> Any:  # noqa: ANN401 - a value or a problem, told apart here
    return found.code if isinstance(found, TypedProblem) else found


def resident(seventeen: str) -> str:
    return seventeen + check_digit(seventeen)


@pytest.mark.parametrize(
    "text",
    [
        "2022-03-05", "2022.3.5", "2022/3/5", "2022年3月5日", "2022年03月05号", "20220305", "44625",
        "２０２２．３．５", " 2022-3-5 ",
        "2022 年 3 月 5 日", "2022-03-05 00:00:00", "2022-03-05T00:00:00", "\ufeff2022-03-05\u200b",
    ],
)  # fmt: skip
def test_dates_read_without_doubt(text: str) -> None:
    assert typed_date(text) == DAY


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "cell_missing"), ("　", "cell_missing"), ("3月5日", "date_no_year"), ("3/5", "date_no_year"),
        ("3.5", "date_no_year"),
        ("22-3-5", "date_year_short"), ("22年3月5日", "date_year_short"), ("3/5/2022", "date_order"),
        ("2022-02-29", "date_impossible"), ("2022-13-01", "date_impossible"), ("0022-03-05", "date_impossible"),
        ("2202-03-05", "date_impossible"), ("2022.3-5", "date_unreadable"), ("昨天", "date_unreadable"),
        ("5", "date_unreadable"),
        ("44625.5", "date_unreadable"), ("2022-03-05至06", "date_unreadable"), ("同上", "date_unreadable"),
    ],
)  # fmt: skip
def test_dates_refused(text: str, code: str) -> None:
    assert shown(typed_date(text)) == code


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_in_all_its_spellings(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    for text in (day.isoformat(), f"{day.year}.{day.month}.{day.day}", f"{day:%Y%m%d}", str(serial)):
        assert typed_date(text) == day


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("14:30", time(14, 30)), ("14：30", time(14, 30)), ("１４：３０", time(14, 30)), ("9:00", time(9)),
        ("09:00:00", time(9)),
        ("1430", time(14, 30)), ("14点30分", time(14, 30)), ("14时30", time(14, 30)), ("9点", time(9)),
        ("9点半", time(9, 30)),
        ("9点5分", time(9, 5)), ("下午2:30", time(14, 30)), ("下午 2点半", time(14, 30)), ("上午9:15", time(9, 15)),
        ("中午12:00", time(12)),
        ("中午1:00", time(13)), ("凌晨2:30", time(2, 30)), ("0.604166666666667", time(14, 30)),
        ("0.375000001", time(9)), ("0.625", time(15)),
        ("2022-03-05 14:30:00", time(14, 30)), ("", None), (" ", None),
    ],
)  # fmt: skip
def test_times_read_without_doubt(text: str, found: time | None) -> None:
    assert typed_time(text, DAY) == found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2:30", "time_at_night"), ("02:30", "time_at_night"), ("0:00", "time_at_night"), ("0230", "time_at_night"),
        ("25:00", "time_impossible"), ("14:75", "time_impossible"), ("24:00", "time_impossible"),
        ("59:59:59", "time_impossible"),
        ("14", "time_unreadable"), ("14.30", "time_unreadable"), ("0.5", "time_unreadable"),
        ("0.75", "time_unreadable"),
        ("0.6041", "time_unreadable"),
        ("9:5", "time_unreadable"), ("9:0", "time_unreadable"), ("930", "time_unreadable"),
        ("14:30-15:30", "time_unreadable"),
        ("2022-03-06 14:30:00", "time_other_day"), ("下午", "time_unreadable"), ("14:半", "time_unreadable"),
    ],
)  # fmt: skip
def test_times_refused(text: str, code: str) -> None:
    assert shown(typed_time(text, DAY)) == code


def test_span_is_aware_and_of_the_day() -> None:
    nine, later = datetime(2022, 3, 5, 9, tzinfo=SHANGHAI), datetime(2022, 3, 5, 9, 42, tzinfo=SHANGHAI)
    assert typed_span("9:00", "9：42", DAY) == (nine, later)
    assert typed_span("", "", DAY) is None


@pytest.mark.parametrize(
    ("start", "end", "code", "column"),
    [
        ("10:30", "9:00", "times_reversed", "end"), ("11:30", "7:15", "times_reversed", "end"),
        ("9:00", "2:30", "time_at_night", "end"),
        ("2:30", "3:15", "time_at_night", "start"), ("9:00", "9:00", "times_equal", "end"),
        ("9:00", "", "time_alone", "end"),
        ("", "9:00", "time_alone", "start"), ("x", "9:00", "time_unreadable", "start"),
    ],
)  # fmt: skip
def test_spans_refused_under_their_column(start: str, end: str, code: str, column: str) -> None:
    assert typed_span(start, end, DAY) == TypedProblem(code, (("column", column),))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0.5", 1800), ("０．５", 1800), ("0.70", 2520), ("1", 3600), ("1.5小时", 5400), ("30分钟", 1800), ("0.01", 36),
    ("24", 86_400)],
)  # fmt: skip
def test_hours_read(text: str, seconds: int) -> None:
    assert typed_hours(text) == seconds


@pytest.mark.parametrize(
    ("text", "known", "code"),
    [
        ("30", 0, "hours_over_day"), ("30", 1800, "hours_over_day"), ("5", 1800, "hours_unlikely"),
        ("5", 3600, "hours_unlikely"),
        ("0", 0, "hours_nothing"), ("", 0, "cell_missing"), ("-1", 0, "hours_unreadable"),
        ("半小时", 0, "hours_unreadable"),
        ("0,5", 0, "hours_unreadable"), ("1:30", 0, "hours_unreadable"), ("1e5", 0, "hours_unreadable"),
        ("0.3333", 0, "hours_too_fine"),
        ("NaN", 0, "hours_unreadable"),
    ],
)  # fmt: skip
def test_hours_refused(text: str, known: int, code: str) -> None:
    assert shown(typed_hours(text, known)) == code


def test_five_hours_pass_where_a_source_says_so() -> None:
    assert typed_hours("5", 4 * 3600) == 18_000


@pytest.mark.parametrize("text", ["是", "1", "true", "TRUE", "√", "特殊", "特殊情况", " 是 ", "１"])
def test_yes(text: str) -> None:
    assert typed_yes(text) is True


@pytest.mark.parametrize("text", ["", "  ", "否", "无", "没有", "0", "false", "FALSE", "/", "／", "-", "－"])
def test_no(text: str) -> None:
    assert typed_yes(text) is False


@pytest.mark.parametrize("text", ["可能", "2", "无特殊情况", "x", "?"])
def test_neither_yes_nor_no(text: str) -> None:
    assert shown(typed_yes(text)) == "yes_no_unclear"


WITH_X = next(number for n in range(100, 999) if (number := resident(f"45990019850307{n}")).endswith("X"))
WITH_ZERO = resident("45990019850307103")
ENDING_000 = next(
    number for n in range(1, 29) if (number := resident(f"459900198503{n:02d}100")).endswith("000")
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (WITH_X, WITH_X), (WITH_X.lower(), WITH_X), (f" {WITH_X}　", WITH_X), (f"'{WITH_X}", WITH_X),
        (f"\u202d{WITH_X}\u202c", WITH_X),
        (WITH_ZERO.replace("0", "O"), WITH_ZERO), (WITH_ZERO.replace("0", "o", 1), WITH_ZERO),
        (f"{ENDING_000[:6]} {ENDING_000[6:14]} {ENDING_000[14:]}", ENDING_000),
        ("459900850307103", WITH_ZERO),
    ],
)  # fmt: skip
def test_id_numbers_read_without_doubt(text: str, found: str) -> None:
    assert typed_id_number(text, RESIDENT) == found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "cell_missing"), ("4.6E+17", "id_eaten"), ("4.59900198503071E+17", "id_eaten"), ("4.6e17", "id_eaten"),
        (WITH_ZERO[:15] + "000", "id_eaten"), (ENDING_000, "id_eaten"), ("4599001985********", "id_masked"),
        (WITH_ZERO[:-1], "id_shape"), ("45990085O307103", "id_shape"), ("张三", "id_shape"),
        (WITH_ZERO + "1", "id_shape"),
        (resident("45990019850230103"), "id_birth_date"), ("459900851307103", "id_birth_date"),
        (WITH_ZERO[:16] + str((int(WITH_ZERO[16]) + 1) % 10) + WITH_ZERO[17], "id_check_digit"),
        (WITH_ZERO.replace("5", "O", 1), "id_check_digit"),
    ],
)  # fmt: skip
def test_id_numbers_refused(text: str, code: str) -> None:
    assert shown(typed_id_number(text, RESIDENT)) == code


def test_other_documents_and_their_types() -> None:
    assert typed_id_number(" e1234567 ", "passport") == "E1234567"
    assert shown(typed_id_number("4.6E+17", "passport")) == "id_eaten"
    for text in ("01", "1", "居民身份证", "身份证", "", " "):
        assert typed_id_type(text, WITH_X) == RESIDENT
    assert (typed_id_type("05", ""), typed_id_type("护照", ""), typed_id_type("9", "")) == (
        "passport",
        "passport",
        "other",
    )
    assert shown(typed_id_type("", "E1234567")) == "cell_missing"
    assert shown(typed_id_type("学生证", "")) == "id_type_unknown"


def test_one_wrong_digit_never_passes() -> None:
    for place, digit in enumerate(WITH_ZERO):
        for other in "0123456789":
            if other != digit:
                typo = WITH_ZERO[:place] + other + WITH_ZERO[place + 1 :]
                assert isinstance(typed_id_number(typo, RESIDENT), TypedProblem)


@pytest.mark.parametrize(
    "text",
    ["张三、李四", "张三,李四", "张三，李四", "张三；李四", "张三/李四", "张三 李四", "张三\n李四", "张三 和 李四"],
)
def test_several_people_in_one_cell(text: str) -> None:
    assert is_several(text)
    assert shown(typed_name(text)) == "several_people"


@pytest.mark.parametrize("text", ["覃小桥", "张 三", "阿依·古丽", "阿依•古丽", "MARY ANN LEE", "欧阳 娜", "和小桥"])
def test_one_person(text: str) -> None:
    assert typed_name(text) == text


@pytest.mark.parametrize(("text", "code"), [("", "cell_missing"), ("同上", "ditto"), ("〃", "ditto"),
("张*三", "name_unreadable"), ("13", "name_unreadable")])  # fmt: skip
def test_names_refused(text: str, code: str) -> None:
    assert shown(typed_name(text)) == code


@pytest.mark.parametrize(("text", "found"), [("黄站长", "黄站长"), ("", ""), (" 韦主任 ", "韦主任")])
def test_confirmers(text: str, found: str) -> None:
    assert typed_confirmer(text) == found


@pytest.mark.parametrize(
    ("text", "code"),
    [("同上", "ditto"), ("〃", "ditto"), ('"', "ditto"), ("″", "ditto"), ("”", "ditto"), ("√", "confirmer_no_name"),
     ("是", "confirmer_no_name"), ("已确认", "confirmer_no_name"), ("1", "confirmer_no_name"),
     ("/", "confirmer_no_name")],
)  # fmt: skip
def test_confirmers_refused(text: str, code: str) -> None:
    assert shown(typed_confirmer(text)) == code


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("V001", "V001"), ("v001", "v001"), (" CZ-0012 ", "CZ-0012"), ("12", "12"), ("河东12", "河东12"),
        ("", "cell_missing"),
        ("10012345678", "number_looks_personal"), ("13800138000", "number_looks_personal"),
        (WITH_X, "number_looks_personal"),
        (WITH_X.lower(), "number_looks_personal"), ("459900850307103", "number_looks_personal"),
        ("4.6E+17", "number_eaten"),
        ("V001、V002", "several_people"), ("V001 V002", "several_people"), ("=1+1", "number_unreadable"),
    ],
)  # fmt: skip
def test_local_numbers(text: str, found: str) -> None:
    assert shown(typed_local_number(text)) == found


def test_other_numbers() -> None:
    assert typed_entry_id("2022030500123") == "2022030500123"
    assert shown(typed_entry_id("2.02203E+12")) == "number_eaten"
    assert shown(typed_entry_id(WITH_X)) == "number_looks_personal"
    assert typed_platform_number(" 45a7 ") == "45A7"
    assert typed_platform_number("无") == ""
    assert shown(typed_platform_number("4.5E+31")) == "number_eaten"
    assert (typed_phone("100 1234 5678"), typed_phone("+86-10012345678"), typed_phone("")) == ("10012345678",) * 2 + (
        "",
    )
    assert typed_phone("0772-1234567") == "07721234567"
    assert shown(typed_phone("100123456")) == "phone_unreadable"
    assert (typed_optional("无"), typed_optional("/"), typed_optional(" 护士证 ")) == ("", "", "护士证")


@given(st.text(max_size=30))
def test_no_text_breaks_a_reader_or_comes_back_in_a_problem(text: str) -> None:
    found = [
        typed_date(text), typed_time(text, DAY), typed_span(text, text, DAY), typed_hours(text), typed_yes(text),
        typed_name(text),
        typed_id_number(text, RESIDENT), typed_id_number(text, "other"), typed_id_type(text, text), typed_phone(text),
        typed_confirmer(text), typed_local_number(text), typed_entry_id(text), typed_platform_number(text),
    ]  # fmt: skip
    for problem in (item for item in found if isinstance(item, TypedProblem)):
        assert problem.code.isascii()
        assert dict(problem.data).keys() <= {"column"}
