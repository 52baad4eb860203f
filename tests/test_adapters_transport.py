"""The transport seam: what is tried again and when, what is never told, and what may not be called."""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import respx

from adapters.transport import Answer, Limits, Request, Transport
from domain.errors import BrokenAnswer, Refused, Throttled, UnknownOutcome, Unreachable
from tests.adapter_contract.clock import NIGHT, MiddlingChance, StandingClock
from tests.adapter_contract.server import ScriptedServer, whole

URL = "http://127.0.0.1:9"
HUSH = "459900195503071227"


def _transport(answer: Callable[[httpx.Request], httpx.Response], clock: StandingClock, **limits: float) -> Transport:
    return Transport(
        "national", URL, clock=clock, random=MiddlingChance(), limits=Limits(**limits),  # type: ignore[arg-type]
        wire=httpx.MockTransport(answer),
    )  # fmt: skip


def _request() -> Request:
    return Request("/ask", f"bean={HUSH}".encode(), (("token", HUSH),))


def _body(answer: Answer) -> bytes:
    return answer.body


def _routed(*responses: httpx.Response | type[Exception]) -> tuple[respx.MockRouter, respx.Route]:
    router = respx.MockRouter(assert_all_called=False)
    return router, router.post(f"{URL}/ask").mock(side_effect=list(responses))


def test_waits_between_reads_grow_and_never_pass_their_limit() -> None:
    router, route = _routed(*[httpx.Response(503)] * 9, httpx.Response(200, content=b"here"))
    clock = StandingClock()
    transport = _transport(router.handler, clock, attempts_max=10, wait_seconds_first=1.0, wait_seconds_max=20.0)
    assert transport.read("ask", _request, _body) == b"here"
    # Half of each wait is chance, and this chance always says one half.
    assert clock.sleeps == [0.75, 1.5, 3.0, 6.0, 12.0, 15.0, 15.0, 15.0, 15.0]
    assert route.call_count == 10


def test_two_clients_do_not_come_back_together() -> None:
    waits = []
    for seed in (1, 2):
        router, _ = _routed(httpx.Response(503), httpx.Response(200))
        clock = StandingClock()
        wire = httpx.MockTransport(router.handler)
        chance = random.Random(seed)  # noqa: S311 - jitter keeps no secret
        transport = Transport("national", URL, clock=clock, random=chance, limits=Limits(), wire=wire)
        transport.read("ask", _request, _body)
        waits.append(clock.sleeps[0])
    assert waits[0] != waits[1]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (httpx.ConnectError, "platform_unreachable"),
        (httpx.ConnectTimeout, "platform_unreachable"),
        (httpx.ReadTimeout, "platform_timeout"),
        (httpx.ReadError, "platform_cut_off"),
        (httpx.RemoteProtocolError, "platform_cut_off"),
        (httpx.Response(500), "platform_server_error"),
        (httpx.Response(503), "platform_server_error"),
    ],
)
def test_a_read_ends_after_its_attempts_with_what_happened_last(
    fault: httpx.Response | type[Exception], code: str
) -> None:
    router, route = _routed(*[fault] * 5)
    with pytest.raises(Unreachable) as caught:
        _transport(router.handler, StandingClock()).read("ask", _request, _body)
    assert caught.value.code == code
    assert caught.value.data["platform"] == "national"
    assert caught.value.data["what"] == "ask"
    assert route.call_count == 5


@pytest.mark.parametrize("fault", [httpx.ConnectError, httpx.ConnectTimeout])
def test_a_write_that_did_not_connect_is_tried_again(fault: type[Exception]) -> None:
    router, route = _routed(fault, fault, httpx.Response(200, content=b"done"))
    assert _transport(router.handler, StandingClock()).write("add", _request, _body) == b"done"
    assert route.call_count == 3


@pytest.mark.parametrize(
    "fault", [httpx.ReadTimeout, httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError, httpx.Response(502)]
)
def test_a_write_that_may_have_arrived_is_never_tried_again(fault: httpx.Response | type[Exception]) -> None:
    router, route = _routed(fault, httpx.Response(200))
    with pytest.raises(UnknownOutcome):
        _transport(router.handler, StandingClock()).write("add", _request, _body)
    assert route.call_count == 1


def test_a_write_that_was_one_call_too_many_is_known_not_to_be_done() -> None:
    router, route = _routed(httpx.Response(429), httpx.Response(200))
    with pytest.raises(Throttled):
        _transport(router.handler, StandingClock()).write("add", _request, _body)
    assert route.call_count == 1


def test_a_refusal_is_not_argued_with() -> None:
    def decode(_answer: Answer) -> None:
        raise Refused("platform_refused", platform="national")

    router, route = _routed(httpx.Response(200), httpx.Response(200))
    with pytest.raises(Refused):
        _transport(router.handler, StandingClock()).read("ask", _request, decode)
    assert route.call_count == 1


@pytest.mark.parametrize(
    ("told", "least_seconds"),
    [("3", 3), (" 60 ", 60), ("Thu, 31 Mar 2022 18:30:42 GMT", 42), ("Thu, 31 Mar 2022 18:29:00 GMT", 0)],
)
def test_retry_after_is_honoured_in_each_of_its_forms(told: str, least_seconds: int) -> None:
    router, _ = _routed(httpx.Response(429, headers={"Retry-After": told}), httpx.Response(200))
    clock = StandingClock()
    _transport(router.handler, clock).read("ask", _request, _body)
    assert least_seconds <= clock.sleeps[0] < least_seconds + 2


def test_a_date_in_retry_after_is_seen_from_the_platforms_clock() -> None:
    headers = {"Date": "Thu, 20 Oct 2022 18:30:00 GMT", "Retry-After": "Thu, 20 Oct 2022 18:30:05 GMT"}
    router, _ = _routed(httpx.Response(429, headers=headers), httpx.Response(200))
    clock = StandingClock()
    _transport(router.handler, clock).read("ask", _request, _body)
    assert 5 <= clock.sleeps[0] < 7


@pytest.mark.parametrize("told", ["61", "9" * 5000, "Fri, 01 Apr 2022 18:30:00 GMT"])
def test_a_longer_rest_than_we_wait_is_an_error_at_once(told: str) -> None:
    router, route = _routed(httpx.Response(429, headers={"Retry-After": told}))
    clock = StandingClock()
    with pytest.raises(Throttled):
        _transport(router.handler, clock).read("ask", _request, _body)
    assert (clock.sleeps, route.call_count) == ([], 1)


@pytest.mark.parametrize("told", ["yesterday", "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 99999999999999 1:1:1 GMT"])
def test_the_platforms_clock_is_ours_until_it_tells_its_own(told: str) -> None:
    router, _ = _routed(
        httpx.Response(200), httpx.Response(200, headers={"Date": "Thu, 31 Mar 2022 18:25:00 GMT"}),
        httpx.Response(200, headers={"Date": told}),
    )  # fmt: skip
    transport = _transport(router.handler, StandingClock())
    transport.read("ask", _request, _body)
    assert transport.platform_now() == NIGHT
    for _ in range(2):
        transport.read("ask", _request, _body)
        assert transport.platform_now() == NIGHT - timedelta(minutes=5)


def test_a_stamp_is_put_right_once() -> None:
    stamps: list[datetime] = []
    router, _ = _routed(*[httpx.Response(200, headers={"Date": "Thu, 31 Mar 2022 12:00:00 GMT"})] * 3)
    transport = _transport(router.handler, StandingClock())

    def prepare() -> Request:
        stamps.append(transport.platform_now())
        return Request("/ask", b"", stamped_at=stamps[-1])

    def decode(_answer: Answer) -> None:
        raise Refused("platform_refused", platform="national")

    with pytest.raises(Refused):
        transport.read("ask", prepare, decode)
    assert stamps == [NIGHT, datetime(2022, 3, 31, 12, tzinfo=UTC)]


@pytest.mark.parametrize("fault", [httpx.ReadTimeout, httpx.ConnectError, httpx.Response(429), httpx.Response(302)])
def test_nothing_of_a_request_is_told_by_an_error(fault: httpx.Response | type[Exception]) -> None:
    router, _ = _routed(*[fault] * 5)
    with pytest.raises((Unreachable, Throttled, BrokenAnswer)) as caught:
        _transport(router.handler, StandingClock()).read("ask", _request, _body)
    assert HUSH not in "".join(traceback.format_exception(caught.value))
    assert URL not in str(caught.value)
    assert HUSH not in repr(_request())


def test_a_body_is_cut_at_its_limit() -> None:
    router, _ = _routed(*[httpx.Response(200, content=b"x" * 1001)] * 5)
    with pytest.raises(BrokenAnswer) as caught:
        _transport(router.handler, StandingClock(), answer_bytes_max=1000).read("ask", _request, _body)
    assert caught.value.code == "answer_too_big"


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with ScriptedServer([whole(b"here")], lambda _asked: None).running() as server:
        transport = Transport(
            "national", server.url, clock=StandingClock(), random=MiddlingChance(), limits=Limits(attempts_max=1)
        )
        assert transport.read("ask", _request, _body) == b"here"
        transport.close()


def test_a_server_that_cannot_prove_itself_is_not_spoken_to() -> None:
    with ScriptedServer([], lambda _asked: None).running() as server:
        url = server.url.replace("http:", "https:")
        transport = Transport(
            "national",
            url,
            clock=StandingClock(),
            random=MiddlingChance(),
            limits=Limits(attempts_max=1, connect_seconds_max=0.3),
        )
        with pytest.raises(Unreachable):
            transport.read("ask", _request, _body)
        transport.close()
        assert server.asked == []
