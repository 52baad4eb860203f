"""When a night is due."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from scheduler.calendar import is_due, last_due, next_due

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHTLY = time(2, 30)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        ("2022-10-21 02:29:59", "2022-10-20 02:30", "2022-10-21 02:30"),
        ("2022-10-21 02:30:00", "2022-10-21 02:30", "2022-10-22 02:30"),
        ("2022-10-21 23:59:00", "2022-10-21 02:30", "2022-10-22 02:30"),
        ("2022-01-01 00:00:00", "2021-12-31 02:30", "2022-01-01 02:30"),
    ],
)
def test_a_night_lies_between_the_last_and_the_next(now: str, last: str, following: str) -> None:
    assert last_due(at(now), NIGHTLY, SHANGHAI) == at(last)
    assert next_due(at(now), NIGHTLY, SHANGHAI) == at(following)


def test_the_hosts_zone_does_not_matter() -> None:
    now = at("2022-10-21 02:31:00").astimezone(UTC)

    assert last_due(now, NIGHTLY, SHANGHAI) == at("2022-10-21 02:30")


@pytest.mark.parametrize(
    ("begun", "expected"),
    [
        (None, True),
        ("2022-10-20 02:30:00", True),
        ("2022-10-21 02:29:00", True),
        ("2022-10-21 02:30:00", False),
        ("2022-10-21 02:31:00", False),
    ],
)
def test_a_night_is_due_once_and_is_made_up_for(begun: str | None, *, expected: bool) -> None:
    last_begun = None if begun is None else at(begun)

    assert is_due(at("2022-10-21 09:00:00"), NIGHTLY, SHANGHAI, last_begun) is expected
