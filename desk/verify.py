"""The promises, held against the store as it is."""

from __future__ import annotations

from local_store import verify as store_verify
from local_store.transaction import Tx
from local_store.verify import Check


def verify(tx: Tx) -> list[Check]:
    """Check the book's sums and chain, the counts of P1, standings against vouchers, guards and CHECKs."""
    return store_verify.verify(tx)
