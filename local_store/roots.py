"""Which subject an identity belongs to: the identity at the root of all that are the same person."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, func, select, update

from local_store.dialects import among
from local_store.tables.people import IDENTITY, SUBJECT
from local_store.transaction import Tx, portions


def regroup(tx: Tx, identities: Collection[int]) -> None:
    """Find the roots of these identities anew, and mark the subjects they leave and join as changed."""
    for portion in portions(sorted(identities)):
        facts = {row.number: row for row in tx.rows(_FACTS, {"numbers": portion})}
        through = {row.bound_to for row in facts.values() if row.bound_to is not None} - facts.keys()
        facts |= {row.number: row for row in tx.rows(_FACTS, {"numbers": sorted(through)})} if through else {}
        firsts = first_identities(tx, {row.person for row in facts.values() if row.person is not None})
        moves = [(facts[one].subject, _root(facts, firsts, one), one) for one in portion]
        moved = [{"one": one, "root": root} for old, root, one in moves if old != root]
        if moved:
            tx.connection.execute(_MOVE, moved)
        mark_subjects(tx, {old for old, _, _ in moves} | {root for _, root, _ in moves})


def mark_changed(tx: Tx, identities: Collection[int]) -> None:
    """Say that something about these identities has changed: their subjects are planned anew."""
    for portion in portions(sorted(identities)):
        tx.connection.execute(_RAISE_OF, {"numbers": portion})


def mark_subjects(tx: Tx, numbers: Collection[int]) -> None:
    """Say that these subjects have changed."""
    for portion in portions(sorted(numbers)):
        tx.connection.execute(_RAISE, {"numbers": portion})


def first_identities(tx: Tx, people: set[int]) -> dict[int, int]:
    """Give each person's least identity."""
    firsts: dict[int, int] = {}
    for portion in portions(sorted(people)):
        firsts |= {row.person: row.first for row in tx.rows(_FIRSTS, {"people": portion})}
    return firsts


_FACTS = select(IDENTITY.c.number, IDENTITY.c.bound_to, IDENTITY.c.person, IDENTITY.c.subject).where(
    among(IDENTITY.c.number, "numbers")
)
_FIRSTS = (
    select(IDENTITY.c.person, func.min(IDENTITY.c.number).label("first"))
    .where(among(IDENTITY.c.person, "people"))
    .group_by(IDENTITY.c.person)
)
_MOVE = update(IDENTITY).where(IDENTITY.c.number == bindparam("one")).values(subject=bindparam("root"))
_RAISED = update(SUBJECT).values(revision=SUBJECT.c.revision + 1)
_RAISE = _RAISED.where(among(SUBJECT.c.number, "numbers"))
_RAISE_OF = _RAISED.where(SUBJECT.c.number.in_(select(IDENTITY.c.subject).where(among(IDENTITY.c.number, "numbers"))))


def _root(facts: dict[int, Any], firsts: dict[int, int], identity: int) -> int:
    row = facts[facts[identity].bound_to or identity]
    return int(firsts[row.person] if row.person is not None else row.number)
