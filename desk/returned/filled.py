"""Read the four cells that a person fills in: right without doubt, or refused with what to do about it."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from desk.decide.said import read_decision
from desk.report.choices import choices
from desk.report.values import ReportConflict
from desk.returned.read import ReturnedRow
from desk.words.words import Words
from domain.decisions import DecisionCode, is_possible
from domain.errors import UsageError
from domain.hours import SECONDS_PER_HOUR, seconds_of_hours
from domain.idnumber import is_resident_number
from mapping.rules import RuleSet
from mapping.typed import TypedProblem, is_nothing, plain, typed_hours
from mapping.typed_people import typed_confirmer
from mapping.typed_remarks import typed_remark

_HOURS_TAKEN = (DecisionCode.CREDIT, DecisionCode.APPROVE)
_HOURS_PROBLEMS = {
    "hours_unlikely": "returned_hours_unlikely",
    "hours_over_day": "returned_hours_over_day",
    "hours_too_fine": "returned_hours_too_fine",
}
_WRITABLE_SECONDS = 9  # of an hour's 3600 seconds these are the fewest that a decimal fraction can write down
_REASON_LENGTH_MAX = 1000
_QUOTED_LENGTH_MAX = 20
_NEVER_DITTO = re.compile(r"同上|同前|同左|如上|同|[〃々\"“”']+|ditto", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"(?<!\d)\d{17}[\dX](?![\dX])", re.IGNORECASE)
_PHONE = re.compile(r"(?<!\d)1\d{10}(?!\d)")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s-]+(?=\d)")
_TOO_EXACT = re.compile(r"\d{1,6}\.\d{7,}")
_LAST_PLACE = Decimal("0.000001")


def read_filled_decision(
    row: ReturnedRow, conflict: ReportConflict, rules: RuleSet, words: Words
) -> tuple[DecisionCode, str]:
    """Read 处理意见 and 小时数 together as one decision that is possible for this conflict.

    Raises:
        UsageError: what is wrong with the two cells.
    """
    offered = choices(conflict)
    possible = words.page("and").join(map(words.decision, offered))
    code, argument = _decision(row, conflict, rules, possible)
    if not is_possible(code, conflict.kind, is_blocking=conflict.is_blocking):
        raise UsageError("returned_impossible", possible=possible)
    if code is DecisionCode.ACCEPT and f"{code}:{argument}" not in offered:
        raise UsageError("returned_platform_silent", platform=words.platform(argument), possible=possible)
    return code, argument


def read_reason(text: str) -> str:
    """Read 理由.

    Raises:
        UsageError: it is missing, or too long, or tells what must not be written down.
    """
    said = " ".join(text.split())
    if is_nothing(said):
        raise UsageError("returned_reason_missing")
    if _NEVER_DITTO.fullmatch(plain(said)):
        raise UsageError("returned_ditto")
    if len(said) > _REASON_LENGTH_MAX:
        raise UsageError("returned_reason_long", most=_REASON_LENGTH_MAX)
    if is_personal(said):
        raise UsageError("returned_reason_personal")
    told = typed_remark(said)
    if isinstance(told, TypedProblem):
        raise UsageError("returned_reason_health", **dict(told.data))
    return told


def read_name(text: str) -> str:
    """Read 处理人.

    Raises:
        UsageError: it is missing, or nobody's name.
    """
    said = typed_confirmer(" ".join(text.split()))
    if isinstance(said, TypedProblem):
        raise UsageError("returned_ditto" if said.code == "ditto" else "returned_no_name")
    if not said:
        raise UsageError("returned_name_missing")
    return said


def is_personal(text: str) -> bool:
    """Say whether a text holds somebody's id or phone number."""
    said = unicodedata.normalize("NFKC", text).upper()
    numbers = _LONG_NUMBER.findall(_BETWEEN_DIGITS.sub("", said)) + _LONG_NUMBER.findall(said)
    return any(map(is_resident_number, numbers)) or _PHONE.search(said) is not None


def _decision(row: ReturnedRow, conflict: ReportConflict, rules: RuleSet, possible: str) -> tuple[DecisionCode, str]:
    hours = "" if is_nothing(row.hours) else _as_typed(row.hours)
    try:
        code, argument = read_decision(row.decision, rules)
    except UsageError as error:
        bare = str(error.data.get("decision", "")) if error.code == "decision_argument_missing" else ""
        if bare in _HOURS_TAKEN:
            return _with_hours(DecisionCode(bare), hours, conflict, rules)
        raise _worded(error, possible) from None
    if not hours:
        return code, argument
    if code not in _HOURS_TAKEN:
        raise UsageError("returned_hours_needless")
    if seconds_of_hours(_with_hours(code, hours, None, rules)[1]) != seconds_of_hours(argument):
        raise UsageError("returned_hours_differ")
    return code, argument


def _with_hours(
    code: DecisionCode, hours: str, conflict: ReportConflict | None, rules: RuleSet
) -> tuple[DecisionCode, str]:
    """Read 小时数; where far more is typed than anybody says, it may be 5 for 0.5, and must be written out in full."""
    if not hours:
        raise UsageError("returned_hours_missing")
    if code is DecisionCode.APPROVE:
        return _released(hours, rules)
    known = max((side.seconds for side in conflict.sides), default=0) if conflict else 0
    seconds = typed_hours(hours, known)
    if isinstance(seconds, TypedProblem):
        raise UsageError(_HOURS_PROBLEMS.get(seconds.code, "returned_hours_unreadable"), hours=_quoted(hours))
    if seconds % _WRITABLE_SECONDS:
        raise UsageError("returned_hours_too_fine")
    return code, format((Decimal(seconds) / SECONDS_PER_HOUR).normalize(), "f")


def _released(hours: str, rules: RuleSet) -> tuple[DecisionCode, str]:
    try:
        return read_decision(f"{DecisionCode.APPROVE}:{hours}", rules)
    except UsageError:
        raise UsageError("returned_hours_unreadable", hours=_quoted(hours)) from None


def _quoted(hours: str) -> str:
    """Give what was typed for hours as it may be repeated to its typist."""
    return "…" if is_personal(hours) else hours[:_QUOTED_LENGTH_MAX]


def _as_typed(hours: str) -> str:
    """Give a number as it was typed where a spreadsheet's own arithmetic left a tail of digits behind it."""
    said = plain(hours)
    return format(Decimal(said).quantize(_LAST_PLACE).normalize(), "f") if _TOO_EXACT.fullmatch(said) else said


def _worded(error: UsageError, possible: str) -> UsageError:
    """Give the error that speaks to who filled in a cell, not to who types commands."""
    match error.code:
        case "decision_argument_missing":
            person = error.data.get("decision") == DecisionCode.PERSON
            return UsageError("returned_person_missing" if person else "returned_decision_unclear", possible=possible)
        case "hours_unreadable" | "hours_not_positive":
            return UsageError("returned_hours_unreadable", hours=_quoted(str(error.data.get("hours", ""))))
        case "decision_hours_too_many":
            return UsageError("returned_hours_over_day")
        case _:
            return UsageError("returned_decision_unclear", possible=possible)
