"""The real clock, and how the bank's own is held."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.clock import SHANGHAI
from shiqiao.clock import open_chance, open_clock


@pytest.mark.parametrize(
    "text",
    [
        "2022-10-21T02:30:00+08:00",
        "2022-10-20T18:30:00Z",
        "2022-10-21T02:30",
        " 2022-10-21 02:30:00.7 ",
        "20221021T0230",
    ],
)
def test_now_is_held_in_shanghai_and_in_whole_seconds(text: str) -> None:
    clock = open_clock({"SHIQIAO_NOW": text})

    assert clock.now().isoformat() == "2022-10-21T02:30:00+08:00"
    assert clock.now().tzinfo is SHANGHAI
    assert abs(clock.real_now() - datetime.now(UTC)) < timedelta(minutes=1), "leases use real time"


@pytest.mark.parametrize("environ", [{}, {"SHIQIAO_NOW": ""}, {"SHIQIAO_NOW": " "}])
def test_now_is_real_where_nothing_holds_it(environ: dict[str, str]) -> None:
    clock = open_clock(environ)

    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert (clock.now().utcoffset(), clock.now().microsecond) == (timedelta(hours=8), 0)


def test_seconds_never_go_back() -> None:
    clock = open_clock({})
    before = clock.monotonic()
    clock.sleep(0)

    assert clock.monotonic() >= before


def test_chance_is_drawn_anew() -> None:
    assert len({open_chance().random() for _ in range(5)}) == 5
