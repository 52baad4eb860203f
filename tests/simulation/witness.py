"""What the house has been shown so far: rows count from the moment on which the store has their page, committed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from adapters.base import Adapter, DaySummary, Page, Receipt, Submission, SummedRow, VolunteerPage, Window
from sandbox.cipher import KeyPair
from sandbox.guangxi_rows import GuangxiRecord
from sandbox.guangxi_rows import hours_row as guangxi_row
from sandbox.national_rows import NationalRecord
from sandbox.national_rows import hours_row as national_row
from tests.nights import Town
from tests.oracle import Fact
from tests.simulation.reading import fact_of, id_of, rows_of

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Pending:
    """A page that an adapter gave: the answer it was read out of, and what that says."""

    platform: str
    scope: str
    window: Window
    body: bytes
    facts: dict[str, Fact | None]


class Witness:
    """Hears every answer at the wire and every page that an adapter made of one; both must name the same rows.

    ``shown`` is what each row said when it was last readable; ``tonight`` the rows of a scope that this run has had,
    ``asked`` the windows of it that this run has begun to read;
    ``strange`` the rows that were last shown otherwise than their platform holds them, or not at all.
    """

    def __init__(self, town: Town, keys: dict[str, KeyPair]) -> None:
        self.shown: dict[Key, Fact] = {}
        self.tonight: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.asked: dict[tuple[str, str], list[Window]] = defaultdict(list)
        self.strange: set[Key] = set()
        self._town = town
        self.keys = keys
        self._heard: dict[str, bytes] = {}
        self._pending: list[_Pending] = []
        self._held: dict[Key, tuple[object, Fact]] = {}

    def hear(self, platform: str, body: bytes) -> None:
        """Take note of an answer."""
        self._heard[platform] = body

    def begin(self, platform: str, scope: str, window: Window) -> None:
        """Hear that a window is read from its first page; drop what is pending of it from before."""
        self.asked[platform, scope].append(window)
        self._pending = [
            one for one in self._pending if (one.platform, one.scope, one.window) != (platform, scope, window)
        ]

    def see(self, platform: str, scope: str, window: Window, page: Page) -> None:
        """Take note of a page that the house is about to keep."""
        rows = rows_of(platform, self._heard[platform])
        assert rows is not None, "a page was read out of an answer that lists nothing"
        listed = {id_of(platform, row): row for row in rows}
        read = {record.key.external_id for record in page.records}
        assert read | {row.external_id for row in page.quarantined} == set(listed)
        now = self.clock_of(platform)
        facts = {one: fact_of(platform, row, self.keys[platform], now) for one, row in listed.items()}
        assert read == {one for one, fact in facts.items() if fact is not None}
        self._pending.append(_Pending(platform, scope, window, self._heard[platform], facts))

    @property
    def is_waiting(self) -> bool:
        """Say whether a page was read that has not been kept so far."""
        return bool(self._pending)

    def forget_pending(self) -> None:
        """Drop the pages that were read and never kept."""
        self._pending.clear()

    def kept(self, platform: str, scope: str, body: bytes) -> None:
        """Count a page as shown: the store has it, committed."""
        place = next(
            place
            for place, one in enumerate(self._pending)
            if (one.platform, one.scope, one.body) == (platform, scope, body)
        )
        facts = self._pending.pop(place).facts
        self.tonight[platform, scope] |= facts.keys()
        for external_id, fact in facts.items():
            key = (platform, external_id)
            if fact is not None:
                self.shown[key] = fact
            is_true = fact is not None and fact == self.held(platform, scope).get(external_id, fact)
            (self.strange.discard if is_true else self.strange.add)(key)

    def held(self, platform: str, scope: str, before: datetime | None = None) -> dict[str, Fact]:
        """Give what the platform itself holds of a scope, as it would say it, or what it last changed ``before``."""
        shelf = self._town.national.records if platform == "national" else self._town.guangxi.records
        rows: list[NationalRecord] | list[GuangxiRecord] = shelf.rows(scope)
        return {
            fact.external_id: fact
            for row in rows
            if before is None or row.updated_at < before
            for fact in [self._fact(platform, row)]
        }

    def mark_gone(self, platform: str, station: str, present: set[str]) -> None:
        """Note what a complete reading of a station's rows no longer had."""
        for key, fact in self.shown.items():
            is_there = key[0] != platform or fact.station != station or key[1] in present
            if not is_there and fact.state != "withdrawn":
                self.shown[key] = replace(fact, is_gone=True)

    def clock_of(self, platform: str) -> datetime:
        """Give a platform's own instant."""
        return (self._town.national if platform == "national" else self._town.guangxi).clock.now()

    def _fact(self, platform: str, row: NationalRecord | GuangxiRecord) -> Fact:
        key = (platform, str(row.record_id))
        known = self._held.get(key)
        if known is not None and known[0] is row:
            return known[1]
        keys = self.keys[platform]
        if isinstance(row, NationalRecord):
            shown = national_row(row, self._town.national.projects[row.project_id], "", keys)
        else:
            shown = guangxi_row(row, self._town.guangxi.activities[row.activity_id], keys)
        fact = fact_of(platform, shown, keys, row.updated_at)
        assert fact is not None
        self._held[key] = (row, fact)
        return fact


class WitnessedAdapter:
    """An adapter whose pages a witness sees."""

    can_deliver = True

    def __init__(self, adapter: Adapter, witness: Witness) -> None:
        self.platform = adapter.platform
        self._adapter = adapter
        self._witness = witness

    def check(self) -> None:
        self._adapter.check()

    def platform_now(self) -> datetime:
        return self._adapter.platform_now()

    def read_hours(self, scope: str, window: Window, cursor: str | None) -> Page:
        if cursor is None:
            self._witness.begin(self.platform, scope, window)
        page = self._adapter.read_hours(scope, window, cursor)
        self._witness.see(self.platform, scope, window, page)
        return page

    def read_volunteers(self, scope: str, cursor: str | None) -> VolunteerPage:
        return self._adapter.read_volunteers(scope, cursor)

    def summarise(self, scope: str, month: date) -> tuple[DaySummary, ...] | None:
        return self._adapter.summarise(scope, month)

    def sum_up(self, rows: Iterable[SummedRow]) -> tuple[DaySummary, ...]:
        return self._adapter.sum_up(rows)

    def row_in_sum(self, raw: bytes) -> SummedRow | None:
        return self._adapter.row_in_sum(raw)

    def submit(self, submissions: tuple[Submission, ...], request_number: str) -> tuple[Receipt, ...]:
        return self._adapter.submit(submissions, request_number)

    def revoke(self, external_ids: tuple[str, ...], reason: str) -> None:
        self._adapter.revoke(external_ids, reason)

    def close(self) -> None:
        self._adapter.close()
