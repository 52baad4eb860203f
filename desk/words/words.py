"""The words of one language: what people read where the house has codes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from domain.conflicts import ConflictKind
from domain.hours import show_hours

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class KindWords:
    """How a kind of conflict is called, what it is in one line, and what to do about it."""

    name: str
    sentence: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class Words:
    """All words of one language; ``tables`` maps a table's name to its words by code.

    ``how`` are the steps of the workbook's first sheet, in order.
    """

    lang: str
    kinds: Mapping[str, KindWords]
    tables: Mapping[str, Mapping[str, str]]
    how: tuple[str, ...]

    def say(self, table: str, code: str, /, **gaps: str | int) -> str:
        """Give a sentence with its gaps filled.

        Raises:
            KeyError: there is no such table, code or gap.
        """
        return self.tables[table][code].format_map(gaps)

    def page(self, code: str, /, **gaps: str | int) -> str:
        """Give a sentence of the report's pages."""
        return self.say("page", code, **gaps)

    def kind(self, kind: ConflictKind) -> KindWords:
        """Give the words of a kind."""
        return self.kinds[kind.value]

    def platform(self, platform: str) -> str:
        """Give a platform's name; one that the house has no word for keeps its own."""
        return self.tables["platforms"].get(platform, platform)

    def platform_short(self, platform: str) -> str:
        """Give a platform's short name, for narrow columns."""
        return self.tables["platforms_short"].get(platform, platform)

    def knowing(self, platforms: Mapping[str, str]) -> Words:
        """Give these words with names for platforms that the house has no word for; ``platforms`` is by code."""
        named = {table: {**platforms, **self.tables[table]} for table in ("platforms", "platforms_short")}
        return replace(self, tables={**self.tables, **named})

    def problem(self, code: str) -> str:
        """Say why a platform could not be read; an unforeseen reason is never shown as a code."""
        problems = self.tables["problems"]
        return problems.get(code, problems["other"])

    def decision(self, decision: str) -> str:
        """Say a decision (``accept:guangxi``, ``void``) in words; a bare code gets its general name."""
        code, _, argument = decision.partition(":")
        if not argument:
            return self.say("decisions", code)
        said = self.platform_short(argument) if code == "accept" else argument
        return self.say("decisions_with_argument", code, argument=said)

    def reason(self, kind: ConflictKind, code: str, details: tuple[tuple[str, str], ...], *, is_blocking: bool) -> str:
        """Say why a conflict stands; where the reason has no sentence, or a gap no filling, the kind's own sentence.

        ``details`` are codes and plain figures: ``platform`` is a platform's name in the settings, or several with a
        comma between; what ends in ``_seconds`` becomes hours, what ends in ``_on`` is an ISO date; anything else is
        shown as it is. Some reasons have another sentence where they block nothing.
        """
        gaps = {name: self._shown(name, value) for name, value in details}
        noted = self.tables["reasons_noted"]
        try:
            return self.say("reasons_noted" if code in noted and not is_blocking else "reasons", code, **gaps)
        except KeyError:
            return self.kind(kind).sentence

    def suggestion(self, kind: ConflictKind, decision: str) -> str:
        """Say what to do about a conflict: its kind's advice and, if the evidence leans, to which decision."""
        advice = self.kind(kind).suggestion
        if not decision:
            return advice
        return self.page("suggestion_with", suggestion=advice, decision=self.decision(decision))

    def _shown(self, name: str, value: str) -> str:
        if name == "platform":
            return self.page("and").join(self.platform(platform) for platform in value.split(", "))
        if name.endswith("_seconds"):
            return show_hours(int(value))
        if name.endswith("_on"):
            return show_day(date.fromisoformat(value))
        return value


def show_day(day: date, *, this_year: int | None = None) -> str:
    """Show a day as ``10-18``, or ``2025-10-18`` where it is not of this year (or none is given, as evidence ages)."""
    return day.strftime("%m-%d") if day.year == this_year else day.isoformat()


@cache
def words(lang: str) -> Words:
    """Read the words of a language, one of ``LANGUAGES``, from the package's data.

    Raises:
        ValueError: the house does not speak that language.
    """
    if lang not in LANGUAGES:
        raise ValueError(lang)
    tables: dict[str, Any] = tomllib.loads(files("desk.words").joinpath(f"{lang}.toml").read_text(encoding="utf-8"))
    kinds = {code: KindWords(**said) for code, said in tables.pop("kinds").items()}
    how = tuple(tables["workbook"].pop("how"))
    tables["meanings"] = tables["workbook"].pop("meanings")
    return Words(lang, kinds, tables, how)
