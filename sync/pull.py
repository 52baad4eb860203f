"""Read one platform: pages are stored with their records and, at the end, the coverage, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from adapters.base import Page, Window
from domain.clock import Clock, day_in_shanghai, seconds_of
from domain.errors import BrokenAnswer, PlatformError, Refused
from local_store import coverage, records, sweeps
from local_store.lease import Lease
from local_store.transaction import Tx
from mapping.rules import RuleSet
from sync.bounds import REMOVALS_MIN, REMOVALS_PERCENT
from sync.due import BEGINNING, NIGHT_LOOK_BACK, SETTLE, Slice, due_slice
from sync.keep import Keeper
from sync.passes import Pass
from sync.source import PullTally, Source

PASSES_MAX = 3
PAGES_MAX = 100_000
ROWS_AT_ONCE = 1000
"""Rows of one transaction: each has its price, and what it holds is read again where the process dies."""
SHRUNKEN_BELOW = 2
MANY = 20
NOBODY_READABLE = 10
TAIL = timedelta(days=2)

Progress = Callable[[str, int, int | None], None]
"""Hears ``(what, done, total)``: a sentence's code, how many, and of how many (None where that is unknown)."""


@dataclass(slots=True)
class Puller:
    """One platform's reading within one run; what fails stands in the tally and its coverage stays where it was.

    ``ceiling`` says how much a sweep may prove gone at a platform and station, in booked seconds, because a person has
    released it; None: no more than the safety stop lets pass.
    """

    store: Lease
    source: Source
    rules: RuleSet
    clock: Clock
    run: int
    progress: Progress
    ceiling: Callable[[tuple[str, str]], int | None] = lambda _place: None
    tally: PullTally = field(init=False)
    keeper: Keeper = field(init=False)
    counted: dict[str, tuple[int, int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Start counting."""
        self.tally = PullTally(self.source.platform)
        self.keeper = Keeper(self.source.platform, self.rules, self.run)

    def pull(self) -> PullTally:
        """Read every slice that is due; a slice that fails is partial and the next one goes on."""
        try:
            self.source.adapter.check()
        except PlatformError as problem:
            self.tally.problems[""] = problem
            return self._with_through()
        for scope in self.source.scopes:
            try:
                self._read_scope(scope)
            except PlatformError as problem:
                self.tally.problems[scope] = problem
        return self._with_through()

    def _with_through(self) -> PullTally:
        with self.store.reading() as tx:
            marks = [
                coverage.watermark(tx, self.source.platform, scope, self.source.fingerprint)
                for scope in self.source.scopes
            ]
        known = [mark for mark in marks if mark is not None]
        self.tally.through = min(known) if known and len(known) == len(marks) else None
        return self.tally

    def _signpost(self) -> datetime:
        return min(self.clock.now(), self.source.adapter.platform_now())

    def _read_scope(self, scope: str) -> None:
        with self.store.reading() as tx:
            if any(one.tried_on is None for one in sweeps.asked(tx, self.source.platform, scope)):
                due: Slice | None = self._whole(scope)
            else:
                due = due_slice(tx, self.source.platform, scope, self.source.fingerprint, self._signpost())
        if due is not None:
            self._read_slice(due)

    def sweep(self, scope: str) -> None:
        """Read an organisation whole now, whatever is due."""
        self._read_slice(self._whole(scope))

    def _whole(self, scope: str) -> Slice:
        return Slice(scope, "sweep", Window(BEGINNING, (self._signpost() - SETTLE).replace(microsecond=0)))

    def _read_slice(self, due: Slice) -> None:
        before: Pass | None = None
        for _ in range(PASSES_MAX):
            seen = self._read_pass(due, before)
            if seen.is_whole(before):
                self._count(due.scope, seen)
                return
            before = seen
        raise self._broken("counts_disagree", due.scope)

    def _count(self, scope: str, seen: Pass) -> None:
        """Count what was read of an organisation; a sweep after its increment shows the same rows once more."""
        records_seen, quarantined = self.counted.get(scope, (0, 0))
        self.tally.records_seen += len(seen.readable) - records_seen
        self.tally.quarantined += seen.quarantined - quarantined
        self.counted[scope] = (len(seen.readable), seen.quarantined)

    def _read_pass(self, due: Slice, before: Pass | None) -> Pass:
        """Read a slice once; the transaction of its last page also records the coverage, if the pass was whole."""
        seen = Pass()
        waiting: list[Page] = []
        try:
            for page in self._pages(due.scope, due.window):
                seen.see(page)
                is_end = page.next_cursor is None and seen.is_whole(before)
                tail = self._tail(due) if is_end and self._misses(due, seen) else ()
                seen.readable |= {record.key.external_id for each in tail for record in each.records}
                waiting += (page, *tail)
                if is_end or sum(len(each.records) + len(each.quarantined) for each in waiting) >= ROWS_AT_ONCE:
                    self._write(due, waiting, seen if is_end else None)
                self.progress("progress_pull", self.tally.records_seen + len(seen.readable), None)
        except PlatformError:
            self._write(due, waiting, None)
            raise
        self._write(due, waiting, None)
        return seen

    def _write(self, due: Slice, waiting: list[Page], covered: Pass | None) -> None:
        """Store the pages that wait, and what they cover, in one transaction."""
        if not waiting:
            return
        with self.store.writing() as tx:
            changed = self.keeper.keep(tx, due.scope, waiting)
            if covered is not None:
                self._cover(tx, due, covered)
        self.keeper.committed()
        self.tally.pages += len(waiting)
        self.tally.records_changed += changed
        waiting.clear()

    def _misses(self, due: Slice, seen: Pass) -> bool:
        """Say whether a sweep did not show a record that was there before."""
        if due.kind != "sweep":
            return False
        with self.store.reading() as tx:
            there = records.present_ids(tx, self.source.platform, due.scope)
            return any(one not in seen.readable and one not in seen.unreadable for one in there)

    def catch_up(self, scope: str) -> None:
        """Keep what was changed, or committed late, since an organisation was read; it covers nothing."""
        with self.store.reading() as tx:
            mark = coverage.watermark(tx, self.source.platform, scope, self.source.fingerprint)
        if mark is not None:
            late = Window(mark - NIGHT_LOOK_BACK, mark + TAIL)
            self._write(Slice(scope, "increment", late), list(self._read_whole(scope, late)), None)

    def _tail(self, due: Slice) -> tuple[Page, ...]:
        """Read what was updated after a sweep's window, so that nothing that only moved on is taken for gone."""
        end = due.window.end or self.clock.now()
        return self._read_whole(due.scope, Window(end, end + TAIL))

    def _read_whole(self, scope: str, window: Window) -> tuple[Page, ...]:
        before: Pass | None = None
        for _ in range(PASSES_MAX):
            seen, pages = Pass(), []
            for page in self._pages(scope, window):
                seen.see(page)
                pages.append(page)
            if seen.is_whole(before):
                return tuple(pages)
            before = seen
        raise self._broken("counts_disagree", scope)

    def _pages(self, scope: str, window: Window) -> Iterator[Page]:
        """Give a window's pages from the first to the last."""
        cursor: str | None = None
        for _ in range(PAGES_MAX):
            page = self.source.adapter.read_hours(scope, window, cursor)
            self._refuse_wrong_key(scope, page)
            yield page
            if page.next_cursor is None:
                return
            cursor = page.next_cursor
        raise self._broken("pages_endless", scope)

    def _refuse_wrong_key(self, scope: str, page: Page) -> None:
        """Refuse a page of many rows that tells of nobody: our key is wrong, and to cover it would lose its rows."""
        nameless = sum(row.reason == "person_unreadable" for row in page.quarantined)
        if nameless >= NOBODY_READABLE and not page.records:
            raise Refused("persons_unreadable", platform=self.source.platform, scope=scope)

    def _broken(self, code: str, scope: str) -> BrokenAnswer:
        return BrokenAnswer(code, platform=self.source.platform, scope=scope)

    def _is_short(self, tx: Tx, due: Slice, known: int, seen: Pass) -> bool:
        """Say whether a window showed less than half of what it used to, or a sweep would prove too much gone."""
        if known >= MANY and seen.rows * SHRUNKEN_BELOW < known:
            return True
        if due.kind != "sweep":
            return False
        unseen = records.count_unseen(tx, self.source.platform, due.scope, self.run)
        return unseen > max(REMOVALS_MIN, known * REMOVALS_PERCENT // 100)

    def _is_released(self, due: Slice, unseen_seconds: int) -> bool:
        """Say whether a person has released what a sweep proves gone: its emptiness is believed. Of less, never."""
        place = (self.source.platform, self.rules.station_of(self.source.platform, due.scope, self.today()))
        ceiling = self.ceiling(place)
        return due.kind == "sweep" and ceiling is not None and unseen_seconds <= ceiling

    def today(self) -> date:
        """Give the day on which the run runs."""
        return day_in_shanghai(self.clock.now())

    def _cover(self, tx: Tx, due: Slice, seen: Pass) -> None:
        """Record what was read in full, unless it is so short that a person must look first."""
        platform = self.source.platform
        start, end = due.window.start, due.window.end or self.clock.now()
        known = records.known_in_window(tx, platform, due.scope, start, end)
        if self._is_short(tx, due, known, seen):
            since = 0 if due.kind == "sweep" or start is None else seconds_of(start)
            unseen_seconds, first = sweeps.unseen(tx, platform, due.scope, self.run, since)
            if not self._is_released(due, unseen_seconds):
                figures = {"count": known, "seen": seen.rows, "seconds": unseen_seconds, "first": first}
                sweeps.ask(tx, sweeps.Asked(platform, due.scope, "short", figures), self.run)
                self.tally.shrunken[due.scope] = (known, seen.rows)
                return
        from_start = None if due.kind == "sweep" else start
        coverage.add(tx, platform, due.scope, from_start, end, due.kind, self.run, self.source.fingerprint)
        if due.kind == "sweep":
            records.mark_gone(tx, platform, due.scope, self.run, self.today())
            sweeps.answered(tx, platform, due.scope, "short")
            self.tally.swept.add(due.scope)
