"""What our own records come to day by day, as far as it is compared with what a platform sums up itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from domain.records import HOURS_STREAM, RecordState
from local_store.dialects import among, upsert_rows
from local_store.records import quarantine_place
from local_store.tables.records import CLAIM, QUARANTINE, RECORD
from local_store.tables.runs import COVERAGE, MONTH_SUMMED
from local_store.transaction import Tx

_STREAMED = 1000


@dataclass(frozen=True, slots=True)
class Month:
    """What is known of one month of an organisation (``YYYY-MM``): when it was asked for, what was said, who agreed."""

    month: str
    asked_on: date
    digest: str
    agreed_on: date | None


@dataclass(frozen=True, slots=True)
class Summand:
    """A record as it goes into the sum of its day."""

    external_id: str
    day: date
    seconds: int
    state: RecordState


def months(tx: Tx, platform: str, scope: str) -> dict[str, Month]:
    """Give the months of an organisation that its platform was asked for before."""
    here = (MONTH_SUMMED.c.platform == platform, MONTH_SUMMED.c.scope == scope)
    return {
        row.month: Month(
            row.month, date.fromisoformat(row.asked_on), row.digest,
            None if row.agreed_on is None else date.fromisoformat(row.agreed_on),
        )
        for row in tx.rows(select(MONTH_SUMMED).where(*here))
    }  # fmt: skip


def save_months(tx: Tx, platform: str, scope: str, known: Collection[Month]) -> None:
    """Write down what is known of these months."""
    upsert_rows(tx.connection, MONTH_SUMMED, [
        {
            "platform": platform, "scope": scope, "month": one.month, "asked_on": one.asked_on.isoformat(),
            "digest": one.digest, "agreed_on": None if one.agreed_on is None else one.agreed_on.isoformat(),
        }
        for one in known
    ])  # fmt: skip


def summands(tx: Tx, platform: str, scope: str, wanted: Collection[str], since: int = 0) -> Iterator[Summand]:
    """Give the records of months (``YYYY-MM``) that the platform must still have, if changed ``since`` or later.

    A withdrawn one that the last sweep did not show is no longer there: only for the others is that worth a mark.
    """
    asked = {
        "of_platform": platform, "of_scope": scope, "months": sorted(wanted), "since": since,
        "swept": last_sweep_run(tx, platform, scope),
    }  # fmt: skip
    with tx.connection.execute(_SUMMANDS, asked, execution_options={"yield_per": _STREAMED}) as found:
        for row in found:
            yield Summand(
                row.external_id, date.fromisoformat(row.service_date), row.reported_seconds, RecordState(row.state)
            )


def unreadable_rows(tx: Tx, platform: str, scope: str) -> Iterator[tuple[str, bytes]]:
    """Give id and bytes of each row that the platform last showed unreadably: it is there, whatever it says."""
    asked = {"of_platform": platform, "of_scope": scope, "swept": last_sweep_run(tx, platform, scope)}
    for row in tx.rows(_UNREADABLE, asked):
        yield row.external_id, tx.vault.open(quarantine_place(row.number), row.sealed)


def last_sweep_run(tx: Tx, platform: str, scope: str) -> int:
    """Give the run of the last complete sweep of an organisation, 0 where there was none."""
    swept = (COVERAGE.c.platform == platform, COVERAGE.c.scope == scope, COVERAGE.c.kind == "sweep")
    return int(tx.connection.execute(select(func.max(COVERAGE.c.run)).where(*swept)).scalar() or 0)


_HERE: tuple[Any, ...] = (
    RECORD.c.platform == bindparam("of_platform"), RECORD.c.organisation == bindparam("of_scope"),
    RECORD.c.stream == HOURS_STREAM, RECORD.c.gone_on.is_(None),
)  # fmt: skip
_SUMMANDS = (
    select(RECORD.c.external_id, RECORD.c.state, CLAIM.c.service_date, CLAIM.c.reported_seconds)
    .join_from(RECORD, CLAIM, CLAIM.c.record == RECORD.c.number)
    .where(
        *_HERE, RECORD.c.updated_at >= bindparam("since"), among(func.substr(CLAIM.c.service_date, 1, 7), "months"),
        or_(RECORD.c.state != RecordState.WITHDRAWN.value, RECORD.c.last_run >= bindparam("swept")),
    )
)  # fmt: skip
_UNREADABLE = (
    select(QUARANTINE.c.number, QUARANTINE.c.external_id, QUARANTINE.c.sealed)
    .where(
        QUARANTINE.c.platform == bindparam("of_platform"), QUARANTINE.c.organisation == bindparam("of_scope"),
        QUARANTINE.c.is_lifted.is_(False), QUARANTINE.c.last_run >= bindparam("swept"),
    )
    .order_by(QUARANTINE.c.last_run, QUARANTINE.c.number)
)  # fmt: skip
