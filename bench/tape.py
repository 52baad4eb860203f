"""Answers of a platform on a tape, and a bare process that plays it: only the reader is measured."""

from __future__ import annotations

import multiprocessing
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Self

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Tape:
    """A file of framed HTTP answers, one after the other; ``ends`` says where each is over."""

    path: Path
    ends: tuple[int, ...]

    @property
    def calls(self) -> int:
        """Give the number of answers."""
        return len(self.ends)

    @property
    def size_bytes(self) -> int:
        """Give the bytes on the tape."""
        return self.ends[-1] if self.ends else 0


class TapeWriter:
    """Writes answers with the ``Date`` of one instant; a context manager that closes the file."""

    def __init__(self, path: Path, now: datetime) -> None:
        """Begin an empty tape."""
        self._path = path
        self._file = path.open("wb")
        self._date = format_datetime(now.astimezone(UTC), usegmt=True)
        self._ends: list[int] = []

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()

    def add(self, body: bytes) -> None:
        """Write one answer."""
        head = (
            f"HTTP/1.1 200 OK\r\nDate: {self._date}\r\nContent-Type: application/json;charset=UTF-8\r\n"
            f"Content-Length: {len(body)}"
        )
        written = self._file.write(head.encode() + _END_OF_HEAD + body)
        self._ends.append((self._ends[-1] if self._ends else 0) + written)

    def tape(self) -> Tape:
        """Give what was written."""
        return Tape(self._path, tuple(self._ends))


@contextmanager
def playing(tape: Tape) -> Iterator[int]:
    """Play a tape, an answer a request and in order, from a process of its own; give its port.

    A new connection hears the tape from its beginning.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(listener, tape), daemon=True)
    process.start()
    try:
        yield listener.getsockname()[1]
    finally:
        process.terminate()
        process.join()
        listener.close()


def _serve(listener: socket.socket, tape: Tape) -> None:
    with tape.path.open("rb") as file:
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection:
                _play(connection, file.fileno(), tape)


def _play(connection: socket.socket, file: int, tape: Tape) -> None:
    start = 0
    for end in tape.ends:
        if not read_message(connection):
            return
        while start < end:
            start += os.sendfile(connection.fileno(), file, start, end - start)


def read_message(connection: socket.socket) -> bytes:
    """Read one HTTP message with a Content-Length and give its body (b" " for an empty one); b"" where it ends."""
    data = b""
    while _END_OF_HEAD not in data:
        piece = connection.recv(1 << 18)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(_END_OF_HEAD)
    length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(_LENGTH)).split(b":")[1])
    pieces, have = [body], len(body)
    while have < length:
        piece = connection.recv(1 << 20)
        pieces.append(piece)
        have += len(piece)
    return b"".join(pieces) or b" "
