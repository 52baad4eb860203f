"""The one seam through which every HTTP call of the house goes; nothing else knows which library makes it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import httpx
import tenacity

from adapters.base import Chance
from adapters.deadline import Deadline, DeadlineTransport
from adapters.pace import Budget, http_date, retry_after_seconds
from domain.clock import Clock
from domain.errors import BrokenAnswer, PlatformError, Refused, Throttled, UnknownOutcome, Unreachable

Wire = httpx.BaseTransport
"""What carries requests: a test or a simulation may pass in its own."""

T = TypeVar("T")
_STAMP_TOLERANCE = timedelta(seconds=240)
_SERVER_ERROR = 500
_REDIRECTS = range(300, 400)
_THROTTLED = 429
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
    "User-Agent": "shiqiao",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, how much and how often; all of one platform's calls share them."""

    connect_seconds_max: float = 5.0
    read_seconds_max: float = 15.0
    call_seconds_max: float = 30.0
    answer_bytes_max: int = 16 * 1024 * 1024
    attempts_max: int = 5
    wait_seconds_first: float = 0.5
    wait_seconds_max: float = 20.0
    retry_after_seconds_max: int = 60
    calls_per_second: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One POST: the path below the base URL, the form body's bytes, further headers.

    ``stamped_at`` is the instant that the request names as its own, where it names one.
    """

    path: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    stamped_at: datetime | None = None

    def __repr__(self) -> str:
        """Show the path alone: body and headers hold secrets and persons."""
        return f"Request({self.path})"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status below 500 that is neither a redirect nor 429, with the whole body as it came."""

    status: int
    body: bytes

    def __repr__(self) -> str:
        """Show no byte of the body."""
        return f"Answer({self.status}, {len(self.body)} bytes)"


class _NotConnected(Unreachable):
    """No byte of the request has left: even a write may be tried again."""


class Transport:
    """Calls one platform. Threads may share it; it makes one call at a time.

    It speaks to the wire as it is: a client around it would follow redirects, keep cookies and ask the environment,
    none of which is wanted here, and cost a page of rows as much again as to fetch them.

    ``prepare`` makes the request anew for every attempt (its time stamp must be fresh); ``decode`` reads the answer
    and raises ``BrokenAnswer`` where it is not whole, ``Refused`` where the platform says no.
    """

    def __init__(  # noqa: PLR0913 - clock, chance, limits and wire are passed in by name
        self, platform: str, base_url: str, *, clock: Clock, random: Chance, limits: Limits, wire: Wire | None = None
    ) -> None:
        """Take everything that is not ours to choose; open no connection yet."""
        self._platform = platform
        self._clock = clock
        self._random = random
        self._limits = limits
        self._deadline = Deadline(clock)
        self._budget = Budget(limits.calls_per_second, clock)
        self._offset = timedelta(0)
        self._base_url = base_url.rstrip("/")
        self._lock = threading.RLock()
        self._wire = wire or DeadlineTransport(self._deadline)
        read, connect = limits.read_seconds_max, limits.connect_seconds_max
        self._extensions = {"timeout": {"connect": connect, "read": read, "write": read, "pool": read}}

    def platform_now(self) -> datetime:
        """Give the platform's clock: ours, corrected by the ``Date`` of its last answer; aware."""
        return self._clock.real_now() + self._offset

    def read(self, what: str, prepare: Callable[[], Request], decode: Callable[[Answer], T]) -> T:
        """Ask, and ask again where the answer was late, missing or broken.

        Raises:
            PlatformError: of the last attempt.
        """
        return self._repeated(what, prepare, decode, (Unreachable, BrokenAnswer, Throttled))

    def write(self, what: str, prepare: Callable[[], Request], decode: Callable[[Answer], T]) -> T:
        """Send once; again only while no connection came about.

        Raises:
            UnknownOutcome: the request may have arrived, and no whole answer came back.
            PlatformError: the platform said no, or was never reached.
        """
        try:
            return self._repeated(what, prepare, decode, (_NotConnected,))
        except _NotConnected:
            raise
        except (Unreachable, BrokenAnswer) as lost:
            raise UnknownOutcome("outcome_unknown", platform=self._platform, what=what, because=lost.code) from None

    def close(self) -> None:
        """Give connections back."""
        self._wire.close()

    def _repeated(
        self,
        what: str,
        prepare: Callable[[], Request],
        decode: Callable[[Answer], T],
        faults: tuple[type[PlatformError], ...],
    ) -> T:
        def may_repeat(fault: BaseException) -> bool:
            return isinstance(fault, faults) and not self._is_told_to_wait_too_long(fault)

        attempts = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._limits.attempts_max),
            wait=self._wait_seconds,
            sleep=self._clock.sleep,
            retry=tenacity.retry_if_exception(may_repeat),
            reraise=True,
        )
        with self._lock:
            result: T = attempts(self._once_more_if_misdated, what, prepare, decode)
        return result

    def _once_more_if_misdated(self, what: str, prepare: Callable[[], Request], decode: Callable[[Answer], T]) -> T:
        """Call; where a refusal's ``Date`` shows that our stamp was off, call once more with the stamp put right."""
        request = prepare()
        try:
            return decode(self._call(what, request))
        except Refused:
            stamp = request.stamped_at
            if stamp is None or abs(self.platform_now() - stamp) < _STAMP_TOLERANCE:
                raise
        return decode(self._call(what, prepare()))

    def _is_told_to_wait_too_long(self, fault: BaseException) -> bool:
        wait_seconds = fault.data.get("wait_seconds", 0) if isinstance(fault, Throttled) else 0
        return int(wait_seconds) > self._limits.retry_after_seconds_max

    def _wait_seconds(self, state: tenacity.RetryCallState) -> float:
        """Give what the platform told us to wait, else a growing time of which half is chance."""
        fault = state.outcome.exception() if state.outcome else None
        grown: float = min(
            self._limits.wait_seconds_first * 2 ** (state.attempt_number - 1), self._limits.wait_seconds_max
        )
        jittered = grown * (0.5 + self._random.random() / 2)
        if isinstance(fault, Throttled) and "wait_seconds" in fault.data:
            # Many clients are told the same second: the jitter keeps them from coming back together.
            return int(fault.data["wait_seconds"]) + jittered / 4
        return jittered

    def _call(self, what: str, request: Request) -> Answer:
        self._budget.spend()
        self._deadline.set(self._limits.call_seconds_max)
        try:
            status, headers, body = self._exchange(what, request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise _NotConnected("platform_unreachable", platform=self._platform, what=what) from None
        except httpx.TimeoutException:
            raise Unreachable("platform_timeout", platform=self._platform, what=what) from None
        except httpx.TransportError:
            raise Unreachable("platform_cut_off", platform=self._platform, what=what) from None
        self._judge(what, status, headers)
        return Answer(status, body)

    def _exchange(self, what: str, request: Request) -> tuple[int, httpx.Headers, bytes]:
        headers = {**_HEADERS, **dict(request.headers)}
        url = f"{self._base_url}{request.path}"
        asked = httpx.Request("POST", url, content=request.body, headers=headers, extensions=self._extensions)
        response = self._wire.handle_request(asked)
        try:
            self._read_clock(response.headers)
            if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                # We asked for none: what cannot be unpacked cannot be a bomb.
                raise BrokenAnswer("answer_encoded", platform=self._platform, what=what)
            return response.status_code, response.headers, self._body(what, response)
        finally:
            response.close()

    def _body(self, what: str, response: httpx.Response) -> bytes:
        parts: list[bytes] = []
        size_bytes = 0
        for part in response.iter_bytes():
            size_bytes += len(part)
            if size_bytes > self._limits.answer_bytes_max:
                raise BrokenAnswer("answer_too_big", platform=self._platform, what=what)
            if self._deadline.is_over:
                raise Unreachable("platform_timeout", platform=self._platform, what=what)
            parts.append(part)
        return b"".join(parts)

    def _read_clock(self, headers: httpx.Headers) -> None:
        told = http_date(headers.get("Date"))
        if told is not None:
            self._offset = told - self._clock.real_now()

    def _judge(self, what: str, status: int, headers: httpx.Headers) -> None:
        if status >= _SERVER_ERROR:
            raise Unreachable("platform_server_error", platform=self._platform, what=what, status=status)
        if status in _REDIRECTS:
            raise BrokenAnswer("answer_redirected", platform=self._platform, what=what, status=status)
        if status == _THROTTLED:
            told = retry_after_seconds(headers.get("Retry-After"), self.platform_now())
            wait = {} if told is None else {"wait_seconds": told}
            raise Throttled("platform_throttled", platform=self._platform, what=what, **wait)
