"""What changed in the facts that a conflict judges, in words: what was judged then, what stands now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from desk.words.words import Words
from domain.hours import show_hours
from mapping.rules import RuleSet

_OF_CLAIM, _OF_HOURS = 8, 3
_GONE = "gone"
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def changes(then: Sequence[str], now: Sequence[str], said: Words, rules: RuleSet) -> list[str]:
    """Say, fact by fact, what is no longer so, what is new, and what is another for the same record.

    Nothing of it is personal data: where a name or a document is what changed, only that is said.
    """
    old = {_whose(fact): fact for fact in then if fact not in now}
    new = {_whose(fact): fact for fact in now if fact not in then}
    lines = [
        said.say("evidence", "changed", then=fact_in_words(fact, said, rules), now=fact_in_words(new[key], said, rules))
        for key, fact in old.items()
        if key in new
    ]
    lines += [said.say("evidence", "gone", fact=fact_in_words(old[key], said, rules)) for key in old if key not in new]
    lines += [said.say("evidence", "new", fact=fact_in_words(new[key], said, rules)) for key in new if key not in old]
    return list(dict.fromkeys(lines))


def fact_in_words(fact: str, said: Words, rules: RuleSet) -> str:
    """Say one fact, as the planner writes it: a record's key and what matters of it."""
    key, *rest = fact.split("|")
    platform, colon, external_id = key.partition(":")
    if not colon:
        return _without_record(key, rest, said, rules)
    record = f"{said.platform_short(platform)} {external_id}"
    if len(rest) == _OF_CLAIM - 1:
        state, day, starts, ends, seconds, category, station = rest
        parts = [
            said.say("record_states", state), day, _span(starts, ends), _hours(seconds, said),
            _category(category, said, rules), rules.station_names.get(station, station),
        ]  # fmt: skip
    elif len(rest) == _OF_HOURS - 1:
        parts = [_hours(rest[0], said)]
    else:
        parts = [_single(one, said, rules) for one in rest]
    return " ".join(part for part in (record, *parts) if part)


def _whose(fact: str) -> str:
    return fact.partition("|")[0]


def _without_record(first: str, rest: list[str], said: Words, rules: RuleSet) -> str:
    """Say a fact that is about no record: an identity, a project, a figure, a day; never a code."""
    if rest and first.isdigit():
        return said.say("evidence", "identity")
    if rest:
        return " ".join([said.platform_short(first), *rest[1:]])
    if first.isdigit():
        return _hours(first, said)
    return _single(first, said, rules)


def _single(word: str, said: Words, rules: RuleSet) -> str:
    if word == _GONE:
        return said.say("evidence", "no_longer_there")
    if word in said.tables["evidence"]:
        return said.say("evidence", word)
    if word.isdigit():
        return said.say("evidence", "identity")
    if word in rules.categories or not word:
        return _category(word, said, rules)
    return word if _DAY.fullmatch(word) else said.say("evidence", "other")


def _category(code: str, said: Words, rules: RuleSet) -> str:
    if not code:
        return said.say("evidence", "uncategorised")
    category = rules.categories.get(code)
    return code if category is None else category.name


def _hours(seconds: str, said: Words) -> str:
    return said.page("cause_hours", hours=show_hours(int(seconds)))


def _span(starts: str, ends: str) -> str:
    return "–".join(datetime.fromisoformat(one).strftime("%H:%M") for one in (starts, ends) if one)
