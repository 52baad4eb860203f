"""Failpoints: every effect of a run is counted at the seam through which it passes, and any of them can be its last.

Nothing in the house knows of them: the store's handle and the wire are passed in, and these stand in their place.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from local_store.store import Store
from local_store.transaction import Tx


class KilledError(BaseException):
    """The process is dead. Nothing that it still tries has an effect."""


def raise_killed() -> None:
    """Die as far as one process can play it: by an exception that nobody may catch."""
    raise KilledError


def kill_for_real() -> None:
    """Die without a word: nothing is closed, flushed or rolled back."""
    os.kill(os.getpid(), signal.SIGKILL)


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
