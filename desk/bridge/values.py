"""The bridge as values: for each station and month, platform by platform, what closes between it and the book."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from desk.bridge.items import Item, Piece, Side


@dataclass(slots=True)
class Opened:
    """What a figure is made of: ``count`` pieces, of which the first few (or all) are kept."""

    count: int = 0
    pieces: list[Piece] = field(default_factory=list)

    def in_order(self) -> list[Piece]:
        """Give the pieces that were kept by day."""
        return sorted(self.pieces, key=lambda piece: (piece.day, piece.reference, piece.record))


@dataclass(slots=True)
class Column:
    """One platform's side of a bridge, in whole seconds.

    ``opened`` holds the pieces of each item and, where they were asked for, of both sides; those under None are what
    nothing explains.
    """

    ledger_seconds: int = 0
    reported_seconds: int = 0
    items: dict[Item, int] = field(default_factory=dict)
    opened: dict[Item | Side | None, Opened] = field(default_factory=dict)

    @property
    def residual_seconds(self) -> int:
        """Give what is left when every item is taken into account: 未说明差额, 0 in a bank that is in order."""
        return self.ledger_seconds - self.reported_seconds - sum(self.items.values())

    def add(self, piece: Piece, kept_max: int | None) -> None:
        """Count a piece in; of each item no more than ``kept_max`` pieces are kept (None: all)."""
        opened = self.opened.get(piece.item)
        if opened is None:
            opened = self.opened[piece.item] = Opened()
        opened.count += 1
        if kept_max is None or opened.count <= kept_max:
            opened.pieces.append(piece)
        if piece.item is not None:
            self.items[piece.item] = self.items.get(piece.item, 0) + piece.seconds

    def take_side(self, side: Side, seconds: int, count: int) -> None:
        """Put in one of the two sums, of ``count`` records or bookings."""
        if side is Side.LEDGER:
            self.ledger_seconds += seconds
        else:
            self.reported_seconds += seconds
        self.opened.setdefault(side, Opened()).count += count

    def show(self, side: Side, piece: Piece, kept_max: int | None) -> bool:
        """Keep a piece of one of the two sums to be looked at; say whether there was room for it."""
        opened = self.opened.setdefault(side, Opened())
        has_room = kept_max is None or len(opened.pieces) < kept_max
        if has_room:
            opened.pieces.append(piece)
        return has_room

    def take_in(self, other: Column) -> None:
        """Add another station's or month's column to this one."""
        self.ledger_seconds += other.ledger_seconds
        self.reported_seconds += other.reported_seconds
        for item, seconds in other.items.items():
            self.items[item] = self.items.get(item, 0) + seconds
        for reason, opened in other.opened.items():
            mine = self.opened.setdefault(reason, Opened())
            mine.count += opened.count
            mine.pieces += opened.pieces


@dataclass(frozen=True, slots=True)
class Bridge:
    """A bridge for a part of the bank: ``cells`` by (station, month), each with a column for each platform.

    ``unreadable`` counts, by platform and station, the rows that no figure can be read from. ``person`` is 本地编号.
    """

    station: str | None
    person: str | None
    month: str | None
    platforms: tuple[str, ...]
    cells: dict[tuple[str, str], dict[str, Column]]
    unreadable: dict[tuple[str, str], int] = field(default_factory=dict)

    def total(self) -> dict[str, Column]:
        """Give the columns of the whole part."""
        return self._summed(self.cells)

    def of_station(self, station: str) -> dict[str, Column]:
        """Give one station's columns, all months together."""
        return self._summed(key for key in self.cells if key[0] == station)

    def unreadable_rows(self, platform: str) -> int:
        """Count a platform's rows that no figure can be read from."""
        return sum(count for (name, _), count in self.unreadable.items() if name == platform)

    @property
    def is_closed(self) -> bool:
        """Say whether nothing is left unexplained anywhere, not even two faults that make up for each other."""
        return not any(column.residual_seconds or None in column.opened for column in self._columns())

    def _columns(self) -> Iterator[Column]:
        return (column for columns in self.cells.values() for column in columns.values())

    def _summed(self, keys: Iterable[tuple[str, str]]) -> dict[str, Column]:
        summed = {platform: Column() for platform in self.platforms}
        for key in sorted(keys):
            for platform, column in self.cells[key].items():
                summed[platform].take_in(column)
        return summed
