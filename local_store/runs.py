"""Runs: a row is written before work starts, and its outcome after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from local_store.dialects import insert_rows
from local_store.tables.runs import RULES_ACTIVATION, RUN
from local_store.transaction import Tx, instant_of, seconds_of

PLAN_ONLY = "plan"
SYNC = "sync"
RULES = "rules"


@dataclass(frozen=True, slots=True)
class Run:
    """One run; ``outcome`` is ``running`` until it is finished, ``tally`` JSON text."""

    number: int
    kind: str
    started_at: datetime
    finished_at: datetime | None
    rules_version: str
    outcome: str
    tally: str


def begin(tx: Tx, kind: str, now: datetime, rules_version: str) -> int:
    """Write down that a run starts; give its number."""
    number = tx.take_numbers("run", 1)
    row = {
        "number": number, "kind": kind, "started_at": seconds_of(now), "finished_at": None,
        "rules_version": rules_version, "outcome": "running", "tally": "{}",
    }  # fmt: skip
    insert_rows(tx.connection, RUN, [row])
    return number


def finish(tx: Tx, run: int, outcome: str, tally: str) -> None:
    """Write down how a run ended (``complete partial held failed``)."""
    statement = update(RUN).where(RUN.c.number == run)
    tx.connection.execute(statement.values(outcome=outcome, tally=tally, finished_at=tx.now))


def last(tx: Tx, at_most: int = 1, kind: str | None = None) -> list[Run]:
    """Give the latest runs, the newest first."""
    statement = select(RUN).order_by(RUN.c.number.desc()).limit(at_most)
    return [_run(row) for row in tx.rows(statement if kind is None else statement.where(RUN.c.kind == kind))]


def numbered(tx: Tx, number: int) -> list[Run]:
    """Give the run with a number, in a list that is empty where there is none."""
    return [_run(row) for row in tx.rows(select(RUN).where(RUN.c.number == number))]


def rules_in_force(tx: Tx) -> str | None:
    """Give the rule set that the store goes by: the last activated, else that of the last run; None before any."""
    activated = select(RULES_ACTIVATION.c.rules_version).order_by(RULES_ACTIVATION.c.number.desc()).limit(1)
    ran = select(RUN.c.rules_version).where(RUN.c.kind != PLAN_ONLY).order_by(RUN.c.number.desc()).limit(1)
    found = tx.connection.execute(activated).scalar() or tx.connection.execute(ran).scalar()
    return None if found is None else str(found)


def is_first_under(tx: Tx, rules_version: str) -> bool:
    """Say whether the last run that came to its end went by other rules: the first under these is still to come."""
    ended = select(RUN.c.rules_version).where(
        RUN.c.kind.in_((SYNC, RULES)), RUN.c.outcome.in_(("complete", "partial", "held"))
    )
    return bool(tx.connection.execute(ended.order_by(RUN.c.number.desc()).limit(1)).scalar() != rules_version)


def activate_rules(tx: Tx, rules_version: str, by: str, reason: str) -> None:
    """Put a rule set in force; every subject is planned anew by the next run."""
    number = tx.take_numbers("rules_activation", 1)
    sealed = tx.vault.seal(activation_place(number, rules_version, by, tx.now), reason.encode())
    row = {
        "number": number, "rules_version": rules_version, "activated_by": by, "activated_at": tx.now, "sealed": sealed,
    }  # fmt: skip
    insert_rows(tx.connection, RULES_ACTIVATION, [row])


def activation_place(number: int, rules_version: str, by: str, at: int) -> str:
    """Give the place to which an activation's reason is sealed: all that the row says, so that none can change."""
    return f"rules_activation/{number}/{at}/{rules_version}/{by}/reason"


def _run(row: Any) -> Run:  # noqa: ANN401 - a row
    finished = None if row.finished_at is None else instant_of(row.finished_at)
    return Run(row.number, row.kind, instant_of(row.started_at), finished, row.rules_version, row.outcome, row.tally)
