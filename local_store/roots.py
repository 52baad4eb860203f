"""Which subject an identity belongs to: the identity at the root of all that are the same person."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, func, select, update

from local_store.tables.people import IDENTITY, SUBJECT
from local_store.transaction import Tx, portions


def regroup(tx: Tx, identities: Collection[int]) -> None:
    """Find the roots of these identities anew, and mark the subjects they leave and join as changed."""
    for portion in portions(sorted(identities)):
        facts = {row.number: row for row in tx.rows(_facts(IDENTITY.c.number.in_(portion)))}
        through = {row.bound_to for row in facts.values() if row.bound_to is not None} - facts.keys()
        facts |= {row.number: row for row in tx.rows(_facts(IDENTITY.c.number.in_(sorted(through))))}
        firsts = first_identities(tx, {row.person for row in facts.values() if row.person is not None})
        moves = [(facts[one].subject, _root(facts, firsts, one), one) for one in portion]
        moved = [{"one": one, "root": root} for old, root, one in moves if old != root]
        if moved:
            statement = update(IDENTITY).where(IDENTITY.c.number == bindparam("one")).values(subject=bindparam("root"))
            tx.connection.execute(statement, moved)
        mark_subjects(tx, {old for old, _, _ in moves} | {root for _, root, _ in moves})


def mark_changed(tx: Tx, identities: Collection[int]) -> None:
    """Say that something about these identities has changed: their subjects are planned anew."""
    for portion in portions(sorted(identities)):
        subjects = select(IDENTITY.c.subject).where(IDENTITY.c.number.in_(portion))
        tx.connection.execute(_raise().where(SUBJECT.c.number.in_(subjects)))


def mark_subjects(tx: Tx, numbers: Collection[int]) -> None:
    """Say that these subjects have changed."""
    for portion in portions(sorted(numbers)):
        tx.connection.execute(_raise().where(SUBJECT.c.number.in_(portion)))


def _raise() -> Any:  # noqa: ANN401 - SQLAlchemy's Update
    return update(SUBJECT).values(revision=SUBJECT.c.revision + 1)


def _facts(condition: Any) -> Any:  # noqa: ANN401 - an SQL expression
    return select(IDENTITY.c.number, IDENTITY.c.bound_to, IDENTITY.c.person, IDENTITY.c.subject).where(condition)


def first_identities(tx: Tx, people: set[int]) -> dict[int, int]:
    """Give each person's least identity."""
    firsts: dict[int, int] = {}
    for portion in portions(sorted(people)):
        statement = select(IDENTITY.c.person, func.min(IDENTITY.c.number).label("first")).where(
            IDENTITY.c.person.in_(portion)
        )
        firsts |= {row.person: row.first for row in tx.rows(statement.group_by(IDENTITY.c.person))}
    return firsts


def _root(facts: dict[int, Any], firsts: dict[int, int], identity: int) -> int:
    row = facts[facts[identity].bound_to or identity]
    return int(firsts[row.person] if row.person is not None else row.number)
