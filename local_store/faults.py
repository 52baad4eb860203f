"""What a database's error means for whom: the house's own errors, which never repeat what was to be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.exc import DBAPIError, IntegrityError

from domain.errors import StoreError, UsageError
from local_store.tables.schema import TABLES

UNREACHABLE = "store_unreachable"
LOST = "store_lost"
COMMIT_UNKNOWN = "store_commit_unknown"
RIGHTS_MISSING = "store_rights_missing"
NOT_OURS = "store_not_ours"

_POSTGRESQL = {
    "40": "store_contended",  # a deadlock, a state that could not be serialised
    "55P03": "store_busy",  # waited for a lock as long as we wait
    "57014": "store_busy",
    "42501": RIGHTS_MISSING,
    "25006": "store_read_only",
    "53100": "store_full",
    "53": UNREACHABLE,  # no memory, no connection to spare
    "08": LOST,
    "57P": LOST,  # the server goes down, has gone down, is not up yet
    "XX001": "store_damaged",
    "XX002": "store_damaged",
}
_SQLITE = {
    "SQLITE_BUSY": "store_busy",
    "SQLITE_LOCKED": "store_busy",
    "SQLITE_READONLY": "store_read_only",
    "SQLITE_FULL": "store_full",
    "SQLITE_CORRUPT": "store_damaged",
    "SQLITE_NOTADB": NOT_OURS,
    "SQLITE_CANTOPEN": UNREACHABLE,
    "SQLITE_PERM": UNREACHABLE,
    "SQLITE_AUTH": UNREACHABLE,
    "SQLITE_IOERR": "store_damaged",
}


@contextmanager
def told(lost: str = LOST) -> Iterator[None]:
    """Tell the database's faults as the house's; ``lost`` is the code for a connection that breaks off within.

    What is no fault of the store's surroundings is a mistake in the program and stays as it is.

    Raises:
        StoreError: to be tried again: ``store_busy``, ``store_contended``, ``store_lost``, ``store_commit_unknown``,
            ``store_unreachable``; for the maintainer: ``store_refused`` with the name of the ``rule``,
            ``store_rights_missing``, ``store_read_only``, ``store_full``, ``store_damaged``.
        UsageError: ``store_not_ours``: a file that is no database.
    """
    try:
        yield
    except IntegrityError as error:
        raise StoreError("store_refused", rule=rule_of(error)) from None
    except DBAPIError as error:
        code = _code_of(error)
        if code is None:
            raise
        if code == NOT_OURS:
            raise UsageError(code) from None
        raise StoreError(lost if code == LOST else code) from None


def rule_of(error: IntegrityError) -> str:
    """Give the name of the CHECK, key or trigger that refused, alike on both databases."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name or diagnosis.message_primary)
    kind, _, what = str(error.orig).partition(" constraint failed: ")
    return _key_name(what) if kind == "UNIQUE" else what or kind


def _key_name(columns: str) -> str:
    """Give the name of the key on columns that SQLite told as ``table.one, table.other``."""
    names = [one.rpartition(".")[2] for one in columns.split(", ")]
    (table,) = (one for one in TABLES if one.name == columns.partition(".")[0])
    constraints = (one for one in table.constraints if isinstance(one, PrimaryKeyConstraint | UniqueConstraint))
    keys = [*constraints, *(one for one in table.indexes if one.unique)]
    return next(str(key.name) for key in keys if [column.name for column in key.columns] == names)


def _code_of(error: DBAPIError) -> str | None:
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return next((code for start, code in _POSTGRESQL.items() if state.startswith(start)), None)
    name = getattr(error.orig, "sqlite_errorname", None)
    if name is not None:
        return next((code for start, code in _SQLITE.items() if name.startswith(start)), None)
    is_broken_off = error.connection_invalidated or type(error.orig).__name__ == "OperationalError"
    return LOST if is_broken_off else None
