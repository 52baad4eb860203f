"""The items of the bridge, and the pieces that each of them is summed from."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Item(StrEnum):
    """Why the book and a platform differ; ledger = reported + all items + the residual (docs/decisions/0018)."""

    CREDIT_RULE = "credit_rule"
    ROUNDING = "rounding"
    DUPLICATE = "duplicate"
    WAITING = "waiting"
    IN_CONFLICT = "in_conflict"
    OUT_OF_SCOPE = "out_of_scope"
    PENDING = "pending"
    WITHDRAWN = "withdrawn"
    ELSEWHERE_ONLY = "elsewhere_only"
    UNDELIVERED = "undelivered"
    DECIDED = "decided"
    OPENING = "opening"
    UNPLANNED = "unplanned"


class Side(StrEnum):
    """The two sums that the items lead from and to."""

    REPORTED = "reported"
    LEDGER = "ledger"


class Piece(NamedTuple):
    """What one service, or one record of none, adds to a figure of a platform's bridge; ``item`` None: unexplained.

    ``service_id`` is "" for a record that belongs to no service, ``record`` (``platform:id``) is "" for a booking.
    """

    platform: str
    item: Item | None
    station: str
    month: str
    seconds: int
    service_id: str
    record: str
    day: str

    @property
    def reference(self) -> str:
        """Give what ``explain`` takes."""
        return self.service_id or self.record
