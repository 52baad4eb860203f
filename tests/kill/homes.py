"""Where a scene takes place, and how it is copied for each kill: a folder, with its store inside or on a server."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from tests.postgresql import Server, running

Database = Literal["sqlite", "postgresql"]
MEMORY = Path("/dev/shm")  # noqa: S108 - a kill spares what the system holds, so the disk need not be waited for
BYTES_NEEDED = 2_000_000_000


class Home:
    """Makes folders for scenes, and copies of them; their stores are files inside."""

    def make(self, folder: Path) -> None:
        folder.mkdir()

    @contextmanager
    def copied(self, folder: Path) -> Iterator[Path]:
        copy = Path(tempfile.mkdtemp(prefix="killed-", dir=folder.parent))
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        try:
            yield copy
        finally:
            shutil.rmtree(copy)


class HomeOnServer(Home):
    """Stores are databases of one server; ``store.url`` in the folder says which."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._numbers = itertools.count(1)

    def make(self, folder: Path) -> None:
        super().make(folder)
        self._server.say(f"CREATE DATABASE {folder.name.replace('-', '_')}")
        self._lead(folder, folder.name.replace("-", "_"))

    @contextmanager
    def copied(self, folder: Path) -> Iterator[Path]:
        name = f"killed_{os.getpid()}_{next(self._numbers)}"
        self._server.say(f"CREATE DATABASE {name} TEMPLATE {folder.name.replace('-', '_')} STRATEGY file_copy")
        with super().copied(folder) as copy:
            self._lead(copy, name)
            yield copy
        self._server.drop(name)

    def _lead(self, folder: Path, database: str) -> None:
        (folder / "store.url").write_text(self._server.url(database), encoding="utf-8")


@contextmanager
def home(database: Database) -> Iterator[tuple[Home, Path]]:
    """Give a home and a folder for its scenes, in memory where there is enough."""
    is_roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > BYTES_NEEDED
    with _temporary_folders_in(MEMORY if is_roomy else None), tempfile.TemporaryDirectory(prefix="kill-") as room:
        if database == "sqlite":
            yield Home(), Path(room)
            return
        with running() as server:
            yield HomeOnServer(server), Path(room)


@contextmanager
def _temporary_folders_in(folder: Path | None) -> Iterator[None]:
    before = tempfile.tempdir
    tempfile.tempdir = None if folder is None else str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
