"""The bridge as the document that scripts read (``bridge --json``)."""

from __future__ import annotations

from typing import Any

from desk.bridge.items import Item, Piece, Side
from desk.bridge.values import Bridge, Column

UNEXPLAINED = "residual"


def to_json(bridge: Bridge, *, with_services: bool) -> dict[str, Any]:
    """Give the bridge of the whole part; ``with_services`` names what each figure is made of."""
    columns = bridge.total()
    ledger = max((column.ledger_seconds for column in columns.values()), default=0)
    return {
        "station": bridge.station,
        "person": bridge.person,
        "month": bridge.month,
        "ledger_seconds": ledger,
        "platforms": {
            name: _column(column, with_services=with_services) | {"unreadable_rows": bridge.unreadable_rows(name)}
            for name, column in columns.items()
        },
    }


def _column(column: Column, *, with_services: bool) -> dict[str, Any]:
    document: dict[str, Any] = {
        "reported_seconds": column.reported_seconds,
        "items": {item.value: column.items.get(item, 0) for item in Item},
        "residual_seconds": column.residual_seconds,
    }
    if with_services:
        document["services"] = {
            UNEXPLAINED if item is None else item.value: [_piece(piece) for piece in opened.in_order()]
            for item in (*Side, *Item, None)
            if (opened := column.opened.get(item))
        }
    return document


def _piece(piece: Piece) -> dict[str, Any]:
    return {
        "service": piece.service_id or None,
        "record": piece.record or None,
        "service_date": piece.day,
        "seconds": piece.seconds,
    }
