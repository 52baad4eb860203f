"""Nights that are killed: the first one, one after days without any, a sweep, one under new rules, a mere plan."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from domain.clock import SHANGHAI
from local_store import runs
from mapping.rules import RuleSet
from sandbox.cipher import KeyPair, chance
from sync.due import NIGHT_LOOK_BACK, SWEEP_EVERY
from tests.effects import Effects
from tests.kill.scene import Scene, small_steps
from tests.nights import Town, shipped_rules
from tests.simulation.clerk import Clerk
from tests.simulation.house import PLATFORMS, House
from tests.simulation.witness import Witness

EVENING = datetime(2022, 7, 20, 21, 0, tzinfo=SHANGHAI)
PEOPLE = 9
VISITS = 60
SHORT_CAP_SECONDS = 3 * 3600
QUIET = NIGHT_LOOK_BACK + timedelta(days=2)
"""How long nobody typed before the night that is killed: what it says to have read, no look-back reads again."""


def enter(house: House, folder: Path) -> House:
    """Give the house of the same town as the next process finds it in ``folder``."""
    moved = copy.copy(house)
    moved.folder = folder
    moved.reopen()
    return moved


def town_and_clerk() -> tuple[Town, Clerk]:
    town = Town(PEOPLE)
    town.set_clock(EVENING)
    return town, Clerk(town, chance("kill"))


def house_of(town: Town, folder: Path) -> House:
    """Make the bank of a town, with two people less on its roster than there are."""
    keys = {
        platform: KeyPair(town.secrets[platform][f"{side}_key"], town.secrets[platform][f"{side}_iv"])
        for platform, side in (("national", "response"), ("guangxi", "data"))
    }
    return House(town, folder, shipped_rules(cap_seconds=SHORT_CAP_SECONDS), Witness(town, keys))


def _wait(town: Town, how_long: timedelta) -> None:
    town.set_clock(town.clock.at + how_long)


def _before_first_night(folder: Path) -> House:
    town, clerk = town_and_clerk()
    clerk.work(VISITS)
    house = house_of(town, folder)
    house.take_in(town.people[:-2])
    _wait(town, QUIET)
    house.close()
    return house


def first_night_over(folder: Path, moves: int = VISITS) -> House:
    """A night is over; since then visits were typed, corrected, withdrawn, and two strangers put on the roster."""
    town, clerk = town_and_clerk()
    clerk.work(VISITS)
    house = house_of(town, folder)
    house.take_in(town.people[:-2])
    _wait(town, timedelta(hours=6))
    with small_steps():
        house.run()
    _wait(town, timedelta(hours=7))
    clerk.removals = 0
    clerk.work(moves)
    house.take_in(town.people[-2:])
    return house


def _before_second_night(folder: Path) -> House:
    house = first_night_over(folder)
    _wait(house.town, QUIET)
    house.close()
    return house


def _before_sweep(folder: Path) -> House:
    house = first_night_over(folder, VISITS // 2)
    _wait(house.town, SWEEP_EVERY)
    house.close()
    return house


def _before_new_rules(folder: Path) -> House:
    """Other rules were put in force, under which a visit earns half as much and people may have more."""
    house = first_night_over(folder, 1)
    house.rules = _half_as_much(house.rules)
    with house.store.writing() as tx:
        runs.activate_rules(tx, house.rules.version, "莫主任", "调整标准")
    _wait(house.town, timedelta(hours=6))
    house.close()
    return house


def _half_as_much(rules: RuleSet) -> RuleSet:
    categories = {
        code: replace(one, credit_seconds=one.credit_seconds and one.credit_seconds // 2)
        for code, one in rules.categories.items()
    }
    cap = rules.cap_seconds + 3600
    return replace(rules, version=f"{rules.version}-1", categories=categories, cap_seconds=cap)


def _run_night(house: House, effects: Effects) -> None:
    with small_steps():
        house.run(PLATFORMS, effects)


def _only_plan(house: House, effects: Effects) -> None:
    with small_steps():
        house.run(PLATFORMS, effects, is_plan_only=True)


def _books(house: House) -> object:
    return (
        house.standings(), house.open_conflicts(), sorted(house.accounts().items()), house.bodies(),
        sorted((place.platform, place.external_id, str(place.disposition)) for place in house.places()),
        house.faults_found(),
    )  # fmt: skip


NIGHTS = (
    Scene("first-night", _before_first_night, enter, _run_night, _books),
    Scene("second-night", _before_second_night, enter, _run_night, _books),
    Scene("sweep-night", _before_sweep, enter, _run_night, _books),
    Scene("new-rules", _before_new_rules, enter, _run_night, _books),
    Scene("plan", _before_second_night, enter, _only_plan, _books),
)
