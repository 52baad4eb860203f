"""A record read under the Chengzhong rules: category, scope, station, credit and the rule that spoke."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from domain.claims import Claim
from domain.clock import SHANGHAI
from domain.entries import Entry, business_key
from domain.hours import DurationRange
from domain.records import PersonAsSaid, Record, RecordKey, RecordState
from mapping.load import load_rules
from mapping.names import folded_name
from mapping.read import OUT_OF_SCOPE_REASONS, RecordReader, Who, read_entry

RULES = load_rules(Path(str(files("rulesets") / "liuzhou-chengzhong.toml")))
WHO = Who(identity=7, name_token="t")  # noqa: S106 - a name's hash, no secret
NINE = datetime(2022, 3, 5, 9, 0, tzinfo=SHANGHAI)

NATIONAL = Record(
    key=RecordKey("national", "a" * 32),
    state=RecordState.EFFECTIVE,
    state_code="2",
    person=PersonAsSaid("韦小桥"),
    organisation="45020200000000000000000000000003",
    organisation_name="中南街道时间银行",
    activity_id="P1",
    activity_name="暖心陪聊",
    category_code="0017",
    object_code="03",
    is_honour=False,
    service_date=date(2022, 3, 5),
    starts_at=NINE,
    ends_at=NINE + timedelta(minutes=42),
    reported_seconds=2520,
    duration=DurationRange(2502, 2537),
    entered_at=NINE + timedelta(days=2),
    updated_at=NINE + timedelta(days=9),
)
GUANGXI = replace(
    NATIONAL,
    key=RecordKey("guangxi", "9007199254740993"),
    organisation="GX450202-003",
    category_code="4501",
    object_code="",
)


def claim(record: Record) -> Claim:
    return RecordReader(RULES).read(record, WHO)


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("暖心陪聊", "emotional_support"), ("聊天解闷", "emotional_support"), ("居家陪伴", "emotional_support"),
        ("心理疏导", "emotional_support"), ("情感慰藉走访", "emotional_support"),
        ("代缴水电", "assistance"), ("代购药品", "assistance"), ("买菜", "assistance"), ("帮买药", "assistance"),
        ("协助出院", "assistance"),
        ("陪同就医", "escort"), ("陪同买菜", "escort"), ("出行协助", "escort"),
        ("金秋手工坊", "recreation"), ("陪同健身操", "recreation"), ("书画讲座", "recreation"),
        ("歌舞陪伴", "recreation"),
        ("防诈骗讲座", "training"), ("智能手机课", "training"), ("照护培训", "training"),
        ("义诊量血压", "professional"), ("居家照护", "professional"), ("专业服务陪同", "professional"),
        ("打扫卫生", None), ("", None),
    ],
)  # fmt: skip
def test_national_project_names_in_the_order_of_the_rules(name: str, category: str | None) -> None:
    read = claim(replace(NATIONAL, activity_name=name))
    assert (read.category, read.out_of_scope) == (category, "")
    assert read.rule


@pytest.mark.parametrize(
    ("code", "category", "reason"),
    [
        ("4501", "emotional_support", ""), ("4502", "assistance", ""), ("4503", "escort", ""),
        ("4504", "recreation", ""), ("4505", "training", ""), ("4506", "professional", ""),
        ("4599", None, ""), ("0001", None, "general_code"), ("0099", None, "general_code"),
    ],
)  # fmt: skip
def test_guangxi_codes_whatever_the_name(code: str, category: str | None, reason: str) -> None:
    read = claim(replace(GUANGXI, category_code=code, activity_name="金秋手工坊"))
    assert (read.category, read.out_of_scope) == (category, reason)


@pytest.mark.parametrize("record", [NATIONAL, GUANGXI])
@pytest.mark.parametrize("name", ["志愿者培训", "三月例会", "入户督导", "手工坊志愿者培训"])
def test_excluded_words_come_first_on_both_platforms(record: Record, name: str) -> None:
    read = claim(replace(record, activity_name=name))
    assert read.out_of_scope == "excluded"
    assert "排除" in read.rule


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_honour": True}, "honour"),
        ({"object_code": "01"}, "other_object"),
        ({"object_code": ""}, ""),
        ({"service_date": date(2021, 9, 30)}, "before_rules"),
        ({"service_date": date(2021, 10, 1)}, ""),
        ({"organisation": "45020200000000000000000000000099"}, "other_organisation"),
        ({"organisation": "GX450202-003"}, "other_organisation"),
    ],
)
def test_what_is_counted_and_never_booked(changes: dict[str, object], reason: str) -> None:
    read = claim(replace(NATIONAL, **changes))  # type: ignore[arg-type]
    assert read.out_of_scope == reason
    assert reason == "" or reason in OUT_OF_SCOPE_REASONS


def test_after_the_last_day_of_the_rules() -> None:
    read = RecordReader(replace(RULES, valid_to=date(2022, 3, 4))).read(NATIONAL, WHO)
    assert read.out_of_scope == "after_rules"


@pytest.mark.parametrize(
    ("remark", "is_special"),
    [
        ("排队久，特殊情况2小时", True), ("特殊情况", True), ("无特殊情况", False), ("", False), ("特殊", False),
        ("上次无特殊情况，这次特殊情况", True), ("没有特殊情况", False),
    ],
)  # fmt: skip
def test_special_remarks(remark: str, is_special: bool) -> None:  # noqa: FBT001 - a table of cases
    assert claim(replace(NATIONAL, remark=remark)).is_special is is_special
    assert claim(replace(GUANGXI, remark=remark)).is_special is is_special


def test_older_national_export_does_not_say_whether_hours_are_honours() -> None:
    assert claim(replace(NATIONAL, is_honour=None)).is_type_unknown
    assert not claim(NATIONAL).is_type_unknown
    assert not claim(replace(GUANGXI, is_honour=None)).is_type_unknown


def test_grace_may_run_from_the_day_of_entry_in_shanghai() -> None:
    late = datetime(2022, 3, 7, 16, 30, tzinfo=UTC)
    assert claim(replace(NATIONAL, entered_at=late)).entered_on == date(2022, 3, 8)
    assert claim(replace(NATIONAL, entered_at=None, updated_at=late)).entered_on == date(2022, 3, 8)
    assert claim(NATIONAL).entered_on == date(2022, 3, 7)


def test_what_the_platform_said_is_carried_over() -> None:
    carried = RecordKey("national", "b" * 32)
    read = claim(replace(GUANGXI, carried_from=carried, business_key="SQ", state=RecordState.WITHDRAWN))
    assert (read.key, read.carried_from, read.business_key) == (GUANGXI.key, carried, "SQ")
    assert (read.state, read.station, read.identity, read.name_token) == (RecordState.WITHDRAWN, "CZ03", 7, "t")
    assert (read.duration, read.reported_seconds, read.span_seconds) == (NATIONAL.duration, 2520, 2520)
    assert (read.revision, read.is_gone, read.is_flagged) == (0, False, False)
    assert read.rules_version == RULES.version


ENTRY = Entry(
    entry_id="E1",
    local_number="V001",
    station="CZ03",
    category="escort",
    service_date=date(2022, 3, 5),
    starts_at=NINE,
    ends_at=NINE + timedelta(minutes=42),
    is_special=False,
    station_by="甲",
    community_by="乙",
    beneficiary="",
    remark="",
)


def entry_claim(entry: Entry) -> Claim:
    return read_entry(entry, WHO, date(2022, 3, 9), RULES, business_key("CZ03", "E1", 1))


def test_confirmed_entry_with_times_is_exact() -> None:
    read = entry_claim(ENTRY)
    assert read.key == RecordKey("station", "E1", stream="CZ03")
    assert (read.state, read.category, read.station) == (RecordState.EFFECTIVE, "escort", "CZ03")
    assert (read.reported_seconds, read.duration) == (2520, DurationRange(2520, 2520))
    assert (read.entered_on, read.business_key) == (date(2022, 3, 9), business_key("CZ03", "E1", 1))


@pytest.mark.parametrize("missing", [{"station_by": ""}, {"community_by": ""}, {"station_by": "", "community_by": ""}])
def test_entry_lacking_a_confirmation_is_pending(missing: dict[str, str]) -> None:
    entry = replace(ENTRY, **missing)  # type: ignore[arg-type]
    assert entry_claim(entry).state is RecordState.PENDING
    community_only = replace(RULES, confirmations_needed=frozenset({"community"}))
    is_enough = bool(entry.community_by)
    read = read_entry(entry, WHO, date(2022, 3, 9), community_only)
    assert (read.state is RecordState.EFFECTIVE) is is_enough


def test_entry_without_times_takes_the_flat_credit_and_any_length() -> None:
    read = entry_claim(replace(ENTRY, starts_at=None, ends_at=None))
    assert (read.reported_seconds, read.duration) == (1800, DurationRange(0, 86_400))
    assert read.span_seconds is None


def test_special_entry_by_its_column_or_its_remark() -> None:
    assert entry_claim(replace(ENTRY, is_special=True)).is_special
    assert entry_claim(replace(ENTRY, remark="特殊情况")).is_special
    assert not entry_claim(ENTRY).is_special


def test_entry_of_a_category_that_the_rules_dropped_is_unmapped() -> None:
    assert entry_claim(replace(ENTRY, category="gone")).category is None


def test_entry_repr_shows_no_person() -> None:
    shown = repr(replace(ENTRY, beneficiary="覃秘密", remark="住址", station_by="黄站长"))
    assert not {"覃秘密", "住址", "黄站长"} & set(shown.replace("'", " ").split())
    assert "覃秘密" not in shown


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("阿依·古丽", "阿依•古丽"), ("阿依・古丽", "阿依．古丽"), ("阿依‧古丽", "阿依⋅古丽"),
        ("阿依.古丽", "阿依·古丽"),
        ("韦 小桥", "韦小桥 "), ("韦　小桥", "韦小桥"), ("吳小橋", "吴小橋"),
        ("ＭＡＲＹ", "mary"), ("\ue863某", "䶮某"),
    ],
)  # fmt: skip
def test_names_that_compare_as_one(one: str, other: str) -> None:
    assert folded_name(one) == folded_name(other)


@pytest.mark.parametrize(
    ("one", "other"), [("覃小桥", "谭小桥"), ("韦小桥", "韦小乔"), ("张伟", "张玮"), ("韦小", "韦小桥")]
)
def test_names_that_stay_apart(one: str, other: str) -> None:
    assert folded_name(one) != folded_name(other)
