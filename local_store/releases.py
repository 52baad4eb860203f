"""Releases (放行) of safety stops: which stand unused, what was booked under them, and how each was used up."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import bindparam, func, select, update

from domain.conflicts import ConflictKind, ConflictState
from domain.decisions import DecisionCode
from domain.hours import seconds_of_hours
from local_store.dialects import among, insert_rows
from local_store.tables.conflicts import CONFLICT, DECISION
from local_store.tables.ledger import TRANSFER, VOUCHER
from local_store.tables.runs import RELEASE_USE
from local_store.transaction import Tx, portions

Place = tuple[str, str]
Use = Literal["booked", "exceeded", "lapsed"]


@dataclass(frozen=True, slots=True)
class Release:
    """A ceiling that a person has named for one safety stop; ``decision`` is its number, ``by`` the person."""

    decision: int
    ceiling_seconds: int
    by: str


@dataclass(frozen=True, slots=True)
class Used:
    """How a release came to its end, and how much was to be taken from the book then."""

    release: Release
    use: Use
    taken_seconds: int


def unused(tx: Tx) -> dict[Place, Release]:
    """Give the release of each platform and station: said of the stop that stands, not undone, not used up.

    What a run that broke off has taken from the book under it already is no longer in its ceiling.
    """
    found: dict[Place, Release] = {}
    for row in tx.rows(_APPROVED):
        taken = int(tx.connection.execute(_TAKEN.where(VOUCHER.c.decision == row.number)).scalar() or 0)
        ceiling = seconds_of_hours(row.argument) - taken
        found[_place(row.about)] = Release(row.number, max(0, ceiling), row.decided_by)
    return found


def use_up(tx: Tx, place: Place, used: Used, run: int) -> None:
    """Write down that a release counts no more: a later stop needs another."""
    row = {
        "decision": used.release.decision, "run": run, "platform": place[0], "station": place[1], "outcome": used.use,
        "taken_seconds": used.taken_seconds,
    }  # fmt: skip
    insert_rows(tx.connection, RELEASE_USE, [row])


def standing_stops(tx: Tx) -> dict[Place, str]:
    """Give every safety stop that stands, with what it first was for, whatever a person has said of it so far."""
    return {_place(row.about): json.loads(row.evidence)[0] for row in tx.rows(_STANDING)}


def _place(about: str) -> Place:
    platform, station = about.split("/", 2)[1:]
    return platform, station


def told_of(tx: Tx, conflict_ids: Iterable[str], run: int) -> frozenset[str]:
    """Give which of these conflicts were told before a run and have not been closed."""
    return frozenset(
        row.conflict_id
        for portion in portions(sorted(conflict_ids))
        for row in tx.rows(_TOLD, {"ids": portion, "run": run})
    )


def close_stops(tx: Tx, standing: Collection[str], run: int) -> int:
    """Close every decided stop but those ``standing`` (ids), so that the next one there is another; give how many."""
    decided = (CONFLICT.c.kind == ConflictKind.GUARD.value, CONFLICT.c.state == ConflictState.DECIDED.value)
    over = update(CONFLICT).where(*decided, CONFLICT.c.conflict_id.not_in(sorted(standing)))
    return tx.count(over.values(state=ConflictState.CLOSED.value, closed_run=run))


_TOLD = select(CONFLICT.c.conflict_id).where(
    among(CONFLICT.c.conflict_id, "ids"),
    CONFLICT.c.state != ConflictState.CLOSED.value,
    CONFLICT.c.opened_run < bindparam("run"),
)
_STANDING = select(CONFLICT.c.about, CONFLICT.c.evidence).where(
    CONFLICT.c.kind == ConflictKind.GUARD.value, CONFLICT.c.state != ConflictState.CLOSED.value
)
_LAST = (
    select(func.max(DECISION.c.number))
    .where(DECISION.c.undone_at.is_(None), DECISION.c.is_proposed.is_(False))
    .group_by(DECISION.c.conflict_id)
)
_APPROVED = (
    select(DECISION.c.number, DECISION.c.argument, DECISION.c.decided_by, CONFLICT.c.about)
    .join_from(DECISION, CONFLICT, CONFLICT.c.conflict_id == DECISION.c.conflict_id)
    .where(
        CONFLICT.c.kind == ConflictKind.GUARD.value, CONFLICT.c.state == ConflictState.DECIDED.value,
        DECISION.c.code == DecisionCode.APPROVE.value, DECISION.c.number.in_(_LAST),
        DECISION.c.number.not_in(select(RELEASE_USE.c.decision)),
    )
    .order_by(DECISION.c.number)
)  # fmt: skip
_TAKEN = (
    select(func.sum(TRANSFER.c.seconds))
    .join_from(VOUCHER, TRANSFER, TRANSFER.c.voucher == VOUCHER.c.number)
    .where(VOUCHER.c.kind == "reverse")
)
