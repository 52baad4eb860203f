"""Failpoints: every effect of a run is counted at the seam through which it passes, and any of them can be its last.

Nothing in the house knows of them, and they cost nothing where nobody watches: the store's handle and the wire are
passed in, and these stand in their place; of statements SQLAlchemy tells, of files the interpreter itself.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from sqlalchemy import Engine, event

from local_store.store import Store
from local_store.transaction import Tx

READ = "read"
OPEN = "open"
_WRITING = ("ALTER", "CREATE", "DELETE", "DROP", "INSERT", "UPDATE")
_FILES = {"os.rename": "rename", "os.link": "link", "os.mkdir": "mkdir", "os.remove": "remove", "os.rmdir": "remove"}


class KilledError(BaseException):
    """The process is dead. Nothing that it still tries has an effect."""


def raise_killed() -> None:
    """Die as far as one process can play it: by an exception that nobody may catch."""
    raise KilledError


def kill_for_real() -> None:
    """Die without a word: nothing is closed, flushed or rolled back."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_writing() -> None:
    """Die without a word at the first byte written to a file from now on: the file is there, and is empty."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(limit, (0, resource.getrlimit(limit)[1]))


class Effects:
    """Counts effects in their order; the one numbered ``last`` (from 1) does not take place, nor does any after it."""

    def __init__(self, last: int = 0, die: Callable[[], None] = raise_killed) -> None:
        self.last = last
        self.names: list[str] = []
        self._die = die

    def hit(self, name: str) -> None:
        """Note an effect that is about to take place."""
        if self.is_over:
            self._die()
        self.names.append(name)
        if self.is_over:
            self._die()

    @property
    def is_over(self) -> bool:
        return 0 < self.last <= len(self.names)

    @property
    def counts(self) -> Counter[str]:
        return Counter(self.names)


class DeadlyEffects(Effects):
    """Effects of a process of its own, which does not live beyond ``last``."""

    def __init__(self, last: int) -> None:
        super().__init__(last, self._end)

    def _end(self) -> None:
        is_first = len(self.names) == self.last
        (die_writing if is_first and self.names[-1] == OPEN else kill_for_real)()


class WatchedStore(Store):
    """A store whose every commit is an effect, and so is what comes right after it; ``committed`` is called between."""

    def __init__(self, store: Store, effects: Effects, committed: Callable[[], None] = lambda: None) -> None:
        self._watched = store
        self._effects = effects
        self._committed = committed
        self.clock = store.clock

    @contextmanager
    def writing(self) -> Iterator[Tx]:
        self._effects.hit("begin")
        with self._watched.writing() as tx:
            yield tx
            self._effects.hit("commit")
        self._committed()

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        with self._watched.reading() as tx:
            yield tx

    def close(self) -> None:
        self._watched.close()


class WatchedWire(httpx.BaseTransport):
    """A wire on which sending a request is an effect, and having its answer is another."""

    def __init__(self, wire: httpx.BaseTransport, effects: Effects) -> None:
        self._wire = wire
        self._effects = effects

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._effects.hit("send")
        response = self._wire.handle_request(request)
        self._effects.hit("answer")
        return response


@contextmanager
def watched_statements(effects: Effects) -> Iterator[None]:
    """Let every SQL statement be an effect, a reading or a writing one, and every commit of whichever store."""

    def on_statement(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        effects.hit("write" if statement.lstrip().upper().startswith(_WRITING) else READ)

    def on_commit(*_: object) -> None:
        effects.hit("commit")

    event.listen(Engine, "before_cursor_execute", on_statement)
    event.listen(Engine, "commit", on_commit)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", on_statement)
        event.remove(Engine, "commit", on_commit)


def watch_files(effects: Effects, folder: Path) -> None:
    """Let it be an effect where below a folder a file comes into being, is renamed or goes; until the process ends."""

    def hear(name: str, said: tuple[object, ...]) -> None:
        effect = _FILES.get(name) or (OPEN if name == "open" and _is_for_writing(said[2]) else "")
        if effect and _is_below(said[0], folder):
            effects.hit(effect)

    sys.addaudithook(hear)


def _is_for_writing(flags: object) -> bool:
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def _is_below(path: object, folder: Path) -> bool:
    """Say whether a path may lie below a folder; one that starts at an open file is followed to that file."""
    if isinstance(path, int):
        path = Path(f"/proc/self/fd/{path}").readlink()
    told = Path(os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else "")
    return not told.is_absolute() or folder in told.parents
