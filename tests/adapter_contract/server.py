"""A raw socket on loopback that answers by a script: whole answers, and every way in which one can fail to come."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    form: dict[str, str]


Step = Callable[[socket.socket], None]


def whole(body: bytes, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Step:
    """Answer properly."""
    lines = [f"HTTP/1.1 {status} -", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    return _sending("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def cut_off(body: bytes) -> Step:
    """Promise a body and close in the middle of it."""
    head = f"HTTP/1.1 200 -\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    return _sending(head + body[: len(body) // 2])


def cut_off_silently(body: bytes) -> Step:
    """Close in the middle of a body whose length was never told."""
    return _sending(b"HTTP/1.1 200 -\r\nConnection: close\r\n\r\n" + body[: len(body) // 2])


def garbage(_body: bytes) -> Step:
    """Answer with what is no HTTP at all."""
    return _sending(b"\x00\x01\x02 garbage \xff\xfe\r\n\r\n")


def redirect(_body: bytes) -> Step:
    """Point somewhere else."""
    return whole(b"", 302, (("Location", "http://127.0.0.1:9/elsewhere"),))


def bomb(_body: bytes) -> Step:
    """Send a few kilobytes that would unpack to fifty megabytes."""
    packed = gzip.compress(b"0" * 50_000_000)
    return whole(packed, 200, (("Content-Encoding", "gzip"),))


def flood(_body: bytes) -> Step:
    """Send more than anybody asked for."""

    def step(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 -\r\nConnection: close\r\n\r\n")
        for _ in range(40):
            connection.sendall(b"[" * 1_000_000)

    return step


def silence(_body: bytes) -> Step:
    """Take the request and never say a word, until the other side hangs up."""

    def step(connection: socket.socket) -> None:
        connection.recv(1)

    return step


def drip(body: bytes) -> Step:
    """Send the body byte by byte: no single read is long, the whole is."""
    return _dripping(f"HTTP/1.1 200 -\r\nContent-Length: {len(body) + 9999}\r\n\r\n".encode(), body + b" " * 9999)


def drip_head(_body: bytes) -> Step:
    """Send a head that never ends, byte by byte."""
    return _dripping(b"HTTP/1.1 200 -\r\nX-Slow: ", b"a" * 9999)


def reset(_body: bytes) -> Step:
    """Drop the connection, so that the other side sees a reset and not an end."""

    def step(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return step


def _sending(data: bytes) -> Step:
    return lambda connection: connection.sendall(data)


def _dripping(head: bytes, rest: bytes) -> Step:
    def step(connection: socket.socket) -> None:
        connection.sendall(head)
        connection.settimeout(0.02)
        for byte in rest:
            connection.sendall(bytes([byte]))
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                continue

    return step


@dataclass
class ScriptedServer:
    """Answers each request with the next step; ``by_itself`` may answer some without using one up."""

    steps: list[Step]
    by_itself: Callable[[Asked], Step | None]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    @contextmanager
    def running(self) -> Iterator[ScriptedServer]:
        """Listen on loopback until the block is left."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            thread = threading.Thread(target=self._serve, args=(listener,), daemon=True)
            thread.start()
            try:
                yield self
            finally:
                # Closing a listening socket does not wake the thread that waits on it; a last visitor does.
                with socket.create_connection(listener.getsockname()):
                    pass
                thread.join()

    def _serve(self, listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            with connection:
                asked = _read_request(connection)
                if asked is None:
                    return
                self._answer(connection, asked)

    def _answer(self, connection: socket.socket, asked: Asked) -> None:
        step = self.by_itself(asked)
        if step is None:
            self.asked.append(asked)
            step = self.steps.pop(0) if self.steps else whole(b"script is over", 599)
        try:
            step(connection)
        except OSError:
            # The other side hung up first, which is what many of these steps are for.
            return


def _read_request(connection: socket.socket) -> Asked | None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return None
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    return Asked(first.split(" ")[1], headers, dict(parse_qsl(body.decode(), keep_blank_values=True)))
