"""The HTTP door: one platform behind a real socket on loopback, with every fault that a connection can have."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from typing import Any, Protocol
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.clock import PlatformClock
from sandbox.faults import WIRE_FAULTS, Fault
from sandbox.wire import Reply, Request

_HOST = "127.0.0.1"
_START_SECONDS_MAX = 10
_STOP_SECONDS = 0.02
_DRIP_BYTES = 1
_DRIP_SECONDS = 0.05


class Platform(Protocol):
    """What stands behind a door."""

    clock: PlatformClock
    path: str

    def handle(self, request: Request) -> tuple[Reply, Fault | None]:
        """Answer a request; the fault, if any, is one that the door must inject."""


class _TellingProtocol(H11Protocol):
    """uvicorn's protocol, telling the application its transport: a fault of the wire needs the wire."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _PromptServer(uvicorn.Server):
    """uvicorn's server, without its clock for the ``Date`` header (ours is the platform's), and quicker to stop."""

    async def main_loop(self) -> None:
        while not self.should_exit:  # noqa: ASYNC110 - the stop comes from another thread
            await asyncio.sleep(_STOP_SECONDS)


class Listener:
    """A platform's server in a thread of its own, from construction until ``stop``."""

    def __init__(self, platform: Platform, port: int = 0) -> None:
        """Serve ``platform`` on loopback; port 0 takes a free one.

        Raises:
            OSError: the port is taken.
        """
        self._platform = platform
        self._is_stopping = False
        self._socket = socket.create_server((_HOST, port), backlog=256)
        # asyncio sets this only where the protocol number is given; without it every larger answer waits 40 ms
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port: int = self._socket.getsockname()[1]
        self._server = _PromptServer(self._configure())
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()
        self._wait_until_started()

    @property
    def url(self) -> str:
        """Give the base URL."""
        return f"http://{_HOST}:{self.port}"

    def begin_stop(self) -> None:
        """Begin to close the door."""
        self._is_stopping = True
        self._server.should_exit = True
        self._server.force_exit = True

    def stop(self) -> None:
        """Close the door and wait until it is closed."""
        self.begin_stop()
        self._thread.join()
        self._socket.close()

    def _configure(self) -> uvicorn.Config:
        app = Starlette(routes=[Route(self._platform.path, self._answer, methods=["POST"])])
        return uvicorn.Config(
            app, http=_TellingProtocol, ws="none", lifespan="off", log_config=None, log_level="critical",
            access_log=False, date_header=False, server_header=False, loop="asyncio",
        )  # fmt: skip

    def _wait_until_started(self) -> None:
        deadline = time.monotonic() + _START_SECONDS_MAX
        while not self._server.started:
            if time.monotonic() > deadline:
                raise TimeoutError(self.url)
            time.sleep(0.005)

    async def _answer(self, http_request: HttpRequest) -> Response:
        request = Request(
            path=http_request.url.path,
            form=dict(parse_qsl((await http_request.body()).decode("ascii", "replace"), keep_blank_values=True)),
            headers={name.lower(): value for name, value in http_request.headers.items()},
        )
        reply, fault = self._platform.handle(request)
        headers = {"date": self._platform.clock.http_date(), **reply.headers}
        response = Response(reply.body, reply.status, headers, reply.content_type)
        if fault is not None and fault.kind in WIRE_FAULTS:
            return _BrokenResponse(response, fault, self)
        return response

    def is_stopping(self) -> bool:
        """Say whether ``stop`` was called."""
        return self._is_stopping


class _BrokenResponse(Response):
    """An answer that does not come through whole."""

    def __init__(self, whole: Response, fault: Fault, listener: Listener) -> None:
        super().__init__(bytes(whole.body), whole.status_code, dict(whole.headers))
        self._fault = fault
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the wire is used
        transport: asyncio.Transport = scope["state"]["transport"]
        match self._fault.kind:
            case "stall":
                await self._pause(self._fault.seconds, transport)
                _reset(transport)
            case "drip":
                await self._drip(transport)
            case "cut_body":
                transport.write(self._head(len(self.body)) + self._half())
                transport.close()
            case "cut_silent":
                transport.write(self._head(None) + self._half())
                transport.close()
            case _:
                _reset(transport)
        while (await receive())["type"] != "http.disconnect":
            pass

    async def _drip(self, transport: asyncio.Transport) -> None:
        """Send a few bytes at a time, for at most the fault's seconds: no single read is long, the whole is."""
        transport.write(self._head(len(self.body)))
        deadline = time.monotonic() + self._fault.seconds
        sent = 0
        while time.monotonic() < deadline and sent < len(self.body) and not transport.is_closing():
            transport.write(self.body[sent : sent + _DRIP_BYTES])
            sent += _DRIP_BYTES
            await self._pause(_DRIP_SECONDS, transport)
        transport.write(self.body[sent:])
        transport.close()

    async def _pause(self, seconds: float, transport: asyncio.Transport) -> None:
        """Wait, but no longer than somebody listens."""
        deadline = time.monotonic() + seconds
        # an event would not do: the stop comes from another thread, the hang-up from the other side
        while time.monotonic() < deadline and not (transport.is_closing() or self._listener.is_stopping()):  # noqa: ASYNC110
            await asyncio.sleep(min(_DRIP_SECONDS, seconds))

    def _half(self) -> bytes:
        return bytes(self.body[: len(self.body) // 2])

    def _head(self, length: int | None) -> bytes:
        """Write the head by hand; None leaves out the length, so that only the closing ends the body."""
        lines = [f"HTTP/1.1 {self.status_code} -"]
        lines += [f"{name}: {value}" for name, value in self.headers.items() if name != "content-length"]
        lines += ["connection: close"] if length is None else [f"content-length: {length}", "connection: close"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _reset(transport: asyncio.Transport) -> None:
    """Drop the connection at once, so that the other side sees a reset and not an end."""
    sock: Any = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
