"""The same nights on SQLite and on PostgreSQL leave the same store behind, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from local_store.tables.schema import TABLES
from sandbox.city import City, build_city
from sandbox.serve import Sandbox, start
from tests.postgresql import OWNER, Server
from tests.story import Desk, Rows, booked_by_both, contents, open_bank, stop_clocks

RUNNER = "night_runner"  # owns nothing, and may neither make tables nor change what was booked

End = tuple[list[int], dict[str, Rows]]


def story(desk: Desk, city: City, sandbox: Sandbox) -> list[int]:
    """Play three nights with all that people do in between; give the exit codes."""
    lists, first, second = desk.folder.parent / "lists", city.first_night, city.second_night
    visit = booked_by_both(city)
    draw = ("redeem", visit.person.local_number, "--for", "self", "--reason", "陪护", "--by", "韦站长", "--hours", "1")
    stop_clocks(sandbox, first)
    codes = [
        desk.do("people", "import", str(lists / "roster.csv"), now=first),
        desk.do("entries", "import", str(lists / "entries.csv"), now=first),
        desk.do("sync", now=first),
        desk.do(*draw, now=first),
    ]
    stop_clocks(sandbox, first + timedelta(hours=7))
    sandbox.national.withdraw(visit.national[0].record_id)
    sandbox.guangxi.withdraw(visit.guangxi[0].record_id)
    for night in (second, first + timedelta(days=16)):
        stop_clocks(sandbox, night)
        codes.append(desk.do("sync", now=night))
    return [*codes, desk.do("verify", now=first + timedelta(days=16))]


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory, postgresql: Server) -> Iterator[dict[str, End]]:
    """Play the story on both databases, with the same keys; give the exit codes and the contents of each."""
    folder, city, database = tmp_path_factory.mktemp("both"), build_city(people=20, seed=4), postgresql.create()
    postgresql.say(f"CREATE ROLE {RUNNER} LOGIN")
    urls = {"sqlite": f"sqlite:///{folder}/sqlite/shiqiao.db", "postgresql": postgresql.url(database, RUNNER)}
    found = {}
    for name, url in urls.items():
        with start(city) as sandbox:
            desk = open_bank(folder / name, city, sandbox, url)
            if name == "postgresql":
                assert desk.do("migrate", "--owner", OWNER, "--grant", RUNNER, now=city.first_night) == 0
            found[name] = story(desk, city, sandbox), contents(desk, url)
    yield found
    postgresql.drop(database)
    postgresql.say(f"DROP ROLE {RUNNER}")


def test_every_verb_ends_alike(ends: dict[str, End]) -> None:
    assert ends["sqlite"][0] == ends["postgresql"][0] == [0, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_the_same_nights_leave_the_same_rows(table: str, ends: dict[str, End]) -> None:
    assert ends["sqlite"][1][table] == ends["postgresql"][1][table]


def test_there_was_something_to_compare(ends: dict[str, End]) -> None:
    rows = ends["postgresql"][1]

    assert {len(rows[name]) > 100 for name in ("voucher", "transfer", "claim", "membership")} == {True}
    assert {kind for _, _, kind, *_ in rows["voucher"]} == {"post", "reverse", "redeem"}
    assert len({kind for _, kind, *_ in rows["conflict"]}) > 5
