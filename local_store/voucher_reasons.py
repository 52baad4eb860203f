"""Why a person booked something, in their own words: kept beside the book and sealed, since they may name somebody."""

from __future__ import annotations

from sqlalchemy import select

from local_store.dialects import insert_rows
from local_store.tables.ledger import VOUCHER_REASON
from local_store.transaction import Tx


def keep(tx: Tx, voucher: int, reason: str) -> None:
    """Keep the reason that was given for a voucher."""
    sealed = tx.vault.seal(_place(voucher), reason.encode())
    insert_rows(tx.connection, VOUCHER_REASON, [{"voucher": voucher, "sealed": sealed}])


def reason_of(tx: Tx, voucher: int) -> str:
    """Give the reason in clear, "" where none was given."""
    statement = select(VOUCHER_REASON.c.sealed).where(VOUCHER_REASON.c.voucher == voucher)
    sealed = tx.connection.execute(statement).scalar()
    return "" if sealed is None else tx.vault.open(_place(voucher), sealed).decode()


def _place(voucher: int) -> str:
    return f"voucher_reason/{voucher}"
