"""What every test may rely on: no settings from outside, and examples that are drawn without a stopwatch."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.postgresql import Server, database, postgresql
from tests.stores import STORES

__all__ = ["database", "postgresql"]  # fixtures for whoever asks

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(  # for a run per mutant, of which only whether it fails is asked
    "brief", settings.get_profile("house"), max_examples=20, database=None, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("house")

BROWSER = shutil.which("chromium")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tests' stores live elsewhere than in files."""
    where = "where the stores live that tests open: each in a file, or in a database on a server of the worker's own"
    parser.addoption("--store", choices=["sqlite", "postgresql"], default="sqlite", help=where)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say whether the tests that open pages in a browser run here, and where the stores are."""
    browser = BROWSER or "none found, so the tests marked browser are left out"
    file = "" if config.option.store == "sqlite" else ", so the tests marked store_file are left out"
    return [f"browser: {browser}", f"stores: {config.option.store}{file}"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a browser where there is none, and what speaks of a store's file where there is none."""
    missing = {"browser": BROWSER is None, "store_file": config.option.store != "sqlite"}
    left_out = {item for item in items if any(lacks and item.get_closest_marker(it) for it, lacks in missing.items())}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session", autouse=True)
def _home_of_stores(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let stores live on this worker's server where that was asked for."""
    if request.config.option.store == "postgresql":
        server = request.getfixturevalue("postgresql")
        assert isinstance(server, Server)
        STORES.server = server
    yield
    STORES.server = None


@pytest.fixture(scope="module", autouse=True)
def _stores_of_a_module(_home_of_stores: None) -> Iterator[None]:
    """Take away the databases that the tests of a module made."""
    yield
    STORES.drop_all()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the tester's own shell would tell the program."""
    for name in [name for name in os.environ if name.startswith("SHIQIAO_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def browser() -> str:
    """Give the path of the Chromium that pages are looked at with."""
    assert BROWSER is not None
    return BROWSER
