"""The Guangxi platform holds to its contract, and has the quirks that it is modelled with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from sandbox.cipher import sm3
from sandbox.city import FIRST_NIGHT, City, build_city
from sandbox.serve import Sandbox, start
from tests.sandbox_client import GuangxiClient, inner

ORGANISATION = "GX450202-001"


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(people=49, seed=7)


@pytest.fixture
def sandbox(city: City) -> Iterator[Sandbox]:
    with start(city) as started:
        yield started


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[GuangxiClient]:
    with GuangxiClient(sandbox) as opened:
        opened.log_in()
        yield opened


def _row(client: GuangxiClient, **changes: str) -> dict[str, str]:
    """Give a row that the platform takes."""
    volunteer = client.sandbox.guangxi.volunteers[ORGANISATION][0]
    activities = client.sandbox.guangxi.activities.values()
    activity = next(one for one in activities if one.organisation == ORGANISATION)
    row = {
        "clientRef": "SQ-CZ01-1",
        "volunteerNo": volunteer.volunteer_number,
        "volunteerName": volunteer.name,
        "idType": "01",
        "idNoEnc": client.data_key.seal(volunteer.id_number),
        "orgCode": ORGANISATION,
        "activityId": activity.activity_id,
        "serviceType": "4501",
        "serviceDate": "2022-10-20",
        "startTime": "09:00",
        "endTime": "09:42",
    }
    return {**row, **changes}


def _submit(client: GuangxiClient, number: str, *rows: dict[str, str]) -> dict[str, Any]:
    return inner(client.call("hours.submit", {"requestNo": number, "rows": list(rows)}))


# --- form, signature, session ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"app_id": "nobody"}, "4003"),
        ({"timestamp": str(int((FIRST_NIGHT - timedelta(seconds=301)).timestamp() * 1000))}, "4002"),
        ({"timestamp": str(int((FIRST_NIGHT + timedelta(seconds=360)).timestamp() * 1000))}, "4002"),
        ({"timestamp": "now"}, "4002"),
        ({"version": "2.0"}, "4000"),
        ({"more": ""}, "4000"),
    ],
)
def test_a_form_that_is_not_right_is_refused_in_the_outer_layer(
    client: GuangxiClient, changes: dict[str, str], code: str
) -> None:
    answer = client.post(client.sign({**client.form("auth.token", {}), **changes}))

    envelope = answer.json()
    assert (answer.status_code, envelope["code"], envelope["success"], envelope["data"]) == (200, code, False, None)


@pytest.mark.parametrize("name", ["biz_content", "interface_id", "timestamp", "sign"])
def test_what_was_changed_after_signing_is_refused(client: GuangxiClient, name: str) -> None:
    form = client.form("hours.summary", {"orgCode": ORGANISATION, "month": "2022-03"})

    answer = client.post({**form, name: form[name][:-1] + ("0" if form[name][-1] != "0" else "1")})

    assert answer.json()["code"] == "4001"


def test_the_header_is_not_part_of_the_signature(client: GuangxiClient) -> None:
    form = client.form("hours.summary", {"orgCode": ORGANISATION, "month": "2022-03"})

    assert inner(client.post({**form, "header": "{}"}))["code"] == 401
    assert inner(client.post(form))["code"] == 200


def test_an_expired_token_is_an_inner_401(sandbox: Sandbox, client: GuangxiClient) -> None:
    sandbox.guangxi.clock.advance(seconds=895)
    assert inner(client.hours(ORGANISATION))["code"] == 200
    sandbox.guangxi.clock.advance(seconds=10)

    answer = client.hours(ORGANISATION)

    assert answer.json()["success"] is True
    assert (inner(answer)["code"], inner(answer)["success"]) == (401, False)


def test_the_outer_code_is_a_number_or_a_string(client: GuangxiClient) -> None:
    codes = {json.dumps(client.hours(ORGANISATION).json()["code"]) for _ in range(40)}

    assert codes == {"200", '"200"'}


def test_beyond_the_limit_calls_get_429_with_each_kind_of_retry_after(sandbox: Sandbox, client: GuangxiClient) -> None:
    sandbox.guangxi.calls_per_second_max = 0
    waits = [client.hours(ORGANISATION) for _ in range(3)]

    assert {answer.status_code for answer in waits} == {429}
    seconds, date, bare = (answer.headers.get("retry-after") for answer in waits)
    assert (seconds, bare) == ("1", None)
    assert date is not None
    assert parsedate_to_datetime(date) > FIRST_NIGHT
    assert sandbox.guangxi.calls["throttled"] == 3


def test_the_limit_is_five_calls_where_none_is_named() -> None:
    with (
        start(build_city(people=7, visits_per_person=1), calls_per_second_max=5) as limited,
        GuangxiClient(limited) as caller,
    ):
        answers = [caller.call("auth.token", {}).status_code for _ in range(6)]

    assert answers == [200, 200, 200, 200, 200, 429]


# --- listing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"pageSize": 501}, 400),
        ({"pageSize": "500"}, 400),
        ({"updatedFrom": "2022-01-01 00:00:00"}, 400),
        ({"updatedFrom": "2022-01-01T00:00:00"}, 400),
        ({"updatedFrom": "2022-01-01T00:00:00Z"}, 400),
        ({"updatedTo": "2022-02-30T00:00:00+08:00"}, 400),
        ({"updatedFrom": "2022-02-01T00:00:00+08:00", "updatedTo": "2022-01-01T00:00:00+08:00"}, 400),
        ({"cursor": "bm90IG91cnM="}, 400),
        ({"state": "VALID"}, 400),
        ({"orgCode": "GX450202-009"}, 404),
    ],
)
def test_a_listing_that_is_asked_for_wrongly_is_refused(
    client: GuangxiClient, changes: dict[str, Any], code: int
) -> None:
    envelope = inner(client.hours(ORGANISATION, **changes))

    assert (envelope["code"], envelope["success"], envelope["data"]) == (code, False, None)


def test_every_field_has_to_be_there_and_the_interface_has_to_exist(client: GuangxiClient) -> None:
    assert inner(client.call("hours.query", {"orgCode": ORGANISATION}))["code"] == 400
    assert inner(client.call("hours.delete", {}))["code"] == 404


def test_all_pages_together_are_what_the_platform_holds_though_some_are_short(
    city: City, client: GuangxiClient
) -> None:
    pages = list(client.pages(ORGANISATION, pageSize=20))

    held = sorted(
        (record.updated_at, record.record_id) for record in city.guangxi_records if record.organisation == ORGANISATION
    )
    assert [row["recordId"] for page in pages for row in page["records"]] == [record_id for _, record_id in held]
    assert {page["total"] for page in pages} == {len(held)}
    assert 12 in {len(page["records"]) for page in pages[:-1]}


def test_a_window_includes_its_start_and_excludes_its_end(client: GuangxiClient) -> None:
    rows = [row for page in client.pages(ORGANISATION) for row in page["records"]]
    first, last = rows[5]["updatedAt"], rows[-5]["updatedAt"]

    (page,) = client.pages(ORGANISATION, updatedFrom=first, updatedTo=last)

    expected = [row["recordId"] for row in rows if first <= row["updatedAt"] < last]
    assert [row["recordId"] for row in page["records"]] == expected
    assert page["records"][0]["updatedAt"] == first


def test_a_cursor_belongs_to_its_question(client: GuangxiClient) -> None:
    page = next(client.pages(ORGANISATION, pageSize=20))

    assert inner(client.hours("GX450202-002", page["nextCursor"], pageSize=20))["code"] == 400


def test_rows_have_the_quirks_of_the_platform(city: City, client: GuangxiClient) -> None:
    rows = [row for page in client.pages(ORGANISATION) for row in page["records"]]
    id_numbers = {one.guangxi_number: one.id_number for one in city.people}

    assert min(row["recordId"] for row in rows) > 2**53
    assert all(client.data_key.open(row["idNoEnc"]) == id_numbers[row["volunteerNo"]] for row in rows)
    assert {row["durationMinutes"] % 30 for row in rows if row["durationMinutes"] is not None} == {0}
    without_times = sum(row["startTime"] is None for row in rows)
    assert len(rows) / 3 < without_times < len(rows) * 2 / 3
    assert {row.get("remark", "absent") for row in rows} >= {None, "absent"}
    assert {row["sourceSystem"] for row in rows} == {"GX", "NATIONAL"}
    assert all(row["updatedAt"].endswith("+08:00") for row in rows)


def test_the_summary_tells_each_day_with_its_checksum(client: GuangxiClient) -> None:
    rows = [row for page in client.pages(ORGANISATION) for row in page["records"]]
    days = inner(client.call("hours.summary", {"orgCode": ORGANISATION, "month": "2022-03"}))["data"]["days"]

    expected: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: int(row["recordId"])):
        if row["serviceDate"].startswith("2022-03"):
            expected.setdefault(row["serviceDate"], []).append(row)
    assert [day["date"] for day in days] == sorted(expected)
    for day in days:
        of_day = expected[day["date"]]
        lines = "".join(f"{row['recordId']}:{row['durationMinutes']}:{row['state']}\n" for row in of_day)
        assert (day["count"], day["checksum"]) == (len(of_day), sm3(lines.encode()))
        assert day["minutes"] == sum(row["durationMinutes"] for row in of_day)


def test_a_row_deleted_outright_shows_only_in_the_summary(sandbox: Sandbox, client: GuangxiClient) -> None:
    asked = {"orgCode": ORGANISATION, "month": "2022-03"}
    before = inner(client.call("hours.summary", asked))["data"]["days"]
    rows = [row for page in client.pages(ORGANISATION) for row in page["records"]]
    sandbox.guangxi.remove(next(row["recordId"] for row in rows if row["serviceDate"] == before[0]["date"]))

    after = inner(client.call("hours.summary", asked))["data"]["days"]

    assert after != before
    assert inner(client.hours(ORGANISATION, updatedFrom="2022-10-21T02:30:00+08:00"))["data"]["records"] == []


def test_volunteers_are_listed_by_organisation_page_by_page(city: City, client: GuangxiClient) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        asked = {"orgCode": ORGANISATION, "cursor": cursor, "pageSize": 3}
        data = inner(client.call("volunteers.query", asked))["data"]
        seen += [client.data_key.open(row["idNoEnc"]) for row in data["records"]]
        cursor = data["nextCursor"]
        if cursor is None:
            break

    assert seen == [one.id_number for one in city.people if one.station == "CZ01"]


# --- writing ---------------------------------------------------------------------------------------------------------


def test_a_submitted_row_is_stored_in_half_hours(client: GuangxiClient) -> None:
    (result,) = _submit(client, "r1", _row(client))["data"]["results"]

    shown = list(client.pages(ORGANISATION))[-1]["records"][-1]
    assert result == {"clientRef": "SQ-CZ01-1", "ok": True, "recordId": shown["recordId"]}
    assert (shown["durationMinutes"], shown["sourceSystem"], shown["sourceRef"]) == (30, "API", "SQ-CZ01-1")
    assert (shown["startTime"], shown["endTime"], shown["state"]) == ("09:00", "09:42", "VALID")


def test_the_same_request_gives_the_same_answer_and_stores_nothing(sandbox: Sandbox, client: GuangxiClient) -> None:
    refused = _row(client, clientRef="SQ-CZ01-2", activityId="HD0")
    first = _submit(client, "r1", _row(client), refused)
    again = _submit(client, "r1", _row(client), refused)

    assert first["data"] == again["data"]
    assert [result["ok"] for result in first["data"]["results"]] == [True, False]
    assert sandbox.guangxi.stored == {"added": 1, "refused": 1}


def test_the_same_request_number_with_other_content_is_a_409_for_a_day(sandbox: Sandbox, client: GuangxiClient) -> None:
    _submit(client, "r1", _row(client))
    other = _row(client, clientRef="SQ-CZ01-2")
    assert _submit(client, "r1", other)["code"] == 409

    sandbox.guangxi.clock.advance(hours=24)
    client.log_in()
    assert _submit(client, "r1", other)["data"]["results"][0]["ok"] is True


def test_a_client_ref_already_stored_is_answered_with_its_record(sandbox: Sandbox, client: GuangxiClient) -> None:
    first = _submit(client, "r1", _row(client))["data"]["results"]
    second = _submit(client, "r2", _row(client))["data"]["results"]

    assert first == second
    assert sandbox.guangxi.stored["added"] == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"serviceDate": "2022-02-30"},
        {"serviceDate": "2022-10-22"},
        {"startTime": "9:00"},
        {"endTime": "24:00"},
        {"endTime": "08:00"},
        {"activityId": "HD0"},
        {"serviceType": "4507"},
        {"orgCode": "GX450202-002"},
        {"volunteerNo": "GXZ0"},
        {"idNoEnc": "AAAA"},
    ],
)
def test_a_submitted_row_that_is_not_right_is_refused_alone(client: GuangxiClient, changes: dict[str, str]) -> None:
    wrong = _row(client, clientRef="SQ-CZ01-2", **changes)

    refused, taken = _submit(client, "r1", wrong, _row(client))["data"]["results"]

    assert (refused["ok"], taken["ok"]) == (False, True)
    assert refused["message"]


def test_a_submission_of_another_shape_is_refused_whole(sandbox: Sandbox, client: GuangxiClient) -> None:
    assert _submit(client, "r1", *[_row(client)] * 51)["code"] == 400
    assert _submit(client, "", _row(client))["code"] == 400
    assert _submit(client, "r1", {**_row(client), "remark": ""})["code"] == 400
    assert not sandbox.guangxi.stored


def test_revoking_keeps_the_row_and_an_unknown_one_is_refused(sandbox: Sandbox, client: GuangxiClient) -> None:
    (result,) = _submit(client, "r1", _row(client))["data"]["results"]

    done = inner(client.call("hours.revoke", {"recordId": result["recordId"], "reason": "录错"}))

    assert done["code"] == 200
    assert sandbox.guangxi.record(result["recordId"]).state == "REVOKED"
    assert inner(client.call("hours.revoke", {"recordId": 1, "reason": ""}))["code"] == 404


# --- edits from outside ----------------------------------------------------------------------------------------------


def test_edits_from_outside_are_seen_with_their_change_time(sandbox: Sandbox, client: GuangxiClient) -> None:
    platform = sandbox.guangxi
    rows = [row["recordId"] for page in client.pages(ORGANISATION) for row in page["records"]]
    platform.clock.freeze(FIRST_NIGHT + timedelta(hours=1))
    platform.edit(rows[0], duration_minutes=60)
    platform.withdraw(rows[1])
    added = platform.add(replace(platform.record(rows[0]), record_id=0))
    client.log_in()

    (page,) = client.pages(ORGANISATION, updatedFrom="2022-10-21T03:30:00+08:00")

    assert [row["recordId"] for row in page["records"]] == [rows[0], rows[1], added.record_id]
    assert added.record_id > max(rows)
    instants = {datetime.fromisoformat(row["updatedAt"]) for row in page["records"]}
    assert instants == {FIRST_NIGHT + timedelta(hours=1)}
