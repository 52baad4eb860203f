"""The log of decisions: every step of their lives, only ever added, each chained to the one before."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import select

from local_store.dialects import insert_rows
from local_store.judgements import reason_of
from local_store.tables.conflicts import DECISION, DECISION_LOG, OUTSIDE_BINDING, PAIR_BINDING, PERSON_BINDING
from local_store.tables.ledger import CHAIN_HEAD
from local_store.transaction import Tx

SAID, AGREED, UNDONE = "said", "agreed", "undone"
FIRST_HASH = "0" * 64
_BINDINGS = (PAIR_BINDING, PERSON_BINDING, OUTSIDE_BINDING)


def write(tx: Tx, decision: int, step: str, by: str) -> None:
    """Add one step of a decision, as it stands now, to the log."""
    last = tx.connection.execute(_LAST).one_or_none()
    number, previous = (1, FIRST_HASH) if last is None else (last.number + 1, last.hash)
    body = json.dumps(said(tx, decision) | _circumstances(tx, decision), **_CANONICAL)
    at = tx.now
    row = {
        "number": number, "decision": decision, "step": step, "by": by, "at": at, "body": body,
        "hash": chained(previous, number, decision, step, by, at, body),
    }  # fmt: skip
    insert_rows(tx.connection, DECISION_LOG, [row])


def said(tx: Tx, decision: int) -> dict[str, Any]:
    """Give what a decision says for good: its facts, its reason's keyed hash, and what it binds."""
    row = tx.connection.execute(select(DECISION).where(DECISION.c.number == decision)).one()
    facts = {name: getattr(row, name) for name in _SAID_FOR_GOOD}
    facts["reason"] = tx.vault.token("fingerprint", f"decision/{decision}", reason_of(tx, row))
    facts["bindings"] = [
        list(bound) for table in _BINDINGS for bound in sorted(map(tuple, tx.rows(_bound(table, decision))), key=str)
    ]
    return facts


def _circumstances(tx: Tx, decision: int) -> dict[str, Any]:
    """Give under which voucher of the book a step was taken, and whether the decision is merely proposed by then."""
    proposed = select(DECISION.c.is_proposed).where(DECISION.c.number == decision)
    return {
        "is_proposed": bool(tx.connection.execute(proposed).scalar()),
        "voucher": int(tx.connection.execute(select(CHAIN_HEAD.c.number)).scalar() or 0),
    }


def chained(previous: str, number: int, *said: Any) -> str:  # noqa: ANN401 - numbers and words
    """Give a step's hash: over the hash before it and everything that it says."""
    return hashlib.sha256("\n".join(map(str, (previous, number, *said))).encode()).hexdigest()


def _bound(table: Any, decision: int) -> Any:  # noqa: ANN401 - a table in, a statement out
    return select(table).where(table.c.decision == decision)


_CANONICAL: dict[str, Any] = {"ensure_ascii": False, "sort_keys": True, "separators": (",", ":")}
_SAID_FOR_GOOD = (
    "number", "conflict_id", "kind", "about", "code", "argument", "evidence_fingerprint", "evidence", "cause",
    "moved_seconds", "due_on", "decided_by", "decided_at",
)  # fmt: skip
_LAST = select(DECISION_LOG.c.number, DECISION_LOG.c.hash).order_by(DECISION_LOG.c.number.desc()).limit(1)
