"""What was decided alike again and again suggests the line of the rule file that would settle it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desk.suggest import suggestions
from domain.conflicts import Conflict, ConflictKind
from domain.decisions import DecisionCode
from local_store import conflicts, decisions
from local_store.store import Store, open_store
from local_store.vault import create_key_file
from mapping.rules import RuleSet
from tests.local_store.makers import Makers
from tests.nights import shipped_rules
from tests.stores import STORES

PLAIN = Conflict(
    kind=ConflictKind.UNMAPPED, about="service/S1", is_blocking=True, person=None, identity=None, station="CZ06",
    service_date=None, records=(), seconds_at_stake=3600, cause="project/national/P1",
    evidence=("national|P1|金秋巧手",), reason="no_rule_for_project", details=(("activity", "金秋巧手"),),
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    create_key_file(tmp_path / "shiqiao.key")
    store = open_store(STORES.url(tmp_path / "shiqiao.db"), tmp_path / "shiqiao.key", Makers().clock)
    yield store
    store.close()


@pytest.fixture
def rules() -> RuleSet:
    return shipped_rules()


def decide(store: Store, *said: tuple[DecisionCode, str], activity: str = "金秋巧手") -> list[str]:
    """Decide as many visits of one project, one decision each; give the conflicts."""
    found = [
        replace(PLAIN, about=f"service/{activity}{place}", details=(("activity", activity),))
        for place, _ in enumerate(said)
    ]
    with store.writing() as tx:
        run = Makers().run(tx)
        conflicts.save(tx, [], found, run)
        for conflict, (code, argument) in zip(found, said, strict=True):
            decisions.add(tx, conflict.conflict_id, code, argument, "看过签到表", "韦站长")
    return [conflict.conflict_id for conflict in found]


def lines(store: Store, rules: RuleSet) -> list[tuple[str | None, str]]:
    with store.reading() as tx:
        return [(line.category.code if line.category else None, line.line)
                for one in suggestions(tx, rules) for line in one.lines]  # fmt: skip


def test_a_project_credited_alike_three_times_suggests_each_category_that_earns_it(
    store: Store, rules: RuleSet
) -> None:
    decide(store, *[(DecisionCode.CREDIT, "1")] * 3)
    assert lines(store, rules) == [
        ("recreation", 'words.national = ["文体", "手工", "健身", "书画", "歌舞", "金秋巧手"]'),
        ("training", 'words.national = ["培训", "讲座", "防诈骗", "智能手机", "金秋巧手"]'),
    ]


@pytest.mark.parametrize("code", [DecisionCode.VOID, DecisionCode.OUTSIDE])
def test_a_project_never_credited_suggests_a_word_that_excludes_it(
    code: DecisionCode, store: Store, rules: RuleSet
) -> None:
    decide(store, *[(code, "")] * 3)
    assert lines(store, rules) == [(None, 'excluded_words = ["志愿者培训", "例会", "督导", "金秋巧手"]')]


@pytest.mark.parametrize(
    "said",
    [
        [(DecisionCode.CREDIT, "1")] * 2,
        [(DecisionCode.CREDIT, "1")] * 3 + [(DecisionCode.CREDIT, "0.5")],
        [(DecisionCode.CREDIT, "1")] * 3 + [(DecisionCode.VOID, "")],
        [(DecisionCode.IGNORE, "")] * 3,
        [(DecisionCode.CREDIT, "7.77")] * 3,
    ],
    ids=["too seldom", "other hours", "other decisions", "no word on it", "no such category"],
)
def test_nothing_is_suggested_where_people_did_not_say_one_thing_often_enough(
    said: list[tuple[DecisionCode, str]], store: Store, rules: RuleSet
) -> None:
    decide(store, *said)
    assert lines(store, rules) == []


def test_what_was_taken_back_does_not_count(store: Store, rules: RuleSet) -> None:
    first, *_ = decide(store, *[(DecisionCode.CREDIT, "1")] * 3)
    with store.writing() as tx:
        decisions.undo(tx, first, "韦站长")
    assert lines(store, rules) == []


def test_what_the_rules_say_already_is_not_suggested(store: Store, rules: RuleSet) -> None:
    decide(store, *[(DecisionCode.CREDIT, "1")] * 3, activity="金秋手工坊")
    assert lines(store, rules) == []
