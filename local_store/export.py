"""The book as an auditor gets it: line by line, in one order in every database, and without personal data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from local_store import rulebook
from local_store.tables.ledger import ACCOUNT, BALANCE, CHAIN_HEAD, STANDING, TRANSFER, VOUCHER
from local_store.transaction import Tx

FORMAT = 1
_STREAMED = 1000
_HASH_DIGITS = 64


def head(tx: Tx) -> dict[str, Any]:
    """Give the book's head: the number of the last voucher, the hash that closes it, and the instant of asking."""
    row = tx.connection.execute(select(CHAIN_HEAD.c.number, CHAIN_HEAD.c.hash)).one()
    return {"format": FORMAT, "number": row.number, "hash": row.hash, "exported_at": tx.now}


def hash_at(tx: Tx, number: int) -> str | None:
    """Give the hash of one voucher, the beginning's for 0, None where the book does not reach so far."""
    if number == 0:
        return "0" * _HASH_DIGITS
    return tx.connection.execute(select(VOUCHER.c.hash).where(VOUCHER.c.number == number)).scalar()


def lines(tx: Tx) -> Iterator[dict[str, Any]]:
    """Give the whole book: head, rule sets, accounts with their balances, vouchers with transfers, standings."""
    yield {"kind": "head", **head(tx)}
    for one in rulebook.texts(tx):
        last = None if one.last_on is None else one.last_on.isoformat()
        yield {
            "kind": "rules", "version": one.version, "document": one.document, "first_on": one.first_on.isoformat(),
            "last_on": last, "text": one.text,
        }  # fmt: skip
    for row in tx.rows(_ACCOUNTS):
        yield {"kind": "account", "number": row.number, "code": row.code, "seconds": row.seconds}
    yield from _vouchers(tx)
    for row in tx.rows(_STANDINGS):
        yield {
            "kind": "standing", "service_id": row.service_id, "revision": row.revision, "person": row.person,
            "service_date": row.service_date, "seconds": row.seconds, "voucher": row.voucher,
        }  # fmt: skip


def _vouchers(tx: Tx) -> Iterator[dict[str, Any]]:
    """Give voucher by voucher; their transfers are read beside them, both in the order of their numbers."""
    streamed = {"yield_per": _STREAMED}
    transfers = iter(tx.connection.execute(_TRANSFERS, execution_options=streamed))
    waiting = next(transfers, None)
    for row in tx.rows(_VOUCHERS):
        legs: list[list[int]] = []
        while waiting is not None and waiting.voucher <= row.number:
            legs.append([waiting.line, waiting.debit, waiting.credit, waiting.seconds])
            waiting = next(transfers, None)
        yield {
            "kind": "voucher", "number": row.number, "recorded_at": row.recorded_at, "run": row.run, "body": row.body,
            "hash": row.hash, "transfers": legs,
        }  # fmt: skip


_ACCOUNTS = (
    select(ACCOUNT.c.number, ACCOUNT.c.code, BALANCE.c.seconds)
    .join_from(ACCOUNT, BALANCE, BALANCE.c.account == ACCOUNT.c.number, isouter=True)
    .order_by(ACCOUNT.c.number)
)
_VOUCHERS = select(VOUCHER.c.number, VOUCHER.c.recorded_at, VOUCHER.c.run, VOUCHER.c.body, VOUCHER.c.hash).order_by(
    VOUCHER.c.number
)
_TRANSFERS = select(TRANSFER).order_by(TRANSFER.c.voucher, TRANSFER.c.line)
_STANDINGS = select(STANDING).order_by(STANDING.c.service_id)
