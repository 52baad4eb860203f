"""What every test may rely on: no settings from outside, and examples that are drawn without a stopwatch."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import HealthCheck, settings

from tests.postgresql import database, postgresql

__all__ = ["database", "postgresql"]  # fixtures for whoever asks

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("brief", settings.get_profile("house"), max_examples=20)  # for a run per mutant
settings.load_profile("house")

BROWSER = shutil.which("chromium")


def pytest_report_header() -> str:
    """Say whether the tests that open pages in a browser run here."""
    return f"browser: {BROWSER or 'none found, so the tests marked browser are left out'}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a browser where there is none."""
    if BROWSER is not None:
        return
    left_out = [item for item in items if item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


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
