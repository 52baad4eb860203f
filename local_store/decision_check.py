"""Hold decisions against their log, and every voucher that names one against the time in which it stood."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from domain.errors import StoreError
from local_store import decision_log
from local_store.decision_log import AGREED, FIRST_HASH, SAID, UNDONE
from local_store.tables.conflicts import CONFLICT, DECISION, DECISION_LOG
from local_store.tables.ledger import VOUCHER
from local_store.transaction import Tx


@dataclass(slots=True)
class _Life:
    """The steps of one decision, by name: the row of the log, and what its body says."""

    steps: dict[str, tuple[Any, dict[str, Any]]]

    def after(self, step: str) -> int | None:
        """Give the last voucher of the book when a step was taken."""
        return self.steps[step][1].get("voucher") if step in self.steps else None

    @property
    def was_proposed(self) -> bool:
        """Say whether it waited for a second person at first."""
        return SAID in self.steps and bool(self.steps[SAID][1].get("is_proposed"))


def faults(tx: Tx) -> Iterator[str]:
    """Find decisions that are not what was said, steps that are missing, and vouchers that none made."""
    lives: dict[int, _Life] = defaultdict(lambda: _Life({}))
    yield from _chain(tx, lives)
    rows = {row.number: row for row in tx.rows(select(DECISION).order_by(DECISION.c.number))}
    yield from (f"decision {number}: missing" for number in sorted(lives.keys() - rows.keys()))
    for number, row in rows.items():
        yield from (f"decision {number}: {what}" for what in _unlike(tx, row, lives[number]))
    yield from _vouchers(tx, rows, lives)
    yield from _states(tx)


def _chain(tx: Tx, lives: dict[int, _Life]) -> Iterator[str]:
    """Walk the log from its first step; a gap, another body or a step that comes twice breaks it there."""
    previous, expected = FIRST_HASH, 1
    for row in tx.connection.execute(select(DECISION_LOG).order_by(DECISION_LOG.c.number)):
        if row.number != expected:
            yield f"step {expected}: missing"
        if decision_log.chained(previous, row.number, row.decision, row.step, row.by, row.at, row.body) != row.hash:
            yield f"step {row.number}: hash"
        if row.step in lives[row.decision].steps:
            yield f"step {row.number}: twice"
        lives[row.decision].steps[row.step] = (row, _read(row.body))
        previous, expected = row.hash, row.number + 1


def _read(body: str) -> dict[str, Any]:
    """Give what a body says; one that is no body any more says nothing."""
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _unlike(tx: Tx, row: Any, life: _Life) -> Iterator[str]:  # noqa: ANN401 - a row
    """Compare a decision with what the log says of it."""
    if SAID not in life.steps:
        yield "never said"
        return
    try:
        facts = json.loads(json.dumps(decision_log.said(tx, row.number)))
    except StoreError:
        yield "reason"
        return
    for step, (logged, body) in life.steps.items():
        yield from (name for name, fact in facts.items() if body.get(name) != fact)
        who, when = _who(row, step)
        if (who, when) != (logged.by, logged.at):
            yield step
    yield from (step for step in (AGREED, UNDONE) if step not in life.steps and any(_who(row, step)))
    if bool(row.is_proposed) != (life.was_proposed and AGREED not in life.steps):
        yield "proposed"


def _who(row: Any, step: str) -> tuple[str | None, int | None]:  # noqa: ANN401 - a row
    match step:
        case "said":
            return (row.decided_by, row.decided_at)
        case "agreed":
            return (row.agreed_by, row.agreed_at)
        case _:
            return (row.undone_by, row.undone_at)


def _vouchers(tx: Tx, rows: dict[int, Any], lives: dict[int, _Life]) -> Iterator[str]:
    named = select(VOUCHER.c.number, VOUCHER.c.decision, VOUCHER.c.reason).where(
        VOUCHER.c.decision.is_not(None) | VOUCHER.c.reason.in_(("decided", "undone"))
    )
    for voucher in tx.rows(named.order_by(VOUCHER.c.number)):
        if voucher.decision is None:
            yield f"voucher {voucher.number}: no decision"
        elif voucher.decision not in rows or not _stood(voucher, lives[voucher.decision]):
            yield f"voucher {voucher.number}: decision {voucher.decision} did not stand"


def _stood(voucher: Any, life: _Life) -> bool:  # noqa: ANN401 - a row
    """Say whether a voucher came while its decision stood, or, where it takes one back, after that was undone."""
    undone = life.after(UNDONE)
    if voucher.reason == "undone":
        return undone is not None and voucher.number > undone
    since = life.after(AGREED if life.was_proposed else SAID)
    return since is not None and voucher.number > since and (undone is None or voucher.number <= undone)


def _states(tx: Tx) -> Iterator[str]:
    """Find conflicts that are said to be settled though nobody settled them so."""
    last: dict[str, str] = {}
    standing = select(DECISION).where(DECISION.c.undone_at.is_(None)).order_by(DECISION.c.number)
    for row in tx.rows(standing):
        last[row.conflict_id] = "proposed" if row.is_proposed else "returned" if row.code == "return" else "decided"
    settled = select(CONFLICT.c.conflict_id, CONFLICT.c.state).where(CONFLICT.c.state.not_in(("open", "closed")))
    for row in tx.rows(settled.order_by(CONFLICT.c.conflict_id)):
        if last.get(row.conflict_id) != row.state:
            yield f"conflict {row.conflict_id}: {row.state}"
