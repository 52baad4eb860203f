"""A small bank whose store may live in either database, and everything that such a store holds."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from local_store.store import open_store
from local_store.tables.schema import TABLES
from sandbox.city import City
from sandbox.lists import write_lists
from sandbox.serve import GUANGXI_PORT, NATIONAL_PORT, Sandbox
from sandbox.visits import GUANGXI_DECIDES, Visit
from shiqiao.cli import run
from shiqiao.clock import open_clock
from shiqiao.verbs.sandbox import exported

SEALED_ANEW = {"sealed"}  # each seal has a nonce of its own
OF_THE_PLACE = {"lease": {"holder", "process", "beat_at"}, "coverage": {"settings_fingerprint"}}

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Desk:
    """A bank in a folder, whose verbs are called without leaving this process."""

    folder: Path
    environ: Mapping[str, str]

    def do(self, *words: str, now: datetime) -> int:
        """Call a verb at an instant and give its exit code."""
        environ = {**self.environ, "SHIQIAO_NOW": now.isoformat(), "SHIQIAO_CONFIG": str(self.folder / "shiqiao.toml")}
        return run(words, environ)

    def move_to(self, url: str) -> None:
        """Let the settings lead to another store."""
        settings = self.folder / "shiqiao.toml"
        lines = settings.read_text(encoding="utf-8").splitlines(keepends=True)
        settings.write_text(
            "".join(f'url = "{url}"\n' if line.startswith("url = ") else line for line in lines), encoding="utf-8"
        )


def open_bank(folder: Path, city: City, sandbox: Sandbox, url: str) -> Desk:
    """Set up a bank at a sandbox, with its store at ``url`` and the keys that all banks beside it have."""
    desk = Desk(folder, {**dict(exported(sandbox, city)), "TMPDIR": str(folder.parent)})
    assert run(["init", str(folder)], desk.environ) == 0
    (folder / "shiqiao.db").unlink()
    key = folder.parent / "the.key"
    if key.exists():
        shutil.copy2(key, folder / "shiqiao.key")
    shutil.copy2(folder / "shiqiao.key", key)
    settings = folder / "shiqiao.toml"
    text = settings.read_text(encoding="utf-8").replace(f"http://127.0.0.1:{NATIONAL_PORT}", sandbox.national_url)
    settings.write_text(text.replace(f"http://127.0.0.1:{GUANGXI_PORT}", sandbox.guangxi_url), encoding="utf-8")
    desk.move_to(url)
    write_lists(city, folder.parent / "lists")
    return desk


def stop_clocks(sandbox: Sandbox, at: datetime) -> None:
    """Hold both platforms' clocks."""
    sandbox.national.clock.freeze(at)
    sandbox.guangxi.clock.freeze(at)


def booked_by_both(city: City) -> Visit:
    """Give a visit that both platforms tell of and nobody doubts."""
    return next(
        visit
        for visit in city.visits
        if not visit.mistake and not visit.entry and visit.served_on >= GUANGXI_DECIDES
        and visit.national and visit.guangxi and visit.kind.credits_half_hours and not visit.is_special
    )  # fmt: skip


def contents(desk: Desk, url: str, **left_out: set[str]) -> dict[str, Rows]:
    """Give every row of every table, in the order of the keys, but for what is sealed or of the place."""
    opened = open_store(url, desk.folder / "shiqiao.key", open_clock(desk.environ), create=False)
    with closing(opened) as store, store.reading() as tx:
        return {table.name: [tuple(row) for row in tx.rows(_all_of(table, left_out))] for table in TABLES}


def _all_of(table: Table, left_out: Mapping[str, set[str]]) -> Any:  # noqa: ANN401 - SQLAlchemy's Select
    unseen = SEALED_ANEW | OF_THE_PLACE.get(table.name, set()) | left_out.get(table.name, set())
    return select(*(column for column in table.c if column.name not in unseen)).order_by(*table.primary_key)
