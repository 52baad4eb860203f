"""The safety stop through its whole story: found, waited for, released by a person, used up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.decide.act import Desk
from domain.conflicts import ConflictState
from domain.decisions import DecisionCode
from tests.rekeyed import HERE, VISITS, BusyStation

HOUR = 3600
MONTH_DAYS = 31


@pytest.fixture
def station(tmp_path: Path) -> Iterator[BusyStation]:
    one = BusyStation(tmp_path)
    assert one.first.applied.actions["post"] == VISITS
    yield one
    assert one.bank.faults_found() == []
    one.bank.close()


def test_what_is_withdrawn_all_at_once_waits_as_one_case_with_its_figures(station: BusyStation) -> None:
    station.withdraw(11)
    night = station.night()
    assert (night.outcome, night.applied.actions["reverse"]) == ("held", 0)
    assert station.credited_seconds() == VISITS * HOUR
    stop = station.stop()
    assert stop is not None
    assert dict(stop.conflict.details) == {
        "platform": "guangxi", "count": "11", "removed_seconds": str(11 * HOUR), "taken_seconds": str(11 * HOUR),
        "booked": str(VISITS), "booked_seconds": str(VISITS * HOUR), "share": "45",
    }  # fmt: skip
    assert stop.conflict.seconds_at_stake == 11 * HOUR
    assert len(stop.records) == 5
    assert station.bank.held() == {"guard": 1}


def test_a_release_lets_through_what_lies_within_it_and_is_used_up(station: BusyStation) -> None:
    station.withdraw(11)
    station.night()
    number = station.decide(DecisionCode.APPROVE, "11")
    night = station.night()
    assert (night.outcome, night.applied.actions["reverse"]) == ("complete", 11)
    assert station.credited_seconds() == (VISITS - 11) * HOUR
    assert station.vouchers_under(number) == 11
    assert station.stop() is None
    station.withdraw(11)
    again = station.night()
    assert (again.outcome, again.applied.actions["reverse"]) == ("held", 0)
    stop = station.stop()
    assert stop is not None
    assert stop.state is ConflictState.OPEN


def test_what_has_grown_beyond_its_release_stops_again_and_needs_another(station: BusyStation) -> None:
    station.withdraw(11)
    station.night()
    station.decide(DecisionCode.APPROVE, "11")
    station.withdraw(1)
    assert station.night().applied.actions["reverse"] == 0
    stop = station.stop()
    assert stop is not None
    assert (stop.state, stop.conflict.reason) == (ConflictState.OPEN, "beyond_release")
    for row in [row for row in station.rows() if row.state == "REVOKED"][:1]:
        station.town.guangxi.edit(row.record_id, state="VALID")
    assert station.night().applied.actions["reverse"] == 0  # it would fit now, but that release was for another case
    station.decide(DecisionCode.APPROVE, "12")
    assert station.night().applied.actions["reverse"] == 11
    assert station.stop() is None


@pytest.mark.parametrize("code", [DecisionCode.IGNORE, DecisionCode.RETURN])
def test_a_stop_that_is_left_as_it_is_stays_and_reminds_nobody(station: BusyStation, code: DecisionCode) -> None:
    station.withdraw(11)
    station.night()
    station.decide(code)
    for _ in range(2):
        assert station.night().applied.actions["reverse"] == 0
    stop = station.stop()
    assert stop is not None
    assert stop.state is not ConflictState.OPEN
    station.withdraw(11)
    station.night()
    stop = station.stop()
    assert stop is not None
    assert stop.state is ConflictState.OPEN  # twice as much is another case


def test_a_release_that_is_taken_back_restores_what_it_let_through_and_the_stop_stands_again(
    station: BusyStation,
) -> None:
    station.withdraw(11)
    station.night()
    stop = station.stop()
    assert stop is not None
    station.decide(DecisionCode.APPROVE, "11")
    station.night()
    assert station.credited_seconds() == (VISITS - 11) * HOUR
    station.by_day()
    desk = Desk(station.bank.store, station.bank.rules, station.town.clock, "test/2")
    (undone,) = desk.undo([stop.conflict.conflict_id], "韦科长")
    assert (undone.problem, undone.state) == (None, ConflictState.OPEN)
    assert station.credited_seconds() == VISITS * HOUR
    night = station.night()
    assert (night.outcome, night.applied.actions["reverse"]) == ("held", 0)
    assert station.credited_seconds() == VISITS * HOUR


def test_a_plan_only_uses_no_release_up(station: BusyStation) -> None:
    station.withdraw(11)
    station.night()
    station.decide(DecisionCode.APPROVE, "11")
    for _ in range(2):
        plan = station.night(is_plan_only=True)
        assert (plan.outcome, plan.applied.actions["reverse"]) == ("complete", 11)
    assert station.credited_seconds() == VISITS * HOUR
    assert station.night().applied.actions["reverse"] == 11


def test_a_stop_whose_reason_is_gone_closes_by_itself_and_its_release_with_it(station: BusyStation) -> None:
    station.withdraw(11)
    station.night()
    station.decide(DecisionCode.APPROVE, "20")
    for row in [row for row in station.rows() if row.state == "REVOKED"]:
        station.town.guangxi.edit(row.record_id, state="VALID")
    assert station.night().outcome == "complete"
    assert station.stop() is None
    station.withdraw(11)
    assert station.night().applied.actions["reverse"] == 0


@pytest.mark.parametrize("activity", ["", "HDX"], ids=["the same activities", "new activities too"])
def test_a_city_under_new_numbers_is_credited_once_through_stop_release_and_the_nights_after(
    station: BusyStation, activity: str
) -> None:
    if activity:
        known = next(iter(station.rows())).activity_id
        station.town.guangxi.activities[activity] = station.town.guangxi.activities[known]
    station.re_key(activity)
    for _ in range(2):
        night = station.night()
        assert HERE in night.stops
        assert station.credited_seconds() == VISITS * HOUR
    stop = station.stop()
    assert stop is not None
    assert stop.conflict.seconds_at_stake == VISITS * HOUR
    assert len(stop.records) == 5  # to be looked at
    station.decide(DecisionCode.APPROVE, "24")
    for days in (1, 1, MONTH_DAYS, 1):
        night = station.night(days)
        assert night.outcome == "complete"
        assert station.credited_seconds() == VISITS * HOUR
    assert station.stop() is None
    assert station.bank.held()["vanished"] == 0


def test_an_emptiness_that_a_person_believes_is_swept_and_proved_and_one_that_is_not_proves_nothing(
    station: BusyStation,
) -> None:
    for row in list(station.rows()):
        station.town.guangxi.remove(row.record_id)
    assert HERE in station.night().stops
    assert station.bank.held()["vanished"] == 0
    station.decide(DecisionCode.APPROVE, "23.5")
    assert HERE in station.night().stops  # an hour too few: all of it waits on
    assert station.bank.held()["vanished"] == 0
    station.decide(DecisionCode.APPROVE, "24")
    night = station.night()
    assert night.outcome == "complete"
    assert station.bank.held()["vanished"] == VISITS
    assert station.credited_seconds() == VISITS * HOUR  # each is a person's to judge now
    assert station.night().outcome == "complete"


def test_a_stop_stands_on_while_its_platform_is_not_heard(station: BusyStation) -> None:
    station.town.guangxi.faults.always("suddenly_empty", on="hours.query")
    assert HERE in station.night(MONTH_DAYS).stops
    station.town.guangxi.faults.clear()
    station.decide(DecisionCode.APPROVE, "24")
    station.town.guangxi.faults.always("maintenance")
    assert HERE in station.night().stops
    station.town.guangxi.faults.clear()
    assert station.night().outcome == "complete"
    assert station.stop() is None
    assert station.credited_seconds() == VISITS * HOUR
