"""The store: open it, and read or write in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.exc import DatabaseError

from domain.clock import Clock
from domain.errors import StoreError
from local_store.dialects import engine_for, for_writing, insert_rows, sqlite_file
from local_store.migrate import migrate
from local_store.tables.ledger import CHAIN_HEAD
from local_store.tables.runs import STORE_FACT
from local_store.transaction import Tx
from local_store.vault import Vault, open_vault

FIRST_HASH = "0" * 64
_KEY_CHECK = "key_check"


class Store:
    """An open store. One writing transaction at a time; readers see the state of their beginning."""

    def __init__(self, engine: Engine, vault: Vault, clock: Clock) -> None:
        """Keep what every transaction needs."""
        self._engine = engine
        self._vault = vault
        self.clock = clock

    @contextmanager
    def writing(self) -> Iterator[Tx]:
        """Open a transaction that holds the right to write; it commits on leaving and rolls back on any error."""
        with for_writing(self._engine).begin() as connection:
            yield Tx(connection, self._vault, self.clock)

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """Open a transaction that sees one state throughout and keeps nothing."""
        with self._engine.connect() as connection:
            yield Tx(connection, self._vault, self.clock)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()


def open_store(url: str, key_file: Path, clock: Clock, *, create: bool = True) -> Store:
    """Open the store; create an empty one, or migrate an older one.

    Raises:
        UsageError: the url or the key file is at fault (``local_store.vault``).
        StoreError: ``store_missing`` (with ``create`` False), ``store_not_ours``, ``store_newer``,
            ``store_guards_missing``, ``store_other_key``, ``store_unreachable``.
    """
    engine = engine_for(url)
    file = sqlite_file(engine)
    if file is not None and not create and not Path(file).exists():
        raise StoreError("store_missing")
    vault = open_vault(key_file)
    store = Store(engine, vault, clock)
    try:
        with store.writing() as tx:
            migrate(tx.connection)
            _check_key(tx)
    except DatabaseError as error:
        store.close()
        is_foreign = "not a database" in str(error.orig)
        raise StoreError("store_not_ours" if is_foreign else "store_unreachable") from None
    except StoreError:
        store.close()
        raise
    return store


def _check_key(tx: Tx) -> None:
    """Remember by a token which key opens the store, and refuse another; give a new book its first head."""
    token = tx.vault.token("check", _KEY_CHECK)
    known = tx.connection.execute(select(STORE_FACT.c.value).where(STORE_FACT.c.name == _KEY_CHECK)).scalar()
    if known is None:
        insert_rows(tx.connection, STORE_FACT, [{"name": _KEY_CHECK, "value": token}])
        insert_rows(tx.connection, CHAIN_HEAD, [{"book": 1, "number": 0, "hash": FIRST_HASH}])
    elif known != token:
        raise StoreError("store_other_key")
