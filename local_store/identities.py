"""Identities: persons as keyed hashes, found by document, or by a platform's number where no document was given.

A number without a document has an identity of its own, which stands for the document's as long as exactly one document
was ever seen with that number. So the order in which facts came does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select, update

from domain.records import PersonAsSaid
from local_store.dialects import among, insert_rows
from local_store.roots import regroup
from local_store.tables.people import IDENTITY, IDENTITY_NAME, IDENTITY_SIGHTING, SUBJECT
from local_store.transaction import Tx, portions
from local_store.vault import Vault


@dataclass(frozen=True, slots=True)
class _Said:
    """One person as tokens; ``clear`` is what the identity's token stands for."""

    token: str
    is_document: bool
    clear: str
    number_token: str
    name_token: str
    name: str

    def __repr__(self) -> str:
        return "_Said(***)"


def register(
    tx: Tx, platform: str, people: Sequence[PersonAsSaid], folded_names: Sequence[str]
) -> list[tuple[int, str]]:
    """Give each person's identity number and name token, making identities that are new.

    A claim may keep the identity given here for good: ``subjects.load`` follows a number to its document.
    """
    said = [_said(tx.vault, platform, person, folded) for person, folded in zip(people, folded_names, strict=True)]
    numbers = _numbers(tx, said)
    _keep_names(tx, {(numbers[one.token], one.name_token): one.name for one in said})
    _keep_sightings(
        tx, {(one.number_token, numbers[one.token]) for one in said if one.is_document and one.number_token}
    )
    return [(numbers[one.token], one.name_token) for one in said]


def see_together(tx: Tx, identity: int, platform: str, volunteer_number: str) -> None:
    """Remember that a document goes with a platform's number, as the roster says."""
    _keep_sightings(tx, {(tx.vault.token("volunteer", platform, volunteer_number), identity)})


def clear_names(tx: Tx, identities: Iterable[int]) -> dict[int, str]:
    """Give one name per identity in clear, for the caller to mask."""
    names: dict[int, str] = {}
    for portion in portions(sorted(set(identities))):
        statement = select(IDENTITY_NAME).where(IDENTITY_NAME.c.identity.in_(portion))
        for row in tx.rows(statement.order_by(IDENTITY_NAME.c.identity, IDENTITY_NAME.c.name_token)):
            if row.identity not in names:
                names[row.identity] = tx.vault.open(_name_place(row.identity, row.name_token), row.sealed).decode()
    return names


def tokens_of(vault: Vault, platform: str, person: PersonAsSaid, folded: str) -> tuple[str, str]:
    """Give the tokens of an identity and of its folded name, as ``register`` makes them."""
    said = _said(vault, platform, person, folded)
    return said.token, said.name_token


def _said(vault: Vault, platform: str, person: PersonAsSaid, folded: str) -> _Said:
    name_token = vault.token("name", folded)
    number_token = vault.token("volunteer", platform, person.volunteer_number) if person.volunteer_number else ""
    if person.id_number:
        token = vault.token("identity", person.id_type, person.id_number)
        return _Said(token, True, person.id_number, number_token, name_token, person.name)  # noqa: FBT003 - is_document
    token = number_token or vault.token("volunteer", platform, "", folded)
    return _Said(token, False, person.volunteer_number, number_token, name_token, person.name)  # noqa: FBT003


def _numbers(tx: Tx, said: Sequence[_Said]) -> dict[str, int]:
    """Give the identity number of every token, making the new ones in the order of the page."""
    by_token = {one.token: one for one in said}
    numbers: dict[str, int] = {}
    for portion in portions(by_token):
        numbers |= {row.token: row.number for row in tx.rows(_NUMBERS, {"tokens": portion})}
    new = [one for token, one in by_token.items() if token not in numbers]
    if new:
        first = tx.take_numbers("identity", len(new))
        made = {one.token: number for number, one in enumerate(new, first)}
        insert_rows(tx.connection, SUBJECT, [_subject_row(number) for number in made.values()])
        insert_rows(tx.connection, IDENTITY, [_identity_row(tx.vault, made[one.token], one) for one in new])
        _bind(tx, [one.token for one in new if not one.is_document])
        numbers |= made
    return numbers


def _subject_row(number: int) -> dict[str, object]:
    return {"number": number, "revision": 1, "planned_revision": 0, "planned_rules": ""}


def _identity_row(vault: Vault, number: int, one: _Said) -> dict[str, object]:
    sealed = vault.seal(f"identity/{number}/clear", one.clear.encode())
    kind = "id" if one.is_document else "number"
    return {"number": number, "kind": kind, "token": one.token, "subject": number, "sealed": sealed}


def _keep_names(tx: Tx, names: dict[tuple[int, str], str]) -> None:
    """Keep every name under which an identity was seen."""
    known: set[tuple[int, str]] = set()
    for portion in portions({identity for identity, _ in names}):
        known |= {(row.identity, row.name_token) for row in tx.rows(_NAMES, {"identities": portion})}
    rows = [
        {"identity": one, "name_token": token, "sealed": tx.vault.seal(_name_place(one, token), name.encode())}
        for (one, token), name in names.items()
        if (one, token) not in known
    ]
    insert_rows(tx.connection, IDENTITY_NAME, rows)


def _name_place(identity: int, name_token: str) -> str:
    return f"identity_name/{identity}.{name_token}/name"


def _keep_sightings(tx: Tx, pairs: set[tuple[str, int]]) -> None:
    """Remember which documents were seen with which numbers, and bind the numbers anew where that is news."""
    known: set[tuple[str, int]] = set()
    for portion in portions({token for token, _ in pairs}):
        known |= {(row.number_token, row.identity) for row in tx.rows(_SIGHTINGS, {"tokens": portion})}
    new = sorted(pairs - known)
    insert_rows(tx.connection, IDENTITY_SIGHTING, [{"number_token": token, "identity": one} for token, one in new])
    _bind(tx, [token for token, _ in new])


def _bind(tx: Tx, number_tokens: Sequence[str]) -> None:
    """Let each number stand for the one document seen with it, or for itself where there are none or several."""
    moved: dict[int, int | None] = {}
    for portion in portions(sorted(set(number_tokens))):
        seen = tx.rows(_DOCUMENTS, {"tokens": portion})
        documents = {row.number_token: row.document if row.documents == 1 else None for row in seen}
        found = tx.rows(_NUMBERS, {"tokens": portion})
        moved |= {row.number: documents.get(row.token) for row in found if row.bound_to != documents.get(row.token)}
    if moved:
        tx.connection.execute(_BIND, [{"one": one, "document": document} for one, document in moved.items()])
        regroup(tx, moved)


_NUMBERS = select(IDENTITY.c.number, IDENTITY.c.token, IDENTITY.c.bound_to).where(among(IDENTITY.c.token, "tokens"))
_NAMES = select(IDENTITY_NAME.c.identity, IDENTITY_NAME.c.name_token).where(
    among(IDENTITY_NAME.c.identity, "identities")
)
_SIGHTINGS = select(IDENTITY_SIGHTING.c.number_token, IDENTITY_SIGHTING.c.identity).where(
    among(IDENTITY_SIGHTING.c.number_token, "tokens")
)
_DOCUMENTS = (
    select(
        IDENTITY_SIGHTING.c.number_token,
        func.min(IDENTITY_SIGHTING.c.identity).label("document"),
        func.count().label("documents"),
    )
    .where(among(IDENTITY_SIGHTING.c.number_token, "tokens"))
    .group_by(IDENTITY_SIGHTING.c.number_token)
)
_BIND = update(IDENTITY).where(IDENTITY.c.number == bindparam("one")).values(bound_to=bindparam("document"))
