"""Which conflicts a command in bulk speaks of: by kind, station, cause and month."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from domain.conflicts import Conflict, ConflictKind, ConflictState
from domain.errors import UsageError
from local_store import conflicts
from local_store.transaction import Tx

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Choice:
    """What conflicts must share to be chosen; what is empty asks for nothing.

    ``cause`` is a cause's key, ``like`` the id of a conflict whose cause is meant, ``month`` is ``YYYY-MM`` of the
    service date, ``station`` a station's code.
    """

    kinds: Collection[ConflictKind] = ()
    station: str = ""
    cause: str = ""
    like: str = ""
    month: str = ""

    def __bool__(self) -> bool:
        """Say whether anything is asked for."""
        return any((self.kinds, self.station, self.cause, self.like, self.month))


def chosen(tx: Tx, choice: Choice, state: ConflictState) -> list[Conflict]:
    """Give the conflicts in a state that a choice means, in the order in which they came up.

    Raises:
        UsageError: ``conflict_unknown`` (the one whose cause is meant), ``month_unreadable``, ``choice_empty``.
    """
    if choice.month and not _MONTH.fullmatch(choice.month):
        raise UsageError("month_unreadable", month=choice.month)
    causes = {choice.cause} if choice.cause else set()
    kinds = set(choice.kinds)
    if choice.like:
        like = conflicts.one(tx, choice.like)
        if like is None:
            raise UsageError("conflict_unknown", conflict=choice.like)
        causes.add(like.conflict.cause)
    found = [one.conflict for one in conflicts.listing(tx, kinds, (state,), choice.station)]
    meant = [one for one in found if _is_meant(one, choice, causes)]
    if not meant:
        raise UsageError("choice_empty")
    return meant


def _is_meant(one: Conflict, choice: Choice, causes: set[str]) -> bool:
    if causes and {one.cause} != causes:
        return False
    return not choice.month or str(one.service_date or "").startswith(choice.month)
