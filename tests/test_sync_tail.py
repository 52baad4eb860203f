"""A complete sweep, while its platform stamps every row anew: nothing that only moved on is taken for gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from domain.clock import SHANGHAI
from sandbox.cipher import chance
from tests.nights import Bank, Town, shipped_rules
from tests.simulation.clerk import Clerk

EVENING = datetime(2022, 8, 1, 21, 0, tzinfo=SHANGHAI)
MONTH = timedelta(days=31)


@pytest.mark.parametrize("platform", ["national", "guangxi"])
def test_rows_that_move_on_while_they_are_swept_are_not_gone(platform: str, tmp_path: Path) -> None:
    town = Town()
    town.set_clock(EVENING)
    Clerk(town, chance("tail")).work(8)
    bank = Bank(town, tmp_path, shipped_rules())
    bank.take_in(town.people)
    town.set_clock(EVENING + timedelta(hours=6))
    first = bank.night()
    before = bank.places()
    shaken = town.national if platform == "national" else town.guangxi
    shaken.faults.always("everything_changed")
    town.set_clock(EVENING + MONTH)
    assert bank.night().outcome == first.outcome == "complete"
    assert shaken.faults.injected["everything_changed"]
    assert before
    assert bank.held()["vanished"] == 0
    assert [place.external_id for place in bank.places()] == [place.external_id for place in before]
    bank.close()
