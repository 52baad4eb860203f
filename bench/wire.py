"""The platforms' answers, taken down once and given again by a bare server process: only the reader is measured."""

from __future__ import annotations

import multiprocessing
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

_END_OF_HEAD = b"\r\n\r\n"


@dataclass(slots=True)
class Recorder(httpx.BaseTransport):
    """Carries requests to the real sandbox and takes the answers down."""

    inner: httpx.HTTPTransport = field(default_factory=httpx.HTTPTransport)
    answers: list[bytes] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass one call on."""
        response = self.inner.handle_request(request)
        body = response.read()
        self.answers.append(_framed(response.headers.get("Date", ""), body))
        return httpx.Response(response.status_code, headers={"Date": response.headers.get("Date", "")}, content=body)


def _framed(date: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + _END_OF_HEAD + body


@contextmanager
def replayed(answers: Sequence[bytes]) -> Iterator[int]:
    """Serve the answers, one a request and in order, from a process of their own; give its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(listener, list(answers)), daemon=True)
    process.start()
    try:
        yield listener.getsockname()[1]
    finally:
        process.terminate()
        process.join()
        listener.close()


def _serve(listener: socket.socket, answers: list[bytes]) -> None:
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection:
            for answer in answers:
                if not read_message(connection):
                    break
                connection.sendall(answer)


def read_message(connection: socket.socket) -> bytes:
    """Read one HTTP message with a Content-Length from a socket and give its body; b"" at the end of the connection."""
    data = b""
    while _END_OF_HEAD not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(_END_OF_HEAD)
    length = int(
        next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")).split(b":")[1]
    )
    pieces, have = [body], len(body)
    while have < length:
        piece = connection.recv(1 << 20)
        pieces.append(piece)
        have += len(piece)
    return b"".join(pieces) or b" "
