"""Which decisions (处理意见) are possible for which kind of conflict."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from functools import cache

from domain.conflicts import ConflictKind


class DecisionCode(StrEnum):
    """What a person can say; ``accept``, ``credit``, ``person`` and ``approve`` take an argument behind a colon."""

    ACCEPT = "accept"
    CREDIT = "credit"
    SAME = "same"
    DISTINCT = "distinct"
    PERSON = "person"
    OUTSIDE = "outside"
    APPROVE = "approve"
    VOID = "void"
    RETURN = "return"
    IGNORE = "ignore"


_KIND = ConflictKind
_OF_IDENTITY = frozenset({_KIND.PERSON_DIFFERS, _KIND.UNKNOWN_PERSON})
_NAMED: dict[DecisionCode, Collection[ConflictKind]] = {
    DecisionCode.ACCEPT: {
        _KIND.HOURS_DIFFER, _KIND.CATEGORY_DIFFERS, _KIND.DATE_DIFFERS, _KIND.UNCORROBORATED,
        _KIND.MISSING_ON_PLATFORM, _KIND.AMBIGUOUS_MATCH, _KIND.VANISHED,
    },
    DecisionCode.SAME: {_KIND.DUPLICATE, _KIND.DATE_DIFFERS, _KIND.OVERLAP, _KIND.AMBIGUOUS_MATCH},
    DecisionCode.DISTINCT: {_KIND.DUPLICATE, _KIND.DATE_DIFFERS, _KIND.OVERLAP, _KIND.AMBIGUOUS_MATCH},
    DecisionCode.PERSON: _OF_IDENTITY,
    DecisionCode.OUTSIDE: {_KIND.UNKNOWN_PERSON, _KIND.UNMAPPED},
    DecisionCode.APPROVE: {_KIND.GUARD},
}  # fmt: skip
_BLOCKING_BUT: dict[DecisionCode, Collection[ConflictKind]] = {
    DecisionCode.CREDIT: _OF_IDENTITY | {_KIND.GUARD},
    DecisionCode.VOID: {_KIND.GUARD, _KIND.CONTRACT},
}
_ALWAYS = frozenset({DecisionCode.RETURN, DecisionCode.IGNORE})


def is_possible(code: DecisionCode, kind: ConflictKind, *, is_blocking: bool) -> bool:
    """Say whether a decision is possible for a conflict of this kind (OPERATOR's table of decisions)."""
    if code in _BLOCKING_BUT:
        return is_blocking and kind not in _BLOCKING_BUT[code]
    return code in _ALWAYS or kind in _NAMED.get(code, ())


@cache
def possible_decisions(kind: ConflictKind, *, is_blocking: bool) -> tuple[DecisionCode, ...]:
    """Give the decisions that are possible for a conflict of this kind, in the order in which they are offered."""
    return tuple(code for code in DecisionCode if is_possible(code, kind, is_blocking=is_blocking))
