"""One reading of a slice from its first page to its last: what it saw, and whether that was all."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.base import Page


@dataclass(slots=True)
class Pass:
    """What was seen: the ids of rows that could be read and of those that could not, rows without an id, the totals."""

    readable: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)
    nameless: int = 0
    totals: set[int] = field(default_factory=set)
    quarantined: int = 0

    def see(self, page: Page) -> None:
        """Count a page in."""
        self.readable.update([record.key.external_id for record in page.records])
        self.unreadable.update([row.external_id for row in page.quarantined if row.external_id])
        self.nameless += sum(not row.external_id for row in page.quarantined)
        self.totals.add(page.total)
        self.quarantined += len(page.quarantined)

    @property
    def rows(self) -> int:
        """Give the number of different rows seen."""
        return len(self.readable) + len(self.unreadable - self.readable) + self.nameless

    def is_whole(self, before: Pass | None) -> bool:
        """Say whether every page named the same total and it was all there, or two passes saw the same and no less."""
        if len(self.totals) == 1 and self.rows in self.totals:
            return True
        return before is not None and self._is_like(before) and self.rows >= max(self.totals)

    def _is_like(self, before: Pass) -> bool:
        return before.readable | before.unreadable == self.readable | self.unreadable
