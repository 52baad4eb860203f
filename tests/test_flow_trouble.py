"""Nights that go wrong, as a person meets them: the installed command against real sockets that fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.city import City, build_city
from sandbox.serve import Sandbox, start
from tests.keyboard import Keyboard, set_up

WRONG_SECRET = "0123456789abcdef" * 2


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(people=21, seed=6, has_mistakes=False)


@pytest.fixture
def sandbox(city: City) -> Iterator[Sandbox]:
    with start(city) as running:
        yield running


@pytest.fixture
def keyboard(tmp_path: Path, city: City, sandbox: Sandbox) -> Keyboard:
    return _with_roster(set_up(tmp_path, city, sandbox))


def _with_roster(keyboard: Keyboard) -> Keyboard:
    assert keyboard.type("people", "import", keyboard.folder.parent / "lists" / "roster.csv").code == 0
    return keyboard


def _night(keyboard: Keyboard, exit_code: int, **environ: str) -> Any:  # noqa: ANN401 - a parsed JSON text
    said = keyboard.type("sync", "--json", **environ)
    assert said.code == exit_code
    return said.document()


def _outcomes(night: Any) -> dict[str, str]:  # noqa: ANN401 - as above
    return {name: pulled["outcome"] for name, pulled in night["platforms"].items()}


def test_what_a_night_missed_the_next_one_catches_up(
    tmp_path: Path, city: City, sandbox: Sandbox, keyboard: Keyboard
) -> None:
    sandbox.national.faults.always("maintenance")
    first = _night(keyboard, 1)
    assert first["outcome"] == "partial"
    assert _outcomes(first) == {"national": "failed", "guangxi": "complete"}
    assert first["platforms"]["national"]["through"] is None
    assert first["actions"]["post"] > 0
    sandbox.national.faults.clear()
    sandbox.set_clocks(city.second_night)
    second = _night(keyboard.at(city.second_night), 0)
    assert _outcomes(second) == {"national": "complete", "guangxi": "complete"}

    (tmp_path / "calm").mkdir()
    calm = _with_roster(set_up(tmp_path / "calm", city, sandbox)).at(city.second_night)
    _night(calm, 0)
    assert keyboard.type("balances", "--json").document() == calm.type("balances", "--json").document()
    assert keyboard.type("verify", "--json").document()["ok"] is True


def test_a_secret_that_the_platform_refuses_stops_that_platform_only(keyboard: Keyboard) -> None:
    night = _night(keyboard, 1, SHIQIAO_GUANGXI_SECRET=WRONG_SECRET)

    assert night["outcome"] == "partial"
    assert _outcomes(night) == {"national": "complete", "guangxi": "failed"}
    told = keyboard.type("sync", SHIQIAO_GUANGXI_SECRET=WRONG_SECRET)
    assert told.code == 1
    assert "桂志愿" in told.out
    assert WRONG_SECRET not in told.out + told.err


@pytest.mark.parametrize(
    ("variable", "platform"), [("NATIONAL_RESPONSE_KEY", "national"), ("GUANGXI_DATA_KEY", "guangxi")]
)
def test_a_key_that_reads_nobody_covers_nothing_so_that_the_right_one_reads_all(
    keyboard: Keyboard, variable: str, platform: str
) -> None:
    night = _night(keyboard, 1, **{f"SHIQIAO_{variable}": WRONG_SECRET})
    assert night["platforms"][platform]["through"] is None
    assert night["platforms"][platform]["records_seen"] == 0

    mended = _night(keyboard, 0)
    assert mended["platforms"][platform]["records_seen"] > 0
    assert keyboard.type("verify", "--json").document()["ok"] is True


def test_one_platform_may_be_asked_for_alone(keyboard: Keyboard) -> None:
    said = keyboard.type("sync", "--platform", "guangxi", "--json")

    assert said.code == 0
    assert list(said.document()["platforms"]) == ["guangxi"]
    assert keyboard.type("sync", "--platform", "beijing").code == 2


@pytest.mark.parametrize("kind", ["suddenly_empty", "suddenly_half"])
def test_a_platform_suddenly_short_of_rows_reverses_nothing(
    city: City, sandbox: Sandbox, keyboard: Keyboard, kind: str
) -> None:
    _night(keyboard, 0)
    before = keyboard.type("balances", "--json").document()
    later = city.first_night + timedelta(days=31)
    sandbox.set_clocks(later)
    sandbox.guangxi.faults.always(kind, on="hours.query")

    night = _night(keyboard.at(later), 1)
    assert night["outcome"] == "held"
    assert night["actions"]["reverse"] == 0
    assert keyboard.type("balances", "--json").document() == before
    guards = keyboard.type("conflicts", "--kind", "guard", "--json").document()
    assert len(guards) > 0
    assert all(guard["blocking"] for guard in guards)

    sandbox.guangxi.faults.clear()
    calm = later + timedelta(days=1)
    sandbox.set_clocks(calm)
    assert _night(keyboard.at(calm), 0)["actions"]["reverse"] == 0
    assert keyboard.type("conflicts", "--kind", "guard", "--json").document() == []
    assert keyboard.type("balances", "--json").document() == before
    assert keyboard.type("verify").code == 0


def test_a_past_night_can_be_replayed(tmp_path: Path, city: City, sandbox: Sandbox, keyboard: Keyboard) -> None:
    """Two banks that stand at the same instant say the same, whatever the machine's clock says."""
    first = _night(keyboard, 0)
    (tmp_path / "again").mkdir()
    again = _night(_with_roster(set_up(tmp_path / "again", city, sandbox)), 0)

    assert again == first
