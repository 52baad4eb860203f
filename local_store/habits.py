"""How conflicts of one cause were decided again and again: what a rule could say instead."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select

from domain.conflicts import ConflictKind
from local_store.tables.conflicts import CONFLICT, DECISION
from local_store.transaction import Tx

OFTEN = 3


@dataclass(frozen=True, slots=True)
class Habit:
    """One project that no rule knows, and the decision that was given ``count`` times of it, and no other."""

    platform: str
    activity_name: str
    code: str
    argument: str
    count: int


def habits(tx: Tx) -> list[Habit]:
    """Give the projects whose visits were decided alike at least ``OFTEN`` times, in their order."""
    said: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for row in tx.rows(_DECIDED):
        name = dict(json.loads(row.details)).get("activity", "")
        platform = row.cause.split("/")[1]
        said.setdefault((platform, name), Counter())[row.code, row.argument] += 1
    return [
        Habit(platform, name, *decision, count)
        for (platform, name), decisions in sorted(said.items())
        for decision, count in decisions.items()
        if name and len(decisions) == 1 and count >= OFTEN
    ]


_LAST = (
    select(func.max(DECISION.c.number))
    .where(DECISION.c.undone_at.is_(None), DECISION.c.is_proposed.is_(False))
    .group_by(DECISION.c.conflict_id)
)
_DECIDED = (
    select(CONFLICT.c.cause, CONFLICT.c.details, DECISION.c.code, DECISION.c.argument)
    .join_from(DECISION, CONFLICT, CONFLICT.c.conflict_id == DECISION.c.conflict_id)
    .where(CONFLICT.c.kind == ConflictKind.UNMAPPED.value, CONFLICT.c.cause.like("project/%"))
    .where(DECISION.c.number.in_(_LAST))
    .order_by(DECISION.c.number)
)
