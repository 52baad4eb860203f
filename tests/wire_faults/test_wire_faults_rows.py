"""Single rows that a platform spoils: seen, kept apart, and read once they are right; the others are read at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wire_faults.door import Door
from tests.wire_faults.life import MONTH, PLATFORMS, Life, Scene, Table, scope_of, small_pages

pytestmark = pytest.mark.store_file  # each case begins on a copy of a file

READ = {"national": "listServiceTimes", "guangxi": "hours.query"}
REASONS = {
    "future_update": "updated_in_future",
    "absurd_hours": "hours_over_day",
    "negative_hours": "hours_negative",
    "null_hours": "hours_missing",
    "unknown_code": "state_unknown",
    "broken_id_number": "id_number_broken",
}


@pytest.fixture(scope="module", autouse=True)
def _small_pages() -> Iterator[None]:
    with small_pages():
        yield


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    made = Scene(tmp_path_factory.mktemp("scene"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def a_month_later(scene: Scene) -> dict[str, Table]:
    """Give the records of each platform after two sweeps on which all was well."""
    return {name: _swept_twice(scene, name) for name in PLATFORMS}


def _swept_twice(scene: Scene, platform: str) -> Table:
    with Door(platform, scene.town, scope_of(platform)).open() as door:
        life = scene.wake()
        life.pull(door)
        return _sweep_a_month_later(life, door)


def _sweep_a_month_later(life: Life, door: Door) -> Table:
    life.scene.town.set_clock(life.clock.at + MONTH)
    assert life.pull(door).outcome == "complete"
    return life.readable()


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("page", [1, 2, 3])
@pytest.mark.parametrize("kind", sorted(REASONS))
def test_a_spoilt_row_stands_apart_until_it_is_right(
    kind: str, page: int, platform: str, scene: Scene, a_month_later: dict[str, Table]
) -> None:
    life = scene.wake()
    known = {row[:2] for row in life.readable()}
    held = scene.town.national if platform == "national" else scene.town.guangxi
    held.faults.next(kind, on=READ[platform], page=page)
    with Door(platform, scene.town, scope_of(platform)).open() as door:
        tally = life.pull(door)
        assert (tally.outcome, tally.quarantined) == ("complete", 1)
        assert [row[2] for row in life.unread()] == [REASONS[kind]]
        assert known <= {row[:2] for row in life.readable()}
        assert not {row[:2] for row in life.unread()} & {(name, one) for name, _, one in life.gone()}
        assert _sweep_a_month_later(life, door) == a_month_later[platform]
    assert [bool(is_lifted) for *_, is_lifted in life.unread()] == [True]
