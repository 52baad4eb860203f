"""Who was merged into whom is proved: two places say it, and they must say the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bridges import Street, street


@pytest.fixture
def merged(tmp_path: Path) -> Iterator[Street]:
    """Give a street on which a first number was merged into a second one, and that into a third."""
    with street(tmp_path) as made:
        made.guangxi("09:00", 60)
        made.night()
        first, second, third = (person.local_number for person in made.people[:3])
        made.merge(first, second)
        made.merge(second, third)
        made.night()
        yield made


def test_a_chain_of_merged_numbers_is_sound(merged: Street) -> None:
    assert merged.bank.faults_found() == []


@pytest.mark.parametrize(("number", "into"), [(1, 2), (2, 2), (2, 1)])
def test_another_person_to_stand_for_a_merged_one_is_found(merged: Street, number: int, into: int) -> None:
    merged.change(f"UPDATE person SET merged_into = {into} WHERE number = {number}")  # noqa: S608 - numbers of the test
    assert f"people: person {number}: merged_into" in merged.bank.faults_found()
