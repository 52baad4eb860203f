"""The rights of a PostgreSQL role that runs the nights: it adds to the book, and neither changes nor makes tables."""

from __future__ import annotations

from sqlalchemy import text

from domain.errors import UsageError
from local_store.dialects import own_schema
from local_store.guards import NEVER_CHANGED
from local_store.tables.schema import TABLES
from local_store.transaction import Tx

_READ = "SELECT"
_ADDED_TO = "SELECT, INSERT"
_KEPT = "SELECT, INSERT, UPDATE"
_RIGHTS = {
    "alembic_version": _READ,
    "balance": "SELECT, INSERT, UPDATE (cap_seconds)",  # seconds move with the transfers, by the owner's rights
    "chain_head": "SELECT, UPDATE",
    "decision": "SELECT, INSERT, UPDATE (is_proposed, agreed_by, agreed_at, undone_by, undone_at)",
    "membership": "SELECT, INSERT, UPDATE, DELETE",
    "conflict_record": "SELECT, INSERT, UPDATE, DELETE",
    "sweep_asked": "SELECT, INSERT, UPDATE, DELETE",
    "release_use": _ADDED_TO,
} | dict.fromkeys(NEVER_CHANGED, _ADDED_TO)


def grant(tx: Tx, role: str) -> None:
    """Give a role what running nights and deciding conflicts takes, and take from it whatever else it had.

    Raises:
        UsageError: ``role_unknown``; ``role_needless``: the store is a file, its rights are those of the file.
    """
    connection = tx.connection
    if connection.dialect.name == "sqlite":
        raise UsageError("role_needless")
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).scalar()
    if known is None:
        raise UsageError("role_unknown", role=role)
    who = connection.dialect.identifier_preparer.quote(role)
    for statement in _statements(own_schema(connection), who):
        connection.exec_driver_sql(statement)


def _statements(schema: str, who: str) -> list[str]:
    tables = [table.name for table in TABLES] + ["alembic_version"]
    return [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {who}",
        f"REVOKE CREATE ON SCHEMA {schema} FROM {who}",
        f"GRANT USAGE ON SCHEMA {schema} TO {who}",
        *(f"GRANT {_RIGHTS.get(table, _KEPT)} ON {schema}.{table} TO {who}" for table in tables),
    ]
