"""The version of a conflict's row in a workbook: another one once somebody judged it or its evidence changed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from local_store.dialects import among
from local_store.tables.conflicts import CONFLICT, DECISION
from local_store.transaction import Tx, portions


def row_versions(tx: Tx, conflict_ids: Iterable[str]) -> dict[str, str]:
    """Give the present version of each conflict's row, by its id; there is none for an unknown one.

    It counts every decision ever said of the conflict, also one that was taken back: a row that was filled in before
    that happened must not do again what somebody undid.
    """
    found: dict[str, str] = {}
    for portion in portions(conflict_ids):
        said = {row.conflict_id: row.last for row in tx.rows(_LAST_SAID, {"ids": portion})}
        for row in tx.rows(_STATES, {"ids": portion}):
            facts = (row.state, row.evidence_fingerprint, str(row.is_blocking), str(said.get(row.conflict_id, 0)))
            found[row.conflict_id] = tx.vault.token("workbook", "version", row.conflict_id, *facts)[:_LETTERS]
    return found


_LETTERS = 16
_STATES = select(
    CONFLICT.c.conflict_id, CONFLICT.c.state, CONFLICT.c.evidence_fingerprint, CONFLICT.c.is_blocking
).where(among(CONFLICT.c.conflict_id, "ids"))
_LAST_SAID = (
    select(DECISION.c.conflict_id, func.max(DECISION.c.number).label("last"))
    .where(among(DECISION.c.conflict_id, "ids"))
    .group_by(DECISION.c.conflict_id)
)
