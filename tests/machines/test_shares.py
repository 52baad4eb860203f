"""The machines' shares, added up."""

from __future__ import annotations

from tests.machines import shares
from tests.machines.steps import Share


def test_the_machines_come_to_thirty_thousand_steps() -> None:
    every = [one for one in vars(shares).values() if isinstance(one, Share)]
    assert sum(one.parts * one.least for one in every) >= 30_000
