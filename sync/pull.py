"""Read one platform: each page is stored with its records and, at its end, the coverage, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.base import Page, Window
from domain.clock import Clock, day_in_shanghai
from domain.errors import BrokenAnswer, PlatformError, Refused
from local_store import coverage, identities, records
from local_store.lease import Lease
from local_store.transaction import Tx
from mapping.names import folded_name
from mapping.read import Who, read_record
from mapping.rules import RuleSet
from sync.bounds import REMOVALS_MIN, REMOVALS_PERCENT
from sync.due import Slice, due_slice
from sync.passes import Pass
from sync.source import PullTally, Source

PASSES_MAX = 3
PAGES_MAX = 100_000
SHRUNKEN_BELOW = 2
MANY = 20
NOBODY_READABLE = 10
TAIL = timedelta(days=2)

Progress = Callable[[str, int, int | None], None]
"""Hears ``(what, done, total)``: a sentence's code, how many, and of how many (None where that is unknown)."""


@dataclass(slots=True)
class Puller:
    """One platform's reading within one run; what fails stands in the tally and its coverage stays where it was."""

    store: Lease
    source: Source
    rules: RuleSet
    clock: Clock
    run: int
    progress: Progress
    tally: PullTally = field(init=False)

    def __post_init__(self) -> None:
        """Start counting."""
        self.tally = PullTally(self.source.platform)

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
            due = due_slice(tx, self.source.platform, scope, self.source.fingerprint, self._signpost())
        if due is None:
            return
        before: Pass | None = None
        for _ in range(PASSES_MAX):
            seen = self._read_pass(due, before)
            if seen.is_whole(before):
                self.tally.records_seen += len(seen.readable)
                self.tally.quarantined += seen.quarantined
                return
            before = seen
        raise self._broken("counts_disagree", scope)

    def _read_pass(self, due: Slice, before: Pass | None) -> Pass:
        """Read a slice once; the transaction of its last page also records the coverage, if the pass was whole."""
        seen = Pass()
        for page in self._pages(due.scope, due.window):
            seen.see(page)
            is_end = page.next_cursor is None and seen.is_whole(before)
            tail = self._tail(due) if is_end and self._misses(due, seen) else ()
            seen.readable |= {record.key.external_id for each in tail for record in each.records}
            with self.store.writing() as tx:
                for each in (page, *tail):
                    self._keep(tx, due.scope, each)
                if is_end:
                    self._cover(tx, due, seen)
            self.progress("progress_pull", self.tally.records_seen + len(seen.readable), None)
        return seen

    def _misses(self, due: Slice, seen: Pass) -> bool:
        """Say whether a sweep did not show a record that was there before."""
        if due.kind != "sweep":
            return False
        with self.store.reading() as tx:
            return not records.present_ids(tx, self.source.platform, due.scope) <= seen.ids

    def _tail(self, due: Slice) -> tuple[Page, ...]:
        """Read what was updated after a sweep's window, so that nothing that only moved on is taken for gone."""
        end = due.window.end or self.clock.now()
        before: Pass | None = None
        for _ in range(PASSES_MAX):
            seen, pages = Pass(), []
            for page in self._pages(due.scope, Window(end, end + TAIL)):
                seen.see(page)
                pages.append(page)
            if seen.is_whole(before):
                return tuple(pages)
            before = seen
        raise self._broken("counts_disagree", due.scope)

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

    def _keep(self, tx: Tx, scope: str, page: Page) -> None:
        """Store one page: its bytes, its records with their claims, its unreadable rows."""
        platform = self.source.platform
        raw_page = records.save_raw(tx, self.run, platform, scope, page.raw)
        people = [record.person for record in page.records]
        whos = identities.register(tx, platform, people, [folded_name(person.name) for person in people])
        readings = [
            (record, read_record(record, Who(identity, token), self.rules))
            for record, (identity, token) in zip(page.records, whos, strict=True)
        ]
        kept = records.save(tx, readings, self.run, raw_page)
        records.quarantine(tx, page.quarantined, self.run)
        self.tally.pages += 1
        self.tally.records_changed += kept.changed

    def _is_short(self, tx: Tx, due: Slice, known: int, seen: Pass) -> bool:
        """Say whether a window showed less than half of what it used to, or a sweep would prove too much gone."""
        if known >= MANY and seen.rows * SHRUNKEN_BELOW < known:
            return True
        if due.kind != "sweep":
            return False
        unseen = records.count_unseen(tx, self.source.platform, due.scope, self.run)
        return unseen > max(REMOVALS_MIN, known * REMOVALS_PERCENT // 100)

    def _cover(self, tx: Tx, due: Slice, seen: Pass) -> None:
        """Record what was read in full, unless it is so short that a person must look first."""
        platform = self.source.platform
        start, end = due.window.start, due.window.end or self.clock.now()
        known = records.known_in_window(tx, platform, due.scope, start, end)
        if self._is_short(tx, due, known, seen):
            self.tally.shrunken[due.scope] = (known, seen.rows)
            return
        from_start = None if due.kind == "sweep" else start
        coverage.add(tx, platform, due.scope, from_start, end, due.kind, self.run, self.source.fingerprint)
        if due.kind == "sweep":
            records.mark_gone(tx, platform, due.scope, self.run, day_in_shanghai(self.clock.now()))
