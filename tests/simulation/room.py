"""Where lives are lived: in memory if there is room, with statements compiled once for all lives of a process."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from unittest.mock import patch

from local_store import store
from local_store.dialects import engine_for

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
OBJECTS_BETWEEN_SWEEPS = 50_000


@contextmanager
def hall() -> Iterator[Path]:
    """Give a folder for many lives, in memory where the machine has such a place."""
    is_there = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    with tempfile.TemporaryDirectory(prefix="lives-", dir=MEMORY if is_there else None) as folder:
        yield Path(folder)


@contextmanager
def room(hall: Path) -> Iterator[Path]:
    """Give an empty folder, always the same one for a process.

    A store's engine is kept by its url: closing a store closes every connection, so a next process inherits nothing
    from one that was killed but the text of statements.
    """
    folder = hall / str(os.getpid())
    folder.mkdir()
    try:
        with patch.object(store, "engine_for", _kept_engine):
            yield folder
    finally:
        shutil.rmtree(folder)


def settle_in() -> None:
    """Let the garbage collector look less often, and never at what was there before the first life."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_SWEEPS, 20, 50)


_kept_engine = cache(engine_for)
