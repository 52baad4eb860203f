"""Whose an identity is, and whom a person's number stands for today."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from domain.people import Person
from local_store.people import by_number
from local_store.tables.people import IDENTITY, PERSON
from local_store.transaction import Tx, portions


def survivor(tx: Tx, person: int) -> int:
    """Give the person whom a number stands for today: whoever it was merged into, else itself."""
    into = tx.connection.execute(select(PERSON.c.merged_into).where(PERSON.c.number == person)).scalar()
    return person if into is None else int(into)


def by_identity(tx: Tx, identities: Iterable[int]) -> dict[int, Person]:
    """Give, by identity, the persons of the roster that these identities are."""
    held = select(IDENTITY.c.number, IDENTITY.c.person).where(IDENTITY.c.person.is_not(None))
    rows = [
        row
        for portion in portions(sorted(set(identities)))
        for row in tx.rows(held.where(IDENTITY.c.number.in_(portion)))
    ]
    known = by_number(tx, {row.person for row in rows})
    return {row.number: known[row.person] for row in rows}
