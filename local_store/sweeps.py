"""Sweeps asked for: organisations that must be read whole before their turn, and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import bindparam, delete, func, select

from domain.records import RecordState
from local_store.dialects import upsert_rows
from local_store.tables.ledger import STANDING
from local_store.tables.records import RECORD
from local_store.tables.runs import SWEEP_ASKED
from local_store.transaction import Tx

Reason = Literal["short", "summary"]
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One sweep asked for, last by ``asked_run``; ``tried_on``: swept on that day, and the reason still stands."""

    platform: str
    scope: str
    reason: Reason
    figures: Figures
    tried_on: date | None = None
    asked_run: int = 0


def ask(tx: Tx, sweep: Asked, run: int) -> None:
    """Write down that a sweep is asked for, or that it has been and its reason still stands; the figures are news."""
    row = {
        "platform": sweep.platform, "scope": sweep.scope, "reason": sweep.reason, "asked_run": run,
        "figures": json.dumps(sweep.figures, ensure_ascii=False),
        "tried_on": None if sweep.tried_on is None else sweep.tried_on.isoformat(),
    }  # fmt: skip
    upsert_rows(tx.connection, SWEEP_ASKED, [row])


def answered(tx: Tx, platform: str, scope: str, reason: Reason) -> None:
    """Forget a sweep that was asked for: its reason is gone."""
    this = (SWEEP_ASKED.c.platform == platform, SWEEP_ASKED.c.scope == scope, SWEEP_ASKED.c.reason == reason)
    tx.connection.execute(delete(SWEEP_ASKED).where(*this))


def asked(tx: Tx, platform: str | None = None, scope: str | None = None) -> Sequence[Asked]:
    """Give what is asked for, of one organisation or of all."""
    found = select(SWEEP_ASKED).order_by(SWEEP_ASKED.c.platform, SWEEP_ASKED.c.scope, SWEEP_ASKED.c.reason)
    if platform is not None:
        found = found.where(SWEEP_ASKED.c.platform == platform)
    if scope is not None:
        found = found.where(SWEEP_ASKED.c.scope == scope)
    return [
        Asked(
            row.platform, row.scope, row.reason, json.loads(row.figures),
            None if row.tried_on is None else date.fromisoformat(row.tried_on), row.asked_run,
        )
        for row in tx.rows(found)
    ]  # fmt: skip


def unseen(tx: Tx, platform: str, scope: str, run: int, start: int = 0) -> tuple[int, list[str]]:
    """Give what stands booked by records of a scope that a run did not see, and the ids of the first few of them.

    Only records count that are there, and were changed since ``start``.
    """
    asked_of = {"of_platform": platform, "of_scope": scope, "run": run, "start": start}
    seconds = int(tx.connection.execute(_UNSEEN_SECONDS, asked_of).scalar() or 0)
    return seconds, [row.external_id for row in tx.rows(_UNSEEN_FIRST, asked_of)]


_FIRST = 5
_UNSEEN = (
    select(STANDING.c.seconds, RECORD.c.external_id)
    .join_from(RECORD, STANDING, STANDING.c.record == RECORD.c.number)
    .where(
        RECORD.c.platform == bindparam("of_platform"), RECORD.c.organisation == bindparam("of_scope"),
        RECORD.c.gone_on.is_(None), RECORD.c.state != RecordState.WITHDRAWN.value,
        RECORD.c.last_run < bindparam("run"), RECORD.c.updated_at >= bindparam("start"),
    )
)  # fmt: skip
_UNSEEN_SECONDS = select(func.sum(_UNSEEN.subquery().c.seconds))
_UNSEEN_FIRST = _UNSEEN.where(STANDING.c.seconds.is_not(None)).order_by(RECORD.c.external_id).limit(_FIRST)
