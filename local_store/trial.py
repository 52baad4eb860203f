"""Try something out within a transaction: what it would come to, before it is kept or taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from local_store.transaction import Tx


@dataclass(slots=True)
class Trial:
    """What is tried is taken back at the end, unless it is kept."""

    is_kept: bool = False

    def keep(self) -> None:
        """Let what was tried stand."""
        self.is_kept = True


@contextmanager
def trial(tx: Tx) -> Iterator[Trial]:
    """Open a part of a transaction that is taken back on leaving unless it was kept."""
    tried = Trial()
    with tx.connection.begin_nested() as point:
        yield tried
        if not tried.is_kept:
            point.rollback()
