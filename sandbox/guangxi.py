"""The Guangxi platform behind its door: limit, signature, session, both envelopes, and the interface asked for."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from itertools import cycle

from sandbox import guangxi_checks as checks
from sandbox.answer import answer, throttled
from sandbox.cipher import Secrets, chance
from sandbox.clock import PlatformClock
from sandbox.faults import Fault
from sandbox.guangxi_holdings import GuangxiHoldings
from sandbox.guangxi_reads import GuangxiReads
from sandbox.guangxi_writes import GuangxiWrites
from sandbox.sessions import Sessions
from sandbox.wire import Call, Json, Refusal, Reply, Request, read_object, write_json

_LISTINGS = ("hours.query", "volunteers.query")
_WRITES = ("hours.submit", "hours.revoke")
_SECRET_EXPIRED = 403


class GuangxiPlatform(GuangxiHoldings):
    """桂志愿 as the project models it."""

    path = "/interface/gateway"

    def __init__(
        self,
        secrets: Secrets,
        clock: PlatformClock,
        *,
        seed: int = 0,
        token_seconds: int = 900,
        calls_per_second_max: int | None = 5,
    ) -> None:
        """Open an empty platform for one application; ``calls_per_second_max`` None lifts its limit."""
        super().__init__(clock)
        self.calls_per_second_max = calls_per_second_max
        self._secrets = secrets
        self._quirks = chance("guangxi quirks", seed)
        self._sessions = Sessions(clock, token_seconds, chance("guangxi tokens", seed))
        self._recent: deque[float] = deque()
        self._waits = cycle(("seconds", "date", "bare"))
        reads, writes = GuangxiReads(self, secrets), GuangxiWrites(self, secrets)
        self._interfaces: dict[str, Callable[[dict[str, Json], Call, Fault | None], Json]] = {
            "auth.token": self._auth_token,
            "hours.query": reads.hours_query,
            "hours.summary": reads.hours_summary,
            "volunteers.query": reads.volunteers_query,
            "hours.submit": writes.hours_submit,
            "hours.revoke": writes.hours_revoke,
        }

    def handle(self, request: Request) -> tuple[Reply, Fault | None]:
        """Answer a request, with the fault that the door must inject."""
        if self._is_too_fast():
            return self._throttle(), None
        return answer(self, request)

    def identify(self, request: Request) -> Call:
        """Tell the interface, and for a listing the page that its cursor leads to."""
        method = request.form.get("interface_id", "")
        page = self._page(request) if method in _LISTINGS else 0
        return Call(
            method if method in self._interfaces else "unknown",
            page,
            is_write=method in _WRITES,
            is_login=method == "auth.token",
            is_of_hours=method == "hours.query",
            has_cursor=method in _LISTINGS,
        )

    def _page(self, request: Request) -> int:
        cursor = (read_object(request.form.get("biz_content", "")) or {}).get("cursor")
        try:
            return 1 if cursor is None else int(checks.read_cursor(cursor, self._secrets.app_secret)["page"])
        except Refusal:
            return 0

    def _is_too_fast(self) -> bool:
        if self.calls_per_second_max is None:
            return False
        with self.lock:
            now = time.monotonic()
            while self._recent and now - self._recent[0] >= 1:
                self._recent.popleft()
            if len(self._recent) >= self.calls_per_second_max:
                return True
            self._recent.append(now)
            return False

    def _throttle(self) -> Reply:
        self.calls["throttled"] += 1
        match next(self._waits):
            case "seconds":
                return throttled("1")
            case "date":
                return throttled(self.clock.http_date(1))
            case _:
                return throttled(None)

    def serve(self, request: Request, call: Call, fault: Fault | None) -> Reply:
        """Check form, signature and session, do what is asked, wrap it twice."""
        try:
            checks.check_form(request.form, self._secrets, self.clock.milliseconds())
        except Refusal as refusal:
            return _refused_outside(refusal)
        try:
            data = self._do(request, call, fault)
        except Refusal as refusal:
            return self._wrap(
                f'{{"code":{refusal.code},"success":false,"message":{write_json(refusal.text)},"data":null}}'
            )
        body = data if isinstance(data, str) else write_json(data)
        return self._wrap(f'{{"code":200,"success":true,"message":"","data":{body}}}')

    def break_sessions(self, kind: str) -> None:
        """End every session; with the secret, refuse the next log-in too."""
        self._sessions.drop_all()
        if kind == "secret_expired":
            self._sessions.refuse_next()

    def _do(self, request: Request, call: Call, fault: Fault | None) -> Json:
        payload = read_object(request.form["biz_content"])
        header = read_object(request.form["header"])
        if payload is None or header is None:
            raise Refusal(checks.BAD_PARAMETERS, "报文不是JSON对象")
        if call.method not in self._interfaces:
            raise Refusal(checks.NOT_FOUND, "接口不存在")
        if not call.is_login and not self._sessions.is_open(str(header.get("accessToken", ""))):
            raise Refusal(checks.NO_SESSION, "accessToken已过期")
        return self._interfaces[call.method](payload, call, fault)

    def fail(self) -> Reply:
        """Answer that the system is in trouble, in the inner layer."""
        return self._wrap('{"code":500,"success":false,"message":"系统异常","data":null}')

    def _wrap(self, inner: str) -> Reply:
        code = '"200"' if self._quirks.random() < 0.5 else "200"  # noqa: PLR2004 - a coin
        return Reply(f'{{"code":{code},"success":true,"message":"","data":{write_json(inner)}}}'.encode())

    def _auth_token(self, payload: dict[str, Json], _call: Call, _fault: Fault | None) -> Json:
        checks.check_fields(payload, ())
        if self._sessions.use_refusal():
            raise Refusal(_SECRET_EXPIRED, "应用密钥已过期")
        return {"accessToken": self._sessions.open(), "expiresIn": self._sessions.lifetime_seconds}


def _refused_outside(refusal: Refusal) -> Reply:
    envelope = {"code": str(refusal.code), "success": False, "message": refusal.text, "data": None}
    return Reply(write_json(envelope).encode())
