from __future__ import annotations

import string
from datetime import date

import pytest

from desk.words.words import LANGUAGES, Words, show_day, words
from domain.conflicts import ConflictKind, ConflictState
from domain.decisions import DecisionCode
from domain.records import QUARANTINE_REASONS, RecordState

CHINESE, ENGLISH = words("zh"), words("en")


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_words() -> None:
    assert {name: set(table) for name, table in CHINESE.tables.items()} == {
        name: set(table) for name, table in ENGLISH.tables.items()
    }
    assert set(CHINESE.kinds) == set(ENGLISH.kinds)
    assert len(CHINESE.how) == len(ENGLISH.how)


@pytest.mark.parametrize("table", sorted(CHINESE.tables))
def test_both_languages_leave_the_same_gaps(table: str) -> None:
    chinese, english = CHINESE.tables[table], ENGLISH.tables[table]
    assert {code: gaps(said) for code, said in chinese.items()} == {code: gaps(said) for code, said in english.items()}


@pytest.mark.parametrize("said", [words(lang) for lang in LANGUAGES], ids=LANGUAGES)
def test_every_code_of_the_domain_has_words(said: Words) -> None:
    assert set(said.kinds) == {kind.value for kind in ConflictKind}
    assert set(said.tables["conflict_states"]) == {state.value for state in ConflictState}
    assert set(said.tables["record_states"]) == {state.value for state in RecordState}
    assert set(said.tables["quarantine_reasons"]) == set(QUARANTINE_REASONS)
    assert set(said.tables["decisions"]) == set(said.tables["meanings"]) == {code.value for code in DecisionCode}


@pytest.mark.parametrize("said", [words(lang) for lang in LANGUAGES], ids=LANGUAGES)
def test_no_two_things_bear_one_name(said: Words) -> None:
    for names in (
        [kind.name for kind in said.kinds.values()],
        list(said.tables["decisions"].values()),
        list(said.tables["platforms"].values()),
    ):
        assert len(set(names)) == len(names)


def test_a_reason_fills_its_gaps_with_names_hours_and_days() -> None:
    removed = (
        ("platform", "guangxi"), ("count", "42"), ("removed_seconds", "5400"), ("booked", "70"), ("share", "60"),
        ("taken_seconds", "5400"),
    )  # fmt: skip
    assert "桂志愿要撤销42条、1.50小时" in CHINESE.reason(
        ConflictKind.GUARD, "removals_many", removed, is_blocking=True
    )
    waited = (("platform", "national"), ("waited_until_on", "2022-10-18"))
    assert (
        CHINESE.reason(ConflictKind.UNCORROBORATED, "only_one_platform", waited, is_blocking=True)
        == "等到2022-10-18，中国志愿服务网仍没有这次服务"
    )


@pytest.mark.parametrize("code", ["no_such_reason", "removals_many"])
def test_a_reason_that_cannot_be_said_gives_the_kinds_own_sentence(code: str) -> None:
    assert CHINESE.reason(ConflictKind.GUARD, code, (), is_blocking=True) == "撤销或改动异常多，只增不减"


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        ("accept:guangxi", "以桂志愿为准"),
        ("accept:elsewhere", "以elsewhere为准"),
        ("credit:1.5", "按1.5小时记"),
        ("credit", "按填写小时记"),
        ("person:CZ0042", "归到此志愿者：CZ0042"),
        ("approve:120", "放行，至多120小时"),
        ("void", "不予记入"),
    ],
)
def test_a_decision_is_said_with_its_argument(decision: str, said: str) -> None:
    assert CHINESE.decision(decision) == said


def test_a_suggestion_names_the_decision_that_the_evidence_leans_to() -> None:
    assert CHINESE.suggestion(ConflictKind.VANISHED, "") == "问录入人；误删则补录"
    assert "以全国网为准" in CHINESE.suggestion(ConflictKind.VANISHED, "accept:national")


def test_a_gap_may_bear_any_name() -> None:
    details = (("platform", "national"), ("count", "120"), ("code", "hours_missing"))

    assert "120" in words("zh").reason(ConflictKind.CONTRACT, "rows_unreadable", details, is_blocking=False)


def test_an_unforeseen_problem_is_never_shown_as_a_code() -> None:
    assert CHINESE.problem("tls_broken_at_noon") == "没有核对完"


def test_a_day_of_another_year_tells_its_year() -> None:
    assert show_day(date(2022, 10, 18), this_year=2022) == "10-18"
    assert show_day(date(2021, 12, 30), this_year=2022) == "2021-12-30"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="fr"):
        words("fr")


def test_several_platforms_are_named_one_by_one() -> None:
    gone = (("platform", "guangxi, national"),)
    assert CHINESE.reason(
        ConflictKind.VANISHED, "gone_without_trace", gone, is_blocking=False
    ) == "桂志愿、中国志愿服务网原有的记录不见了，没有撤销标记"  # fmt: skip


def test_a_difference_that_changes_no_credit_does_not_claim_to() -> None:
    blocking, noted = (
        CHINESE.reason(ConflictKind.CATEGORY_DIFFERS, "category_disagrees", (), is_blocking=is_blocking)
        for is_blocking in (True, False)
    )
    assert "折算出的小时也不同" in blocking
    assert "不影响入账" in noted


def test_a_platform_that_only_the_rules_know_is_called_as_they_call_it() -> None:
    said = CHINESE.knowing({"hutong": "沪助养老时光汇", "national": "国家平台"})
    assert (said.platform("hutong"), said.platform_short("hutong")) == ("沪助养老时光汇", "沪助养老时光汇")
    assert said.decision("accept:hutong") == CHINESE.decision("accept:hutong").replace("hutong", "沪助养老时光汇")
    assert said.platform("national") == CHINESE.platform("national")
