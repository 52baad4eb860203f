"""One row of a handed-in list, read cell by cell; the first cell that cannot be read refuses the row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from domain.refusals import RefusedRow
from mapping.typed import TypedProblem, plain

Read = TypeVar("Read")


class RowRefused(Exception):  # noqa: N818 - ends the reading of one row; its value is what is kept
    """A row that is not taken."""

    def __init__(self, row: RefusedRow) -> None:
        """Keep the refused row."""
        super().__init__(row)
        self.row = row


@dataclass(frozen=True, slots=True)
class Row:
    """A row by our own column names; ``headings`` gives the file's own spelling of those that the file has."""

    line: int
    cells: dict[str, str] = field(repr=False)
    headings: dict[str, str]

    def text(self, column: str) -> str:
        """Give a cell's text, "" for an empty cell and for a column that the file does not have."""
        return self.cells.get(column, "")

    def is_blank(self, column: str) -> bool:
        """Say whether nothing stands in a cell."""
        return not plain(self.text(column))

    def read(self, column: str, reader: Callable[[str], Read | TypedProblem]) -> Read:
        """Read a cell; raises ``RowRefused`` with the reader's problem."""
        found = reader(self.text(column))
        if isinstance(found, TypedProblem):
            raise RowRefused(self.refused(column, found.code, found.data))
        return found

    def refused(self, column: str, code: str, data: tuple[tuple[str, str], ...] = ()) -> RefusedRow:
        """Give this row as refused for what stands in ``column``, under the file's own heading."""
        return RefusedRow(self.line, self.headings.get(column, column), code, data)
