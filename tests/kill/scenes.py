"""Scenes in which a process is killed: what stands before, what it does, and what must stand in the end."""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import Engine, event

from adapters.chinavolunteer import profile as national_profile
from adapters.guizhiyuan import profile as guangxi_profile
from domain.clock import SHANGHAI
from local_store.store import open_store
from local_store.vault import create_key_file
from sandbox.cipher import KeyPair, chance
from sync import night
from tests.effects import Effects
from tests.nights import Town, shipped_rules, store_url
from tests.simulation.clerk import Clerk
from tests.simulation.house import PLATFORMS, House
from tests.simulation.witness import Witness

EVENING = datetime(2022, 7, 20, 21, 0, tzinfo=SHANGHAI)
PEOPLE = 9
VISITS = 60
SMALL_PAGE = 12
SMALL_PORTION = 3


@dataclass(frozen=True, slots=True)
class Scene:
    """``prepare`` fills a folder and gives what is remembered of it; ``act`` does the deed, ``tell`` what stands."""

    name: str
    prepare: Callable[[Path], House]
    act: Callable[[House, Effects], None]
    tell: Callable[[House], object]


@contextmanager
def watched_statements(effects: Effects) -> Iterator[None]:
    """Let every SQL statement be an effect, and every commit of whichever store."""

    def on_statement(*_: object) -> None:
        effects.hit("statement")

    def on_commit(*_: object) -> None:
        effects.hit("commit")

    event.listen(Engine, "before_cursor_execute", on_statement)
    event.listen(Engine, "commit", on_commit)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", on_statement)
        event.remove(Engine, "commit", on_commit)


@contextmanager
def small_steps() -> Iterator[None]:
    """Let pages and portions be small, so that a night takes many steps."""
    with (
        patch.object(national_profile, "PAGE_SIZE", SMALL_PAGE),
        patch.object(guangxi_profile, "PAGE_SIZE", SMALL_PAGE),
        patch.object(night, "PORTION", SMALL_PORTION),
    ):
        yield


def at(house: House, folder: Path) -> House:
    """Give the house of the same town as the next process finds it in ``folder``."""
    moved = copy.copy(house)
    moved.folder = folder
    moved.store = open_store(store_url(folder), folder / "shiqiao.key", house.town.clock)
    return moved


# What stands before ---------------------------------------------------------------------------------------------------


def _town() -> tuple[Town, Clerk]:
    town = Town(PEOPLE)
    town.set_clock(EVENING)
    return town, Clerk(town, chance("kill"))


def _house(town: Town, folder: Path) -> House:
    keys = {
        platform: KeyPair(town.secrets[platform][f"{side}_key"], town.secrets[platform][f"{side}_iv"])
        for platform, side in (("national", "response"), ("guangxi", "data"))
    }
    return House(town, folder, shipped_rules(cap_seconds=3 * 3600), Witness(town, keys))


def _before_first_night(folder: Path) -> House:
    town, clerk = _town()
    clerk.work(VISITS)
    house = _house(town, folder)
    house.take_in(town.people[:-2])
    _sleep(town)
    house.close()
    return house


def _before_second_night(folder: Path) -> House:
    """A night is over; since then visits were typed, corrected, withdrawn, and a stranger was put on the roster."""
    town, clerk = _town()
    clerk.work(VISITS)
    house = _house(town, folder)
    house.take_in(town.people[:-2])
    _sleep(town)
    with small_steps():
        house.run()
    town.set_clock(town.clock.at + timedelta(hours=7))
    clerk.removals = 0
    clerk.work(VISITS)
    house.take_in(town.people[-2:])
    _sleep(town)
    house.close()
    return house


def _before_roster(folder: Path) -> House:
    town, _ = _town()
    house = _house(town, folder)
    house.take_in(town.people[:2])
    house.close()
    return house


def _before_entries(folder: Path) -> House:
    town, _ = _town()
    house = _house(town, folder)
    house.take_in(town.people)
    house.close()
    return house


def _before_store(folder: Path) -> House:
    town, _ = _town()
    house = House.__new__(House)
    house.town, house.folder = town, folder
    create_key_file(folder / "shiqiao.key")
    return house


def _sleep(town: Town) -> None:
    town.set_clock(town.clock.at + timedelta(hours=6))


# What is done ---------------------------------------------------------------------------------------------------------


def _run_night(house: House, effects: Effects) -> None:
    with small_steps():
        house.run(PLATFORMS, effects)


def _take_in(house: House, _: Effects) -> None:
    house.take_in(house.town.people)


def _type_entries(house: House, _: Effects) -> None:
    for number, person in enumerate(house.town.people):
        house.type_entry(
            f"E{number}", person.local_number, "escort", "2022-07-18", "09:00", "10:00", "", person.station,
            "陆奶奶", "韦站长", "莫主任", "",
        )  # fmt: skip


def _nothing(_house: House, _effects: Effects) -> None:
    """Opening the store was all."""


# What must stand ------------------------------------------------------------------------------------------------------


def _books(house: House) -> object:
    return (
        house.standings(), house.open_conflicts(), sorted(house.accounts().items()), house.bodies(),
        sorted((place.platform, place.external_id, str(place.disposition)) for place in house.places()),
        house.faults_found(),
    )  # fmt: skip


def _lists(house: House) -> object:
    with _read(house) as tables:
        people = tables.execute("SELECT local_number, station, consents FROM person ORDER BY local_number").fetchall()
        said = tables.execute(_SAID).fetchall()
    return people, said, house.faults_found()


def _schema(house: House) -> object:
    with _read(house) as tables:
        made = tables.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        facts = tables.execute("SELECT count(*) FROM store_fact").fetchall()
    return made, facts, house.faults_found()


_SAID = """
    SELECT platform, external_id, record.revision, claim.state, service_date, reported_seconds
    FROM record JOIN claim ON claim.record = record.number ORDER BY platform, external_id
"""


@contextmanager
def _read(house: House) -> Iterator[sqlite3.Connection]:
    tables = sqlite3.connect(house.folder / "shiqiao.db")
    try:
        yield tables
    finally:
        tables.close()


SCENES = {
    scene.name: scene
    for scene in (
        Scene("first-night", _before_first_night, _run_night, _books),
        Scene("second-night", _before_second_night, _run_night, _books),
        Scene("roster", _before_roster, _take_in, _lists),
        Scene("entries", _before_entries, _type_entries, _lists),
        Scene("migrate", _before_store, _nothing, _schema),
    )
}
