"""Explanations: what was judged, taken back, merged, out of scope or unreadable is told whole, as an auditor asks."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from desk.evidence import changes, fact_in_words
from desk.explain import Story, explain
from desk.explain_json import as_document
from desk.words.words import LANGUAGES, words
from domain.clock import day_in_shanghai
from shiqiao.front import Front
from shiqiao.telling import Telling
from shiqiao.words.sentences import read_words
from tests.bridges import EARLY_2022, Street, street
from tests.nights import shipped_rules

RULES = shipped_rules()


@pytest.fixture
def late(tmp_path: Path) -> Iterator[Street]:
    """Give a street in August 2022, where only Guangxi suffices."""
    with street(tmp_path) as made:
        yield made


def story(at: Street, reference: str) -> Story:
    with at.bank.store.reading() as tx:
        return explain(tx, reference, at.bank.rules, day_in_shanghai(at.town.clock.now()))


def document(at: Street, reference: str) -> Any:  # noqa: ANN401 - a JSON document
    return as_document(story(at, reference))


def told(at: Street, reference: str, language: str = "zh") -> str:
    """Give the story in sentences; no code of ours may be left in them."""
    front, out = Front(read_words(language), {}, Path("shiqiao.toml")), io.StringIO()
    with redirect_stdout(out):
        Telling(front, words(language).knowing(RULES.platform_names()), RULES).tell(story(at, reference))
    assert not any(code in out.getvalue() for code in ("story_", "why_", "action_", "evidence_", "apart_", "?"))
    return out.getvalue()


def test_a_decision_is_told_whole(late: Street) -> None:
    late.national("09:00", 30)
    late.night(days=20)
    conflict = late.decide("uncorroborated", "credit:1.5", by="韦站长")
    (service,) = document(late, conflict)["services"]
    (judged,) = service["cases"][0]["decisions"]
    assert (judged["as"], judged["by"], judged["reason"]) == ("credit:1.5", "韦站长", "签到表09:00至09:42")
    assert (judged["moved_seconds"], judged["undone_by"]) == (5400, None)
    (voucher,) = service["vouchers"]
    assert (voucher["decision"], voucher["seconds"]) == (judged["decision"], 5400)
    for language in LANGUAGES:
        text = told(late, conflict, language)
        assert all(part in text for part in (conflict, "韦站长", "签到表09:00至09:42", "1.50", "城中民发〔2021〕24号"))


def test_a_decision_that_was_taken_back_stays_told_and_its_vouchers_name_each_other(late: Street) -> None:
    late.national("09:00", 30)
    late.night(days=20)
    conflict = late.decide("uncorroborated", "credit:1.5", by="韦站长")
    late.desk().undo([conflict], "覃主任")
    (service,) = document(late, conflict)["services"]
    (judged,) = service["cases"][0]["decisions"]
    assert (judged["by"], judged["undone_by"]) == ("韦站长", "覃主任")
    posted, reversed_by = service["vouchers"]
    assert (posted["reversed_by"], reversed_by["reverses"]) == (reversed_by["voucher"], posted["voucher"])
    text = told(late, conflict)
    assert "已撤回：覃主任" in text
    assert f"已由凭证 {reversed_by['voucher']} 冲正" in text
    assert f"冲正凭证 {posted['voucher']}" in text


def test_what_changed_after_a_decision_is_told_fact_by_fact(late: Street) -> None:
    row = late.guangxi("09:00", 155, remark="排队久，特殊情况2小时")
    late.national("09:00", 120)
    late.night()
    conflict = late.decide("hours_differ", "accept:guangxi")
    late.town.guangxi.edit(row, end_time="12:05", duration_minutes=180)
    late.night()
    assert late.open("hours_differ") == [conflict]
    text = told(late, conflict)
    assert "此后依据有变" in text
    assert f"原为“桂志愿 {row} 2.50小时”，现为“桂志愿 {row} 3.00小时”" in text


def test_whose_word_is_taken_and_how_it_earns_is_told(late: Street) -> None:
    late.guangxi("09:00", 42)
    late.guangxi("14:00", 50, "professional")
    late.night()
    text = told(late, late.one.local_number)
    assert "情感慰藉不论长短，每次记 0.50 小时" in text
    assert "其他服务（专业）按实际时长记" in text


def test_each_piece_of_evidence_stands_with_its_weight_and_their_sum(late: Street) -> None:
    national, row = late.national("09:00", 30), late.guangxi("09:00", 30)
    late.night()
    (service,) = document(late, f"guangxi:{row}")["services"]
    ((tie, evidence),) = [(tie, tie["evidence"]) for tie in service["ties"]]
    assert {tie["first"], tie["second"]} == {f"guangxi:{row}", f"national:{national}"}
    assert f"合计 {sum(one['weight'] for one in evidence)} 分" in told(late, f"guangxi:{row}")


def test_a_record_out_of_scope_is_told_with_the_reason(late: Street) -> None:
    row = late.guangxi("09:00", 60, service_type="0001")
    late.night()
    (record,) = document(late, f"guangxi:{row}")["records"]
    assert record["out_of_scope"] == "general_code"
    assert "一般志愿服务，不属时间银行" in told(late, f"guangxi:{row}")


def test_a_row_that_cannot_be_read_is_found_by_its_number(late: Street) -> None:
    national = late.national("09:00", 30, hours=None)
    late.night()
    for reference in (national, f"national:{national}"):
        (unread,) = document(late, reference)["unread"]
        assert (unread["platform"], unread["reason"]) == ("national", "hours_missing")
        assert "读不懂：没有时长" in told(late, reference)


def test_a_revision_that_cannot_be_read_is_told_beside_the_last_readable_one(late: Street) -> None:
    row = late.guangxi("09:00", 30)
    late.night()
    late.town.guangxi.edit(row, duration_minutes=None)
    late.night()
    (service,) = document(late, f"guangxi:{row}")["services"]
    assert [one["reason"] for one in service["records"][0]["unread"]] == ["hours_missing"]
    assert "同一编号有一行读不懂：没有时长" in told(late, f"guangxi:{row}")


def test_a_merged_person_is_told_with_who_merged_them_and_why(late: Street) -> None:
    late.guangxi("09:00", 30)
    late.night()
    old, new = late.one.local_number, late.people[1].local_number
    late.merge(old, new)
    (merging,) = document(late, old)["mergings"]
    assert (merging["old"], merging["new"], merging["by"], merging["reason"]) == (old, new, "韦站长", "同一人")
    assert f"{old} 已并入 {new}" in told(late, new)


def test_an_entrys_state_and_figure_are_told(tmp_path: Path) -> None:
    with street(tmp_path, EARLY_2022) as early:
        cells = ("R1", early.one.local_number, "情感慰藉", "2022-03-10", "09:00", "09:30")
        early.bank.type_entry(*cells, "", "城中", "韦奶奶", "覃站长", "", "")
        early.night()
        text = told(early, "station:R1")
    assert "0.50 小时　还缺确认" in text
    assert "没有凭证" in text


CASES = {
    "figure": ("guangxi:G1|1800|x", "guangxi:G1|3600|x", "原为“桂志愿 G1 0.50小时”，现为“桂志愿 G1 1.00小时”"),
    "day": (
        "national:N1|2022-08-02",
        "national:N1|2022-08-03",
        "原为“全国网 N1 2022-08-02”，现为“全国网 N1 2022-08-03”",
    ),
    "category": ("national:N1|escort", "national:N1|", "原为“全国网 N1 出行陪伴”，现为“全国网 N1 未归类”"),
    "identity": ("12|abcdef0123", "12|fedcba3210", "原为“姓名或证件另有所指”，现为“姓名或证件另有所指”"),
    "debt": ("1800", "3600", "不再有“0.50小时”"),
    "project": ("guangxi|A1|邻里守望日", "guangxi|A1|邻里守望月", "原为“桂志愿 邻里守望日”，现为“桂志愿 邻里守望月”"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_changed_fact_is_said_in_words_without_a_code(case: str) -> None:
    then, now, said = CASES[case]
    assert changes([then], [now], words("zh"), RULES)[0] == said


def test_facts_that_stand_are_not_told_and_others_come_or_go() -> None:
    whole = "guangxi:G1|effective|2022-08-02|2022-08-02T09:00:00+08:00|2022-08-02T09:42:00+08:00|1800|escort|CZ06"
    zh = words("zh")
    assert changes([whole], [whole], zh, RULES) == []
    said = "桂志愿 G1 有效 2022-08-02 09:00–09:42 0.50小时 出行陪伴 河东街道"
    assert fact_in_words(whole, zh, RULES) == said
    assert changes([whole], [], zh, RULES) == [f"不再有“{said}”"]
    assert changes([], [whole], zh, RULES) == [f"新有“{said}”"]


def test_a_record_that_is_gone_is_told_so_where_another_one_went_too() -> None:
    zh = words("zh")
    assert changes(["guangxi:1|gone"], ["guangxi:1|gone", "guangxi:2|gone"], zh, RULES) == [
        "新有“桂志愿 2 平台上已不见”"
    ]
