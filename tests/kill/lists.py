"""What a station does by day that is killed: a roster, entries, and the making of a store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from alembic.config import Config
from sqlalchemy import inspect

from desk.verify import verify
from domain.clock import Clock
from local_store import migrate
from local_store.dialects import checks_in, guards_in
from local_store.store import Store, open_store
from local_store.vault import create_key_file
from tests.effects import Effects
from tests.kill.nights import enter, house_of, town_and_clerk
from tests.kill.scene import Scene
from tests.nights import store_url
from tests.simulation.house import House


def _before_roster(folder: Path) -> House:
    town, _ = town_and_clerk()
    house = house_of(town, folder)
    house.take_in(town.people[:2])
    house.close()
    return house


def _before_entries(folder: Path) -> House:
    town, _ = town_and_clerk()
    house = house_of(town, folder)
    house.take_in(town.people)
    house.close()
    return house


def _take_in(house: House, _: Effects) -> None:
    house.take_in(house.town.people)


def _type_entries(house: House, _: Effects) -> None:
    for number, person in enumerate(house.town.people):
        house.type_entry(
            f"E{number}", person.local_number, "escort", "2022-07-18", "09:00", "10:00", "", person.station,
            "陆奶奶", "韦站长", "莫主任", "",
        )  # fmt: skip


def _lists(house: House) -> object:
    with house.store.reading() as tx:
        asked = (_PEOPLE, _SAID)
        people, said = ([tuple(row) for row in tx.connection.exec_driver_sql(one)] for one in asked)
    return people, said, house.faults_found()


_PEOPLE = "SELECT local_number, station, consents FROM person ORDER BY local_number"
_SAID = """
    SELECT platform, external_id, record.revision, claim.state, service_date, reported_seconds
    FROM record JOIN claim ON claim.record = record.number ORDER BY platform, external_id
"""


@dataclass(frozen=True, slots=True)
class _Site:
    """Where a store is to stand, and which program opens it: ours, or one that is a step further."""

    folder: Path
    clock: Clock
    is_later: bool = False

    def opened(self) -> Store:
        with _a_step_further(self.folder / "steps") if self.is_later else nullcontext():
            return open_store(store_url(self.folder), self.folder / "shiqiao.key", self.clock)


@contextmanager
def _a_step_further(steps: Path) -> Iterator[None]:
    """Let the program know a step more: the one that lies in a folder."""
    known = [*migrate.known_steps(), LATER]

    def config() -> Config:
        made = Config()
        made.set_main_option("path_separator", "newline")
        made.set_main_option("version_locations", f"local_store:migrations/versions\n{steps}")
        return made

    with patch.object(migrate, "known_steps", lambda: known), patch("alembic.config.Config", config):
        yield


LATER = "9999"
_STEP = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = {later!r}, {newest!r}

def upgrade():
    op.create_table("later", sa.Column("number", sa.Integer(), primary_key=True), sa.Column("said", sa.Text()))
    op.add_column("person", sa.Column("later", sa.Text()))
    op.execute("UPDATE person SET later = local_number")
    op.execute("INSERT INTO later SELECT number, local_number FROM person")
    op.create_index("ix_later_said", "later", ["said"])
"""


def _before_store(folder: Path) -> Clock:
    create_key_file(folder / "shiqiao.key")
    return town_and_clerk()[0].clock


def _before_later_store(folder: Path) -> Clock:
    """There is a store of this program, with a roster."""
    house = _before_entries(folder)
    (folder / "steps").mkdir()
    (folder / "steps" / "later.py").write_text(
        _STEP.format(later=LATER, newest=migrate.known_steps()[-1]), encoding="utf-8"
    )
    return house.town.clock


def _at_site(clock: Clock, folder: Path) -> _Site:
    return _Site(folder, clock)


def _at_later_site(clock: Clock, folder: Path) -> _Site:
    return _Site(folder, clock, is_later=True)


def _open_store(site: _Site, _: Effects) -> None:
    site.opened().close()


def _later_schema(site: _Site) -> object:
    with closing(site.opened()) as store, store.reading() as tx:
        asked = ("SELECT number, later FROM person ORDER BY number", "SELECT * FROM later ORDER BY number")
        moved = [[tuple(row) for row in tx.connection.exec_driver_sql(one)] for one in asked]
    return _schema(site), moved


def _schema(site: _Site) -> tuple[object, ...]:
    """Give what was made: tables, columns, CHECKs, indexes, triggers, and the facts that a new store knows."""
    with closing(site.opened()) as store, store.reading() as tx:
        found = inspect(tx.connection)
        made = [
            (name, repr(found.get_columns(name)), checks_in(tx.connection, name))
            for name in sorted(found.get_table_names())
        ]
        indexes = [(one["name"], one["unique"]) for name, *_ in made for one in found.get_indexes(name)]
        facts = tx.connection.exec_driver_sql("SELECT count(*) FROM store_fact").scalar()
        return made, indexes, guards_in(tx.connection), facts, [check.name for check in verify(tx) if not check.ok]


LISTS = (
    Scene("roster", _before_roster, enter, _take_in, _lists),
    Scene("entries", _before_entries, enter, _type_entries, _lists),
    Scene("first-store", _before_store, _at_site, _open_store, _schema),
    Scene("migrate", _before_later_store, _at_later_site, _open_store, _later_schema),
)
