"""The promise every adapter keeps.

Words: a *platform* is an outside system; a *scope* one team or organisation of it; a *window* the half-open span
``[start, end)`` of update times, in whole seconds; a *page* one answer, read in full and found whole; a *cursor* what
the platform wants to hear to give the next page. An adapter holds no state of the bank: it reads one page when asked,
says what it saw, and never decides what it means.

Whatever is wrong with one row becomes a ``QuarantinedRow`` in its page. Whatever is wrong with a call is raised as
one of the ``PlatformError`` classes, after the transport has tried again as far as that is safe. A failure is never an
empty page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from domain.people import PersonOnPlatform
from domain.records import PersonAsSaid, QuarantinedRow, Record


@dataclass(frozen=True, slots=True)
class Window:
    """Update times from ``start`` (included) to ``end`` (excluded); aware, whole seconds. None leaves an end open."""

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """One answer to ``read_hours``.

    ``raw`` is the body as it came (evidence; the store encrypts it). ``total`` is how many rows the platform says the
    whole window has. ``next_cursor`` is None on the last page and only there. Every row of the answer is in
    ``records`` or in ``quarantined``.
    """

    raw: bytes = field(repr=False)
    records: tuple[Record, ...]
    quarantined: tuple[QuarantinedRow, ...]
    total: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class VolunteerPage:
    """One answer to ``read_volunteers``; the persons are in clear and must go straight to the vault.

    ``total`` is None where the platform does not say. What cannot be read is in ``quarantined``.
    """

    volunteers: tuple[PersonOnPlatform, ...]
    total: int | None
    next_cursor: str | None
    quarantined: tuple[QuarantinedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class DaySummary:
    """What a platform says of one day of an organisation: rows, minutes and its own checksum over all of them."""

    day: date
    count: int
    minutes: int
    checksum: str


@dataclass(frozen=True, slots=True)
class SummedRow:
    """A row as it goes into a platform's own sum of its day; ``state`` is ours, or the platform's code where unread.

    ``seconds`` is None where the row names no figure.
    """

    external_id: str
    day: date
    seconds: int | None
    state: str


@dataclass(frozen=True, slots=True)
class Submission:
    """One service to be written to a platform; times are aware, ``business_key`` is ours and is kept as sent."""

    business_key: str
    person: PersonAsSaid
    organisation: str
    activity_id: str
    area_code: str
    category_code: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the platform answered for one submission: its new ``external_id``, or its ``refusal`` in its own words."""

    business_key: str
    external_id: str
    refusal: str


class Chance(Protocol):
    """Where jitter comes from; ``random.Random`` is one."""

    def random(self) -> float:
        """Give a number from 0 (included) to 1 (excluded)."""


class Adapter(Protocol):
    """Code that speaks to one platform. ``platform`` is the name it bears in the settings."""

    platform: str
    can_deliver: bool

    def check(self) -> None:
        """Log in and read nothing more; raises ``PlatformError`` as every other call does."""

    def platform_now(self) -> datetime:
        """Give the platform's own clock: ours, corrected by its last ``Date`` header."""

    def read_hours(self, scope: str, window: Window, cursor: str | None) -> Page:
        """Read one page of the hours of ``scope``; ``cursor`` None asks for the first."""

    def read_volunteers(self, scope: str, cursor: str | None) -> VolunteerPage:
        """Read one page of the volunteers of ``scope``."""

    def summarise(self, scope: str, month: date) -> tuple[DaySummary, ...] | None:
        """Give the platform's own day sums of a month, or None where it has no such interface."""

    def sum_up(self, rows: Iterable[SummedRow]) -> tuple[DaySummary, ...]:
        """Sum rows up by day as the platform itself would; no call."""

    def row_in_sum(self, raw: bytes) -> SummedRow | None:
        """Give what a row that could not be read is in the platform's sums, or None where it does not say."""

    def submit(self, submissions: tuple[Submission, ...], request_number: str) -> tuple[Receipt, ...]:
        """Write at most fifty services in one call, sent once; none at all is no call, more is a ``ValueError``.

        Raises ``UnknownOutcome`` where the request may have arrived and its answer was lost.
        """

    def revoke(self, external_ids: tuple[str, ...], reason: str) -> None:
        """Take records back that we delivered ourselves."""

    def close(self) -> None:
        """Give connections back."""
