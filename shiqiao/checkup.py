"""Look at everything that a night needs, change nothing, and say of each thing whether it is in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from domain.errors import ShiqiaoError
from local_store.store import open_store
from local_store.vault import open_vault
from shiqiao.house import House


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: its name (``clock``, ``platforms.national``), and what is wrong with it, or None."""

    name: str
    error: ShiqiaoError | None


def look_over(house: House) -> Iterator[Finding]:
    """Look at keys, rules, store and every platform, one after another; each is told as soon as it is known."""
    yield Finding("settings", None)
    yield Finding("clock", None)
    yield _looked("key_file", lambda: open_vault(house.settings.store.key_file))
    yield _looked("rules", house.rules)
    yield _looked("store", lambda: _look_at_store(house))
    for platform in house.settings.platforms:
        yield _looked(f"platforms.{platform}", partial(_call, house, platform))


def _looked(name: str, look: Callable[[], object]) -> Finding:
    try:
        look()
    except ShiqiaoError as error:
        return Finding(name, error)
    return Finding(name, None)


def _look_at_store(house: House) -> None:
    stored = house.settings.store
    with closing(open_store(stored.url, stored.key_file, house.clock, create=False)):
        pass


def _call(house: House, platform: str) -> None:
    with house.adapters([platform]) as adapters:
        adapters[platform].check()
