"""A whole claim, field by field: what was said, what the rules made of it, and the rule that spoke."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

import mapping.read
from domain.claims import Claim
from domain.hours import DurationRange
from domain.records import RecordKey, RecordState
from mapping.read import RecordReader, read_entry
from tests.test_mapping_read import ENTRY, GUANGXI, NATIONAL, NINE, RULES, WHO

DAY = date(2022, 3, 5)


def test_a_record_is_read_field_by_field() -> None:
    carried = RecordKey("national", "b" * 32)

    assert RecordReader(RULES).read(replace(GUANGXI, carried_from=carried, business_key="SQ"), WHO) == Claim(
        key=RecordKey("guangxi", "9007199254740993"),
        revision=0,
        state=RecordState.EFFECTIVE,
        identity=7,
        name_token="t",  # noqa: S106 - a name's hash, no secret
        service_date=DAY,
        starts_at=NINE,
        ends_at=NINE + timedelta(minutes=42),
        reported_seconds=2520,
        duration=DurationRange(2502, 2537),
        category="emotional_support",
        station="CZ03",
        is_special=False,
        out_of_scope="",
        is_type_unknown=False,
        activity_id="P1",
        activity_name="暖心陪聊",
        carried_from=carried,
        business_key="SQ",
        entered_on=date(2022, 3, 7),
        is_gone=False,
        is_flagged=False,
        rule="类别代码 4501",
        rules_version=RULES.version,
    )


def test_an_entry_is_read_field_by_field() -> None:
    assert read_entry(ENTRY, WHO, date(2022, 3, 9), RULES) == Claim(
        key=RecordKey("station", "E1", stream="CZ03"),
        revision=0,
        state=RecordState.EFFECTIVE,
        identity=7,
        name_token="t",  # noqa: S106 - a name's hash, no secret
        service_date=DAY,
        starts_at=NINE,
        ends_at=NINE + timedelta(minutes=42),
        reported_seconds=2520,
        duration=DurationRange(2520, 2520),
        category="escort",
        station="CZ03",
        is_special=False,
        out_of_scope="",
        is_type_unknown=False,
        activity_id="",
        activity_name="",
        carried_from=None,
        business_key="",
        entered_on=date(2022, 3, 9),
        is_gone=False,
        is_flagged=False,
        rule="本站录入：出行陪伴",
        rules_version=RULES.version,
    )


@pytest.mark.parametrize("category", ["professional", "gone"])
def test_an_entry_without_times_or_a_flat_credit_has_no_figure(category: str) -> None:
    read = read_entry(replace(ENTRY, category=category, starts_at=None, ends_at=None), WHO, DAY, RULES)

    assert (read.reported_seconds, read.duration) == (0, DurationRange(0, 86_400))


@pytest.mark.parametrize("lost", [{"starts_at": None}, {"ends_at": None}])
def test_one_time_alone_measures_nothing(lost: dict[str, None]) -> None:
    read = read_entry(replace(ENTRY, **lost), WHO, DAY, RULES)  # type: ignore[arg-type]

    assert (read.reported_seconds, read.duration) == (1800, DurationRange(0, 86_400))


def test_an_entry_of_days_without_rules_is_out_of_scope() -> None:
    ended = replace(RULES, valid_to=DAY)

    assert read_entry(replace(ENTRY, service_date=date(2021, 9, 30)), WHO, DAY, RULES).out_of_scope == "before_rules"
    assert read_entry(replace(ENTRY, service_date=date(2022, 3, 6)), WHO, DAY, ended).out_of_scope == "after_rules"


def test_the_last_day_of_the_rules_is_one_of_theirs() -> None:
    assert RecordReader(replace(RULES, valid_to=DAY)).read(NATIONAL, WHO).out_of_scope == ""


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, "情感慰藉：项目名称含“陪聊”"),
        ({"activity_name": "打扫卫生"}, "没有规则适用"),
        ({"activity_name": "三月例会"}, "排除：项目名称含“例会”"),
        ({"service_date": date(2021, 9, 30)}, "服务日期不在规则有效期内"),
        ({"organisation": "nobody"}, "不是本银行的团队"),
        ({"is_honour": True}, "荣誉时长"),
        ({"object_code": "01"}, "服务对象 01"),
    ],
)
def test_a_claim_names_the_rule_that_spoke(changes: dict[str, object], rule: str) -> None:
    assert RecordReader(RULES).read(replace(NATIONAL, **changes), WHO).rule == rule  # type: ignore[arg-type]


def test_a_general_code_is_named_as_the_rule() -> None:
    assert RecordReader(RULES).read(replace(GUANGXI, category_code="0001"), WHO).rule == "通用类别代码 0001"


def test_an_entry_of_a_category_that_the_rules_dropped_says_so() -> None:
    assert read_entry(replace(ENTRY, category="gone"), WHO, DAY, RULES).rule == "本站录入：没有这个类别"


def test_words_around_an_ordinary_one_do_not_become_a_special_one() -> None:
    assert not RecordReader(RULES).read(replace(NATIONAL, remark="特殊无特殊情况情况"), WHO).is_special


@pytest.mark.parametrize("remembered", [10_000, 2, 1])
def test_a_reader_of_many_says_of_each_what_it_says_of_it_alone(
    monkeypatch: pytest.MonkeyPatch, remembered: int
) -> None:
    monkeypatch.setattr(mapping.read, "_JUDGED_MAX", remembered)
    kinds: list[dict[str, object]] = [
        {}, {"activity_name": "三月例会"}, {"object_code": "01"}, {"is_honour": True}, {"is_honour": None},
        {"category_code": "0001"}, {"category_code": "4504"}, {"organisation": "nobody"},
        {"service_date": date(2021, 9, 30)}, {"remark": "特殊情况"},
    ]  # fmt: skip
    said = [replace(record, **kind) for kind in kinds for record in (NATIONAL, GUANGXI)] * 2  # type: ignore[arg-type]
    reader = RecordReader(RULES)

    assert [reader.read(record, WHO) for record in said] == [RecordReader(RULES).read(record, WHO) for record in said]
    assert len({reader.read(record, WHO).rule for record in said}) > 5
