"""Under which rule set every claim was read, so that a night without new rules need not look at all of them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from domain.claims import Claim
from local_store.dialects import upsert_rows
from local_store.tables.runs import STORE_FACT
from local_store.transaction import Tx

_FACT = "claims_read_under"
_NOT_KNOWN = ""
_TOLD = select(STORE_FACT.c.value).where(STORE_FACT.c.name == _FACT)


def are_all_read_under(tx: Tx, rules_version: str) -> bool:
    """Say whether no claim can have been read under another rule set."""
    return bool(tx.connection.execute(_TOLD).scalar() == rules_version)


def all_read_under(tx: Tx, rules_version: str) -> None:
    """Write down that every claim was read under this rule set."""
    upsert_rows(tx.connection, STORE_FACT, [{"name": _FACT, "value": rules_version}])


def notice(tx: Tx, claims: Iterable[Claim]) -> None:
    """Take back what ``all_read_under`` said where these claims were read under another rule set."""
    told = tx.connection.execute(_TOLD).scalar()
    if told is not None and any(claim.rules_version != told for claim in claims):
        all_read_under(tx, _NOT_KNOWN)
