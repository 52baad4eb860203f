"""However a platform writes an instant, it is read in whole seconds of Shanghai."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from adapters.fields import local_instant, offset_instant
from domain.clock import SHANGHAI

NINE = datetime(2022, 3, 1, 9, 0, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (local_instant, "2022-03-01 09:00:00"),
        (local_instant, "2022-03-01 09:00:00.0"),
        (local_instant, "2022-03-01 09:00:00.999"),
        (local_instant, "20220301T09:00:00.5"),
        (offset_instant, "2022-03-01T09:00:00+08:00"),
        (offset_instant, "2022-03-01T09:00:00.999+08:00"),
        (offset_instant, "20220301T09:00:00.5+08:00"),
        (offset_instant, "2022-03-01T01:00:00.5Z"),
    ],
)
def test_a_fraction_is_cut_off_wherever_it_stands(read: Callable[[str], datetime], text: str) -> None:
    assert read(text) == NINE
    assert read(text).tzinfo is SHANGHAI
