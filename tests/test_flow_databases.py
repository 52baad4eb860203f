"""The same nights on SQLite and on PostgreSQL leave the same store behind, byte for byte."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select

from local_store.store import open_store
from local_store.tables.schema import TABLES
from sandbox.city import City, build_city
from sandbox.lists import write_lists
from sandbox.serve import GUANGXI_PORT, NATIONAL_PORT, Sandbox, start
from sandbox.visits import GUANGXI_DECIDES, Visit
from shiqiao.cli import run
from shiqiao.clock import open_clock
from shiqiao.verbs.sandbox import exported
from tests.postgresql import OWNER, Server

SEALED_ANEW = {"sealed"}  # each seal has a nonce of its own
OF_THE_PLACE = {"lease": {"holder", "process", "beat_at"}, "coverage": {"settings_fingerprint"}}

RUNNER = "night_runner"  # owns nothing, and may neither make tables nor change what was booked

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Desk:
    """A bank in a folder, whose verbs are called without leaving this process."""

    folder: Path
    environ: Mapping[str, str]

    def do(self, *words: str, now: datetime) -> int:
        environ = {**self.environ, "SHIQIAO_NOW": now.isoformat(), "SHIQIAO_CONFIG": str(self.folder / "shiqiao.toml")}
        return run(words, environ)


def story(desk: Desk, city: City, sandbox: Sandbox) -> list[int]:
    """Play three nights with all that people do in between; give the exit codes."""
    lists, first, second = desk.folder.parent / "lists", city.first_night, city.second_night
    visit = _booked_by_both(city)
    draw = ("redeem", visit.person.local_number, "--for", "self", "--reason", "陪护", "--by", "韦站长", "--hours", "1")
    _stop_clocks(sandbox, first)
    codes = [
        desk.do("people", "import", str(lists / "roster.csv"), now=first),
        desk.do("entries", "import", str(lists / "entries.csv"), now=first),
        desk.do("sync", now=first),
        desk.do(*draw, now=first),
    ]
    _stop_clocks(sandbox, first + timedelta(hours=7))
    sandbox.national.withdraw(visit.national[0].record_id)
    sandbox.guangxi.withdraw(visit.guangxi[0].record_id)
    for night in (second, first + timedelta(days=16)):
        _stop_clocks(sandbox, night)
        codes.append(desk.do("sync", now=night))
    return [*codes, desk.do("verify", now=first + timedelta(days=16))]


def _stop_clocks(sandbox: Sandbox, at: datetime) -> None:
    sandbox.national.clock.freeze(at)
    sandbox.guangxi.clock.freeze(at)


def _booked_by_both(city: City) -> Visit:
    return next(
        visit
        for visit in city.visits
        if not visit.mistake and not visit.entry and visit.served_on >= GUANGXI_DECIDES
        and visit.national and visit.guangxi and visit.kind.credits_half_hours and not visit.is_special
    )  # fmt: skip


def contents(url: str, folder: Path, environ: Mapping[str, str]) -> dict[str, Rows]:
    """Give every row of every table, in the order of the keys, but for what is sealed."""
    opened = open_store(url, folder / "shiqiao.key", open_clock(environ), create=False)
    with closing(opened) as store, store.reading() as tx:
        return {table.name: [tuple(row) for row in tx.rows(_all_of(table))] for table in TABLES}


def _all_of(table: Table) -> Any:  # noqa: ANN401 - SQLAlchemy's Select
    left_out = SEALED_ANEW | OF_THE_PLACE.get(table.name, set())
    return select(*(column for column in table.c if column.name not in left_out)).order_by(*table.primary_key)


@pytest.fixture(scope="module")
def ends(
    tmp_path_factory: pytest.TempPathFactory, postgresql: Server
) -> Iterator[dict[str, tuple[list[int], dict[str, Rows]]]]:
    """Play the story on both databases, with the same keys; give the exit codes and the contents of each."""
    folder, city = tmp_path_factory.mktemp("both"), build_city(people=20, seed=4)
    write_lists(city, folder / "lists")
    found, database = {}, postgresql.create()
    postgresql.say(f"CREATE ROLE {RUNNER} LOGIN")
    for name in ("sqlite", "postgresql"):
        with start(city) as sandbox:
            desk = Desk(folder / name, {**dict(exported(sandbox, city)), "TMPDIR": str(folder)})
            url = f"sqlite:///{desk.folder}/shiqiao.db" if name == "sqlite" else postgresql.url(database, RUNNER)
            _open_bank(desk, sandbox, url, folder / "the.key")
            if name == "postgresql":
                assert desk.do("migrate", "--owner", OWNER, "--grant", RUNNER, now=city.first_night) == 0
            codes = story(desk, city, sandbox)
            found[name] = codes, contents(url, desk.folder, desk.environ)
    yield found
    postgresql.drop(database)
    postgresql.say(f"DROP ROLE {RUNNER}")


def _open_bank(desk: Desk, sandbox: Sandbox, url: str, key: Path) -> None:
    assert run(["init", str(desk.folder)], desk.environ) == 0
    (desk.folder / "shiqiao.db").unlink()
    if key.exists():
        shutil.copy2(key, desk.folder / "shiqiao.key")
    shutil.copy2(desk.folder / "shiqiao.key", key)
    settings = desk.folder / "shiqiao.toml"
    text = settings.read_text(encoding="utf-8")
    text = text.replace(f"http://127.0.0.1:{NATIONAL_PORT}", sandbox.national_url)
    text = text.replace(f"http://127.0.0.1:{GUANGXI_PORT}", sandbox.guangxi_url)
    settings.write_text(text.replace("sqlite:///shiqiao.db", url), encoding="utf-8")


def test_every_verb_ends_alike(ends: dict[str, tuple[list[int], dict[str, Rows]]]) -> None:
    assert ends["sqlite"][0] == ends["postgresql"][0] == [0, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_the_same_nights_leave_the_same_rows(table: str, ends: dict[str, tuple[list[int], dict[str, Rows]]]) -> None:
    assert ends["sqlite"][1][table] == ends["postgresql"][1][table]


def test_there_was_something_to_compare(ends: dict[str, tuple[list[int], dict[str, Rows]]]) -> None:
    rows = ends["postgresql"][1]

    assert {len(rows[name]) > 100 for name in ("voucher", "transfer", "claim", "membership")} == {True}
    assert {kind for _, _, kind, *_ in rows["voucher"]} == {"post", "reverse", "redeem"}
    assert len({kind for _, kind, *_ in rows["conflict"]}) > 5
