"""Values made quickly are the values that their class makes, and as frozen."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from domain.hours import DurationRange
from domain.making import maker

make = maker(DurationRange)


def test_a_value_made_quickly_is_one_of_its_class() -> None:
    made = make(1, high_seconds=2)
    assert type(made) is DurationRange
    assert made == DurationRange(1, 2)
    assert hash(made) == hash(DurationRange(1, 2))
    assert repr(made) == repr(DurationRange(1, 2))
    assert replace(made, low_seconds=0) == DurationRange(0, 2)
    assert made.holds(2)


def test_a_value_made_quickly_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        make(1, 2).low_seconds = 0  # type: ignore[misc]


def test_what_the_class_gives_by_itself_must_be_given_here_too() -> None:
    with pytest.raises(TypeError):
        make(1)  # type: ignore[call-arg]
