"""A listing shaken by a fault: rows that move, vanish or change while somebody reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from sandbox.faults import Fault
from sandbox.guangxi_rows import GuangxiRecord
from sandbox.national_rows import NationalRecord
from sandbox.shelf import Position, Shelf

Record = TypeVar("Record", NationalRecord, GuangxiRecord)
Kept = TypeVar("Kept")
_MISCOUNT = 7


def shake(shelf: Shelf[Record], scope: str, read: Sequence[Position], fault: Fault, now: datetime) -> None:
    """Change what the platform holds as the fault says; ``read`` are the positions on the pages before."""
    match fault.kind:
        case "rows_moved":
            _touch(shelf, shelf.take(read[: fault.rows]), now)
        case "everything_changed":
            _touch(shelf, shelf.rows(scope), now)
        case "rows_vanish":
            for record in shelf.rows(scope)[: fault.rows]:
                shelf.remove(record.position[1])
        case _:
            pass


def _touch(shelf: Shelf[Record], records: Sequence[Record], now: datetime) -> None:
    for record in records:
        shelf.put(replace(record, updated_at=now))


def thin(listed: Sequence[Kept], fault: Fault | None) -> Sequence[Kept]:
    """Give the listing as it is shown: all of it, suddenly nothing, or suddenly half."""
    if fault is not None and fault.kind == "suddenly_empty":
        return listed[:0]
    if fault is not None and fault.kind == "suddenly_half":
        return listed[: len(listed) // 2]
    return listed


def shown_page(page: int, fault: Fault | None) -> int:
    """Give the page that is really shown where this one was asked for."""
    return page - 1 if fault is not None and fault.kind == "repeated_page" else page


def told_total(length: int, fault: Fault | None) -> int:
    """Give the count that the platform tells of a listing of this length."""
    return length + _MISCOUNT if fault is not None and fault.kind == "counts_disagree" else length
