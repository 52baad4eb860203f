"""A service (一次服务) and where the ledger stands on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.claims import Claim
from domain.records import RecordKey


@dataclass(frozen=True, slots=True)
class Service:
    """The claims judged to speak of the same spell.

    ``members`` holds at most one effective claim per platform, in key order; ``duplicates`` the claims that say
    again what a member of the same platform says. ``ties`` names, pair by pair, the evidence that joined them.
    """

    service_id: str
    members: tuple[Claim, ...]
    duplicates: tuple[Claim, ...] = ()
    ties: tuple[Tie, ...] = ()

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Give members and duplicates."""
        return self.members + self.duplicates


@dataclass(frozen=True, slots=True)
class Tie:
    """Why two records were taken for one service: each piece of evidence, with its weight."""

    first: RecordKey
    second: RecordKey
    evidence: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Booking:
    """What should stand in, or stands in, the book for one service; ``seconds`` is positive."""

    person: int
    service_date: date
    category: str
    station: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger holds for a service (账面状态): None once reversed; ``revision`` counts its vouchers.

    ``record`` is the claim it was booked by, ``voucher`` the number of its last voucher (the one that a reversal would
    mirror while something is booked). ``short_seconds`` is what the last reversal could not find any more and put into
    the person's deficit, less what a correction's new booking repaid at once.
    """

    service_id: str
    revision: int
    booking: Booking | None
    record: RecordKey | None
    voucher: int
    person: int
    short_seconds: int = 0
