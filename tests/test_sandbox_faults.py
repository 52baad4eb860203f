"""Every fault is really seen by whoever calls, is counted, and leaves what the platform holds as it should."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from sandbox.city import City, build_city
from sandbox.faults import FAULT_KINDS, Fault, FaultPlan, Faults
from sandbox.serve import Sandbox, start
from sandbox.wire import Call
from tests.sandbox_client import GuangxiClient, NationalClient, inner, rows_of

TEAM = "45020200000000000000000000000001"
ORGANISATION = "GX450202-001"
PAGE_CALL = Call("hours.query", 2, is_of_hours=True, has_cursor=True)


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(people=49, seed=7)


@pytest.fixture
def sandbox(city: City) -> Iterator[Sandbox]:
    with start(city) as started:
        yield started


@pytest.fixture
def national(sandbox: Sandbox) -> Iterator[NationalClient]:
    with NationalClient(sandbox, timeout_seconds=0.5) as opened:
        opened.log_in()
        yield opened


@pytest.fixture
def guangxi(sandbox: Sandbox) -> Iterator[GuangxiClient]:
    with GuangxiClient(sandbox, timeout_seconds=0.5) as opened:
        opened.log_in()
        yield opened


# --- the wire --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("reset", httpx.ReadError),
        ("stall", httpx.ReadTimeout),
        ("cut_body", httpx.RemoteProtocolError),
    ],
)
def test_a_broken_connection_is_broken_for_one_call(
    sandbox: Sandbox, national: NationalClient, guangxi: GuangxiClient, kind: str, seen: type[httpx.HTTPError]
) -> None:
    sandbox.national.faults.next(kind, on="listServiceTimes", seconds=30)
    sandbox.guangxi.faults.next(kind, on="hours.query", seconds=30)

    with pytest.raises(seen):
        national.hours(TEAM)
    with pytest.raises(seen):
        guangxi.hours(ORGANISATION)

    assert rows_of(national.hours(TEAM))
    assert inner(guangxi.hours(ORGANISATION))["data"]["records"]
    assert sandbox.national.faults.injected == sandbox.guangxi.faults.injected == {kind: 1}


def test_a_body_cut_off_without_a_length_looks_like_a_whole_200(sandbox: Sandbox, national: NationalClient) -> None:
    sandbox.national.faults.next("cut_silent", on="listServiceTimes")

    answer = national.hours(TEAM)

    assert (answer.status_code, answer.headers.get("content-length")) == (200, None)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()


def test_a_drip_is_never_silent_for_long_but_long_as_a_whole(sandbox: Sandbox, guangxi: GuangxiClient) -> None:
    sandbox.guangxi.faults.next("drip", seconds=0.4)

    with (
        httpx.Client(trust_env=False, timeout=0.3) as http,
        http.stream("POST", f"{sandbox.guangxi_url}/interface/gateway", data=guangxi.form("auth.token", {})) as answer,
    ):
        pieces = list(answer.iter_raw())

    assert len(pieces) > 3
    assert json.loads(b"".join(pieces))["success"] is True


def test_a_lost_answer_has_been_stored(sandbox: Sandbox, national: NationalClient) -> None:
    record = sandbox.national.records.rows(TEAM)[0]
    sandbox.national.faults.next("lost_answer")

    with pytest.raises(httpx.ReadError):
        national.call("delServiceTimes", {"ids": [record.record_id]})

    assert sandbox.national.record(record.record_id).status == "3"
    assert sandbox.national.stored["deleted"] == 1


def test_a_request_reset_before_it_was_read_has_not_been_stored(sandbox: Sandbox, national: NationalClient) -> None:
    record = sandbox.national.records.rows(TEAM)[0]
    sandbox.national.faults.next("reset", on="delServiceTimes")

    with pytest.raises(httpx.ReadError):
        national.call("delServiceTimes", {"ids": [record.record_id]})

    assert sandbox.national.record(record.record_id) == record


# --- the answer ------------------------------------------------------------------------------------------------------


def test_a_server_error_has_the_status_asked_for(sandbox: Sandbox, national: NationalClient) -> None:
    sandbox.national.faults.next("server_error", status=503)
    sandbox.national.faults.next("server_error")

    assert [national.hours(TEAM).status_code for _ in range(3)] == [503, 502, 200]


def test_an_error_code_comes_under_http_200(sandbox: Sandbox, national: NationalClient, guangxi: GuangxiClient) -> None:
    sandbox.national.faults.next("error_code")
    sandbox.guangxi.faults.next("error_code")

    busy, trouble = national.hours(TEAM), guangxi.hours(ORGANISATION)

    assert (busy.status_code, busy.json()["code"]) == (200, 9999)
    assert (trouble.status_code, trouble.json()["success"], inner(trouble)["code"]) == (200, True, 500)


@pytest.mark.parametrize(("kind", "status"), [("html", 200), ("maintenance", 503)])
def test_a_page_for_people_comes_instead_of_an_answer(
    sandbox: Sandbox, national: NationalClient, kind: str, status: int
) -> None:
    sandbox.national.faults.next(kind)

    answer = national.hours(TEAM)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html;charset=UTF-8")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_an_empty_body_comes_under_http_200(sandbox: Sandbox, guangxi: GuangxiClient) -> None:
    sandbox.guangxi.faults.next("empty_body")

    answer = guangxi.hours(ORGANISATION)

    assert (answer.status_code, answer.content) == (200, b"")


def test_a_json_cut_off_has_the_right_length_for_what_is_there(sandbox: Sandbox, national: NationalClient) -> None:
    sandbox.national.faults.next("cut_json", on="listServiceTimes")

    answer = national.hours(TEAM)

    assert int(answer.headers["content-length"]) == len(answer.content)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|utf-8"):
        answer.json()


def test_gb18030_is_sent_as_if_it_were_utf_8(sandbox: Sandbox, national: NationalClient) -> None:
    sandbox.national.faults.next("gb18030", on="listServiceTimes")

    answer = national.hours(TEAM)

    assert answer.headers["content-type"].endswith("charset=UTF-8")
    with pytest.raises(UnicodeDecodeError):
        answer.content.decode()
    assert rows_of(httpx.Response(200, content=answer.content.decode("gb18030").encode())) == rows_of(
        national.hours(TEAM)
    )


@pytest.mark.parametrize("kind", ["throttle_seconds", "throttle_date", "throttle_bare"])
def test_429_says_how_long_to_wait_or_does_not(sandbox: Sandbox, national: NationalClient, kind: str) -> None:
    sandbox.national.faults.next(kind, seconds=7)

    answer = national.hours(TEAM)

    told = answer.headers.get("retry-after")
    date = answer.headers["date"]
    assert answer.status_code == 429
    if kind == "throttle_date":
        assert told is not None
        assert 6 <= (parsedate_to_datetime(told) - parsedate_to_datetime(date)).total_seconds() <= 7
    else:
        assert told == {"throttle_seconds": "7", "throttle_bare": None}[kind]


# --- the session -----------------------------------------------------------------------------------------------------


def test_a_token_expires_between_two_pages(sandbox: Sandbox, national: NationalClient, guangxi: GuangxiClient) -> None:
    sandbox.national.faults.next("token_expired", on="listServiceTimes", page=2)
    sandbox.guangxi.faults.next("token_expired", on="hours.query")

    assert [national.hours(TEAM, page).status_code for page in (1, 2)] == [200, 404]
    assert inner(guangxi.hours(ORGANISATION))["code"] == 401
    national.log_in()
    guangxi.log_in()
    assert national.hours(TEAM, 2).status_code == 200
    assert inner(guangxi.hours(ORGANISATION))["code"] == 200


def test_an_expired_secret_refuses_the_next_log_in_too(
    sandbox: Sandbox, national: NationalClient, guangxi: GuangxiClient
) -> None:
    sandbox.national.faults.next("secret_expired", on="listServiceTimes")
    sandbox.guangxi.faults.next("secret_expired", on="hours.query")

    assert national.hours(TEAM).status_code == 404
    assert national.log_in().json()["code"] == 1002
    assert national.log_in().json()["code"] in (0, "0")
    assert inner(guangxi.hours(ORGANISATION))["code"] == 401
    assert inner(guangxi.call("auth.token", {}))["code"] == 403
    assert inner(guangxi.call("auth.token", {}))["code"] == 200


def test_a_secret_can_stay_expired(sandbox: Sandbox, national: NationalClient) -> None:
    sandbox.national.faults.always("secret_expired", on="login")

    assert [national.log_in().json()["code"] for _ in range(3)] == [1002] * 3


# --- the listing -----------------------------------------------------------------------------------------------------


def _ids(answer: httpx.Response) -> list[str]:
    return [row["id"] for row in rows_of(answer)]


def _guangxi_ids(data: dict[str, Any]) -> list[int]:
    return [row["recordId"] for row in data["records"]]


def test_rows_move_to_the_end_while_pages_are_read(sandbox: Sandbox, national: NationalClient) -> None:
    held = {record.record_id for record in sandbox.national.records.rows(TEAM)}
    window = {"updateEnd": "2022-10-21 02:30:00", "pageSize": 40}
    sandbox.national.clock.advance(seconds=5)
    sandbox.national.faults.next("rows_moved", on="listServiceTimes", page=2, rows=3)

    rows = national.all_hours(TEAM, **window)

    assert len(rows) == len({row["id"] for row in rows}) == len(held) - 3
    assert {record.record_id for record in sandbox.national.records.rows(TEAM)} == held


def test_a_page_repeats(sandbox: Sandbox, national: NationalClient, guangxi: GuangxiClient) -> None:
    sandbox.national.faults.next("repeated_page", on="listServiceTimes")
    sandbox.guangxi.faults.next("repeated_page", on="hours.query")

    first, second, again = (_ids(national.hours(TEAM, page, pageSize=20)) for page in (1, 2, 2))
    assert first == second != again
    pages = [_guangxi_ids(page) for page in guangxi.pages(ORGANISATION, pageSize=20)]
    assert pages[0] == pages[1] != pages[2]


def test_a_token_repeats_and_leads_to_the_same_page(sandbox: Sandbox, guangxi: GuangxiClient) -> None:
    sandbox.guangxi.faults.next("repeated_token")
    first = next(guangxi.pages(ORGANISATION, pageSize=20))

    second = inner(guangxi.hours(ORGANISATION, first["nextCursor"], pageSize=20))["data"]

    assert second["nextCursor"] == first["nextCursor"]
    assert _guangxi_ids(second) != _guangxi_ids(first)


def test_counts_disagree_with_the_rows(sandbox: Sandbox, national: NationalClient, guangxi: GuangxiClient) -> None:
    sandbox.national.faults.next("counts_disagree", on="listServiceTimes")
    sandbox.guangxi.faults.next("counts_disagree", on="hours.query")

    assert int(national.hours(TEAM).json()["totalCount"]) == len(sandbox.national.records.rows(TEAM)) + 7
    total = inner(guangxi.hours(ORGANISATION))["data"]["total"]
    assert total == len(sandbox.guangxi.records.rows(ORGANISATION)) + 7


@pytest.mark.parametrize(("kind", "share"), [("suddenly_empty", 0), ("suddenly_half", 2)])
def test_a_listing_is_suddenly_empty_or_half_until_it_is_cleared(
    sandbox: Sandbox, national: NationalClient, guangxi: GuangxiClient, kind: str, share: int
) -> None:
    whole, held = len(national.all_hours(TEAM)), len(sandbox.guangxi.records.rows(ORGANISATION))
    sandbox.national.faults.always(kind, on="listServiceTimes")
    sandbox.guangxi.faults.always(kind, on="hours.query")

    shown = [row for page in guangxi.pages(ORGANISATION, pageSize=20) for row in page["records"]]

    assert len(national.all_hours(TEAM)) == (whole // share if share else 0)
    assert len(shown) == (held // share if share else 0)
    sandbox.national.faults.clear()
    assert len(national.all_hours(TEAM)) == whole


def test_everything_changes_at_once(sandbox: Sandbox, national: NationalClient) -> None:
    sandbox.national.faults.next("everything_changed", on="listServiceTimes")

    rows = national.all_hours(TEAM, updateStart="2022-10-21 02:30:00")

    assert len(rows) == len(sandbox.national.records.rows(TEAM))


def test_rows_vanish_without_a_trace(sandbox: Sandbox, guangxi: GuangxiClient) -> None:
    before = [row for page in guangxi.pages(ORGANISATION) for row in _guangxi_ids(page)]
    sandbox.guangxi.faults.next("rows_vanish", rows=4)

    after = [row for page in guangxi.pages(ORGANISATION) for row in _guangxi_ids(page)]

    assert after == before[4:]


# --- the row ---------------------------------------------------------------------------------------------------------

NATIONAL_ROWS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "future_update": ("updateTime", lambda value: value > "2023"),
    "absurd_hours": ("albx0172", lambda value: value == "9999.00"),
    "negative_hours": ("albx0172", lambda value: value.startswith("-")),
    "null_hours": ("albx0172", lambda value: value is None),
    "unknown_code": ("albx0174", lambda value: value not in set("012345")),
    "full_width": ("albx0181", lambda value: "２" in value),
    "name_dots": ("name", lambda value: "・" in value),
}
GUANGXI_ROWS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "future_update": ("updatedAt", lambda value: value > "2023"),
    "absurd_hours": ("durationMinutes", lambda value: value > 24 * 60),
    "negative_hours": ("durationMinutes", lambda value: value < 0),
    "null_hours": ("durationMinutes", lambda value: value is None),
    "unknown_code": ("state", lambda value: value not in {"VALID", "PENDING", "REVOKED"}),
    "full_width": ("serviceDate", lambda value: "２" in value),
    "name_dots": ("volunteerName", lambda value: "‧" in value),
}


@pytest.mark.parametrize("kind", sorted(NATIONAL_ROWS))
def test_a_row_is_spoilt_on_the_wire_only(
    sandbox: Sandbox, national: NationalClient, guangxi: GuangxiClient, kind: str
) -> None:
    clean, held = rows_of(national.hours(TEAM)), inner(guangxi.hours(ORGANISATION))["data"]["records"]
    sandbox.national.faults.next(kind, rows=2)
    sandbox.guangxi.faults.next(kind, rows=2)

    spoilt, other = rows_of(national.hours(TEAM)), inner(guangxi.hours(ORGANISATION))["data"]["records"]

    name, is_spoilt = NATIONAL_ROWS[kind]
    other_name, other_is_spoilt = GUANGXI_ROWS[kind]
    assert all(is_spoilt(row[name]) for row in spoilt[:2])
    assert all(other_is_spoilt(row[other_name]) for row in other[:2])
    assert (spoilt[2:], other[2:]) == (clean[2:], held[2:])
    assert rows_of(national.hours(TEAM)) == clean
    assert sandbox.national.faults.injected[kind] == 2


def test_an_id_number_is_broken_under_its_seal(
    sandbox: Sandbox, national: NationalClient, guangxi: GuangxiClient
) -> None:
    sandbox.national.faults.next("broken_id_number")
    sandbox.guangxi.faults.next("broken_id_number")

    row, other = rows_of(national.hours(TEAM))[0], inner(guangxi.hours(ORGANISATION))["data"]["records"][0]

    assert len(national.response_key.open(row["cardno"])) == 17
    assert len(guangxi.data_key.open(other["idNoEnc"])) == 17


# --- the plan --------------------------------------------------------------------------------------------------------


def test_a_plan_draws_the_same_faults_from_the_same_seed() -> None:
    rates = {"reset": 0.1, "html": 0.2, "null_hours": 0.05}

    def draw(seed: int) -> list[Fault | None]:
        plan = FaultPlan(seed, rates)
        return [plan.draw() for _ in range(500)]

    drawn = draw(3)
    assert drawn == draw(3) != draw(4)
    shares = {kind: sum(one is not None and one.kind == kind for one in drawn) for kind in rates}
    assert all(500 * rate / 2 < shares[kind] < 500 * rate * 2 for kind, rate in rates.items())


def test_a_plan_shows_on_the_wire_and_is_counted(sandbox: Sandbox, national: NationalClient) -> None:
    sandbox.national.faults.plan = FaultPlan(5, {"server_error": 0.3, "counts_disagree": 0.2})

    answers = [national.hours(TEAM) for _ in range(60)]

    held = len(sandbox.national.records.rows(TEAM))
    failed = sum(answer.status_code == 502 for answer in answers)
    wrong = sum(answer.status_code == 200 and int(answer.json()["totalCount"]) != held for answer in answers)
    assert sandbox.national.faults.injected == {"server_error": failed, "counts_disagree": wrong}
    assert min(failed, wrong) > 3
    assert len(sandbox.national.faults.history) == failed + wrong


def test_a_fault_waits_for_a_call_that_it_can_befall() -> None:
    faults = Faults()
    for kind in ("lost_answer", "repeated_page", "token_expired"):
        faults.next(kind)

    assert faults.draw(Call("auth.token", is_login=True)) is None
    written = faults.draw(Call("hours.submit", is_write=True))
    assert written == Fault("lost_answer")
    assert faults.draw(Call("hours.query", 1, is_of_hours=True)) == Fault("token_expired")
    assert faults.draw(PAGE_CALL) == Fault("repeated_page")
    assert faults.draw(PAGE_CALL) is None


def test_an_unknown_kind_and_too_high_rates_are_refused() -> None:
    with pytest.raises(ValueError, match="gremlin"):
        Faults().next("gremlin")
    with pytest.raises(ValueError, match="reset"):
        FaultPlan(1, {"reset": 0.6, "stall": 0.6})


def test_every_kind_can_befall_some_call() -> None:
    calls = (PAGE_CALL, Call("hours.submit", is_write=True))
    befallen = {kind for kind in FAULT_KINDS if any(Fault(kind).fits(call) for call in calls)}

    assert befallen == FAULT_KINDS
