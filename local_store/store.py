"""The store: open it, and read or write in one transaction."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from domain.clock import Clock
from domain.errors import ShiqiaoError, StoreError, UsageError
from local_store.dialects import engine_for, for_reading, for_writing, insert_rows, sqlite_file
from local_store.faults import COMMIT_UNKNOWN, RIGHTS_MISSING, UNREACHABLE, told
from local_store.guards import check_guards
from local_store.migrate import is_empty, is_newest, migrate
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
        """Open a transaction that holds the right to write; it commits on leaving and rolls back on any error.

        Raises:
            StoreError: what the database refused, or what happened to it (``local_store.faults``). With
                ``store_commit_unknown`` the work may stand or not: doing it again ends the same.
        """
        with told(), _connected(for_writing(self._engine)) as connection:
            connection.begin()
            yield Tx(connection, self._vault, self.clock)
            with told(lost=COMMIT_UNKNOWN):
                connection.commit()

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """Open a transaction that sees one state throughout and keeps nothing.

        Raises:
            StoreError: what happened to the database (``local_store.faults``).
        """
        with told(), _connected(for_reading(self._engine)) as connection:
            yield Tx(connection, self._vault, self.clock)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    with told(lost=UNREACHABLE):
        connection = engine.connect()
    with connection:
        yield connection


def open_store(
    url: str,
    key_file: Path,
    clock: Clock,
    *,
    create: bool = True,
    random_bytes: Callable[[int], bytes] = os.urandom,
) -> Store:
    """Open the store; create an empty one, or migrate an older one. ``random_bytes`` makes the nonces of its seals.

    Raises:
        UsageError: the url or the key file is at fault (``local_store.vault``), ``store_missing`` (with ``create``
            False), ``store_not_ours``, ``store_other_key``.
        StoreError: ``store_newer``, ``store_older`` (its role may not migrate it), ``store_guards_missing``,
            ``store_unreachable``.
    """
    engine = engine_for(url)
    file = sqlite_file(engine)
    if file is not None and not create and not Path(file).exists():
        raise UsageError("store_missing")
    store = Store(engine, open_vault(key_file, random_bytes), clock)
    try:
        with told(lost=UNREACHABLE):
            _make_ready(store, create=create)
    except ShiqiaoError:
        store.close()
        raise
    return store


def _make_ready(store: Store, *, create: bool) -> None:
    """Migrate the store where it must be; one that is as it should be waits for no writer."""
    with store.reading() as tx:
        if not create and is_empty(tx.connection):
            raise UsageError("store_missing")
        if is_newest(tx.connection) and _is_key_known(tx):
            check_guards(tx.connection)
            return
    try:
        with store.writing() as tx:
            migrate(tx.connection)
            if not _is_key_known(tx):
                _begin_book(tx)
    except StoreError as error:
        raise StoreError("store_older") if error.code == RIGHTS_MISSING else error from None


def _is_key_known(tx: Tx) -> bool:
    """Say whether the store knows a key, and refuse another one."""
    known = tx.connection.execute(select(STORE_FACT.c.value).where(STORE_FACT.c.name == _KEY_CHECK)).scalar()
    if known not in {None, _key_token(tx)}:
        raise UsageError("store_other_key")
    return known is not None


def _key_token(tx: Tx) -> str:
    return tx.vault.token("check", _KEY_CHECK)


def _begin_book(tx: Tx) -> None:
    """Remember by a token which key opens the store, and give the new book its first head."""
    insert_rows(tx.connection, STORE_FACT, [{"name": _KEY_CHECK, "value": _key_token(tx)}])
    insert_rows(tx.connection, CHAIN_HEAD, [{"book": 1, "number": 0, "hash": FIRST_HASH}])
