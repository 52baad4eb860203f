"""The bench's town: the same again from the same seed, with a truth that agrees with what its platforms say."""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections import Counter
from datetime import timedelta
from operator import itemgetter
from pathlib import Path

import pytest

from bench import mistakes, visits
from bench.pages import record_id, write_night
from bench.population import FIRST_NIGHT, inhabitants
from bench.tape import Tape
from bench.town import Town, build_town
from bench.visits import Visit
from domain.idnumber import birth_date
from tests.house import ROOT

pytestmark = pytest.mark.checkout

MAKERS = ("population", "visits", "mistakes", "doubt", "town", "pages", "tape")
HOUSE = {"adapters", "desk", "domain", "local_store", "mapping", "shiqiao", "sync", "scheduler"}


@pytest.fixture(scope="module", params=[True, False], ids=["times", "no_times"])
def town(request: pytest.FixtureRequest) -> Town:
    return build_town(20_000, has_times=request.param)


def _rows(tapes: dict[str, Tape], platform: str) -> list[dict[str, object]]:
    """Give the rows that a tape shows, read by nothing of the bench's."""
    told = tapes[platform].path.read_bytes()
    rows: list[dict[str, object]] = []
    for start, end in itertools.pairwise((0, *tapes[platform].ends)):
        answer = json.loads(told[start:end].partition(b"\r\n\r\n")[2])
        inner = json.loads(answer["data"])["data"] if platform == "guangxi" else answer
        found = inner.get("records") if platform == "guangxi" else inner["data"]
        rows += found if isinstance(found, list) else []
    return rows


def test_the_same_arguments_make_the_same_town_and_another_seed_another(tmp_path: Path) -> None:
    tapes = [write_night(build_town(2000, seed), tmp_path / str(n), FIRST_NIGHT) for n, seed in enumerate((1, 1, 2))]
    first, again, other = ([tape.path.read_bytes() for tape in one.values()] for one in tapes)
    assert first == again
    assert first != other


def test_a_town_is_as_large_as_asked_for() -> None:
    for records in (500, 5000):
        assert records <= build_town(records).records < records + 100


def test_nobody_has_another_ones_number() -> None:
    people = list(itertools.islice(inhabitants(1), 30_000))
    assert len({person.id_number for person in people}) == len(people)
    assert len({person.national_number for person in people} | {person.guangxi_number for person in people}) == 60_000
    ages = [(FIRST_NIGHT.date() - birth_date(person.id_number)).days / 365.25 for person in people]
    assert min(ages) > 18.8
    assert max(ages) < 86


def test_every_kind_of_mistake_happens(town: Town) -> None:
    ways = {name for name, value in vars(mistakes).items() if getattr(value, "__module__", "") == mistakes.__name__}
    assert {name for name in ways if not name.startswith("_")} <= town.cases.keys()
    assert {"two_a_day", "overlap", "ambiguous", "stranger", "recent"} <= town.cases.keys()


def test_every_row_speaks_of_a_visit_of_its_person(town: Town) -> None:
    assert [visit.number for visit in town.visits] == list(range(len(town.visits)))
    rows = town.national + town.guangxi
    assert all(town.visits[row.visit].person == row.person for row in rows)
    spoken_of = {row.visit for row in rows} | {visit.number for visit in town.visits if visit.case == "ambiguous"}
    assert spoken_of == set(range(len(town.visits)))


def test_what_is_held_is_not_booked_and_what_is_booked_earns_what_the_paper_says(town: Town) -> None:
    held = [visit for visit in town.visits if visit.label and not visit.label.endswith("(note)")]
    assert held
    assert not any(visit.seconds for visit in held)
    flat = {"emotional_support": 1800, "assistance": 1800, "escort": 1800, "recreation": 3600, "training": 3600}
    booked = [visit for visit in town.visits if visit.seconds and not visit.is_special]
    for visit in booked:
        category = visits.ALL_KINDS[visit.kind].category
        if category in flat:
            assert visit.seconds == flat[category]
        else:
            assert visit.seconds in {visit.minutes * 60, visit.minutes // 30 * 1800}


def test_a_person_serves_but_once_at_a_time_save_where_that_is_the_mistake(town: Town) -> None:
    spans: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for visit in town.visits:
        if visit.case != "overlap":
            spans.setdefault((visit.person, visit.day), []).append((visit.start, visit.start + visit.minutes))
    for theirs in spans.values():
        assert all(ended <= begun for (_, ended), (begun, _) in itertools.pairwise(sorted(theirs)))


def test_the_tapes_show_every_row_once_in_the_order_of_change(town: Town, tmp_path: Path) -> None:
    tapes = write_night(town, tmp_path, FIRST_NIGHT)
    for platform, told, name, changed in (
        ("national", town.national, "id", "updateTime"),
        ("guangxi", town.guangxi, "recordId", "updatedAt"),
    ):
        rows = _rows(tapes, platform)
        assert Counter(str(row[name]) for row in rows) == Counter(record_id(platform, row) for row in told)
        for _, theirs in itertools.groupby(rows, itemgetter("albx0177" if platform == "national" else "orgCode")):
            stamps = [str(row[changed]) for row in theirs]
            assert stamps == sorted(stamps)
        assert max(str(row[changed]) for row in rows) < FIRST_NIGHT.isoformat(
            sep=" " if platform == "national" else "T"
        )


def test_guangxi_shows_times_only_where_its_staff_type_them(town: Town, tmp_path: Path) -> None:
    rows = _rows(write_night(town, tmp_path, FIRST_NIGHT), "guangxi")
    assert {row["startTime"] is not None for row in rows} == {town.has_times}


def test_a_later_night_reads_only_the_last_days_again(town: Town, tmp_path: Path) -> None:
    later = FIRST_NIGHT + timedelta(days=1)
    rows = _rows(write_night(town, tmp_path, later, FIRST_NIGHT - timedelta(hours=72)), "national")
    assert len(rows) == town.cases["recent"]
    assert all("2022-10-18" <= str(row["updateTime"]) < "2022-10-21" for row in rows)


def test_rows_weigh_about_a_thousand_bytes(tmp_path: Path) -> None:
    made = build_town(5000)
    tapes = write_night(made, tmp_path, FIRST_NIGHT)
    assert 900 < sum(tape.size_bytes for tape in tapes.values()) / made.records < 1100


@pytest.mark.parametrize("name", MAKERS)
def test_the_truth_is_made_without_a_word_from_the_house(name: str) -> None:
    read = ast.parse((ROOT / "bench" / f"{name}.py").read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(read) if isinstance(node, ast.ImportFrom) and node.module}
    imported |= {alias.name for node in ast.walk(read) if isinstance(node, ast.Import) for alias in node.names}
    assert not {module.partition(".")[0] for module in imported} & HOUSE


def test_no_identity_of_the_town_is_one_of_a_real_region() -> None:
    people = itertools.islice(inhabitants(7), 1000)
    assert all(re.fullmatch(r"459900\d{11}[\dX]", person.id_number) for person in people)


def test_nobody_is_asked_what_no_row_tells_but_little_is_in_doubt() -> None:
    made = build_town(100_000, has_times=False)
    doubtful = [visit for visit in made.visits if visit.is_doubtful]
    assert 0 < len(doubtful) < len(made.visits) / 1000
    by_person: dict[int, list[Visit]] = {}
    for visit in made.visits:
        by_person.setdefault(visit.person, []).append(visit)
    for visit in doubtful:
        near = [one for one in by_person[visit.person] if abs(one.day - visit.day) == 1 and one.is_doubtful]
        assert near
        assert any("date_differs" in {one.case, visit.case} or one.kind == visit.kind for one in near)
    assert not any(visit.is_doubtful for visit in build_town(20_000, has_times=True).visits)
