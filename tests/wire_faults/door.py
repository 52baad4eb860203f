"""A modelled platform behind a raw socket on loopback, which any single answer can be spoilt on."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from sandbox.cipher import KeyPair
from sandbox.listener import Platform
from sandbox.wire import Call, Reply, Request
from tests.nights import HandClock, Town

_LINGER_NOT = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Place:
    """A call that can go wrong: a log-in, or a page of the hours of one organisation."""

    name: str
    page: int = 0

    def fits(self, call: Call, scope: str, wanted: str) -> bool:
        """Say whether this is that call."""
        return call.is_login if not self.page else call.is_of_hours and (call.page, scope) == (self.page, wanted)


PLACES = (Place("token call"), Place("first page", 1), Place("middle page", 2), Place("last page", 3))


@dataclass(slots=True)
class Telling:
    """One answer about to be sent: the right one, the connection to send it on, and the request that it answers."""

    platform: str
    connection: socket.socket
    reply: Reply
    request: Request
    door: Door
    date: str | None
    page_before: bytes = b""
    is_kept_open: bool = False

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.connection.sendall(data)

    def head(self, *headers: str, status: int | None = None, length: int | None = None, kind: str = "") -> bytes:
        """Write a head by hand; without a length only the closing ends the body."""
        kind = kind or self.reply.content_type
        lines = [f"HTTP/1.1 {status or self.reply.status} -", f"Content-Type: {kind}"]
        lines += [f"Date: {self.date}"] if self.date is not None else []
        lines += [f"{name}: {value}" for name, value in self.reply.headers.items()]
        lines += [f"Content-Length: {length}"] if length is not None else []
        return "\r\n".join([*lines, *headers, "", ""]).encode("latin-1")

    def whole(self, body: bytes | None = None, *headers: str, status: int | None = None, kind: str = "") -> None:
        """Answer as a sound server does, and keep the connection."""
        body = self.reply.body if body is None else body
        self.is_kept_open = True
        self.send(self.head(*headers, status=status, length=len(body), kind=kind) + body)

    def reset(self) -> None:
        """Drop the connection, so that the other side sees a reset and not an end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)

    def wait_for_hanging_up(self) -> None:
        """Say nothing more until the other side has had enough."""
        self.connection.recv(1)


Spoil = Callable[[Telling], None]


@dataclass(slots=True)
class Spell:
    """What goes wrong, at which call, and how often (None: for ever); ``hits`` is how often it has."""

    spoil: Spoil
    place: Place
    times: int | None = None
    hits: int = 0


def _listening() -> socket.socket:
    """Listen on a port of one's own choice: only such a one is kept when nobody listens on it for a while."""
    with socket.create_server(("127.0.0.1", 0)) as drawn:
        port = drawn.getsockname()[1]
    return socket.create_server(("127.0.0.1", port), backlog=8)


@dataclass
class Door:
    """Lets requests in, asks the platform, and sends its answers, spoilt where a spell says so."""

    name: str
    town: Town
    scope: str
    url: str = ""
    spell: Spell | None = None
    calls: list[Call] = field(default_factory=list)
    _listener: socket.socket = field(default_factory=_listening)
    _threads: list[threading.Thread] = field(default_factory=list)
    _pages: dict[int, bytes] = field(default_factory=dict)
    _is_closing: bool = False
    _is_refusing: bool = False

    @property
    def clock(self) -> HandClock:
        """Give the clock of the house, which waits without waiting."""
        return self.town.clock

    def date(self, ahead_seconds: int = 0) -> str:
        """Give the platform's time as it stands in a head, or one some seconds ahead."""
        return self._platform.clock.http_date(ahead_seconds)

    @property
    def _platform(self) -> Platform:
        return self.town.national if self.name == "national" else self.town.guangxi

    @contextmanager
    def open(self) -> Iterator[Door]:
        """Listen until the block is left."""
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._begin(self._let_in)
        try:
            yield self
        finally:
            self._is_closing = True
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            for thread in self._threads:
                thread.join()
            self._listener.close()

    def refuse_connections(self) -> None:
        """Keep the port, and listen no more: who comes is refused."""
        self._is_refusing = True
        self._listener.shutdown(socket.SHUT_RDWR)

    def listen_again(self) -> None:
        """Let connections in once more, where they were refused."""
        if self._is_refusing:
            self._is_refusing = False
            self._listener.listen(8)
            self._begin(self._let_in)

    def _begin(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()

    def _let_in(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # it listens no more
                return
            self._begin(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        # The other side may hang up at any byte, which is what many of the faults are for.
        with connection, suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (request := _request(connection)) is not None and self._answer(connection, request):
                continue

    def _answer(self, connection: socket.socket, request: Request) -> bool:
        """Answer one request, and say whether the connection is good for another."""
        call = self._identify(request)
        self.calls.append(call)
        reply, _ = self._platform.handle(request)
        telling = Telling(self.name, connection, reply, request, self, self.date())
        if call.is_of_hours:
            self._pages[call.page] = reply.body
            telling.page_before = self._pages.get(call.page - 1, b"")
        spell = self.spell
        if spell is None or spell.times == spell.hits or not spell.place.fits(call, self._scope(request), self.scope):
            telling.whole()
        else:
            spell.hits += 1
            spell.spoil(telling)
        return telling.is_kept_open and not self._is_closing

    def _identify(self, request: Request) -> Call:
        platform = self.town.national if self.name == "national" else self.town.guangxi
        return platform.identify(request)

    def _scope(self, request: Request) -> str:
        if self.name == "guangxi":
            return str(json.loads(request.form["biz_content"]).get("orgCode"))
        secrets = self.town.secrets["national"]
        sealed = json.loads(request.form["bean"])["encryData"]
        asked: dict[str, Any] = json.loads(KeyPair(secrets["request_key"], secrets["request_iv"]).open(sealed))
        return str(asked.get("albx0177"))


def _request(connection: socket.socket) -> Request | None:
    """Read one request; None where nobody asks any more."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return None
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    while len(body) < int(headers["content-length"]):
        body += connection.recv(65536)
    return Request(first.split(" ")[1], dict(parse_qsl(body.decode(), keep_blank_values=True)), headers)
