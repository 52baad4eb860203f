"""Load a rule file: TOML in, a rule set out, or one clear error that names the place."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from domain.errors import UsageError
from mapping.lines import line_of
from mapping.rulefile import ACTUAL, CategoryPart, RuleFile, StationPart, seconds_of
from mapping.rulelaws import broken_law
from mapping.rules import Category, Period, Reading, RuleSet, Tenure, WordRule

FILE_BYTES_MAX = 1_000_000
_PROBLEMS = {
    "missing": "missing_key",
    "extra_forbidden": "unknown_key",
    "too_short": "empty",
    "string_too_short": "empty",
    "int_type": "not_whole_number",
    "date_type": "not_date",
    "tuple_type": "not_list",
    "literal_error": "not_a_choice",
    "string_pattern_mismatch": "odd_characters",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
}


def load_rules(path: Path) -> RuleSet:
    """Read and check a rule file.

    Raises:
        UsageError: ``rules_missing``, ``rules_unreadable``, ``rules_syntax`` or ``rules_invalid``; the data names the
            ``file``, the ``line`` (0 where unknown), the ``key`` and the ``problem`` (a code).
    """
    return read_rules(read_text(path), str(path))


def read_rules(text: str, file: str) -> RuleSet:
    """Read and check the text of a rule file; ``file`` is what errors call it.

    Raises:
        UsageError: as ``load_rules``.
    """
    try:
        found = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise UsageError("rules_syntax", file=file, line=_syntax_line(error), key="", problem="syntax") from None
    except (ValueError, RecursionError):
        raise UsageError("rules_syntax", file=file, line=0, key="", problem="syntax") from None
    try:
        read = RuleFile.model_validate(_as_tuples(found))
    except ValidationError as error:
        raise _invalid(file, text, error) from None
    law = broken_law(read)
    if law is not None:
        place, problem = law
        raise UsageError("rules_invalid", file=file, line=line_of(text, place), key=_key(place), problem=problem)
    return rule_set(read)


def rules_schema() -> dict[str, Any]:
    """Give the JSON schema of a rule file, for editors (``rulesets/schema.json``)."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **RuleFile.model_json_schema()}


def rule_set(read: RuleFile) -> RuleSet:
    """Turn a checked file into the values that the planner asks."""
    limits = read.limits
    return RuleSet(
        version=f"{read.document}#{_content_hash(read)}",
        document=read.document,
        valid_from=read.valid_from,
        valid_to=read.valid_to,
        cap_seconds=seconds_of(limits.cap_hours),
        grace_days=limits.grace_days,
        tolerance_seconds=limits.tolerance_seconds,
        day_note_seconds=seconds_of(limits.day_note_hours),
        day_hold_seconds=seconds_of(limits.day_hold_hours),
        minimum_age=limits.minimum_age,
        confirmations_needed=frozenset(read.confirmations),
        station_names={station.code: station.name for station in read.stations},
        station_aliases=_aliases((part.code, part.name, *part.aliases) for part in read.stations),
        categories={part.code: _category(part) for part in read.categories},
        category_aliases=_aliases((part.code, part.name, *part.aliases) for part in read.categories),
        platform_aliases=_aliases((name, *part.names) for name, part in read.platforms.items()),
        number_headings={heading: name for name, part in read.platforms.items() for heading in part.number_headings},
        periods=tuple(Period(p.first_day, p.last_day, frozenset(p.suffices), p.decides) for p in read.periods),
        tenures=tuple(tenure for station in read.stations for tenure in _tenures(station, read)),
        readings={platform: _reading(platform, read) for platform in read.platforms},
        excluded_words=read.excluded_words,
        special_words=read.special_words,
        ordinary_words=read.ordinary_words,
        deliver_from={name: part.deliver_from for name, part in read.platforms.items() if part.deliver_from},
        projects={(p.platform, s.code, p.category): p.project for s in read.stations for p in s.projects},
    )


def read_text(path: Path) -> str:
    """Give the text of a rule file.

    Raises:
        UsageError: ``rules_missing``, ``rules_unreadable`` or ``rules_syntax``.
    """
    try:
        with path.open("rb") as file:
            body = file.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        raise UsageError("rules_missing", file=str(path), line=0, key="", problem="missing_file") from None
    except OSError:
        raise UsageError("rules_unreadable", file=str(path), line=0, key="", problem="unreadable") from None
    if len(body) > FILE_BYTES_MAX:
        raise UsageError("rules_unreadable", file=str(path), line=0, key="", problem="too_large")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        raise UsageError("rules_unreadable", file=str(path), line=line, key="", problem="not_utf8") from None


def _syntax_line(error: tomllib.TOMLDecodeError) -> int:
    """Find the line in TOML's own message, the only place where Python 3.11 tells it."""
    words = str(error).partition("(at line ")[2].partition(",")[0]
    return int(words) if words.isdigit() else 0


def _as_tuples(found: object) -> object:
    """Turn arrays into tuples, which a strict model wants for values that cannot change."""
    match found:
        case dict():
            return {key: _as_tuples(value) for key, value in found.items()}
        case list():
            return tuple(_as_tuples(value) for value in found)
        case _:
            return found


def _invalid(file: str, text: str, error: ValidationError) -> UsageError:
    """Tell of one fault, for they are mended one at a time; a misspelt key goes before the key that it should be."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    fault = min(faults, key=lambda fault: fault["type"] != "extra_forbidden")
    place = tuple(part for part in fault["loc"] if part != "[key]")
    problem = _PROBLEMS.get(fault["type"], fault["type"])
    return UsageError("rules_invalid", file=file, line=line_of(text, place), key=_key(place), problem=problem)


def _key(place: tuple[str | int, ...]) -> str:
    """Show a place as ``categories[2].words.national``, counting from one."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")


def _content_hash(read: RuleFile) -> str:
    """Hash what the file says, so that a changed remark or a new order of keys is no new version."""
    content = read.model_dump(warnings="none")  # a credit may be a word, which a decimal's serializer does not expect
    said = json.dumps(content, default=str, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def _category(part: CategoryPart) -> Category:
    credit = None if part.credit_hours == ACTUAL else seconds_of(part.credit_hours)
    return Category(part.code, part.name, credit, part.needs_licence)


def _aliases(named: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """Map each code and everything else that it is called to the code, which stands first."""
    return {name: names[0] for names in named for name in names}


def _tenures(station: StationPart, read: RuleFile) -> list[Tenure]:
    return [
        Tenure(
            station.code,
            team.platform,
            team.organisation,
            team.area or "",
            team.first_day or read.valid_from,
            team.last_day,
        )
        for team in station.teams
    ]


def _reading(platform: str, read: RuleFile) -> Reading:
    part = read.platforms[platform]
    return Reading(
        codes={code: kind.code for kind in read.categories for code in kind.codes.get(platform, ())},
        words=tuple(
            WordRule(word, kind.code, f"{kind.name}：项目名称含“{word}”")
            for kind in read.categories
            for word in kind.words.get(platform, ())
        ),
        general_prefixes=part.general_prefixes,
        objects=frozenset(part.objects),
        tells_honours=part.tells_honours,
    )
