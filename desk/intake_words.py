"""Understand what a list calls a station or a category: its code, its name or another name that the rules know."""

from __future__ import annotations

from collections.abc import Mapping

from mapping.rules import RuleSet
from mapping.typed import TypedProblem, plain

_STATION_ENDINGS = ("", "养老服务站", "服务站", "街道", "站")


def station_named(text: str, rules: RuleSet) -> str | TypedProblem:
    """Give the code of the station that is named, as ``CZ01``, 城中, 城中街道 or 城中服务站."""
    return _named(text, rules.station_aliases, _STATION_ENDINGS) or TypedProblem(_missing(text) or "station_unknown")


def category_named(text: str, rules: RuleSet) -> str | TypedProblem:
    """Give the code of the category that is named: by our code, a platform's, or a name."""
    aliases = {code: ours for reading in rules.readings.values() for code, ours in reading.codes.items()}
    aliases |= rules.category_aliases
    return _named(text, aliases, ("",)) or TypedProblem(_missing(text) or "category_unknown")


def _named(text: str, aliases: Mapping[str, str], endings: tuple[str, ...]) -> str:
    known = {_folded(name): code for name, code in aliases.items()}
    said = _folded(text)
    found = {known.get(said.removesuffix(ending), "") for ending in endings} - {""}
    return found.pop() if len(found) == 1 else ""


def _folded(text: str) -> str:
    return "".join(plain(text).split()).casefold()


def _missing(text: str) -> str:
    return "" if plain(text) else "cell_missing"
