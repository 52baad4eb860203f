"""The same nights on SQLite and on PostgreSQL leave the same store and the same report behind, byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from desk.auditor import verify_export
from local_store.tables.schema import TABLES
from sandbox.city import City, build_city
from sandbox.serve import Sandbox, start
from tests.postgresql import OWNER, Server
from tests.story import Desk, Rows, booked_by_both, contents, open_bank, stop_clocks

RUNNER = "night_runner"  # owns nothing, and may neither make tables nor change what was booked

Story = Callable[[Desk, City, Sandbox], list[int]]


@dataclass(frozen=True, slots=True)
class End:
    """What a story left: the exit codes of its verbs, the rows of the store, the files of report and audit."""

    codes: list[int]
    rows: dict[str, Rows]
    report: dict[str, bytes]
    audit: dict[str, bytes]


def calm(desk: Desk, city: City, sandbox: Sandbox) -> list[int]:
    """Play three nights with all that people do in between; give the exit codes."""
    first, second = city.first_night, city.second_night
    visit = booked_by_both(city)
    draw = ("redeem", visit.person.local_number, "--for", "self", "--reason", "陪护", "--by", "韦站长", "--hours", "1")
    codes = [*take_in(desk, city, sandbox), desk.do("sync", now=first), desk.do(*draw, now=first)]
    stop_clocks(sandbox, first + timedelta(hours=7))
    sandbox.national.withdraw(visit.national[0].record_id)
    sandbox.guangxi.withdraw(visit.guangxi[0].record_id)
    codes += [night(desk, sandbox, at) for at in (second, first + timedelta(days=16))]
    return [*codes, desk.do("verify", now=first + timedelta(days=16))]


def troubled(desk: Desk, city: City, sandbox: Sandbox) -> list[int]:
    """Play nights in which a platform is down, one suddenly shows nothing, and one that finds all as it was."""
    first, later = city.first_night, city.first_night + timedelta(days=31)
    codes = take_in(desk, city, sandbox)
    sandbox.national.faults.always("maintenance")
    codes.append(desk.do("sync", now=first))
    sandbox.national.faults.clear()
    codes.append(night(desk, sandbox, city.second_night))
    for row in city.national_records[:40:2]:
        sandbox.national.edit(row.record_id, remark="改")
        sandbox.national.withdraw(row.record_id)
    sandbox.guangxi.faults.always("suddenly_empty", on="hours.query")
    codes.append(night(desk, sandbox, later))
    sandbox.guangxi.faults.clear()
    codes.append(night(desk, sandbox, later + timedelta(days=1)))
    return [*codes, desk.do("verify", now=later + timedelta(days=1))]


def take_in(desk: Desk, city: City, sandbox: Sandbox) -> list[int]:
    """Import both lists on the first evening."""
    lists = desk.folder.parent / "lists"
    stop_clocks(sandbox, city.first_night)
    people = desk.do("people", "import", str(lists / "roster.csv"), now=city.first_night)
    return [people, desk.do("entries", "import", str(lists / "entries.csv"), now=city.first_night)]


def night(desk: Desk, sandbox: Sandbox, at: datetime) -> int:
    """Run one night."""
    stop_clocks(sandbox, at)
    return desk.do("sync", now=at)


STORIES: dict[str, tuple[Story, City, list[int]]] = {
    "calm": (calm, build_city(people=20, seed=4), [0, 0, 0, 0, 0, 0, 0]),
    "troubled": (troubled, build_city(people=14, seed=9), [1, 0, 1, 0, 1, 0, 0]),
}
Ends = tuple[str, End, End]


@pytest.fixture(scope="module", params=STORIES)
def ends(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgresql: Server
) -> Iterator[Ends]:
    """Play a story on both databases, with the same keys; give what each left."""
    play, city, _ = STORIES[request.param]
    folder, database = tmp_path_factory.mktemp("both"), postgresql.create()
    postgresql.say(f"CREATE ROLE {RUNNER} LOGIN")
    urls = {"sqlite": f"sqlite:///{folder}/sqlite/shiqiao.db", "postgresql": postgresql.url(database, RUNNER)}
    found = {}
    for name, url in urls.items():
        with start(city) as sandbox:
            desk = open_bank(folder / name, city, sandbox, url)
            if name == "postgresql":
                assert desk.do("migrate", "--owner", OWNER, "--grant", RUNNER, now=city.first_night) == 0
            codes = play(desk, city, sandbox)
            assert desk.do("report", "--out", str(desk.folder / "report"), now=city.first_night + timedelta(40)) == 0
            report = {path.name: path.read_bytes() for path in (desk.folder / "report").rglob("*.*")}
            assert desk.do("verify", "--export", str(desk.folder / "audit"), now=city.first_night + timedelta(40)) == 0
            audit = {path.name: path.read_bytes() for path in (desk.folder / "audit").iterdir()}
            found[name] = End(codes, contents(desk, url), report, audit)
    yield request.param, found["sqlite"], found["postgresql"]
    postgresql.drop(database)
    postgresql.say(f"DROP ROLE {RUNNER}")


def test_every_verb_ends_alike(ends: Ends) -> None:
    story, one, other = ends
    assert one.codes == other.codes == STORIES[story][2]


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_the_same_nights_leave_the_same_rows(table: str, ends: Ends) -> None:
    _, one, other = ends
    assert one.rows[table] == other.rows[table]


def test_the_same_nights_are_reported_in_the_same_words(ends: Ends) -> None:
    _, one, other = ends
    assert {name.rpartition(".")[2] for name in one.report} == {"html", "xlsx", "json"}
    assert one.report == other.report


def test_there_was_something_to_compare(ends: Ends) -> None:
    story, _, end = ends
    rows = end.rows
    wanted = {"calm": {"post", "reverse", "redeem"}, "troubled": {"post", "reverse"}}

    assert {len(rows[name]) > 100 for name in ("voucher", "transfer", "claim", "membership")} == {True}
    assert {kind for _, _, kind, *_ in rows["voucher"]} == wanted[story]
    assert len({kind for _, kind, *_ in rows["conflict"]}) > 5


def test_an_auditor_gets_the_same_bytes_of_both(ends: Ends, tmp_path: Path) -> None:
    _, one, other = ends
    assert one.audit == other.audit
    for name, data in one.audit.items():
        (tmp_path / name).write_bytes(data)
    assert verify_export.main([str(tmp_path)]) == 0
