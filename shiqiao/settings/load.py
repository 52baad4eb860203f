"""Load the settings file: TOML in, settings out, or one error that names the place and never shows a value."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from domain.errors import UsageError
from mapping.lines import line_of
from shiqiao.settings.model import Settings
from shiqiao.textfile import TextFault, read_text

SETTINGS_BYTES_MAX = 1_000_000
_PROBLEMS = {"missing": "missing_key", "extra_forbidden": "unknown_key", "string_too_short": "empty"}


def load_settings(path: Path) -> Settings:
    """Read and check the settings at ``path``.

    Raises:
        UsageError: ``settings_missing``, ``settings_unreadable``, ``settings_syntax`` or ``settings_invalid``; the data
            names the ``file``, the ``line`` (0 where unknown), the ``key`` and the ``problem`` (a code).
    """
    path = Path(path).absolute()
    text = _read(path)
    found = _parse(path, text)
    if "file" in found:
        raise _invalid(path, text, ("file",), "unknown_key")
    try:
        return Settings.model_validate({**found, "file": path}, context={"folder": path.parent})
    except ValidationError as error:
        place, problem = _first_fault(error)
        raise _invalid(path, text, place, problem) from None


def _read(path: Path) -> str:
    try:
        return read_text(path, SETTINGS_BYTES_MAX)
    except TextFault as fault:
        code = "settings_missing" if fault.problem == "missing_file" else "settings_unreadable"
        raise UsageError(code, file=str(path), line=fault.line, problem=fault.problem) from None


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        told = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line, column = (int(told[1]), int(told[2])) if told else (text.count("\n") + 1, 1)
        raise UsageError("settings_syntax", file=str(path), line=line, column=column) from None


def _first_fault(error: ValidationError) -> tuple[tuple[str | int, ...], str]:
    """Give the place and problem of one fault, for they are mended one at a time.

    An unknown key goes first: a key that is missing is often one that was misspelt.
    """
    faults = error.errors(include_input=False, include_url=False)
    first = min(faults, key=lambda fault: fault["type"] != "extra_forbidden")
    problem = first["ctx"]["problem"] if first["type"] == "settings_fault" else first["type"]
    problem, _, below = problem.partition(":")
    place = (*first["loc"], below) if below else first["loc"]
    return place, _PROBLEMS.get(problem, problem)


def _invalid(path: Path, text: str, place: tuple[str | int, ...], problem: str) -> UsageError:
    key = ".".join(map(str, place))
    return UsageError("settings_invalid", file=str(path), line=line_of(text, place), key=key, problem=problem)
