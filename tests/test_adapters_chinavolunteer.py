"""The national platform's adapter keeps the promise, and speaks exactly what PLATFORMS of this project writes down."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.base import Submission, Window
from adapters.chinavolunteer import profile
from adapters.chinavolunteer.adapter import ChinaVolunteer, from_settings
from adapters.crypto import field_cipher
from domain.clock import SHANGHAI
from domain.errors import BrokenAnswer, Refused, UsageError
from tests.adapter_contract.clock import NIGHT, MiddlingChance, StandingClock
from tests.adapter_contract.contract import ALWAYS, PERSON, AdapterContract
from tests.adapter_contract.server import Asked, Step, whole

RESPONSE_KEY, RESPONSE_IV = "00112233445566778899aabbccddeeff", "0f0e0d0c0b0a09080706050403020100"
REQUEST_KEY, REQUEST_IV = "fedcba98765432100123456789abcdef", "ffeeddccbbaa99887766554433221100"
SETTINGS = {
    "base_url": "http://127.0.0.1:9",
    "app_id": "demo",
    "app_secret": "an invented secret",
    "request_key": REQUEST_KEY,
    "request_iv": REQUEST_IV,
    "response_key": RESPONSE_KEY,
    "response_iv": RESPONSE_IV,
}
TEAM = "4502020000000000000000000000000N"
REQUESTS = field_cipher(("", REQUEST_KEY), ("", REQUEST_IV))
RESPONSES = field_cipher(("", RESPONSE_KEY), ("", RESPONSE_IV))
LOGIN = {"code": "0", "message": "", "data": {"token": "tok", "expiresIn": 1800}}


def _envelope(rows: list[Any], number: int = 1, total: int | None = None) -> dict[str, Any]:
    total = len(rows) if total is None else total
    return {
        "code": 0, "message": "", "data": rows,
        "totalCount": str(total), "pageCount": -(-total // 100), "pageNo": number,
    }  # fmt: skip


def _payload(form: dict[str, str]) -> dict[str, Any]:
    assert set(form) == {"bean"}
    payload: dict[str, Any] = json.loads(REQUESTS.decrypt(json.loads(form["bean"])["encryData"]))
    return payload


class TestChinaVolunteer(AdapterContract):
    folder = Path(__file__).parent / "platforms" / "chinavolunteer"
    scope = TEAM
    page_rows_max = 100

    @pytest.fixture(autouse=True)
    def _short_limits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        short = replace(profile.LIMITS, read_seconds_max=0.3, call_seconds_max=0.5, attempts_max=3)
        monkeypatch.setattr(profile, "LIMITS", short)

    def make(self, base_url: str, clock: StandingClock) -> ChinaVolunteer:
        return from_settings("national", {**SETTINGS, "base_url": base_url}, clock=clock, random=MiddlingChance())

    def log_in(self, asked: Asked) -> Step | None:
        return whole(json.dumps(LOGIN).encode()) if asked.path == "/webapi/login/query" else None

    def row(self, number: int) -> dict[str, Any]:
        row: dict[str, Any] = json.loads((self.folder / "hours.json").read_text(encoding="utf-8"))["data"][0]
        return {**row, "id": f"{number + 1:032x}"}

    def listing(self, pages: list[list[Any]]) -> list[bytes]:
        total = sum(map(len, pages))
        return [json.dumps(_envelope(rows, number, total)).encode() for number, rows in enumerate(pages, 1)]

    def row_count(self, recorded: bytes) -> int:
        data = json.loads(recorded.decode("utf-8", "replace"))["data"]
        return len(data["list"] if isinstance(data, dict) else data)

    def session_over(self) -> Step:
        return whole("登录超时".encode(), 404)

    def refusal(self, message: str) -> bytes:
        return json.dumps({"code": "1001", "message": message, "data": None}).encode()

    def submitted(self, submissions: tuple[Submission, ...], refused: set[int], message: str) -> bytes:
        data = [
            {"index": index, "code": 3, "message": message}
            if index in refused
            else {"index": index, "code": "0", "id": str(1000 + index)}
            for index in range(len(submissions))
        ]
        return json.dumps({"code": 0, "message": "", "data": data}).encode()


class Platform:
    """Answers in memory, and keeps what was asked."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers = list(answers)
        self.logins: list[dict[str, Any]] = []
        self.asked: list[tuple[str, dict[str, Any], str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        method = request.url.path.split("/")[2]
        payload = _payload(dict(httpx.QueryParams(request.content.decode())))
        if method == "login":
            self.logins.append(payload)
            return httpx.Response(200, json=LOGIN)
        self.asked.append((method, payload, request.headers["token"]))
        return self.answers.pop(0)


def _adapter(answer: Callable[[httpx.Request], httpx.Response], clock: StandingClock | None = None) -> ChinaVolunteer:
    wire = httpx.MockTransport(answer)
    return from_settings("national", SETTINGS, clock=clock or StandingClock(), random=MiddlingChance(), transport=wire)


def test_a_login_is_signed_and_a_page_is_asked_for_with_every_filter() -> None:
    platform = Platform(httpx.Response(200, json=_envelope([])))
    start = (NIGHT - timedelta(days=3)).replace(second=7)
    _adapter(platform).read_hours(TEAM, Window(start, NIGHT), None)
    stamp = int(NIGHT.timestamp() * 1000)
    # The figure is openssl's: printf 'demo\n1648751400000' | openssl dgst -sm3 -hmac 'an invented secret'
    sign = "657c0d3ecfa35087b966c00f69f5a033c12c3425a1d3e8b42987e977fa623272"
    assert platform.logins == [{"appId": "demo", "timestamp": stamp, "sign": sign}]
    assert platform.asked == [
        (
            "listServiceTimes",
            {
                "pageNum": 1,
                "pageSize": 100,
                "albx0177": TEAM,
                "updateStart": "2022-03-29 02:30:07",
                "updateEnd": "2022-04-01 02:30:00",
                "albx0174": "",
            },
            "tok",
        )
    ]


def test_an_open_window_is_asked_for_with_empty_filters() -> None:
    platform = Platform(httpx.Response(200, json=_envelope([])))
    _adapter(platform).read_hours(TEAM, ALWAYS, None)
    assert (platform.asked[0][1]["updateStart"], platform.asked[0][1]["updateEnd"]) == ("", "")


def test_a_window_in_another_zone_is_asked_for_in_local_time() -> None:
    platform = Platform(httpx.Response(200, json=_envelope([])))
    _adapter(platform).read_hours(TEAM, Window(None, NIGHT.astimezone(tz=None)), None)
    assert platform.asked[0][1]["updateEnd"] == "2022-04-01 02:30:00"


@pytest.mark.parametrize(
    "envelope",
    [
        {"totalCount": "2"},
        {"pageCount": 2},
        {"pageNo": 2},
        {"totalCount": -1},
        {"totalCount": None},
        {"pageCount": "many"},
        {"data": None},
        {"data": {"rows": []}},
        {"data": "[]"},
        {"code": None},
    ],
)
def test_an_answer_whose_own_counts_or_shape_disagree_is_broken(envelope: dict[str, Any]) -> None:
    row = json.loads((TestChinaVolunteer.folder / "hours.json").read_text(encoding="utf-8"))["data"][0]
    platform = Platform(*[httpx.Response(200, json={**_envelope([row]), **envelope}) for _ in range(5)])
    with pytest.raises(BrokenAnswer):
        _adapter(platform).read_hours(TEAM, ALWAYS, None)
    assert len(platform.asked) == 5


def test_a_login_refused_for_its_time_is_sent_once_more_with_the_platforms_time() -> None:
    stamps: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        payload = _payload(dict(httpx.QueryParams(request.content.decode())))
        if "timestamp" not in payload:
            return httpx.Response(200, json=_envelope([]))
        stamps.append(payload["timestamp"])
        date = {"Date": "Thu, 20 Oct 2022 18:30:00 GMT"}
        refused = {"code": 1003, "message": "时间戳超出允许范围", "data": None}
        return httpx.Response(200, json=LOGIN if len(stamps) > 1 else refused, headers=date)

    _adapter(answer).read_hours(TEAM, ALWAYS, None)
    assert stamps[0] == int(NIGHT.timestamp() * 1000)
    assert stamps[1] == 1_666_290_600_000


def test_a_login_refused_for_another_reason_is_sent_once_only() -> None:
    calls: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return httpx.Response(200, json={"code": 1002, "message": "签名错误", "data": None})

    with pytest.raises(Refused) as caught:
        _adapter(answer).check()
    assert len(calls) == 1
    assert caught.value.data == {
        "platform": "national", "what": "login", "platform_code": "1002", "message": "签名错误",
    }  # fmt: skip


def test_hours_are_submitted_under_the_names_of_writing() -> None:
    starts_at = NIGHT.replace(month=3, hour=9, minute=0)
    service = Submission(
        "SQABCDEFGHIJKLMNOPQRSTUVWX", PERSON, TEAM, "PJ1", "450202003000000000", "", starts_at,
        starts_at + timedelta(minutes=42, seconds=17),
    )  # fmt: skip
    platform = Platform(httpx.Response(200, json={"code": 0, "data": [{"index": 0, "code": 0, "id": "a"}]}))
    _adapter(platform).submit((service,), "R1")
    method, payload, _ = platform.asked[0]
    (row,) = payload["list"]
    assert method == "addServiceTimes"
    assert REQUESTS.decrypt(row.pop("cardno")) == PERSON.id_number
    assert row == {
        "albx0021": "450202003000000000", "albx0176": "PJ1", "albx0177": TEAM, "name": PERSON.name, "albx0175": "GX7",
        "bz": "SQABCDEFGHIJKLMNOPQRSTUVWX", "type": "1", "start": "2022-03-01 09:00:00", "end": "2022-03-01 09:42:17",
        "albx0172": "0.70",
    }  # fmt: skip


def test_hours_are_revoked_by_their_ids() -> None:
    platform = Platform(httpx.Response(200, json={"code": 0, "message": "", "data": None}))
    _adapter(platform).revoke(("a", "b"), "录错")
    assert platform.asked[0][:2] == ("delServiceTimes", {"ids": ["a", "b"]})


def test_volunteers_are_read_page_by_page() -> None:
    row = {
        "albx0175": " gx1 ", "name": "覃小英", "albp0004": "1", "cardno": RESPONSES.encrypt("459900195503071227"),
        "albp0063": "1", "albp0023": 1,
    }  # fmt: skip
    rows = [{**row, "albx0175": f"gx{number}"} for number in range(99)]
    odd = [{**row, "albp0063": "2", "albp0023": "0"}, {**row, "albp0063": "7"}]
    platform = Platform(
        httpx.Response(200, json=_envelope([*rows, odd[0]], 1, 101)),
        httpx.Response(200, json=_envelope([odd[1]], 2, 101)),
    )
    adapter = _adapter(platform)
    first = adapter.read_volunteers(TEAM, None)
    second = adapter.read_volunteers(TEAM, first.next_cursor)
    assert [asked[1]["pageNum"] for asked in platform.asked] == [1, 2]
    assert (first.volunteers[0].is_real_name, first.volunteers[0].is_active) == (True, True)
    assert (first.volunteers[-1].volunteer_number, first.volunteers[-1].is_real_name) == ("GX1", None)
    assert not first.volunteers[-1].is_active
    assert [(row.external_id, row.reason) for row in second.quarantined] == [("GX1", "code_unknown")]
    assert second.next_cursor is None


def test_this_platform_has_no_day_sums() -> None:
    assert _adapter(Platform()).summarise(TEAM, NIGHT.astimezone(SHANGHAI).date()) is None


@pytest.mark.parametrize("key", sorted(SETTINGS))
def test_a_missing_setting_is_named(key: str) -> None:
    settings = {name: value for name, value in SETTINGS.items() if name != key}
    with pytest.raises(UsageError) as caught:
        from_settings("national", settings, clock=StandingClock(), random=MiddlingChance())
    assert caught.value.data["setting"] == f"platforms.national.{key}"


@pytest.mark.parametrize("key", ["request_key", "request_iv", "response_key", "response_iv"])
@pytest.mark.parametrize("value", ["0" * 31, "0" * 33, "g" * 32, "０" * 32])
def test_a_malformed_key_is_named_and_not_shown(key: str, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_settings("national", {**SETTINGS, key: value}, clock=StandingClock(), random=MiddlingChance())
    assert caught.value.data == {"setting": f"platforms.national.{key}"}
