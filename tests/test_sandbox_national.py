"""The national platform holds to its contract, and has the quirks that the real one has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from sandbox.city import FIRST_NIGHT, City, build_city
from sandbox.clock import SHANGHAI
from sandbox.serve import Sandbox, start
from tests.sandbox_client import NationalClient, rows_of

TEAM = "45020200000000000000000000000001"


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(people=49, seed=7)


@pytest.fixture
def sandbox(city: City) -> Iterator[Sandbox]:
    with start(city) as started:
        yield started


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[NationalClient]:
    with NationalClient(sandbox) as opened:
        opened.log_in()
        yield opened


def _row(client: NationalClient, **changes: str) -> dict[str, str]:
    """Give a row that the platform takes: an hour of somebody's, on a day on which they do nothing else."""
    volunteer = client.sandbox.national.volunteers[TEAM][0]
    project = next(one for one in client.sandbox.national.projects.values() if one.team == TEAM)
    row = {
        "albx0021": "450202000000000000",
        "albx0176": project.project_id,
        "albx0177": TEAM,
        "name": volunteer.name,
        "albx0175": volunteer.volunteer_number,
        "cardno": client.request_key.seal(volunteer.id_number),
        "bz": "SQ-CZ01-1",
        "type": "1",
        "start": "2021-09-20 09:00:00",
        "end": "2021-09-20 09:42:00",
        "albx0172": "0.70",
    }
    return {**row, **changes}


def _add(client: NationalClient, *rows: dict[str, str]) -> list[dict[str, Any]]:
    return rows_of(client.call("addServiceTimes", {"list": list(rows)}))


# --- log-in ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"appId": "nobody"}, 1004),
        ({"sign": "0" * 64}, 1002),
        ({"timestamp": int((FIRST_NIGHT - timedelta(seconds=301)).timestamp() * 1000)}, 1003),
        ({"timestamp": int((FIRST_NIGHT + timedelta(seconds=360)).timestamp() * 1000)}, 1003),
        ({"timestamp": "1666290600000"}, 1003),
        ({"more": 1}, 1001),
    ],
)
def test_a_login_that_is_not_right_is_refused_under_http_200(
    sandbox: Sandbox, changes: dict[str, Any], code: int
) -> None:
    with NationalClient(sandbox) as client:
        answer = client.log_in(**changes)

    assert (answer.status_code, answer.json()["code"]) == (200, code)
    assert answer.json()["message"]
    assert client.token == ""


def test_without_a_session_everything_is_a_404_that_says_so(sandbox: Sandbox) -> None:
    with NationalClient(sandbox) as client:
        answer = client.hours(TEAM)

    assert (answer.status_code, answer.text) == (404, "登录超时")


def test_a_session_ends_by_the_platforms_own_clock(sandbox: Sandbox, client: NationalClient) -> None:
    sandbox.national.clock.advance(seconds=1795)
    assert client.hours(TEAM).status_code == 200
    sandbox.national.clock.advance(seconds=10)
    assert client.hours(TEAM).status_code == 404


def test_the_date_header_is_the_platforms_clock(sandbox: Sandbox, client: NationalClient) -> None:
    moment = datetime(2023, 1, 2, 3, 4, 5, tzinfo=SHANGHAI)
    sandbox.national.clock.freeze(moment)

    answer = client.log_in()

    assert parsedate_to_datetime(answer.headers["date"]) == moment


# --- listing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"pageSize": 101}, 1001),
        ({"pageSize": 0}, 1001),
        ({"pageNum": 0}, 1001),
        ({"pageNum": "1"}, 1001),
        ({"updateStart": "2022-01-01"}, 1001),
        ({"updateStart": "2022-01-01T00:00:00"}, 1001),
        ({"updateStart": None}, 1001),
        ({"updateEnd": "2022-02-30 00:00:00"}, 1001),
        ({"updateStart": "2022-02-01 00:00:00", "updateEnd": "2022-01-01 00:00:00"}, 1001),
        ({"albx0174": None}, 1001),
        ({"albx0177": ""}, 1005),
        ({"albx0177": "45020200000000000000000000000009"}, 1005),
    ],
)
def test_a_listing_that_is_asked_for_wrongly_is_refused(
    client: NationalClient, changes: dict[str, Any], code: int
) -> None:
    answer = client.hours(TEAM, **changes)

    assert (answer.status_code, answer.json()["code"], answer.json()["data"]) == (200, code, None)


def test_every_filter_has_to_be_there(client: NationalClient) -> None:
    answer = client.call("listServiceTimes", {"pageNum": 1, "pageSize": 100, "albx0177": TEAM})

    assert answer.json()["code"] == 1001
    assert "updateStart" in answer.json()["message"]


def test_a_payload_that_is_not_sealed_is_refused(client: NationalClient) -> None:
    assert client.post("listServiceTimes", {"bean": '{"encryData": "bm90aGluZw=="}'}).json()["code"] == 1001
    assert client.post("listServiceTimes", {"bean": "[]"}).json()["code"] == 1001


def test_all_pages_together_are_what_the_platform_holds_in_order_of_change(city: City, client: NationalClient) -> None:
    rows = client.all_hours(TEAM)

    held = sorted(
        (record.updated_at, int(record.record_id, 16), record.record_id)
        for record in city.national_records
        if record.team == TEAM
    )
    assert len(rows) > 100
    assert [row["id"] for row in rows] == [record_id for _, _, record_id in held]


def test_a_window_includes_its_start_and_excludes_its_end(client: NationalClient) -> None:
    rows = client.all_hours(TEAM)
    first, last = rows[10]["updateTime"], rows[-10]["updateTime"]

    inside = client.all_hours(TEAM, updateStart=first, updateEnd=last)

    assert [row["id"] for row in inside] == [row["id"] for row in rows if first <= row["updateTime"] < last]
    assert inside[0]["updateTime"] == first


def test_the_status_filter_shows_one_status(sandbox: Sandbox, client: NationalClient) -> None:
    pulled = sandbox.national.withdraw(client.all_hours(TEAM)[0]["id"])

    rows = client.all_hours(TEAM, albx0174="3")

    assert rows[-1]["id"] == pulled.record_id
    assert {row["albx0174"] for row in rows} == {"3"}


def test_rows_have_the_quirks_of_the_real_platform(city: City, client: NationalClient) -> None:
    rows = client.all_hours(TEAM)
    volunteers = {one.national_number: one.id_number for one in city.people}
    broken = {visit.national[0].record_id for visit in city.visits if visit.mistake == "id_number_broken"}

    assert {len(row["albx0175"]) for row in rows} == {32}
    assert all(
        client.response_key.open(row["cardno"]) == volunteers[row["albx0175"].rstrip()]
        for row in rows
        if row["id"] not in broken
    )
    assert {row["albx0181"].endswith(".0") for row in rows} == {True, False}
    assert {row["albp0004"] for row in rows} == {"01", "1"}
    assert all(not row["updateTime"].endswith(".0") for row in rows)


def test_the_envelope_comes_in_every_spelling(client: NationalClient) -> None:
    envelopes = [client.hours(TEAM).json() for _ in range(40)]

    assert {str(type(one["code"])) for one in envelopes} == {str(int), str(str)}
    assert {str(type(one["totalCount"])) for one in envelopes} == {str(int), str(str)}
    assert {str(type(one["data"])) for one in envelopes} == {str(list), str(dict)}
    assert {int(one["totalCount"]) for one in envelopes} == {len(client.all_hours(TEAM))}


def test_volunteers_are_listed_by_team(city: City, client: NationalClient) -> None:
    payload = {"pageNum": 1, "pageSize": 100, "albx0177": TEAM}
    rows = rows_of(client.call("listVolunteers", payload))

    listed = {(row["albx0175"].rstrip(), client.response_key.open(row["cardno"])) for row in rows}
    assert listed == {(one.national_number, one.id_number) for one in city.people if one.station == "CZ01"}
    assert client.call("listVolunteers", {**payload, "pageSize": 101}).json()["code"] == 1001


# --- writing ---------------------------------------------------------------------------------------------------------


def test_a_row_that_is_right_is_stored_and_shown(sandbox: Sandbox, client: NationalClient) -> None:
    (result,) = _add(client, _row(client))

    shown = client.all_hours(TEAM)[-1]
    assert result == {"index": 0, "code": 0, "id": shown["id"]}
    assert (shown["albx0172"], shown["bz"], shown["albx0174"]) == ("0.70", "SQ-CZ01-1", "2")
    assert shown["updateTime"] == f"{sandbox.national.record(shown['id']).updated_at:%Y-%m-%d %H:%M:%S}"
    assert sandbox.national.stored["added"] == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"end": "2021-09-21 09:00:00", "albx0172": "24.00"}, 4),
        ({"end": "2021-09-20 09:00:59", "albx0172": "0.02"}, 4),
        ({"end": "2021-09-20 08:00:00"}, 4),
        ({"start": "2021-09-19 09:00:00"}, 4),
        ({"albx0172": "0.7"}, 5),
        ({"albx0172": "0.50"}, 5),
        ({"start": "2022-10-21 23:00:00", "end": "2022-10-21 23:42:00"}, 9),
        ({"albx0176": "P0"}, 6),
        ({"albx0177": "45020200000000000000000000000002"}, 6),
        ({"albx0175": "0" * 28}, 7),
        ({"cardno": "AAAA"}, 7),
    ],
)
def test_a_row_that_is_not_right_is_refused_alone(
    sandbox: Sandbox, client: NationalClient, changes: dict[str, str], code: int
) -> None:
    refused, taken = _add(client, _row(client, **changes), _row(client))

    assert refused["code"] == code
    assert refused["message"]
    assert taken["code"] == 0
    assert (sandbox.national.stored["added"], sandbox.national.stored["refused"]) == (1, 1)


def test_an_overlap_is_refused_but_the_same_interval_is_stored_twice(client: NationalClient) -> None:
    later = _row(client, start="2021-09-20 09:41:00", end="2021-09-20 10:23:00")
    touching = _row(client, start="2021-09-20 09:42:00", end="2021-09-20 10:24:00")

    first, same, overlapping, next_to_it = _add(client, _row(client), _row(client), later, touching)

    assert (first["code"], same["code"], next_to_it["code"]) == (0, 0, 0)
    assert first["id"] != same["id"]
    assert (overlapping["code"], overlapping["message"]) == (3, "时间重叠")


def test_hours_are_rounded_half_up(client: NationalClient) -> None:
    # 4518 s are 1.255 h
    row = _row(client, start="2021-09-20 09:00:00", end="2021-09-20 10:15:18")

    assert _add(client, {**row, "albx0172": "1.25"})[0]["code"] == 5
    assert _add(client, {**row, "albx0172": "1.26"})[0]["code"] == 0


def test_more_than_fifty_rows_and_foreign_fields_are_refused_whole(sandbox: Sandbox, client: NationalClient) -> None:
    too_many = client.call("addServiceTimes", {"list": [_row(client)] * 51})
    foreign = client.call("addServiceTimes", {"list": [{**_row(client), "updateTime": ""}]})

    assert (too_many.json()["code"], foreign.json()["code"]) == (1001, 1001)
    assert not sandbox.national.stored


def test_deleting_keeps_the_row_with_status_3_and_a_new_change_time(sandbox: Sandbox, client: NationalClient) -> None:
    (added,) = _add(client, _row(client))
    sandbox.national.clock.advance(minutes=5)

    (result,) = rows_of(client.call("delServiceTimes", {"ids": [added["id"]]}))

    record = sandbox.national.record(added["id"])
    assert (result["code"], record.status) == (0, "3")
    assert record.updated_at - record.entered_at >= timedelta(minutes=5)
    assert _add(client, _row(client, end="2021-09-20 09:41:00", albx0172="0.68"))[0]["code"] == 0


# --- edits from outside ----------------------------------------------------------------------------------------------


def test_edits_from_outside_are_seen_with_their_change_time(sandbox: Sandbox, client: NationalClient) -> None:
    platform = sandbox.national
    kept, gone, pulled = client.all_hours(TEAM)[:3]
    platform.clock.freeze(FIRST_NIGHT + timedelta(hours=1))
    platform.edit(kept["id"], hours="1.00")
    platform.remove(gone["id"])
    platform.withdraw(pulled["id"])
    added = platform.add(replace(platform.record(kept["id"]), record_id=""))
    client.log_in()

    shown = {row["id"]: row for row in client.all_hours(TEAM, updateStart="2022-10-21 03:30:00")}

    assert set(shown) == {kept["id"], pulled["id"], added.record_id}
    assert shown[kept["id"]]["albx0172"] == "1.00"
    assert shown[pulled["id"]]["albx0174"] == "3"
    assert {row["updateTime"] for row in shown.values()} == {"2022-10-21 03:30:00"}
    with pytest.raises(KeyError):
        platform.record(gone["id"])


def test_a_row_committed_late_appears_in_a_window_that_was_read_before(
    sandbox: Sandbox, client: NationalClient
) -> None:
    window = {"updateStart": "2022-09-01 00:00:00", "updateEnd": "2022-10-21 02:00:00"}
    before = client.all_hours(TEAM, **window)
    record = sandbox.national.record(before[0]["id"])

    late = sandbox.national.add(replace(record, record_id=""), stamped_at=FIRST_NIGHT - timedelta(hours=1))

    assert [row["id"] for row in client.all_hours(TEAM, **window) if row not in before] == [late.record_id]


def test_calls_are_counted_by_method(sandbox: Sandbox, client: NationalClient) -> None:
    client.hours(TEAM)
    client.hours(TEAM)

    assert sandbox.national.calls == {"login": 1, "listServiceTimes": 2}
