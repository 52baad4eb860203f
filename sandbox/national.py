"""The national platform behind its door: session, sealed payload, envelope, and the method asked for."""

from __future__ import annotations

from collections.abc import Callable

from sandbox import national_checks as checks
from sandbox.answer import answer
from sandbox.cipher import KeyPair, Secrets, chance
from sandbox.clock import PlatformClock
from sandbox.faults import Fault
from sandbox.national_holdings import NationalHoldings
from sandbox.national_methods import Answered, NationalMethods
from sandbox.sessions import Sessions
from sandbox.wire import Call, Json, Refusal, Reply, Request, read_object, write_json

_EXPIRED = Reply("登录超时".encode(), 404, "text/plain;charset=UTF-8")
_TROUBLE = 9999
_PAGED = ("listServiceTimes", "listVolunteers")
_WRITES = ("addServiceTimes", "delServiceTimes")


class NationalPlatform(NationalHoldings):
    """中国志愿服务网 as the project models it."""

    path = "/webapi/{method}/query"

    def __init__(
        self, secrets: Secrets, request_key: KeyPair, clock: PlatformClock, *, seed: int = 0, token_seconds: int = 1800
    ) -> None:
        """Open an empty platform for one application; ``request_key`` is what requests are sealed with."""
        super().__init__(clock, seed)
        self._request_key = request_key
        self._quirks = chance("national quirks", seed)
        self._sessions = Sessions(clock, token_seconds, chance("national tokens", seed))
        methods = NationalMethods(self, secrets, request_key, self._sessions)
        self._methods: dict[str, Callable[[dict[str, Json], Call, Fault | None], Answered]] = {
            "login": methods.login,
            "listServiceTimes": methods.list_service_times,
            "listVolunteers": methods.list_volunteers,
            "addServiceTimes": methods.add_service_times,
            "delServiceTimes": methods.del_service_times,
        }

    def handle(self, request: Request) -> tuple[Reply, Fault | None]:
        """Answer a request, with the fault that the door must inject."""
        return answer(self, request)

    def identify(self, request: Request) -> Call:
        """Tell the method, and for a listing the page."""
        method = request.path.split("/")[-2]
        payload = self._open(request) if method in _PAGED else None
        page = payload.get("pageNum") if payload else 0
        return Call(
            method if method in self._methods else "unknown",
            page if isinstance(page, int) else 0,
            is_write=method in _WRITES,
            is_login=method == "login",
            is_of_hours=method == "listServiceTimes",
        )

    def serve(self, request: Request, call: Call, fault: Fault | None) -> Reply:
        """Check session and payload, do what is asked, wrap it."""
        if call.method not in self._methods:
            return Reply(b"Not Found", 404, "text/plain")
        if not call.is_login and not self._sessions.is_open(request.headers.get("token", "")):
            return _EXPIRED
        payload = self._open(request)
        if payload is None:
            return _refused(Refusal(checks.BAD_PARAMETERS, "参数错误：报文无法解密"))
        try:
            return self._wrap(self._methods[call.method](payload, call, fault))
        except Refusal as refusal:
            return _refused(refusal)

    def break_sessions(self, kind: str) -> None:
        """End every session; with the secret, refuse the next log-in too."""
        self._sessions.drop_all()
        if kind == "secret_expired":
            self._sessions.refuse_next()

    def fail(self) -> Reply:
        """Answer that the system is busy."""
        return _refused(Refusal(_TROUBLE, "系统繁忙，请稍后再试"))

    def _open(self, request: Request) -> dict[str, Json] | None:
        bean = read_object(request.form.get("bean", ""))
        if bean is None or set(bean) != {"encryData"} or set(request.form) != {"bean"}:
            return None
        try:
            return read_object(self._request_key.open(bean["encryData"]))
        except (ValueError, TypeError):
            return None

    def _wrap(self, answered: Answered) -> Reply:
        """Wrap data in the envelope, in one of the spellings that have been seen."""
        data = answered.data
        if data.startswith("[") and self._toss():
            data = f'{{"list":{data}}}'
        code = '"0"' if self._toss() else "0"
        mark = '"' if self._toss() else ""
        counts = f'"totalCount":{mark}{answered.total}{mark},"pageCount":{mark}{answered.pages}{mark}'
        return Reply(f'{{"code":{code},"message":"","data":{data},{counts},"pageNo":{answered.page}}}'.encode())

    def _toss(self) -> bool:
        return self._quirks.random() < 0.5  # noqa: PLR2004 - a coin


def _refused(refusal: Refusal) -> Reply:
    counts = {"totalCount": 0, "pageCount": 0, "pageNo": 0}
    return Reply(write_json({"code": refusal.code, "message": refusal.text, "data": None, **counts}).encode())
