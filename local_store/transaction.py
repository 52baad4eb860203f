"""The handle that every function of the store takes: one open transaction with what belongs to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.sql.base import Executable

from domain.clock import SHANGHAI, Clock, seconds_of
from local_store.dialects import insert_rows
from local_store.tables.runs import NUMBER_LINE
from local_store.vault import Vault

__all__ = ["Tx", "instant_of", "portions", "seconds_of"]

_Item = TypeVar("_Item")
_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Tx:
    """One transaction: the connection, the vault and the clock."""

    connection: Connection
    vault: Vault
    clock: Clock

    @property
    def now(self) -> int:
        """Give the bank's instant in whole seconds since 1970."""
        return seconds_of(self.clock.now())

    def rows(self, statement: Executable, values: dict[str, Any] | None = None) -> Sequence[Row[Any]]:
        """Run a statement and give all its rows."""
        return self.connection.execute(statement, values).all()

    def count(self, statement: Executable, values: dict[str, Any] | None = None) -> int:
        """Run a statement that changes rows and give how many."""
        return self.connection.execute(statement, values).rowcount

    def take_numbers(self, name: str, how_many: int) -> int:
        """Take the next numbers of a line (``record``, ``identity`` …) and give the first of them."""
        moved = self.connection.execute(_MOVE_LINE, {"line": name, "how_many": how_many})
        if not moved.rowcount:
            insert_rows(self.connection, NUMBER_LINE, [{"name": name, "last": how_many}])
        last = self.connection.execute(_LAST_OF_LINE, {"line": name}).scalar_one()
        return int(last) - how_many + 1


# A statement that every page asks is made once: to make it costs ten times what it costs to run it.
_MOVE_LINE = (
    update(NUMBER_LINE)
    .where(NUMBER_LINE.c.name == bindparam("line"))
    .values(last=NUMBER_LINE.c.last + bindparam("how_many"))
)
_LAST_OF_LINE = select(NUMBER_LINE.c.last).where(NUMBER_LINE.c.name == bindparam("line"))


def portions(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Cut a list into portions that one statement can name."""
    rest = iter(items)
    while portion := list(islice(rest, _AT_ONCE)):
        yield portion


def instant_of(seconds: int) -> datetime:
    """Give the aware instant in Asia/Shanghai of whole seconds since 1970."""
    return datetime.fromtimestamp(seconds, SHANGHAI)
