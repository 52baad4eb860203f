"""Every choice that the workbook offers can be read back, for every kind of conflict and in both languages."""

from __future__ import annotations

import pytest

from desk.report.choices import choices
from desk.report.rows import line_of
from desk.report.values import ReportConflict
from desk.returned.filled import is_personal, read_filled_decision
from desk.returned.read import ReturnedRow
from desk.words.words import LANGUAGES, words
from domain.clock import day_in_shanghai
from domain.conflicts import ConflictKind, ConflictState
from domain.errors import UsageError
from tests.desk_report_night import night
from tests.nights import shipped_rules

RULES = shipped_rules()
OPEN = [one for one in night().conflicts if one.state in {ConflictState.OPEN, ConflictState.RETURNED}]


def row(decision: str, hours: str = "") -> ReturnedRow:
    return ReturnedRow(2, ("",) * 12, decision, hours, "签到表", "韦站长", "", "", "", frozenset(), {})


def conflict(kind: ConflictKind) -> ReportConflict:
    return next(one for one in OPEN if one.kind is kind)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_choice_of_every_kind_can_be_read_back(lang: str) -> None:
    said, met = words(lang), set()
    for one in OPEN:
        for code in choices(one):
            hours = "0.5" if code in {"credit", "approve"} else ""
            argument = "CZ0042" if code == "person" else ""
            typed = f"{said.decision(code)}：{argument}" if argument else said.decision(code)
            read, with_argument = read_filled_decision(row(typed, hours), one, RULES, said)
            expected = f"{code}:{hours or argument}" if hours or argument else code
            assert ":".join(filter(None, (read, with_argument))) == expected
            met.add(read)
    assert len(met) == 10


def test_a_release_takes_more_hours_than_a_day_has() -> None:
    guard = conflict(ConflictKind.GUARD)
    line = line_of(guard, night().seal, words("zh"), day_in_shanghai(night().generated_at))
    assert line.hours_max > 100
    assert read_filled_decision(row("放行", "120"), guard, RULES, words("zh")) == ("approve", "120")
    assert read_filled_decision(row("放行，至多120小时", "120.0"), guard, RULES, words("zh")) == ("approve", "120")
    for hours in ("很多", "0.000", "-3"):
        with pytest.raises(UsageError, match="returned_hours_unreadable"):
            read_filled_decision(row("放行", hours), guard, RULES, words("zh"))


def test_whose_it_is_must_be_said() -> None:
    with pytest.raises(UsageError, match="returned_person_missing"):
        read_filled_decision(row("归到此志愿者"), conflict(ConflictKind.UNKNOWN_PERSON), RULES, words("zh"))


def test_what_is_possible_is_told_in_words_and_not_in_codes() -> None:
    with pytest.raises(UsageError, match="returned_impossible") as caught:
        read_filled_decision(row("void"), conflict(ConflictKind.DUPLICATE), RULES, words("zh"))
    assert caught.value.data["possible"] == "同一次、不是同一次、退回站点核实、维持现状"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("459900194403160033", True),
        ("身份证４５９９００１９４４０３１６００３３", True),
        ("45990019981126001x", True),
        ("459900 1944-0316 0033", True),
        ("打了10012345678", True),
        ("459900194403160034", False),
        ("桂志愿记录9007649456740993", False),
        ("签到表09:00至09:42，10-18", False),
        ("", False),
    ],
)
def test_numbers_of_people_are_told_from_others(text: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_personal(text) is expected
