"""Where the book stands on each service (账面状态)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from domain.records import RecordKey
from domain.services import Booking, Standing
from local_store.dialects import among, upsert_rows
from local_store.revisions import record_numbers
from local_store.tables.ledger import STANDING
from local_store.tables.records import RECORD
from local_store.transaction import Tx, portions


def save_standings(tx: Tx, standings: Sequence[Standing]) -> None:
    """Write down where the book stands after vouchers were posted."""
    numbers = record_numbers(tx, {one.record for one in standings if one.record is not None})
    upsert_rows(tx.connection, STANDING, [_row(one, numbers) for one in standings])


def standing(tx: Tx, service_id: str) -> Standing | None:
    """Give where the book stands on one service, or None where it never booked it."""
    rows = tx.rows(standings_with_keys().where(STANDING.c.service_id == service_id))
    return standing_of(rows[0]) if rows else None


def known(tx: Tx, service_ids: Collection[str]) -> frozenset[str]:
    """Give which of these services the book has ever held."""
    return frozenset(
        row.service_id for portion in portions(sorted(service_ids)) for row in tx.rows(_KNOWN, {"ids": portion})
    )


def standings_of(tx: Tx, person: int) -> list[Standing]:
    """Give all services that the book holds or held for a person, by day and service."""
    statement = standings_with_keys().where(STANDING.c.person == person)
    return [standing_of(row) for row in tx.rows(statement.order_by(STANDING.c.service_date, STANDING.c.service_id))]


def is_any(tx: Tx) -> bool:
    """Say whether the book holds, or ever held, any service at all."""
    return bool(tx.rows(_ANY))


def booked_figures(tx: Tx) -> dict[tuple[str, str], tuple[int, int]]:
    """Give how many services stand booked and their seconds, per platform of the record they rest on and station."""
    return {(row.platform, row.station): (row.services, int(row.total)) for row in tx.rows(_BOOKED_FIGURES)}


def standings_with_keys() -> Select[Any]:
    """Give the statement that reads standings with the keys of the records they were booked by."""
    return select(STANDING, RECORD.c.platform, RECORD.c.external_id, RECORD.c.stream).join_from(
        STANDING, RECORD, RECORD.c.number == STANDING.c.record, isouter=True
    )


def standing_of(row: Any) -> Standing:  # noqa: ANN401 - a row of the statement above
    """Turn a row of ``standings_with_keys`` into a standing."""
    booking = None
    if row.seconds is not None:
        booking = Booking(row.person, date.fromisoformat(row.service_date), row.category, row.station, row.seconds)
    key = None if row.platform is None else RecordKey(row.platform, row.external_id, row.stream)
    return Standing(row.service_id, row.revision, booking, key, row.voucher, row.person, row.short_seconds)


_ANY = select(STANDING.c.service_id).limit(1)
_KNOWN = select(STANDING.c.service_id).where(among(STANDING.c.service_id, "ids"))
_BOOKED_FIGURES = (
    select(
        RECORD.c.platform, STANDING.c.station, func.count().label("services"),
        func.sum(STANDING.c.seconds).label("total"),
    )
    .join_from(STANDING, RECORD, RECORD.c.number == STANDING.c.record)
    .where(STANDING.c.seconds.is_not(None))
    .group_by(RECORD.c.platform, STANDING.c.station)
)  # fmt: skip


def _row(one: Standing, numbers: dict[RecordKey, int]) -> dict[str, Any]:
    booking = one.booking
    return {
        "service_id": one.service_id, "revision": one.revision, "person": one.person,
        "service_date": booking.service_date.isoformat() if booking else None,
        "category": booking.category if booking else None, "station": booking.station if booking else None,
        "seconds": booking.seconds if booking else None, "record": numbers[one.record] if one.record else None,
        "voucher": one.voucher, "short_seconds": one.short_seconds,
    }  # fmt: skip
