"""When one person alone may not decide: above so many hours moved by one command, or of one cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from desk.decide.said import Said
from domain.decisions import DecisionCode
from domain.hours import SECONDS_PER_DAY, seconds_of_hours
from local_store import decisions
from local_store.transaction import Tx

MOVED_ALONE_SECONDS_MAX = 4 * 3600
RELEASED_ALONE_SECONDS_MAX = 100 * 3600
SAME_CAUSE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Weighed:
    """What is said of a conflict of some cause, and the seconds that it moves."""

    said: Said
    cause: str
    moved_seconds: int


def need_two(tx: Tx, command: Sequence[Weighed]) -> bool:
    """Say whether what one command says needs a second person.

    Of one cause, what anybody decided alone within the last days counts in, so that nothing can be cut into slices.
    """
    if sum(one.moved_seconds for one in command) > MOVED_ALONE_SECONDS_MAX:
        return True
    if any(_releases_much(one.said) for one in command):
        return True
    by_cause: Counter[str] = Counter()
    for one in command:
        by_cause[one.cause] += one.moved_seconds
    since = tx.now - SAME_CAUSE_DAYS * SECONDS_PER_DAY
    return any(
        seconds and seconds + decisions.alone_of_cause(tx, cause, since) > MOVED_ALONE_SECONDS_MAX
        for cause, seconds in by_cause.items()
    )


def _releases_much(said: Said) -> bool:
    return said.code is DecisionCode.APPROVE and seconds_of_hours(said.argument) > RELEASED_ALONE_SECONDS_MAX
