"""Decisions as people type them: by code, by name, in full width, with blanks."""

from __future__ import annotations

import pytest

from desk.decide.said import check_name, is_same_person, read_decision
from desk.words.words import LANGUAGES, words
from domain.decisions import DecisionCode
from domain.errors import UsageError
from tests.deciding import RULES


@pytest.mark.parametrize(
    ("typed", "code", "argument"),
    [
        ("accept:guangxi", "accept", "guangxi"), ("ACCEPT：Guangxi ", "accept", "guangxi"),
        ("以该平台为准：桂志愿", "accept", "guangxi"), ("以桂志愿为准", "accept", "guangxi"),
        ("以 全国网 为准", "accept", "national"), ("accept: 中国志愿服务网", "accept", "national"),
        ("accept:本站", "accept", "station"), ("accept:station", "accept", "station"),
        ("Take the word of Guangxi", "accept", "guangxi"),
        ("credit:1.5", "credit", "1.5"), ("credit：１．５０小时", "credit", "1.5"), ("按1.5小时记", "credit", "1.5"),
        ("按填写小时记: 2 h", "credit", "2"), ("credit:24", "credit", "24"), ("credit:0.01", "credit", "0.01"),
        ("same", "same", ""), ("不是同一次", "distinct", ""), (" 不予 记入 ", "void", ""), ("维持现状", "ignore", ""),
        ("归到此志愿者：CZ-0001", "person", "CZ-0001"), ("person:CZ-0001", "person", "CZ-0001"),
        ("不属时间银行", "outside", ""), ("放行:120", "approve", "120"), ("放行，至多120小时", "approve", "120"),
        ("return", "return", ""), ("退回站点核实:2022-11-05", "return", "2022-11-05"),
    ],
)  # fmt: skip
def test_a_decision_is_read_however_it_is_typed(typed: str, code: str, argument: str) -> None:
    assert read_decision(typed, RULES) == (DecisionCode(code), argument)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "decision_unknown"), ("代为处理", "decision_unknown"), ("accept", "decision_argument_missing"),
        ("credit:", "decision_argument_missing"), ("void:1", "decision_argument_needless"),
        ("accept:weixin", "decision_platform_unknown"), ("credit:one", "hours_unreadable"),
        ("credit:-1", "hours_unreadable"), ("credit:1e1", "hours_unreadable"), ("credit:0", "hours_not_positive"),
        ("credit:0.0001", "hours_unreadable"), ("credit:24.01", "decision_hours_too_many"),
        ("return:tomorrow", "decision_day_unreadable"), ("same:N1", "decision_argument_needless"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_by_what_is_wrong(typed: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        read_decision(typed, RULES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_that_is_shown_is_read_back(language: str) -> None:
    said = words(language)
    plain = {code for code in DecisionCode if code not in {"accept", "credit", "person", "approve"}}
    assert {read_decision(said.decision(code), RULES)[0] for code in plain} == plain
    for decision in ("accept:guangxi", "credit:1.5", "person:CZ-0001", "approve:2"):
        code, argument = read_decision(said.decision(decision), RULES)
        assert f"{code}:{argument}".casefold() == decision.casefold()


SPACED = ["韦小明", " 韦 小明", "韦\u3000小明", "韦小明\u200b", "\ufeff韦小明"]


@pytest.mark.parametrize("other", SPACED, ids=["plain", "blank", "wide", "zero", "mark"])
def test_one_person_is_one_however_the_name_is_spaced(other: str) -> None:
    assert is_same_person("韦小明", other)


def test_width_and_case_make_no_second_person_and_another_name_does() -> None:
    assert is_same_person("Wei", "ｗＥＩ")
    assert not is_same_person("覃小溪", "谭小溪")


@pytest.mark.parametrize("name", ["\u200b", " \u3000", "\ufeff"], ids=["zero", "blank", "mark"])
def test_a_name_that_nobody_sees_is_none(name: str) -> None:
    with pytest.raises(UsageError, match="name_missing"):
        check_name(name)
