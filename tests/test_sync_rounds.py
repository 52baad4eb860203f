"""What a person decides while a night runs is booked by that night; and values are compared, changed or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.conflicts import ConflictKind
from domain.decisions import DecisionCode
from local_store import conflicts, decisions, runs
from sandbox.national_rows import NationalRecord, hours_text
from sandbox.visits import PROFESSIONAL, activity_id, project_id
from sync.night import Night, NightTally
from tests.nights import shipped_rules
from tests.rekeyed import FIRST_NIGHT, GROWN_UP_BEFORE, STATION, VISITS, BusyStation


@pytest.fixture
def station(tmp_path: Path) -> Iterator[BusyStation]:
    one = BusyStation(tmp_path)
    yield one
    assert one.bank.faults_found() == []
    one.bank.close()


def night_with(station: BusyStation, moments: list[str]) -> NightTally:
    """Run a night in which somebody decides, while it plans, that what vanished is void."""
    bank = station.bank
    sources = tuple(station.town.sources(bank.rules))

    def hear(what: str, _done: int, _total: int | None) -> None:
        if what == "progress_plan" and moments:
            with bank.store.reading() as tx:
                found = conflicts.listing(tx, [ConflictKind.VANISHED])
            moments.pop()
            if found and not moments:
                with bank.store.writing() as tx:
                    decisions.add(tx, found[0].conflict.conflict_id, DecisionCode.VOID, "", "录入人确认误录", "韦站长")

    try:
        return Night(bank.store, sources, bank.rules, station.town.clock, hear, "test/1").run()
    finally:
        for source in sources:
            source.adapter.close()


def test_what_is_decided_while_a_night_runs_is_planned_by_that_night_before_it_ends(
    station: BusyStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = list(station.rows())
    station.town.guangxi.remove(rows[0].record_id)
    station.night()
    assert station.bank.held() == {"vanished": 1}
    monkeypatch.setattr("sync.night.PORTION", 1)
    for row in rows[1:]:  # so that everybody is planned, one portion a person, each surveyed and then booked
        station.town.guangxi.edit(row.record_id, remark="补充说明")
    people = len({row.id_number for row in rows})
    station.town.set_clock(station.town.clock.at.replace(hour=4))
    night = night_with(station, ["once"] * 2 * people)
    assert night.applied.actions["reverse"] == 1
    assert night.outcome == "complete"
    assert station.credited_seconds() == (VISITS - 1) * 3600
    assert station.bank.held() == {}


def test_a_night_whose_facts_never_come_to_rest_ends_all_the_same(
    station: BusyStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def restless(_tx: object, _rules: str) -> list[int]:
        asked.append(1)
        return [1]

    monkeypatch.setattr("local_store.subjects.unplanned", restless)
    assert station.night().outcome == "complete"
    assert len(asked) == 5


def test_values_of_linked_records_are_held_against_each_other_although_neither_has_changed(tmp_path: Path) -> None:
    """One platform alone is read for a while; when the other comes, the two differ, and only one of them is news."""
    station = BusyStation(tmp_path, visits=1)
    person = next(one for one in station.town.people if one.licence and int(one.id_number[6:10]) < GROWN_UP_BEFORE)
    day = FIRST_NIGHT.date()
    starts_at, ends_at = FIRST_NIGHT.replace(hour=9, minute=0), FIRST_NIGHT.replace(hour=11, minute=0)
    national = station.town.national.add(
        NationalRecord(
            "", STATION.team, person.national_number, person.name, person.id_number,
            project_id(STATION, PROFESSIONAL.projects[0]), starts_at, ends_at, hours_text(starts_at, ends_at),
            ends_at, ends_at,
        )
    )  # fmt: skip
    assert station.night().applied.actions["wait"] == 1
    row = next(iter(station.rows()))
    guangxi = station.town.guangxi.add(
        replace(
            row, record_id=0, volunteer_number=person.guangxi_number, name=person.name, id_number=person.id_number,
            activity_id=activity_id(STATION, PROFESSIONAL.projects[0]), service_type=PROFESSIONAL.service_type,
            service_date=day, duration_minutes=60, source_system="NATIONAL", source_ref=national.record_id,
        )
    )  # fmt: skip
    station.night()
    assert station.bank.held() == {"hours_differ": 1}
    station.town.guangxi.edit(guangxi.record_id, duration_minutes=120)
    station.night()
    assert station.bank.held() == {}
    station.town.national.edit(national.record_id, ends_at=ends_at.replace(hour=14), hours="5.00")
    station.night()
    assert station.bank.held() == {"hours_differ": 1}  # guangxi's row, by which it is booked, has not changed
    other = replace(shipped_rules(), version="another")
    with station.bank.store.writing() as tx:
        runs.activate_rules(tx, other.version, "韦科长", "新文件")
    station.bank.rules = other
    station.night()
    assert station.bank.held() == {"hours_differ": 1}
    station.bank.close()
