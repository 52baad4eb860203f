"""What a person says of a conflict, as typed: a code or its name, and what stands behind the colon."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from desk.words.words import LANGUAGES, words
from domain.decisions import DecisionCode
from domain.errors import UsageError
from domain.hours import SECONDS_PER_DAY, seconds_of_hours
from mapping.names import folded_name
from mapping.rules import RuleSet

_ARGUMENTS = frozenset({DecisionCode.ACCEPT, DecisionCode.CREDIT, DecisionCode.PERSON, DecisionCode.APPROVE})
_HOURS = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s*(?:小时|h|hours?)?", re.ASCII | re.IGNORECASE)
_MARK = "\0"


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of one conflict; ``argument`` is a platform, hours as text, a 本地编号, a day, or "".

    ``seen_version`` is the row's version (``local_store.row_versions``) that the person saw, "" where none was shown.
    """

    conflict_id: str
    code: DecisionCode
    argument: str
    reason: str
    by: str
    seen_version: str = ""


def read_decision(text: str, rules: RuleSet) -> tuple[DecisionCode, str]:
    """Read a decision: ``accept:guangxi``, ``credit:1.5``, or by its name in either language (``以桂志愿为准``).

    Width, case and blanks do not matter. The argument comes out as the store keeps it: a platform's code, plain
    hours, a day as ``YYYY-MM-DD``.

    Raises:
        UsageError: ``decision_unknown``; ``decision_argument_missing``, ``decision_argument_needless``;
            ``decision_platform_unknown``; ``hours_unreadable``, ``hours_not_positive``, ``decision_hours_too_many``;
            ``decision_day_unreadable``.
    """
    code, argument = _parted(unicodedata.normalize("NFKC", text).strip())
    if not argument and code in _ARGUMENTS:
        raise UsageError("decision_argument_missing", decision=code.value)
    match code:
        case DecisionCode.ACCEPT:
            return code, _platform(argument, rules)
        case DecisionCode.CREDIT | DecisionCode.APPROVE:
            return code, _hours(argument, code)
        case DecisionCode.PERSON:
            return code, argument
        case DecisionCode.RETURN:
            return code, _day(argument)
        case _ if argument:
            raise UsageError("decision_argument_needless", decision=code.value)
        case _:
            return code, ""


def check_name(by: str) -> None:
    """Refuse a name that is none: who decides must be known.

    Raises:
        UsageError: ``name_missing``.
    """
    if not _bare_name(by):
        raise UsageError("name_missing")


def is_same_person(one: str, other: str) -> bool:
    """Say whether two names are one: blanks, width, case and signs that nobody sees make no second person."""
    return _bare_name(one) == _bare_name(other)


def _bare_name(name: str) -> str:
    seen = "".join(sign for sign in name if unicodedata.category(sign)[0] not in "CZ")
    return folded_name(seen)


def _parted(text: str) -> tuple[DecisionCode, str]:
    """Part a code or a name from its argument."""
    head, _, argument = text.partition(":")
    code = _names().get(_bare(head))
    if code is not None:
        return code, argument.strip()
    for pattern, named in _phrases():
        found = pattern.fullmatch("".join(text.split()))  # a 本地编号 keeps its capitals
        if found:
            return named, found.group(1)
    raise UsageError("decision_unknown", known=", ".join(DecisionCode))


def _bare(text: str) -> str:
    return "".join(text.split()).casefold()


@cache
def _names() -> dict[str, DecisionCode]:
    """Give every code and name, folded, and what it means."""
    named = {_bare(said): DecisionCode(code) for code, said in _said_in("decisions")}
    return named | {code.value: code for code in DecisionCode}


@cache
def _phrases() -> tuple[tuple[re.Pattern[str], DecisionCode], ...]:
    """Give how a decision is shown with its argument: as a pattern that finds the argument."""
    return tuple((_pattern(said), DecisionCode(code)) for code, said in _said_in("decisions_with_argument"))


def _pattern(said: str) -> re.Pattern[str]:
    return re.compile(re.escape(_folded(said.format(argument=_MARK))).replace(_MARK, "(.+)"), re.IGNORECASE)


def _folded(said: str) -> str:
    return _bare(unicodedata.normalize("NFKC", said))


def _said_in(table: str) -> Iterator[tuple[str, str]]:
    for language in LANGUAGES:
        yield from words(language).tables[table].items()


def _platform(argument: str, rules: RuleSet) -> str:
    """Give the platform that is meant: its code, or whatever it is called."""
    known = {_folded(name): code for name, code in rules.platform_aliases.items()}
    for table in ("platforms", "platforms_short"):
        known |= {_folded(name): code for code, name in _said_in(table)}
    known |= {code: code for code in (*rules.readings, "station")}
    platform = known.get(_folded(argument))
    if platform is None:
        raise UsageError("decision_platform_unknown", known=", ".join(sorted({*rules.readings, "station"})))
    return platform


def _hours(argument: str, code: DecisionCode) -> str:
    """Give hours as plain text; one conflict can be worth no more than a day."""
    hours = _HOURS.fullmatch(argument)
    if hours is None:
        raise UsageError("hours_unreadable", hours=argument)
    try:
        seconds = seconds_of_hours(hours.group(1))
    except ValueError:
        raise UsageError("hours_unreadable", hours=argument) from None
    if seconds <= 0:
        raise UsageError("hours_not_positive", hours=argument)
    if code is DecisionCode.CREDIT and seconds > SECONDS_PER_DAY:
        raise UsageError("decision_hours_too_many", hours=argument)
    return format(Decimal(hours.group(1)).normalize(), "f")


def _day(argument: str) -> str:
    try:
        return date.fromisoformat(argument).isoformat() if argument else ""
    except ValueError:
        raise UsageError("decision_day_unreadable") from None
