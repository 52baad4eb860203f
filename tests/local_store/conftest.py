from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local_store.store import Store, open_store
from local_store.vault import create_key_file
from tests.local_store.homes import Home, PostgresqlHome, SqliteHome
from tests.local_store.makers import Makers


@pytest.fixture
def make() -> Makers:
    return Makers()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create_key_file(tmp_path / "shiqiao.key")
    return tmp_path


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, folder: Path) -> Home:
    """Give each database in turn; a test of one alone names it, and why, by ``indirect``."""
    if request.param == "sqlite":
        return SqliteHome(folder)
    return PostgresqlHome(request.getfixturevalue("postgresql"), request.getfixturevalue("database"))


@pytest.fixture
def opened(home: Home, folder: Path, make: Makers) -> Iterator[Callable[[], Store]]:
    stores: list[Store] = []

    def open_it() -> Store:
        stores.append(open_store(home.url, folder / "shiqiao.key", make.clock))
        return stores[-1]

    yield open_it
    for one in stores:
        one.close()


@pytest.fixture
def store(opened: Callable[[], Store]) -> Store:
    return opened()
