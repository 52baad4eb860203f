"""Rows of one platform, kept by (scope, update time, id) so that a window is two binary searches."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Generic, TypeVar

Row = TypeVar("Row")
Position = tuple[datetime, int]


class Shelf(Generic[Row]):
    """Rows by id, and per scope their order of change; it holds no lock of its own."""

    def __init__(self, scope_of: Callable[[Row], str], position_of: Callable[[Row], Position]) -> None:
        """Keep rows in the scope and at the position that the two functions tell."""
        self._scope_of = scope_of
        self._position_of = position_of
        self._rows: dict[int, Row] = {}
        self._order: dict[str, list[Position]] = {}

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._rows)

    def fill(self, rows: Iterable[Row]) -> None:
        """Put many rows at once."""
        for row in rows:
            position = self._position_of(row)
            self._rows[position[1]] = row
            self._order.setdefault(self._scope_of(row), []).append(position)
        for order in self._order.values():
            order.sort()

    def get(self, row_id: int) -> Row | None:
        """Give one row, or None."""
        return self._rows.get(row_id)

    def put(self, row: Row) -> None:
        """Put a row in the place of the one that bears its id."""
        position = self._position_of(row)
        if position[1] in self._rows:
            self.remove(position[1])
        self._rows[position[1]] = row
        insort(self._order.setdefault(self._scope_of(row), []), position)

    def remove(self, row_id: int) -> Row:
        """Take a row out, without a trace.

        Raises:
            KeyError: there is no such row.
        """
        row = self._rows.pop(row_id)
        order = self._order[self._scope_of(row)]
        del order[bisect_left(order, self._position_of(row))]
        return row

    def rows(self, scope: str) -> list[Row]:
        """Give all rows of a scope in order of change."""
        return [self._rows[row_id] for _, row_id in self._order.get(scope, ())]

    def all_rows(self) -> list[Row]:
        """Give every row."""
        return list(self._rows.values())

    def window(self, scope: str, start: datetime | None, end: datetime | None) -> list[Position]:
        """Give the positions with ``start <= update time < end``, in order; None leaves an end open."""
        order = self._order.get(scope, [])
        low = 0 if start is None else bisect_left(order, start, key=lambda position: position[0])
        high = len(order) if end is None else bisect_left(order, end, key=lambda position: position[0])
        return order[low:high]

    def take(self, positions: Iterable[Position]) -> list[Row]:
        """Give the rows at these positions."""
        return [self._rows[row_id] for _, row_id in positions]
