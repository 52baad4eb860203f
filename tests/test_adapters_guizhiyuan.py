"""The Guangxi platform's adapter keeps the promise, and speaks exactly what PLATFORMS of this project writes down."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.base import DaySummary, Submission, Window
from adapters.crypto import field_cipher
from adapters.guizhiyuan import profile
from adapters.guizhiyuan.adapter import Guizhiyuan, from_settings
from domain.errors import BrokenAnswer, Refused, UsageError
from tests.adapter_contract.clock import NIGHT, MiddlingChance, StandingClock
from tests.adapter_contract.contract import ALWAYS, PERSON, AdapterContract
from tests.adapter_contract.server import Asked, Step, whole

DATA_KEY, DATA_IV = "00112233445566778899aabbccddeeff", "0f0e0d0c0b0a09080706050403020100"
SETTINGS = {
    "base_url": "http://127.0.0.1:9",
    "app_id": "demo",
    "app_secret": "an invented secret",
    "data_key": DATA_KEY,
    "data_iv": DATA_IV,
}
ORGANISATION = "GX450202-001"
DATA = field_cipher(("", DATA_KEY), ("", DATA_IV))
LOGIN = {"accessToken": "tok", "expiresIn": 900}


def wrapped(data: object, code: int | str = 200, message: str = "", *, success: bool = True) -> dict[str, Any]:
    inner = json.dumps({"code": code, "success": success, "message": message, "data": data}, ensure_ascii=False)
    return {"code": "200", "success": True, "message": "", "data": inner}


def _bytes(envelope: dict[str, Any]) -> bytes:
    return json.dumps(envelope).encode()


class TestGuizhiyuan(AdapterContract):
    folder = Path(__file__).parent / "platforms" / "guizhiyuan"
    scope = ORGANISATION
    page_rows_max = 500

    @pytest.fixture(autouse=True)
    def _short_limits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        short = replace(profile.LIMITS, read_seconds_max=0.3, call_seconds_max=0.5, attempts_max=3)
        monkeypatch.setattr(profile, "LIMITS", short)

    def make(self, base_url: str, clock: StandingClock) -> Guizhiyuan:
        return from_settings("guangxi", {**SETTINGS, "base_url": base_url}, clock=clock, random=MiddlingChance())

    def log_in(self, asked: Asked) -> Step | None:
        return whole(_bytes(wrapped(LOGIN))) if asked.form["interface_id"] == "auth.token" else None

    def row(self, number: int) -> dict[str, Any]:
        recorded = json.loads((self.folder / "hours.json").read_text(encoding="utf-8"))
        row: dict[str, Any] = json.loads(recorded["data"])["data"]["records"][0]
        return {**row, "recordId": row["recordId"] + number}

    def listing(self, pages: list[list[Any]]) -> list[bytes]:
        total = sum(map(len, pages))
        cursors = [f"c{number}" for number in range(1, len(pages))]
        return [
            _bytes(wrapped({"records": rows, "nextCursor": cursor, "total": total}))
            for rows, cursor in zip(pages, [*cursors, None], strict=True)
        ]

    def row_count(self, recorded: bytes) -> int:
        inner = json.loads(recorded.decode("utf-8", "replace"))["data"]
        return len(json.loads(inner)["data"]["records"])

    def session_over(self) -> Step:
        return whole(_bytes(wrapped(None, 401, "令牌已过期", success=False)))

    def refusal(self, message: str) -> bytes:
        return _bytes(wrapped(None, 403, message, success=False))

    def submitted(self, submissions: tuple[Submission, ...], refused: set[int], message: str) -> bytes:
        results = [
            {"clientRef": row.business_key, "ok": False, "message": message}
            if number in refused
            else {"clientRef": row.business_key, "ok": True, "recordId": 1000 + number}
            for number, row in enumerate(submissions)
        ]
        return _bytes(wrapped({"results": results[::-1]}))


class Platform:
    """Answers in memory, and keeps what was asked."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        form = dict(httpx.QueryParams(request.content.decode()))
        if form["interface_id"] == "auth.token":
            return httpx.Response(200, json=wrapped(LOGIN))
        self.asked.append(form)
        answer = self.answers.pop(0)
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=wrapped(answer))


def _adapter(answer: Callable[[httpx.Request], httpx.Response], clock: StandingClock | None = None) -> Guizhiyuan:
    wire = httpx.MockTransport(answer)
    return from_settings("guangxi", SETTINGS, clock=clock or StandingClock(), random=MiddlingChance(), transport=wire)


def _empty() -> dict[str, Any]:
    return {"records": [], "nextCursor": None, "total": 0}


def test_a_request_is_signed_over_what_is_sent() -> None:
    platform = Platform(_empty())
    _adapter(platform).read_hours(ORGANISATION, Window(NIGHT - timedelta(days=3), NIGHT), None)
    (form,) = platform.asked
    # The figure is openssl's, over these very texts in order of their names, "header" and "sign" left out:
    # app_id=demo&biz_content={…}&charset=UTF-8&interface_id=hours.query&origin=1&timestamp=1648751400000&version=1.0
    # &key=an invented secret
    assert form.pop("sign") == "93bdd649ef5c3cf4938308bad42a0df67db6c8e0b6fcb5e0ab3e32f2848236c7"
    assert json.loads(form.pop("header")) == {"accessToken": "tok"}
    assert json.loads(form.pop("biz_content")) == {
        "orgCode": ORGANISATION,
        "updatedFrom": "2022-03-29T02:30:00+08:00",
        "updatedTo": "2022-04-01T02:30:00+08:00",
        "cursor": None,
        "pageSize": 500,
    }
    assert form == {
        "app_id": "demo", "interface_id": "hours.query", "version": "1.0", "charset": "UTF-8", "origin": "1",
        "timestamp": "1648751400000",
    }  # fmt: skip


def test_the_platforms_cursor_comes_back_as_it_was_given() -> None:
    place = 'b2Zm:"c2V0"|雨=='
    platform = Platform({"records": [], "nextCursor": place, "total": 0}, _empty())
    adapter = _adapter(platform)
    page = adapter.read_hours(ORGANISATION, ALWAYS, None)
    adapter.read_hours(ORGANISATION, ALWAYS, page.next_cursor)
    assert json.loads(platform.asked[1]["biz_content"])["cursor"] == place


def test_a_cursor_that_comes_again_would_never_end() -> None:
    row = TestGuizhiyuan().row
    platform = Platform(
        {"records": [row(1)], "nextCursor": "a", "total": 9},
        *[{"records": [row(2)], "nextCursor": "a", "total": 9}] * 5,
    )
    adapter = _adapter(platform)
    page = adapter.read_hours(ORGANISATION, ALWAYS, None)
    with pytest.raises(BrokenAnswer) as caught:
        adapter.read_hours(ORGANISATION, ALWAYS, page.next_cursor)
    assert caught.value.code == "page_repeated"


@pytest.mark.parametrize(
    ("envelope", "error"),
    [
        ({"code": "500", "success": False, "message": "网关错误", "data": None}, Refused),
        ({"code": "200", "success": False, "message": "", "data": None}, Refused),
        (wrapped(None, 500, "失败", success=False), Refused),
        (wrapped(_empty(), success=False), Refused),
        (wrapped(_empty(), 500), Refused),
        ({"code": "200", "success": True, "message": "", "data": None}, BrokenAnswer),
        ({"code": "200", "success": True, "message": "", "data": ""}, BrokenAnswer),
        ({"code": "200", "success": True, "message": "", "data": _empty()}, BrokenAnswer),
        ({"code": "200", "success": "true", "message": "", "data": "{}"}, BrokenAnswer),
        ({"code": 200, "success": True, "message": "", "data": '{"code": 200, "succ'}, BrokenAnswer),
        (wrapped(None), BrokenAnswer),
        (wrapped({**_empty(), "total": 3}), BrokenAnswer),
        (wrapped({**_empty(), "nextCursor": ""}), BrokenAnswer),
        (wrapped({"records": [], "total": 0}), BrokenAnswer),
        (wrapped({**_empty(), "records": None}), BrokenAnswer),
    ],
)
def test_both_layers_must_succeed_and_be_whole(envelope: dict[str, Any], error: type[Exception]) -> None:
    platform = Platform(*[httpx.Response(200, json=envelope) for _ in range(5)])
    with pytest.raises(error) as caught:
        _adapter(platform).read_hours(ORGANISATION, ALWAYS, None)
    assert type(caught.value) is error


def test_no_more_than_five_calls_are_made_in_a_second() -> None:
    clock = StandingClock()
    adapter = _adapter(Platform(*[_empty() for _ in range(14)]), clock)
    for _ in range(14):
        adapter.read_hours(ORGANISATION, ALWAYS, None)
    # Fifteen calls with the log-in: two full seconds must have been waited for before the last five.
    assert 2 < sum(clock.sleeps) < 3


def test_a_request_refused_for_its_time_is_sent_once_more_with_the_platforms_time() -> None:
    stamps: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        form = dict(httpx.QueryParams(request.content.decode()))
        stamps.append(int(form["timestamp"]))
        date = {"Date": "Thu, 20 Oct 2022 18:30:00 GMT"}
        refused = {"code": "4002", "success": False, "message": "时间戳", "data": None}
        good = wrapped(LOGIN if form["interface_id"] == "auth.token" else _empty())
        return httpx.Response(200, json=good if len(stamps) > 1 else refused, headers=date)

    _adapter(answer).read_hours(ORGANISATION, ALWAYS, None)
    assert stamps == [int(NIGHT.timestamp() * 1000), 1_666_290_600_000, 1_666_290_600_000]


def test_a_token_is_renewed_before_it_runs_out() -> None:
    clock = StandingClock()
    logins: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        form = dict(httpx.QueryParams(request.content.decode()))
        if form["interface_id"] == "auth.token":
            logins.append(1)
            return httpx.Response(200, json=wrapped(LOGIN))
        return httpx.Response(200, json=wrapped(_empty()))

    adapter = _adapter(answer, clock)
    adapter.read_hours(ORGANISATION, ALWAYS, None)
    adapter.read_hours(ORGANISATION, ALWAYS, None)
    assert len(logins) == 1
    clock.sleep(880)
    adapter.read_hours(ORGANISATION, ALWAYS, None)
    assert len(logins) == 2


def test_day_sums_are_read() -> None:
    days = [{"date": "2022-03-02", "count": 3, "minutes": 90, "checksum": "ab"}]
    platform = Platform({"days": days})
    assert _adapter(platform).summarise(ORGANISATION, date(2022, 3, 17)) == (DaySummary(date(2022, 3, 2), 3, 90, "ab"),)
    assert json.loads(platform.asked[0]["biz_content"]) == {"orgCode": ORGANISATION, "month": "2022-03"}


def test_hours_are_submitted_under_a_request_number() -> None:
    starts_at = NIGHT.replace(month=3, hour=9, minute=0)
    service = Submission(
        "SQABCDEFGHIJKLMNOPQRSTUVWX", PERSON, ORGANISATION, "HD1", "450202003000000000", "4501", starts_at,
        starts_at + timedelta(minutes=42),
    )  # fmt: skip
    result = {"clientRef": service.business_key, "ok": True, "recordId": 2**53 + 1}
    platform = Platform({"results": [result]})
    (receipt,) = _adapter(platform).submit((service,), "R7")
    content = json.loads(platform.asked[0]["biz_content"])
    (row,) = content["rows"]
    assert receipt.external_id == str(2**53 + 1)
    assert content["requestNo"] == "R7"
    assert DATA.decrypt(row.pop("idNoEnc")) == PERSON.id_number
    assert row == {
        "clientRef": service.business_key, "volunteerNo": "GX7", "volunteerName": PERSON.name, "idType": "01",
        "orgCode": ORGANISATION, "activityId": "HD1", "serviceType": "4501", "serviceDate": "2022-03-01",
        "startTime": "09:00", "endTime": "09:42",
    }  # fmt: skip


def test_a_request_number_used_for_something_else_is_a_refusal() -> None:
    platform = Platform(httpx.Response(200, json=wrapped(None, 409, "requestNo重复", success=False)))
    with pytest.raises(Refused) as caught:
        _adapter(platform).submit((TestGuizhiyuan().submission(0),), "R7")
    assert caught.value.data["platform_code"] == "409"


def test_hours_are_revoked_one_by_one() -> None:
    platform = Platform({"recordId": 1}, {"recordId": 2})
    _adapter(platform).revoke(("9007199254740993", "2"), "录错")
    assert [json.loads(asked["biz_content"]) for asked in platform.asked] == [
        {"recordId": 9007199254740993, "reason": "录错"},
        {"recordId": 2, "reason": "录错"},
    ]


def test_volunteers_are_read_page_by_page() -> None:
    row = {
        "volunteerNo": " gx1 ", "volunteerName": "覃小英", "idType": "01",
        "idNoEnc": DATA.encrypt("459900195503071227"), "joinedAt": "2021-12-20T09:00:00+08:00",
    }  # fmt: skip
    platform = Platform(
        {"records": [row, {**row, "idNoEnc": "x"}], "nextCursor": "n"},
        {"records": [{**row, "volunteerNo": "gx3"}], "nextCursor": None},
    )
    adapter = _adapter(platform)
    first = adapter.read_volunteers(ORGANISATION, None)
    second = adapter.read_volunteers(ORGANISATION, first.next_cursor)
    assert [person.volunteer_number for person in first.volunteers + second.volunteers] == ["GX1", "GX3"]
    assert first.volunteers[0].person.id_number == "459900195503071227"
    assert [row.reason for row in first.quarantined] == ["person_unreadable"]
    assert (first.total, second.next_cursor) == (None, None)


@pytest.mark.parametrize("key", sorted(SETTINGS))
def test_a_missing_setting_is_named(key: str) -> None:
    settings = {name: value for name, value in SETTINGS.items() if name != key}
    with pytest.raises(UsageError) as caught:
        from_settings("guangxi", settings, clock=StandingClock(), random=MiddlingChance())
    assert caught.value.data["setting"] == f"platforms.guangxi.{key}"
