"""The made-up city is the same for the same seed, and its truth agrees with what the platforms hold of it."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import asdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from sandbox.city import City, build_city
from sandbox.lists import ENTRY_COLUMNS, ROSTER_COLUMNS, write_lists
from sandbox.mistakes import MISTAKES, RECENT_MISTAKES
from sandbox.second_day import second_day
from sandbox.serve import start
from sandbox.streets import STATIONS
from sandbox.visits import GUANGXI_BEGINS
from tests.sandbox_client import GuangxiClient, inner

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
STRAYS = {"no_service", "unmapped", "honour_hours", "stranger", "overlap"}


@pytest.fixture(scope="module")
def city() -> City:
    return build_city()


def _content(city: City) -> str:
    return repr([asdict(visit) for visit in city.visits])


def _age(born_on: date, day: date) -> int:
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def test_the_same_seed_gives_the_same_city_and_files(tmp_path: Path) -> None:
    first, again, other = (build_city(people=70, seed=seed) for seed in (3, 3, 4))

    assert _content(first) == _content(again) != _content(other)
    one, two = (write_lists(city, tmp_path / name) for city, name in ((first, "one"), (again, "two")))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_it_is_a_city_of_the_size_asked_for(city: City) -> None:
    assert sum(person.is_on_roster for person in city.people) == 300
    assert len({person.station for person in city.people}) == len(STATIONS) == 7
    assert 5000 < len(city.national_records) < 7000
    assert 3500 < len(city.guangxi_records) < 5500
    assert {len(team) for team in city.teams} == {32}


def test_every_person_is_made_up_and_well_formed(city: City) -> None:
    for person in city.people:
        digits = person.id_number
        total = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=False))
        assert digits.startswith("459900")
        assert digits[17] == "10X98765432"[total % 11]
        assert date.fromisoformat(digits[6:14]) == person.born_on
        assert (person.phone[:3], len(person.phone)) == ("100", 11)
        assert 17 <= _age(person.born_on, city.first_night.date()) <= 85
    assert len({person.id_number for person in city.people}) == len(city.people)
    assert sum("·" in person.name for person in city.people) == 1
    assert sorted(Counter(person.phone for person in city.people).values())[-2:] == [1, 2]


def test_numbers_are_unique_in_a_large_city_too() -> None:
    people = build_city(people=5000, visits_per_person=1, has_mistakes=False).people

    for field in ("id_number", "national_number", "guangxi_number"):
        assert len({getattr(person, field) for person in people}) == len(people)


def test_one_minor_serves_twice_and_nobody_else_is_under_age(city: City) -> None:
    young = Counter(
        visit.person.local_number for visit in city.visits if _age(visit.person.born_on, visit.served_on) < 18
    )

    assert [count for number, count in young.items() if number] == [2]


def test_every_record_belongs_to_one_visit(city: City) -> None:
    national = [record.record_id for record in city.national_records]
    guangxi = [record.record_id for record in city.guangxi_records]

    assert len(set(national)) == len(national)
    assert len(set(guangxi)) == len(guangxi)
    assert min(guangxi) > 2**53


def test_a_record_without_a_mistake_tells_the_truth(city: City) -> None:
    for visit in [visit for visit in city.visits if not visit.mistake]:
        for national in visit.national:
            assert (national.starts_at, national.ends_at, national.status) == (visit.starts_at, visit.ends_at, "2")
            seconds = int((visit.ends_at - visit.starts_at).total_seconds())
            assert national.hours is not None
            assert abs(int(national.hours.replace(".", "")) * 36 - seconds) <= 18
        for guangxi in visit.guangxi:
            assert (guangxi.service_date, guangxi.state) == (visit.served_on, "VALID")
            assert guangxi.duration_minutes == visit.minutes // 30 * 30
            assert guangxi.service_type == visit.kind.service_type
            assert guangxi.start_time in (None, f"{visit.starts_at:%H:%M}")


def test_nobody_is_at_two_places_at_once_but_by_mistake(city: City) -> None:
    spans: dict[str, list[tuple[str, str]]] = {}
    for visit in city.visits:
        if visit.mistake not in STRAYS and visit.mistake not in {"thirteen_hours", "future_date"}:
            spans.setdefault(visit.person.id_number, []).append((str(visit.starts_at), str(visit.ends_at)))

    for times in spans.values():
        times.sort()
        assert all(end <= start for (_, end), (start, _) in pairwise(times))


def test_the_platforms_begin_and_overlap_as_they_did(city: City) -> None:
    old = [visit for visit in city.visits if visit.served_on < GUANGXI_BEGINS]
    new = [visit for visit in city.visits if visit.served_on >= GUANGXI_BEGINS and not visit.mistake]

    assert not any(visit.guangxi for visit in old)
    both = sum(bool(visit.national and visit.guangxi) for visit in new)
    assert len(new) * 2 / 3 < both < len(new)
    assert any(visit.national and not visit.guangxi for visit in new)
    assert any(visit.guangxi and not visit.national for visit in new)
    carried = [record for record in city.guangxi_records if record.source_system == "NATIONAL"]
    assert {record.source_ref for record in carried} <= {record.record_id for record in city.national_records}
    assert len(carried) > 100


def test_nothing_was_entered_after_the_first_night_or_before_it_was_over(city: City) -> None:
    stamps = [record.updated_at for record in city.national_records]
    stamps += [record.updated_at for record in city.guangxi_records]
    assert max(stamps) < city.first_night
    strays = {"future_date", "thirteen_hours"}
    for visit in [visit for visit in city.visits if visit.mistake not in strays]:
        assert all(record.entered_at >= visit.ends_at for record in visit.national)
        assert all(record.created_at >= visit.ends_at for record in visit.guangxi)


def test_every_mistake_happens_and_they_are_few(city: City) -> None:
    planted = city.mistakes

    assert set(planted) == {mistake.name for mistake in (*MISTAKES, *RECENT_MISTAKES)} | STRAYS
    wrong = sum(count for name, count in planted.items() if name not in {"no_service", "honour_hours"})
    assert 60 < wrong < len(city.visits) * 0.05


def test_a_city_without_mistakes_has_none() -> None:
    clean = build_city(people=21, has_mistakes=False)

    assert not clean.mistakes
    assert {record.status for record in clean.national_records} == {"2"}


def test_the_lists_have_the_columns_of_the_contract_and_no_stranger(city: City, tmp_path: Path) -> None:
    roster_path, entries_path = write_lists(city, tmp_path / "lists")
    with roster_path.open(encoding="utf-8", newline="") as file:
        roster = list(csv.DictReader(file))
    with entries_path.open(encoding="utf-8", newline="") as file:
        entries = list(csv.DictReader(file))

    assert tuple(roster[0]) == ROSTER_COLUMNS
    assert tuple(entries[0]) == ENTRY_COLUMNS
    assert len(roster) == 300
    numbers = {row["本地编号"] for row in roster}
    assert len(numbers) == 300
    assert {row["本地编号"] for row in entries} <= numbers
    assert len({row["录入编号"] for row in entries}) == len(entries) > 50
    assert {bool(row["社区确认"]) for row in entries} == {True, False}
    assert {row["同意上报"] for row in roster} == {"", "national", "national,guangxi"}


def test_some_entries_stand_on_no_platform_yet(city: City) -> None:
    typed = [visit for visit in city.visits if visit.entry]
    missing = [visit for visit in typed if not visit.national and not visit.guangxi]

    assert 5 < len(missing) < len(typed) / 3
    assert all("guangxi" in visit.person.consents for visit in missing)


def test_a_second_day_brings_late_rows_withdrawals_corrections_and_new_visits() -> None:
    city = build_city(people=105, seed=2)
    before = _content(city)
    with start(city) as sandbox:
        day = second_day(city, sandbox)
        changed = [row for row in sandbox.guangxi.records.all_rows() if row.updated_at >= city.first_night]
        national = [row for row in sandbox.national.records.all_rows() if row.updated_at >= city.first_night]
        with GuangxiClient(sandbox) as client:
            client.log_in()
            since = city.first_night.isoformat()
            shown = [
                row["recordId"]
                for organisation in city.organisations
                for row in inner(client.hours(organisation, updatedFrom=since))["data"]["records"]
            ]
        clock = sandbox.guangxi.clock.now()

    late, withdrawn, corrected, new = map(len, (day.late, day.withdrawn, day.corrected, day.new))
    assert min(late, withdrawn, corrected, new) > 0
    assert len(changed) == late + withdrawn + 2 * corrected + new
    assert len(national) == withdrawn + 2 * corrected + new
    assert sorted(shown) == sorted(row.record_id for row in changed)
    assert all(row.updated_at < city.second_night for row in changed)
    assert timedelta() <= clock - city.second_night < timedelta(minutes=1)
    assert _content(city) == before
