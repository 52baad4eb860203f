"""What a station does by day that is killed: a roster, entries, and the making of a store."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect

from desk.verify import verify
from domain.clock import Clock
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
    """Where a store is to stand."""

    folder: Path
    clock: Clock

    def opened(self) -> Store:
        return open_store(store_url(self.folder), self.folder / "shiqiao.key", self.clock)


def _before_store(folder: Path) -> Clock:
    create_key_file(folder / "shiqiao.key")
    return town_and_clerk()[0].clock


def _at_site(clock: Clock, folder: Path) -> _Site:
    return _Site(folder, clock)


def _make_store(site: _Site, _: Effects) -> None:
    site.opened().close()


def _schema(site: _Site) -> object:
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
    Scene("migrate", _before_store, _at_site, _make_store, _schema),
)
