"""One call answered: counted, spoilt by a fault where one is due, else served by its platform."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Protocol

from sandbox.clock import PlatformClock
from sandbox.faults import ANSWER_FAULTS, SESSION_FAULTS, SHOWN_FAULTS, Fault, Faults
from sandbox.wire import Call, Reply, Request

_HTML = "text/html;charset=UTF-8"
_FIREWALL_PAGE = "<!DOCTYPE html><html><head><title>统一身份认证</title></head><body>请登录后访问</body></html>"
_MAINTENANCE_PAGE = "<!DOCTYPE html><html><body>系统维护中，请稍后再试</body></html>"
_PAGES = {
    "html": Reply(_FIREWALL_PAGE.encode(), content_type=_HTML),
    "empty_body": Reply(b""),
    "maintenance": Reply(_MAINTENANCE_PAGE.encode(), 503, _HTML),
}
_MADE_FIRST = frozenset({"gb18030", "cut_json"})


class Served(Protocol):
    """What a platform brings to be answered for."""

    clock: PlatformClock
    faults: Faults
    lock: threading.RLock
    calls: Counter[str]

    def identify(self, request: Request) -> Call:
        """Tell what a request asks for, as far as that can be told before it is checked."""

    def serve(self, request: Request, call: Call, fault: Fault | None) -> Reply:
        """Answer in the platform's way; the fault is one of a listing or a row, and counted where it really shows."""

    def break_sessions(self, kind: str) -> None:
        """End every session; with the secret, refuse the next log-in too."""

    def fail(self) -> Reply:
        """Answer that the platform itself is in trouble, under HTTP 200."""


def answer(platform: Served, request: Request) -> tuple[Reply, Fault | None]:
    """Answer one request; give the fault with it, for the wire may have to inject it."""
    with platform.lock:
        call = platform.identify(request)
        platform.calls[call.method] += 1
        fault = platform.faults.draw(call)
        if fault is None or fault.kind in SHOWN_FAULTS:
            return platform.serve(request, call, fault), None
        platform.faults.count(fault, call)
        if fault.kind in ANSWER_FAULTS:
            return _spoilt(platform, request, call, fault), None
        if fault.kind in SESSION_FAULTS:
            platform.break_sessions(fault.kind)
        reply = Reply(b"") if fault.kind == "reset" else platform.serve(request, call, None)
        return reply, fault


def _spoilt(platform: Served, request: Request, call: Call, fault: Fault) -> Reply:
    """Give the answer that stands in the place of the right one, or the right one garbled."""
    if fault.kind in _MADE_FIRST:
        return _garbled(platform.serve(request, call, None), fault.kind)
    if fault.kind == "error_code":
        return platform.fail()
    if fault.kind == "server_error":
        return Reply(b"Bad Gateway", fault.status, "text/plain")
    if fault.kind in _PAGES:
        return _PAGES[fault.kind]
    seconds = max(1, round(fault.seconds))
    waits = {"throttle_seconds": str(seconds), "throttle_date": platform.clock.http_date(seconds)}
    return throttled(waits.get(fault.kind))


def throttled(retry_after: str | None) -> Reply:
    """Answer 429, with Retry-After or without."""
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return Reply("请求过于频繁".encode(), 429, "text/plain;charset=UTF-8", headers)


def _garbled(reply: Reply, kind: str) -> Reply:
    """Send the right text in the wrong encoding, or half of it as if it were whole."""
    body = reply.body.decode().encode("gb18030") if kind == "gb18030" else reply.body[: len(reply.body) // 2]
    return Reply(body, reply.status, reply.content_type, reply.headers)
