"""The 300-person city: every mistake that was planted in it is found, under its kind, and nothing else is."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.city import City, build_city
from sandbox.serve import start
from sandbox.visits import Visit
from tests.keyboard import set_up

KIND_OF_MISTAKE = {
    "hours_wrong": "hours_differ", "hours_wrong_flat": "hours_differ", "category_wrong": "category_differs",
    "day_off": "date_differs", "surname_wrong": "person_differs", "stranger": "unknown_person",
    "no_licence": "ineligible", "thirteen_hours": "implausible", "future_date": "implausible", "overlap": "overlap",
    "unmapped": "unmapped", "forgotten_guangxi": "uncorroborated", "saved_twice_national": "duplicate",
    "saved_twice_guangxi": "duplicate",
}  # fmt: skip
HARMLESS = {
    "name_dots", "corrected_national", "corrected_guangxi", "withdrawn_both", "refused_national", "id_number_broken",
    "hours_null_national", "hours_null_guangxi", "hours_thirty", "end_unreadable", "area_named", "status_unknown",
    "special", "pending_national", "pending_guangxi", "no_service", "honour_hours",
}  # fmt: skip
"""Mistakes that ask nothing of a person: read right, set aside unread, withdrawn as they should be, or waited for."""
UNREADABLE = {"id_number_broken", "hours_null_national", "hours_null_guangxi", "hours_thirty", "status_unknown"}
NOTES = {"duplicate"}


@dataclass(frozen=True, slots=True)
class Found:
    """What the first night found: its conflicts, and for each visit the kinds that name a record of it."""

    city: City
    night: Any
    conflicts: list[Any]
    kinds: dict[int, set[str]]

    def of(self, visit: Visit) -> set[str]:
        return self.kinds[id(visit)]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    city = build_city(300)
    with start(city) as sandbox:
        keyboard = set_up(tmp_path_factory.mktemp("city"), city, sandbox)
        lists = keyboard.folder.parent / "lists"
        assert keyboard.type("people", "import", lists / "roster.csv").code == 0
        assert keyboard.type("entries", "import", lists / "entries.csv").code == 0
        night = keyboard.type("sync", "--json").document()
        conflicts = keyboard.type("conflicts", "--json").document()
    visits = _visits_by_record(city)
    kinds: dict[int, set[str]] = defaultdict(set)
    for conflict in conflicts:
        for record in conflict["records"]:
            kinds[id(visits[record["platform"], record["external_id"]])].add(conflict["kind"])
    return Found(city, night, conflicts, kinds)


def _visits_by_record(city: City) -> dict[tuple[str, str], Visit]:
    rows = {("national", record.record_id): visit for visit in city.visits for record in visit.national}
    rows |= {("guangxi", str(record.record_id)): visit for visit in city.visits for record in visit.guangxi}
    return rows | {("station", visit.entry): visit for visit in city.visits if visit.entry}


def test_every_kind_of_mistake_is_judged_here(found: Found) -> None:
    assert set(found.city.mistakes) == set(KIND_OF_MISTAKE) | HARMLESS


def test_every_mistake_is_found_under_its_kind(found: Found) -> None:
    planted = [visit for visit in found.city.visits if visit.mistake in KIND_OF_MISTAKE]
    missed = Counter(visit.mistake for visit in planted if found.of(visit) != {KIND_OF_MISTAKE[visit.mistake]})

    assert len(planted) > 50
    assert missed == Counter()


def test_nobody_is_asked_about_what_is_right(found: Found) -> None:
    """The only visits named without a mistake of their own: the minor's, and those that another one overlaps."""
    named = [visit for visit in found.city.visits if found.of(visit) and visit.mistake not in KIND_OF_MISTAKE]

    kinds = Counter((visit.mistake, kind) for visit in named for kind in found.of(visit))
    assert kinds == {("", "ineligible"): 2, ("", "overlap"): found.city.mistakes["overlap"]}
    assert all(visit.person.is_minor for visit in named if found.of(visit) == {"ineligible"})


def test_a_stranger_is_asked_about_once(found: Found) -> None:
    strangers = sum(not person.is_on_roster for person in found.city.people)

    assert sum(conflict["kind"] == "unknown_person" for conflict in found.conflicts) == strangers


def test_what_cannot_be_read_is_set_aside_and_counted(found: Found) -> None:
    broken = sum(count for mistake, count in found.city.mistakes.items() if mistake in UNREADABLE)

    assert sum(pulled["quarantined"] for pulled in found.night["platforms"].values()) == broken


def test_a_note_holds_nothing_and_the_rest_holds(found: Found) -> None:
    for conflict in found.conflicts:
        if conflict["kind"] in NOTES:
            assert not conflict["blocking"]
        elif conflict["kind"] != "hours_differ":
            assert conflict["blocking"]
    flat = [visit for visit in found.city.visits if visit.mistake == "hours_wrong_flat"]
    ids = {record.record_id for visit in flat for record in visit.national}
    for conflict in found.conflicts:
        if conflict["kind"] == "hours_differ":
            is_flat = any(record["external_id"] in ids for record in conflict["records"])
            assert conflict["blocking"] is not is_flat
