"""A wire to PostgreSQL that can be cut at a commit or any word: before the server hears it, or we hear the answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Literal

from tests.postgresql import Server

Side = Literal["unsent", "unanswered"]
Mark = Literal["commit", "word"]
_COMMIT = b"COMMIT\0"
_AT_ONCE = 65536


class Relay:
    """Passes bytes on between a client and a server, counts words and commits, and cuts the wire at the one it is told.

    A word is whatever the client says at once, commits among them.
    """

    def __init__(self, server: Server) -> None:
        """Open a door on loopback."""
        self._to = str(server.folder / ".s.PGSQL.5432")
        self._door = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._cut_at = 0
        self._mark: Mark = "commit"
        self._side: Side = "unsent"
        self._then: Callable[[], object] = lambda: None
        self.commits = self.words = 0
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    def url(self, database: str, user: str) -> str:
        """Give the settings' url that leads through this wire."""
        port = self._door.getsockname()[1]
        return f"postgresql+psycopg://{user}@127.0.0.1:{port}/{database}?sslmode=disable&gssencmode=disable"

    def cut(self, number: int, side: Side, then: Callable[[], object] = lambda: None, *, mark: Mark = "commit") -> None:
        """Count anew, and cut the wire once, at the commit or word so numbered (from 1); ``then`` happens as well."""
        with self._lock:
            self.commits = self.words = 0
            self._mark, self._cut_at, self._side, self._then = mark, number, side, then

    def close(self) -> None:
        """Close the door and wait until every wire is closed."""
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            with suppress(OSError):  # a server that is down answers nobody
                server.connect(self._to)
            wire = _Wire(client, server)
            for pump in (self._send, self._answer):
                self._threads.append(threading.Thread(target=pump, args=(wire,), daemon=True))
                self._threads[-1].start()

    def _send(self, wire: _Wire) -> None:
        with suppress(OSError):  # the other end is gone
            for said in wire.read(wire.client):
                if self._is_cut_here(is_commit=_COMMIT in said):
                    wire.is_deaf = True
                    self._then()
                    if self._side == "unsent":
                        break
                wire.server.sendall(said)
        wire.break_off()

    def _answer(self, wire: _Wire) -> None:
        with suppress(OSError):
            for said in wire.read(wire.server):
                if wire.is_deaf:
                    break
                wire.client.sendall(said)
        wire.break_off()

    def _is_cut_here(self, *, is_commit: bool) -> bool:
        with self._lock:
            self.words += 1
            self.commits += is_commit
            reached = self.words if self._mark == "word" else self.commits * is_commit
            return 0 < reached == self._cut_at


class _Wire:
    """One connection's two ends; ``is_deaf``: the next answer is the one that never arrives."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client = client
        self.server = server
        self.is_deaf = False

    @staticmethod
    def read(end: socket.socket) -> Iterator[bytes]:
        while said := end.recv(_AT_ONCE):
            yield said

    def break_off(self) -> None:
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def relay(server: Server) -> Iterator[Relay]:
    """Lay such a wire for a while."""
    laid = Relay(server)
    try:
        yield laid
    finally:
        laid.close()
