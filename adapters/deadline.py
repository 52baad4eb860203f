"""A wire that is cut when a call's whole time is up, however slowly its bytes drip in."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from domain.clock import Clock

_CONNECTIONS_MAX = 2
_KEPT_OPEN_SECONDS = 30.0
_ROUNDS_UP_SECONDS = 0.001


class Deadline:
    """When the call now under way must be over, on the clock's monotonic scale; one call at a time."""

    def __init__(self, clock: Clock) -> None:
        """Start without a limit."""
        self._clock = clock
        self._ends_at: float | None = None

    def set(self, seconds: float) -> None:
        """Give the next call ``seconds`` from now, for connecting, sending and reading together."""
        self._ends_at = self._clock.monotonic() + seconds

    @property
    def is_over(self) -> bool:
        """Tell whether the time is up."""
        return self._ends_at is not None and self._clock.monotonic() >= self._ends_at

    def cut(self, timeout: float | None) -> float | None:
        """Give the shorter of ``timeout`` and what is left, in seconds, and never zero (it would not wait at all)."""
        if self._ends_at is None:
            return timeout
        left = max(self._ends_at - self._clock.monotonic(), _ROUNDS_UP_SECONDS)
        return left if timeout is None else min(timeout, left)


class _CutStream(httpcore.NetworkStream):
    """A network stream of which every single read and write ends at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._deadline.is_over:
            raise httpcore.ReadTimeout
        return self._stream.read(max_bytes, self._deadline.cut(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._deadline.is_over:
            raise httpcore.WriteTimeout
        self._stream.write(buffer, self._deadline.cut(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.cut(timeout))
        return _CutStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - the library's own signature
        return self._stream.get_extra_info(info)


class _CutBackend(httpcore.SyncBackend):
    """Opens streams that end at the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        stream = super().connect_tcp(host, port, self._deadline.cut(timeout), local_address, socket_options)
        return _CutStream(stream, self._deadline)


class DeadlineTransport(httpx.HTTPTransport):
    """The real transport: verified TLS, nothing from the environment, and a pool whose wires obey a deadline."""

    def __init__(self, deadline: Deadline) -> None:
        """Open nothing yet."""
        context = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False)
        # httpx has no door for a network backend of one's own; its pool is the one thing that is exchanged here.
        self._pool.close()
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=_CONNECTIONS_MAX,
            keepalive_expiry=_KEPT_OPEN_SECONDS,
            network_backend=_CutBackend(deadline),
        )
