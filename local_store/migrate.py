"""Bring a store's schema to this program's."""

from __future__ import annotations

from importlib import resources

from sqlalchemy import Connection, inspect, text

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
        _upgrade(connection)
        set_guards(connection)
    check_guards(connection)


def _upgrade(connection: Connection) -> None:
    # A night does not migrate: it need not read what migrates, nor keep it in memory.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "local_store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def is_newest(connection: Connection) -> bool:
    """Say whether a store stands at this program's step; an older or an empty one does not.

    Raises:
        StoreError: ``store_newer``.
        UsageError: ``store_not_ours``.
    """
    step, known = _step(connection), known_steps()
    if step is not None and step not in known:
        raise StoreError("store_newer", step=step)
    return step == known[-1]


def known_steps() -> list[str]:
    """Give the steps of the schema that this program knows, in their order: ``v0001_first_store.py`` is ``0001``."""
    files = resources.files("local_store.migrations.versions").iterdir()
    return sorted(file.name[1:].partition("_")[0] for file in files if file.name.startswith("v"))


def is_empty(connection: Connection) -> bool:
    """Say whether there is no store yet where one could be.

    Raises:
        UsageError: ``store_not_ours``.
    """
    return _step(connection) is None


def _step(connection: Connection) -> str | None:
    there = inspect(connection)
    if there.has_table("alembic_version"):
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if found is not None:
            return str(found)
    if there.get_table_names():
        raise UsageError("store_not_ours")
    return None
