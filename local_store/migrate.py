"""Bring a store's schema to this program's."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from domain.errors import StoreError, UsageError
from local_store.guards import check_guards, set_guards


def migrate(connection: Connection) -> None:
    """Create an empty store's tables, or take an older store to the newest step; do nothing to one that is there.

    Raises:
        StoreError: ``store_newer`` (made by a newer program), ``store_guards_missing`` (a trigger or CHECK is not as it
            should be).
        UsageError: ``store_not_ours`` (other tables, no schema step).
    """
    if not is_newest(connection):
        config = _steps()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        set_guards(connection)
    check_guards(connection)


def is_newest(connection: Connection) -> bool:
    """Say whether a store stands at this program's step; an older or an empty one does not.

    Raises:
        StoreError: ``store_newer``.
        UsageError: ``store_not_ours``.
    """
    step = _step(connection)
    script = ScriptDirectory.from_config(_steps())
    if step is not None and step not in {known.revision for known in script.walk_revisions()}:
        raise StoreError("store_newer", step=step)
    return step == script.get_current_head()


def is_empty(connection: Connection) -> bool:
    """Say whether there is no store yet where one could be.

    Raises:
        UsageError: ``store_not_ours``.
    """
    return _step(connection) is None


def _step(connection: Connection) -> str | None:
    step = MigrationContext.configure(connection).get_current_revision()
    if step is None and inspect(connection).get_table_names():
        raise UsageError("store_not_ours")
    return step


def _steps() -> Config:
    config = Config()
    config.set_main_option("script_location", "local_store:migrations")
    return config
