"""The line of a rule file that would settle what people decide alike again and again."""

from __future__ import annotations

import json
from dataclasses import dataclass

from domain.decisions import DecisionCode
from domain.hours import seconds_of_hours
from local_store.habits import Habit, habits
from local_store.transaction import Tx
from mapping.rules import Category, RuleSet

_NOT_CREDITED = (DecisionCode.VOID.value, DecisionCode.OUTSIDE.value)


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One line as it would stand in the rule file; ``category`` is the table it belongs to, None: the file's head."""

    category: Category | None
    line: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What was decided alike, and the lines of which any one would settle it."""

    habit: Habit
    lines: tuple[RuleLine, ...]

    def as_document(self) -> dict[str, object]:
        """Give it as JSON."""
        habit = self.habit
        return {
            "platform": habit.platform, "project": habit.activity_name,
            "decision": ":".join(filter(None, (habit.code, habit.argument))), "count": habit.count,
            "lines": [
                {"category": one.category.code if one.category else None, "line": one.line} for one in self.lines
            ],
        }  # fmt: skip


def suggestions(tx: Tx, rules: RuleSet) -> list[Suggestion]:
    """Give what the rules in force do not say yet."""
    found = [Suggestion(habit, _lines(habit, rules)) for habit in habits(tx) if not _is_known(habit, rules)]
    return [one for one in found if one.lines]


def _is_known(habit: Habit, rules: RuleSet) -> bool:
    reading = rules.readings.get(habit.platform)
    words = [*rules.excluded_words, *(rule.word for rule in reading.words)] if reading else []
    return reading is None or any(word in habit.activity_name for word in words)


def _lines(habit: Habit, rules: RuleSet) -> tuple[RuleLine, ...]:
    """Give a line that excludes the project, or one for each category that earns what people credited."""
    if habit.code in _NOT_CREDITED:
        return (RuleLine(None, f"excluded_words = {_listed(*rules.excluded_words, habit.activity_name)}"),)
    if habit.code != DecisionCode.CREDIT.value:
        return ()
    seconds = seconds_of_hours(habit.argument)
    return tuple(
        RuleLine(category, f"words.{habit.platform} = {_listed(*_words(habit, category, rules), habit.activity_name)}")
        for category in rules.categories.values()
        if category.credit_seconds == seconds
    )


def _words(habit: Habit, category: Category, rules: RuleSet) -> list[str]:
    return [rule.word for rule in rules.readings[habit.platform].words if rule.category == category.code]


def _listed(*words: str) -> str:
    return "[" + ", ".join(json.dumps(word, ensure_ascii=False) for word in words) + "]"
