"""What Alembic runs: it migrates on the connection it is given, inside the caller's transaction."""

from __future__ import annotations

from alembic import context

from local_store.tables import conflicts, ledger, people, records, runs
from local_store.tables.base import METADATA

ALL_TABLES = (conflicts, ledger, people, records, runs)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
