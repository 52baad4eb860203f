"""A wire without sockets: requests go straight to a modelled platform, and break as connections break."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl

import httpx

from sandbox.faults import WIRE_FAULTS
from sandbox.listener import Platform
from sandbox.wire import Reply, Request
from tests.nights import HandClock

_DRIPS = 8


class SimulatedWire(httpx.BaseTransport):
    """Carries calls to one platform; ``hear`` is told every body that left it whole."""

    def __init__(self, platform: Platform, clock: HandClock, hear: Callable[[bytes], None]) -> None:
        self._platform = platform
        self._clock = clock
        self._hear = hear

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.read().decode(), keep_blank_values=True))
        headers = {name.lower(): value for name, value in request.headers.items()}
        reply, fault = self._platform.handle(Request(request.url.path, form, headers))
        if fault is None or fault.kind not in WIRE_FAULTS:
            self._hear(reply.body)
            return self._answer(reply, httpx.ByteStream(reply.body))
        return self._broken(request, reply, fault.kind, fault.seconds)

    def _answer(self, reply: Reply, stream: httpx.SyncByteStream) -> httpx.Response:
        told = {"date": self._platform.clock.http_date(), "content-type": reply.content_type, **reply.headers}
        return httpx.Response(reply.status, headers=told, stream=stream)

    def _broken(self, request: httpx.Request, reply: Reply, kind: str, seconds: float) -> httpx.Response:
        """Give the answer that does not come through whole, or none."""
        half = reply.body[: len(reply.body) // 2]
        match kind:
            case "stall":
                self._clock.sleep(seconds)
                raise httpx.ReadTimeout(kind, request=request)
            case "drip":
                self._hear(reply.body)
                return self._answer(reply, _Dripping(reply.body, seconds, self._clock))
            case "cut_silent":
                return self._answer(reply, httpx.ByteStream(half))
            case "cut_body":
                return self._answer(reply, _Cut(half, request))
            case _:
                raise httpx.ReadError(kind, request=request)


class _Dripping(httpx.SyncByteStream):
    """A body of which every part takes a while, but no single read too long."""

    def __init__(self, body: bytes, seconds: float, clock: HandClock) -> None:
        self._body = body
        self._seconds = seconds
        self._clock = clock

    def __iter__(self) -> Iterator[bytes]:
        size = max(1, len(self._body) // _DRIPS)
        for start in range(0, len(self._body), size):
            self._clock.sleep(self._seconds / _DRIPS)
            yield self._body[start : start + size]


class _Cut(httpx.SyncByteStream):
    """A body that ends before the length that was promised."""

    def __init__(self, half: bytes, request: httpx.Request) -> None:
        self._half = half
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        yield self._half
        raise httpx.RemoteProtocolError("cut_body", request=self._request)
