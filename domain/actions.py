"""A plan (计划): for each service one action, and the conflicts a person must hear of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.conflicts import Conflict
from domain.records import RecordKey
from domain.services import Booking, Service, Standing


@dataclass(frozen=True, slots=True)
class Post:
    """入账: nothing is booked and this should be."""

    booking: Booking


@dataclass(frozen=True, slots=True)
class Correct:
    """更正: something else is booked; reverse it and book this."""

    booking: Booking


@dataclass(frozen=True, slots=True)
class Reverse:
    """冲正: what is booked should not be."""


@dataclass(frozen=True, slots=True)
class Leave:
    """无变化: the book already says so."""


@dataclass(frozen=True, slots=True)
class Wait:
    """等候中: the other platform still has time; ``due_on`` is the first day on which it no longer has."""

    due_on: date


@dataclass(frozen=True, slots=True)
class Hold:
    """待人工处理: a person must judge; the book does not move."""


Action = Post | Correct | Reverse | Leave | Wait | Hold


class Disposition(StrEnum):
    """Where one record ended up; every record is in exactly one (promise P1), the first that applies."""

    OUT_OF_SCOPE = "out_of_scope"
    COVERED_BY_OPENING = "covered_by_opening"
    WITHDRAWN = "withdrawn"
    PENDING = "pending"
    IN_CONFLICT = "in_conflict"
    WAITING = "waiting"
    BOOKED = "booked"


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One service, what it is now, what is to be done and why.

    ``reason`` is the row of the decision table that spoke; ``decision`` the number of the decision that did, if one.
    ``deciding`` is the record whose word the booking takes.
    """

    service: Service
    standing: Standing | None
    action: Action
    reason: str
    deciding: RecordKey | None = None
    decision: int | None = None
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything to be done about one subject. ``due_on``: the next day on which time alone may change it.

    ``stands_for`` is the subject's: the numbers of all that were planned as one.
    """

    subject: int
    revision: int
    lines: tuple[PlanLine, ...]
    conflicts: tuple[Conflict, ...]
    dispositions: dict[RecordKey, Disposition]
    due_on: date | None
    stands_for: tuple[int, ...] = ()
