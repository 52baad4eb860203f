from __future__ import annotations

from collections import Counter

import pytest

from sandbox.faults import FAULT_KINDS
from tests.simulation.campaign import DEEDS
from tests.simulation.catalogue import GOES_WRONG, NOT_IN_LIVES
from tests.simulation.weather import KINDS


@pytest.mark.parametrize("row", GOES_WRONG)
def test_what_goes_wrong_with_platforms_befalls_lives_or_it_is_said_why_not(row: str) -> None:
    drawn = DEEDS | set(KINDS)
    assert GOES_WRONG[row]
    assert {one for one in GOES_WRONG[row] if (one in drawn) == (one in NOT_IN_LIVES)} == set()


def test_every_fault_that_the_sandbox_knows_stands_in_one_row() -> None:
    named = Counter(one for row in GOES_WRONG.values() for one in row)
    assert {one: times for one, times in named.items() if times > 1} == {}
    assert FAULT_KINDS - named.keys() == set()
