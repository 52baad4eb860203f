"""What a platform sums up, held against what we hold: a day that differs asks for one sweep, and proves nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from adapters.base import DaySummary, SummedRow
from adapters.guizhiyuan.sums import summed_days, told_in_sum
from domain.conflicts import ConflictKind
from domain.records import RecordState
from local_store import conflicts, coverage, sums, sweeps
from local_store.sums import Month, Summand
from local_store.transaction import Tx
from sandbox.cipher import sm3
from sandbox.faults import Fault
from sandbox.wire import Call, Json
from sync.night import NightTally
from sync.summary import FRUITLESS_DAYS, SUMMED_AGAIN_DAYS, months_due
from tests.nights import problems_of
from tests.rekeyed import ORGANISATION, VISITS, BusyStation

TODAY = date(2022, 9, 15)
FIRST = date(2021, 10, 1)


@pytest.fixture
def station(tmp_path: Path) -> Iterator[BusyStation]:
    one = BusyStation(tmp_path)
    yield one
    assert one.bank.faults_found() == []
    one.bank.close()


def swept(night: NightTally) -> set[str]:
    return night.platforms["guangxi"].swept


def asked(station: BusyStation) -> list[tuple[str, bool]]:
    with station.bank.store.reading() as tx:
        return [(one.reason, one.tried_on is not None) for one in sweeps.asked(tx)]


def contracts(station: BusyStation) -> list[dict[str, str]]:
    with station.bank.store.reading() as tx:
        found = conflicts.listing(tx, [ConflictKind.CONTRACT])
    return [dict(one.conflict.details) for one in found]


def sums_say(station: BusyStation, said: Callable[[list[dict[str, Json]]], None]) -> None:
    """Let the platform's sums be altered before they are told."""
    platform = station.town.guangxi
    summary = platform._interfaces["hours.summary"]  # noqa: SLF001 - the platform has no such fault of its own

    def altered(payload: dict[str, Json], call: Call, fault: Fault | None) -> Json:
        told = summary(payload, call, fault)
        if payload["orgCode"] == ORGANISATION:
            said(told["days"])
        return told

    platform._interfaces["hours.summary"] = altered  # noqa: SLF001


def known(**asked_on: date) -> dict[str, Month]:
    return {month[1:].replace("_", "-"): Month(month, day, "", None) for month, day in asked_on.items()}


def test_the_last_three_months_are_asked_for_each_night_and_older_ones_within_a_week() -> None:
    assert months_due({}, FIRST, TODAY) == ["2022-07", "2022-08", "2022-09", "2021-10", "2021-11"]
    seen = known(m2021_10=TODAY - timedelta(days=6), m2021_11=TODAY - timedelta(days=7), m2021_12=TODAY)
    assert months_due(seen, FIRST, TODAY)[3:] == ["2022-01", "2022-02"]
    every: dict[str, date] = {}
    for night in range(7):
        day = TODAY + timedelta(days=night)
        at = {month: Month(month, asked_on, "", None) for month, asked_on in every.items()}
        every |= dict.fromkeys(months_due(at, FIRST, day), day)
    assert sorted(every) == [f"{m // 12}-{m % 12 + 1:02d}" for m in range(2021 * 12 + 9, 2022 * 12 + 9)]


@pytest.mark.parametrize("first", [date(2022, 9, 30), date(2022, 9, 1)])
def test_no_month_before_the_rules_is_asked_for(first: date) -> None:
    assert months_due({}, first, TODAY) == ["2022-09"]


def test_days_are_summed_up_as_the_platform_does() -> None:
    rows = [
        SummedRow("10", TODAY, 1800, RecordState.WITHDRAWN), SummedRow("9", TODAY, None, "NEW"),
        SummedRow("11", TODAY - timedelta(days=1), 3600, RecordState.PENDING),
    ]  # fmt: skip
    assert summed_days(rows) == (
        DaySummary(TODAY - timedelta(days=1), 1, 60, sm3(b"11:60:PENDING\n")),
        DaySummary(TODAY, 2, 30, sm3(b"9::NEW\n10:30:REVOKED\n")),
    )


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (
            b'{"recordId":7,"serviceDate":"2022-09-15","durationMinutes":-30,"state":"X"}',
            SummedRow("7", TODAY, -1800, "X"),
        ),
        (b'{"recordId":"7","serviceDate":"2022-09-15","state":"VALID"}', SummedRow("7", TODAY, None, "VALID")),
        (b'{"recordId":7,"serviceDate":"2022-09-31","durationMinutes":30,"state":"VALID"}', None),
        (b'{"serviceDate":"2022-09-15"}', None),
        (b'{"recordId":7,"serviceDate":"2022-09-15","durationMinutes":"half an hour"}', None),
        (b"[]", None),
        (b"nothing", None),
    ],
)  # fmt: skip
def test_an_unreadable_row_goes_into_the_sums_as_far_as_it_says_what_they_need(
    raw: bytes, told: SummedRow | None
) -> None:
    assert told_in_sum(raw) == told


def test_a_row_gone_without_a_trace_is_found_in_the_same_night_and_only_its_organisation_is_swept(
    station: BusyStation,
) -> None:
    assert swept(station.night()) == set()
    station.town.guangxi.remove(next(iter(station.rows())).record_id)
    night = station.night()
    assert (night.outcome, swept(night)) == ("complete", {ORGANISATION})
    assert station.bank.held() == {"vanished": 1}
    assert night.platforms["guangxi"].records_seen == VISITS - 1  # seen twice, counted once
    assert swept(station.night()) == set()
    assert asked(station) == []


def test_a_month_that_agreed_and_stands_unchanged_is_not_summed_up_anew_for_a_while(
    station: BusyStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    summed: list[str] = []
    summands = sums.summands

    def watched(tx: Tx, platform: str, scope: str, wanted: Collection[str], since: int) -> Iterator[Summand]:
        if scope == ORGANISATION:
            summed.extend(wanted)
        return summands(tx, platform, scope, wanted, since)

    monkeypatch.setattr("local_store.sums.summands", watched)
    for night in range(SUMMED_AGAIN_DAYS - 1):
        with station.bank.store.writing() as tx:  # so that no sweep is due
            coverage.add(tx, "guangxi", ORGANISATION, None, station.town.clock.at, "sweep", 1, "town")
        assert swept(station.night()) <= {"GX450202-002"}, night
    assert Counter(summed)["2022-08"] == 1
    station.night()
    station.night(2)
    assert Counter(summed)["2022-08"] > 1


def test_sums_that_cannot_be_had_are_the_platforms_problem_and_prove_nothing(station: BusyStation) -> None:
    station.town.guangxi.remove(next(iter(station.rows())).record_id)
    station.town.guangxi.faults.always("error_code", on="hours.summary")
    night = station.night()
    assert night.outcome == "partial"
    assert ORGANISATION in problems_of(night)["guangxi"]
    assert (swept(night), station.bank.held()) == (set(), {})
    station.town.guangxi.faults.clear()
    assert swept(station.night()) == {ORGANISATION}
    assert station.bank.held() == {"vanished": 1}


def test_sums_that_are_suddenly_empty_ask_for_a_sweep_and_take_nothing_for_gone(station: BusyStation) -> None:
    sums_say(station, list.clear)
    night = station.night()
    assert (night.outcome, swept(night)) == ("complete", {ORGANISATION})
    assert station.bank.held() == {}
    assert station.credited_seconds() == VISITS * 3600


def test_sums_that_still_differ_after_their_sweep_are_told_and_do_not_sweep_night_after_night(
    station: BusyStation,
) -> None:
    sums_say(station, lambda days: days[0].update(count=99) if days else None)
    assert swept(station.night()) == {ORGANISATION}
    assert asked(station) == [("summary", True)]
    (told,) = contracts(station)
    assert (told["platform"], told["theirs"]) == ("guangxi", "99")
    for _ in range(FRUITLESS_DAYS - 1):
        assert swept(station.night()) == set()
    assert len(contracts(station)) == 1
    assert swept(station.night()) == {ORGANISATION}


def test_what_was_told_of_sums_closes_when_they_are_right_again(station: BusyStation) -> None:
    wrong = [True]
    sums_say(station, lambda days: days[-1].update(minutes=1) if wrong[0] and days else None)
    station.night()
    assert contracts(station)
    wrong.clear()
    wrong.append(False)
    assert swept(station.night()) == set()
    assert (contracts(station), asked(station)) == ([], [])


def test_a_row_that_is_typed_between_the_pull_and_the_sums_asks_for_no_sweep(station: BusyStation) -> None:
    row = next(iter(station.rows()))

    def type_it(_: list[dict[str, Json]]) -> None:
        if len(station.rows()) == VISITS:
            fresh = replace(row, record_id=0, service_date=row.service_date + timedelta(days=1))
            station.town.guangxi.add(fresh)

    sums_say(station, type_it)  # it is typed once the first month was summed up, before the others
    assert swept(station.night()) == set()
    assert len(station.rows()) == VISITS + 1
    assert asked(station) == []


@pytest.mark.parametrize(
    "broken", [{"duration_minutes": None}, {"duration_minutes": 900_000}, {"state": "LOST"}, {"name": ""}]
)
def test_a_row_that_cannot_be_read_is_summed_up_as_its_platform_has_it(
    station: BusyStation, broken: dict[str, object]
) -> None:
    station.town.guangxi.edit(next(iter(station.rows())).record_id, **broken)
    night = station.night()
    assert night.platforms["guangxi"].quarantined == 1
    assert (swept(night), asked(station)) == (set(), [])


def test_a_withdrawn_row_that_goes_for_good_asks_for_one_sweep_and_is_then_forgotten(station: BusyStation) -> None:
    row = next(iter(station.rows()))
    station.town.guangxi.withdraw(row.record_id)
    assert swept(station.night()) == set()
    station.town.guangxi.remove(row.record_id)
    assert swept(station.night()) == {ORGANISATION}
    assert (swept(station.night()), asked(station)) == (set(), [])


def test_a_row_that_was_typed_before_its_month_began_is_not_missed(station: BusyStation) -> None:
    row = next(iter(station.rows()))
    early = replace(row, record_id=0, service_date=TODAY)
    station.town.guangxi.add(early, stamped_at=station.town.guangxi.clock.now() - timedelta(hours=12))
    assert (swept(station.night()), asked(station)) == (set(), [])


def test_a_sweep_that_fails_is_made_up_for_by_the_next_night(station: BusyStation) -> None:
    station.town.guangxi.remove(next(iter(station.rows())).record_id)
    told: list[int] = []

    def fail_after_the_second_look(_: list[dict[str, Json]]) -> None:
        told.append(1)
        if len(told) > len(months_due({}, FIRST, TODAY)):
            station.town.guangxi.faults.always("error_code", on="hours.query")

    sums_say(station, fail_after_the_second_look)
    night = station.night()
    assert (night.outcome, swept(night), asked(station)) == ("partial", set(), [("summary", False)])
    assert station.bank.held() == {}
    told.clear()
    station.town.guangxi.faults.clear()
    assert swept(station.night()) == {ORGANISATION}
    assert (asked(station), station.bank.held()) == ([], {"vanished": 1})


def test_a_night_that_sweeps_anyway_asks_for_no_sums(station: BusyStation) -> None:
    station.town.guangxi.calls.clear()
    assert swept(station.night(31)) == {ORGANISATION, "GX450202-002"}
    assert station.town.guangxi.calls["hours.summary"] == 0
