"""What was read once and comes again in row after row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, Generic, TypeVar

Row = Mapping[str, Any]
T = TypeVar("T")


class Kept(Generic[T]):
    """What was read out of some fields of a row, for the next row that has the same texts in them.

    Volunteers come again and so do projects. Only texts are compared: a number may be equal to what is no number.
    """

    _MAX = 10_000

    def __init__(self, *fields: str) -> None:
        """Compare these fields."""
        self._texts_of = itemgetter(*fields)
        self._kept: dict[tuple[str, ...], T] = {}

    def read(self, row: Row, read: Callable[[Row], T]) -> T:
        """Give what ``read`` makes of the row, or made of one like it; its faults are not kept."""
        try:
            texts = self._texts_of(row)
            kept = self._kept.get(texts)
        except (KeyError, TypeError):  # a field is absent, or holds what is no value at all
            return read(row)
        if kept is None:
            kept = read(row)
            if all(type(text) is str for text in texts):
                if len(self._kept) >= self._MAX:
                    self._kept.clear()
                self._kept[texts] = kept
        return kept
