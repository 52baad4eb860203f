"""The roster (名册): the bank's own volunteers, their names in clear only on their way to the caller."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, bindparam, select, update

from domain.errors import OperatorError
from domain.idnumber import RESIDENT, birth_date
from domain.people import Person, RosterRow
from domain.refusals import RefusedRow
from local_store.dialects import insert_rows, upsert_rows
from local_store.identities import register, see_together
from local_store.roots import mark_changed, regroup
from local_store.tables.ledger import VOUCHER
from local_store.tables.people import IDENTITY, PERSON, PERSON_MERGE
from local_store.transaction import Tx, portions

ROSTER = "roster"
_NUMBER_COLUMN = "本地编号"
_ID_COLUMN = "证件号码"


@dataclass(frozen=True, slots=True)
class RosterOutcome:
    """What saving a roster did, in rows."""

    added: int
    changed: int
    unchanged: int
    refused: tuple[RefusedRow, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A roster row that may go in: with its identity, and the person whose row it replaces, if any."""

    row: RosterRow
    identity: int
    name_token: str
    content_token: str
    person: int | None


def save_roster(tx: Tx, rows: Sequence[RosterRow], fold: Callable[[str], str]) -> RosterOutcome:
    """Take in a roster; the same list twice changes nothing, and a refused row keeps no other from going in."""
    named = [row for row in rows if row.person.id_number]
    refused = [RefusedRow(row.line, _ID_COLUMN, "id_number_missing") for row in rows if not row.person.id_number]
    registered = register(tx, ROSTER, [row.person for row in named], [fold(row.person.name) for row in named])
    by_number, holders, booked = _present(tx, named, [identity for identity, _ in registered])
    added: list[_Line] = []
    changed: list[_Line] = []
    unchanged = 0
    taken: dict[str, int] = {}
    for row, (identity, name_token) in zip(named, registered, strict=True):
        there = by_number.get(row.local_number)
        code = _refusal(row, identity, there, holders, booked, taken)
        if code:
            refused.append(RefusedRow(row.line, _NUMBER_COLUMN, code))
            continue
        taken[row.local_number] = identity
        line = _Line(row, identity, name_token, content_token(tx, row), there.number if there else None)
        if there is None:
            added.append(line)
        elif there.content_token != line.content_token:
            changed.append(line)
        else:
            unchanged += 1
    _write(tx, added, changed)
    return RosterOutcome(len(added), len(changed), unchanged, tuple(sorted(refused, key=lambda one: one.line)))


def find(tx: Tx, local_number: str) -> Person | None:
    """Give the person of a 本地编号; a merged number leads to the one it was merged into."""
    rows = tx.rows(_people().where(PERSON.c.local_number == local_number))
    while rows and rows[0].merged_into is not None:
        rows = tx.rows(_people().where(PERSON.c.number == rows[0].merged_into))
    return person_of(rows[0]) if rows else None


def find_all(tx: Tx, local_numbers: Iterable[str]) -> dict[str, Person]:
    """Give the person of each 本地编号 that is known; a merged number leads to the one it was merged into."""
    rows = [
        row
        for portion in portions(sorted(set(local_numbers)))
        for row in tx.rows(_people().where(PERSON.c.local_number.in_(portion)))
    ]
    found = {row.local_number: person_of(row) for row in rows if row.merged_into is None}
    merged = {row.local_number: find(tx, row.local_number) for row in rows if row.merged_into is not None}
    return found | {local_number: person for local_number, person in merged.items() if person is not None}


def by_number(tx: Tx, numbers: Iterable[int]) -> dict[int, Person]:
    """Give the persons of these internal numbers."""
    return {
        row.number: person_of(row)
        for portion in portions(sorted(set(numbers)))
        for row in tx.rows(_people().where(PERSON.c.number.in_(portion)))
    }


def all_people(tx: Tx) -> list[Person]:
    """Give everyone on the roster, by 本地编号; merged numbers are left out."""
    return [
        person_of(row)
        for row in tx.rows(_people().where(PERSON.c.merged_into.is_(None)).order_by(PERSON.c.local_number))
    ]


def identities_of(tx: Tx, person: int) -> list[int]:
    """Give the identities that are this person on the roster."""
    statement = select(IDENTITY.c.number).where(IDENTITY.c.person == person).order_by(IDENTITY.c.number)
    return [row.number for row in tx.rows(statement)]


def names(tx: Tx, numbers: Iterable[int]) -> dict[int, str]:
    """Give names in clear; the caller masks them."""
    return {number: said[0] for number, said in _clear(tx, numbers).items()}


def merge(tx: Tx, old: int, new: int, reason: str, by: str) -> None:
    """Let one person's number stand for another's; their subjects become one. The book is moved by a voucher, not here.

    Raises:
        OperatorError: ``merge_impossible``: one of them is unknown, merged already, or they are the same.
    """
    there = {row.number: row for row in tx.rows(_people().where(PERSON.c.number.in_([old, new])))}
    if old == new or len(there) < len((old, new)) or any(row.merged_into is not None for row in there.values()):
        raise OperatorError("merge_impossible", old=old, new=new)
    moved = identities_of(tx, old)
    same = (PERSON.c.number == old) | (PERSON.c.merged_into == old)
    tx.connection.execute(update(PERSON).where(same).values(merged_into=new))
    tx.connection.execute(update(IDENTITY).where(IDENTITY.c.number.in_(moved)).values(person=new))
    sealed = tx.vault.seal(f"person_merge/{old}/reason", reason.encode())
    row = {"old": old, "new": new, "merged_by": by, "merged_at": tx.now, "sealed": sealed}
    insert_rows(tx.connection, PERSON_MERGE, [row])
    regroup(tx, {*moved, *identities_of(tx, new)})


def person_of(row: Any) -> Person:  # noqa: ANN401 - a row of the person table
    """Turn a row of the person table into the planner's person."""
    return Person(
        number=row.number,
        local_number=row.local_number,
        name_token=row.name_token,
        station=row.station,
        born_on=_day(row.born_on),
        has_licence=row.has_licence,
        consents=frozenset(row.consents.split()),
        opening_through=_day(row.opening_through_on),
    )


def _present(
    tx: Tx, rows: Sequence[RosterRow], identities: Sequence[int]
) -> tuple[dict[str, Any], dict[int, int], set[int]]:
    """Give the persons by 本地编号, who holds which identity, and which persons have bookings."""
    there: dict[str, Any] = {}
    for numbers in portions(row.local_number for row in rows):
        there |= {row.local_number: row for row in tx.rows(_people().where(PERSON.c.local_number.in_(numbers)))}
    held = select(IDENTITY.c.number, IDENTITY.c.person).where(IDENTITY.c.person.is_not(None))
    holders = {
        row.number: row.person
        for portion in portions(identities)
        for row in tx.rows(held.where(IDENTITY.c.number.in_(portion)))
    }
    booked = {
        row.person
        for portion in portions(row.number for row in there.values())
        for row in tx.rows(select(VOUCHER.c.person).where(VOUCHER.c.person.in_(portion)).distinct())
    }
    return there, holders, booked


def _refusal(  # noqa: PLR0913, PLR0917 - each is one fact that may refuse
    row: RosterRow,
    identity: int,
    there: Any,  # noqa: ANN401 - a row, or None
    holders: dict[int, int],
    booked: set[int],
    taken: dict[str, int],
) -> str:
    """Give the code why a row cannot go in, or "" where it can."""
    holder = holders.get(identity)
    if row.local_number in taken:
        return "number_twice_in_file"
    if identity in taken.values():
        return "identity_twice_in_file"
    if there is not None and there.merged_into is not None:
        return "number_was_merged"
    if holder is not None and (there is None or there.number != holder):
        return "identity_has_another_number"
    if there is not None and holder != there.number and there.number in booked:
        return "number_has_bookings_of_another"
    return ""


def _write(tx: Tx, added: list[_Line], changed: list[_Line]) -> None:
    freed = _freed(tx, {line.person or 0: line.identity for line in changed})
    first = tx.take_numbers("person", len(added)) if added else 0
    numbered = [*enumerate(added, first), *((line.person or 0, line) for line in changed)]
    insert_rows(tx.connection, PERSON, [_person_row(tx, number, line) for number, line in numbered[: len(added)]])
    upsert_rows(tx.connection, PERSON, [_person_row(tx, number, line) for number, line in numbered[len(added) :]])
    for portion in portions(freed):
        tx.connection.execute(update(IDENTITY).where(IDENTITY.c.number.in_(portion)).values(person=None))
        regroup(tx, portion)
    held = [{"one": line.identity, "whose": number} for number, line in numbered]
    if held:
        statement = update(IDENTITY).where(IDENTITY.c.number == bindparam("one")).values(person=bindparam("whose"))
        tx.connection.execute(statement, held)
    for _, line in numbered:
        for platform, volunteer_number in line.row.platform_numbers.items():
            see_together(tx, line.identity, platform, volunteer_number)
    regroup(tx, {line.identity for _, line in numbered})
    mark_changed(tx, {line.identity for _, line in numbered})


def _freed(tx: Tx, named: dict[int, int]) -> list[int]:
    """Give the identities that persons no longer are: those their rows said before, where the one ``named`` is new.

    What a merging brought a person stays theirs, whatever the row says.
    """
    freed: list[int] = []
    for portion in portions(named):
        left = tx.rows(select(IDENTITY).where(IDENTITY.c.person.in_(portion)))
        theirs = {(row.person, row.number) for row in left}
        said = {one: tx.vault.token("identity", *clear[1:3]) for one, clear in _clear(tx, portion).items()}
        replaced = [row for row in left if (row.person, named[row.person]) not in theirs]
        freed += [row.number for row in replaced if row.token == said[row.person]]
    return freed


def _person_row(tx: Tx, number: int, line: _Line) -> dict[str, Any]:
    row = line.row
    said = [row.person.name, row.person.id_type, row.person.id_number, row.phone, row.licence, row.platform_numbers]
    born_on = birth_date(row.person.id_number) if row.person.id_type == RESIDENT else None
    return {
        "number": number, "local_number": row.local_number, "name_token": line.name_token, "station": row.station,
        "registered_on": row.registered_on.isoformat() if row.registered_on else None,
        "born_on": born_on.isoformat() if born_on else None, "has_licence": bool(row.licence),
        "consents": " ".join(sorted(row.consents)), "content_token": line.content_token,
        "sealed": tx.vault.seal(f"person/{number}/said", json.dumps(said, ensure_ascii=False).encode()),
    }  # fmt: skip


def content_token(tx: Tx, row: RosterRow) -> str:
    """Give what changes exactly when the roster says something else of a person."""
    person = row.person
    said = [
        row.local_number, person.name, person.id_type, person.id_number, row.phone, row.station,
        row.registered_on.isoformat() if row.registered_on else "", row.licence, sorted(row.platform_numbers.items()),
        sorted(row.consents),
    ]  # fmt: skip
    return tx.vault.token_of_bytes("fingerprint", json.dumps(said, ensure_ascii=False).encode())


def _people() -> Select[Any]:
    return select(PERSON)


def _clear(tx: Tx, numbers: Iterable[int]) -> dict[int, list[Any]]:
    rows = [
        row
        for portion in portions(sorted(set(numbers)))
        for row in tx.rows(select(PERSON.c.number, PERSON.c.sealed).where(PERSON.c.number.in_(portion)))
    ]
    return {row.number: json.loads(tx.vault.open(f"person/{row.number}/said", row.sealed)) for row in rows}


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
