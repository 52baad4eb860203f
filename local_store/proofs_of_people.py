"""What can be proved of who is who: that records and roster rows stand under the person whom they name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from domain.errors import StoreError
from domain.idnumber import RESIDENT, birth_date
from domain.people import RosterRow
from domain.records import HOURS_STREAM, PersonAsSaid, RecordKey
from local_store.identities import tokens_of
from local_store.people import ROSTER, content_token
from local_store.revisions import record_place
from local_store.spelling import read_record
from local_store.tables.people import IDENTITY, PERSON, PERSON_MERGE
from local_store.tables.records import CLAIM, RECORD
from local_store.transaction import Tx


def who_faults(tx: Tx, fold: Callable[[str], str]) -> Iterator[str]:
    """Find records that stand under another person, or another name, than they say; ``fold`` folds a name."""
    for row in tx.connection.execute(_WHO):
        try:
            said = read_record(tx.vault.open(_record_place(row), row.sealed))
        except StoreError:
            continue  # told among the seals
        if (row.token, row.name_token) != tokens_of(tx.vault, row.platform, said.person, fold(said.person.name)):
            yield f"record {row.number}: person"


def roster_faults(tx: Tx, fold: Callable[[str], str]) -> Iterator[str]:
    """Find persons whose row says something else than was taken in, or who bear another identity than theirs."""
    holders: dict[str, int | None] = {
        row.token: row.person for row in tx.rows(select(IDENTITY.c.token, IDENTITY.c.person))
    }
    merged: dict[int, int] = {row.old: row.new for row in tx.rows(select(PERSON_MERGE.c.old, PERSON_MERGE.c.new))}
    for row in tx.rows(select(PERSON).order_by(PERSON.c.number)):
        if row.merged_into != _stands_for(row.number, merged):
            yield f"person {row.number}: merged_into"
        try:
            line = _taken_in(tx, row)
        except StoreError:
            continue  # told among the seals
        token, name_token = tokens_of(tx.vault, ROSTER, line.person, fold(line.person.name))
        born_on = birth_date(line.person.id_number) if line.person.id_type == RESIDENT else None
        derived = (row.name_token, row.born_on, row.has_licence, row.content_token)
        must = (name_token, born_on and born_on.isoformat(), bool(line.licence), content_token(tx, line))
        if derived != must or (row.merged_into is None and holders.get(token) != row.number):
            yield f"person {row.number}"


def _stands_for(number: int, merged: Mapping[int, int]) -> int | None:
    """Give the person who stands for a merged one at last, None for one who was never merged."""
    met: set[int] = set()
    last = number
    while last in merged and last not in met:
        met.add(last)
        last = merged[last]
    return last if met else None


def _taken_in(tx: Tx, row: Any) -> RosterRow:  # noqa: ANN401 - a row of the person table
    """Give the roster's row as it was taken in, from what is sealed and what stands beside it."""
    said = json.loads(tx.vault.open(f"person/{row.number}/said", row.sealed))
    name, id_type, id_number, phone, licence, numbers = said
    return RosterRow(
        line=0, local_number=row.local_number, person=PersonAsSaid(name, id_type, id_number), phone=phone,
        station=row.station, registered_on=date.fromisoformat(row.registered_on) if row.registered_on else None,
        licence=licence, platform_numbers=numbers, consents=frozenset(row.consents.split()),
    )  # fmt: skip


def _record_place(row: Any) -> str:  # noqa: ANN401 - a row
    return record_place(RecordKey(row.platform, row.external_id, row.stream), row.revision)


_WHO = (
    select(
        RECORD.c.number, RECORD.c.platform, RECORD.c.external_id, RECORD.c.stream, RECORD.c.revision, RECORD.c.sealed,
        IDENTITY.c.token, CLAIM.c.name_token,
    )
    .join_from(RECORD, CLAIM, CLAIM.c.record == RECORD.c.number)
    .join(IDENTITY, IDENTITY.c.number == CLAIM.c.identity)
    .where(RECORD.c.stream == HOURS_STREAM)
    .order_by(RECORD.c.number)
)  # fmt: skip
