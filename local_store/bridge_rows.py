"""The rows that a bridge is drawn from, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Part:
    """The part of the bank that a bridge is drawn for; None stands for all. ``month`` is ``YYYY-MM``, by service date.

    ``people`` are the internal numbers of one person: their own and those that were merged into it.
    """

    station: str | None = None
    people: tuple[int, ...] | None = None
    month: str | None = None

    def holds(self, station: str, person: int | None, month: str) -> bool:
        """Say whether something at this station, of this person and month belongs to the part."""
        return (
            self.station in {None, station}
            and (self.people is None or person in self.people)
            and self.month in {None, month}
        )


class Figure(NamedTuple):
    """A sum of one platform ("": the book) at one station ("": none of ours) in one month, and of how many."""

    platform: str
    station: str
    month: str
    seconds: int
    how_many: int


class Told(NamedTuple):
    """One record, how it was read, where it went, and what is booked for its service (``booked_…``, None: nothing).

    ``disposition`` is None where the record has never been planned. Days are ISO texts, instants whole seconds.
    """

    service_id: str
    record: int
    platform: str
    external_id: str
    stream: str
    state: str
    is_gone: bool
    disposition: str | None
    station: str
    service_date: str
    reported_seconds: int
    low_seconds: int
    high_seconds: int
    starts_at: int | None
    ends_at: int | None
    category: str | None
    is_special: bool
    out_of_scope: str
    identity: int
    activity_id: str
    booked_person: int | None
    booked_date: str | None
    booked_station: str | None
    booked_seconds: int | None


class Whose(NamedTuple):
    """Whom an identity is: the roster's person, if any.

    ``is_settled``: nothing about its subject has changed since it was planned, and it was planned under these rules.
    """

    person: int | None
    is_settled: bool


class Booked(NamedTuple):
    """What the book holds for a service of which no record speaks any more."""

    service_id: str
    person: int
    service_date: str
    station: str
    seconds: int
    is_settled: bool
