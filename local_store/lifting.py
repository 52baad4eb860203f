"""Rows that could not be read for a while, and now can."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import bindparam, select, update

from domain.records import RecordKey
from local_store.dialects import among
from local_store.tables.records import QUARANTINE
from local_store.transaction import Tx, portions


def lift(tx: Tx, keys: Iterable[RecordKey]) -> None:
    """Lift what was set aside under these keys: a flagged record, or a row that was unreadable when first seen."""
    by_platform: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        by_platform[key.platform].append(key.external_id)
    for platform, ids in by_platform.items():
        if tx.rows(_ANY_SET_ASIDE, {"of_platform": platform}):
            for portion in portions(ids):
                tx.connection.execute(_LIFT, {"of_platform": platform, "ids": portion})


_ANY_SET_ASIDE = (
    select(QUARANTINE.c.number)
    .where(QUARANTINE.c.platform == bindparam("of_platform"), QUARANTINE.c.is_lifted.is_(False))
    .limit(1)
)
_LIFT = (
    update(QUARANTINE)
    .where(QUARANTINE.c.platform == bindparam("of_platform"), among(QUARANTINE.c.external_id, "ids"))
    .values(is_lifted=True)
)
