"""One call answered: counted, spoilt by a fault where one is due, else served by its platform."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Protocol

from sandbox.clock import PlatformClock
from sandbox.faults import ANSWER_FAULTS, LISTING_FAULTS, ROW_FAULTS, Fault, Faults
from sandbox.wire import Call, Reply, Request

_HTML = "text/html;charset=UTF-8"
_FIREWALL_PAGE = "<!DOCTYPE html><html><head><title>统一身份认证</title></head><body>请登录后访问</body></html>"
_MAINTENANCE_PAGE = "<!DOCTYPE html><html><body>系统维护中，请稍后再试</body></html>"
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
        """Answer in the platform's way; the fault is one of the session, a listing or a row."""

    def fail(self) -> Reply:
        """Answer that the platform itself is in trouble, under HTTP 200."""


def answer(platform: Served, request: Request) -> tuple[Reply, Fault | None]:
    """Answer one request; give the fault with it, for the wire may have to inject it."""
    with platform.lock:
        call = platform.identify(request)
        platform.calls[call.method] += 1
        fault = platform.faults.draw(call)
        if fault is None:
            return platform.serve(request, call, None), None
        if fault.kind not in LISTING_FAULTS | ROW_FAULTS:
            platform.faults.count(fault, call)
        if fault.kind in ANSWER_FAULTS:
            return _spoilt(platform, request, call, fault), fault
        if fault.kind == "reset":
            return Reply(b""), fault
        return platform.serve(request, call, fault), fault


def _spoilt(platform: Served, request: Request, call: Call, fault: Fault) -> Reply:
    if fault.kind in _MADE_FIRST:
        return _garbled(platform.serve(request, call, None), fault.kind)
    match fault.kind:
        case "server_error":
            return Reply(b"Bad Gateway", fault.status, "text/plain")
        case "html":
            return Reply(_FIREWALL_PAGE.encode(), content_type=_HTML)
        case "empty_body":
            return Reply(b"")
        case "maintenance":
            return Reply(_MAINTENANCE_PAGE.encode(), 503, _HTML)
        case "throttle_seconds":
            return throttled(str(max(1, round(fault.seconds))))
        case "throttle_date":
            return throttled(platform.clock.http_date(max(1, round(fault.seconds))))
        case "throttle_bare":
            return throttled(None)
        case _:
            return platform.fail()


def throttled(retry_after: str | None) -> Reply:
    """Answer 429, with Retry-After or without."""
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return Reply("请求过于频繁".encode(), 429, "text/plain;charset=UTF-8", headers)


def _garbled(reply: Reply, kind: str) -> Reply:
    """Send the right text in the wrong encoding, or half of it as if it were whole."""
    body = reply.body.decode().encode("gb18030") if kind == "gb18030" else reply.body[: len(reply.body) // 2]
    return Reply(body, reply.status, reply.content_type, reply.headers)
