"""Compare what a platform sums up day by day with what we hold: a day that differs asks for a sweep.

A sum says that something is missing, never what: only the sweep that it asks for can find that a record is gone. A
sweep after which the sums still differ is told (``contract``) and not repeated night after night.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from adapters.base import DaySummary, SummedRow
from domain.clock import SHANGHAI, seconds_of
from domain.errors import PlatformError
from local_store import sums, sweeps
from local_store.sums import Month
from local_store.sweeps import Asked
from local_store.transaction import Tx
from sync.pull import Puller

RECENT_MONTHS = 3
TURN_DAYS = 7
"""Within so many nights every older month has been asked for once."""
SUMMED_AGAIN_DAYS = 30
"""So long a month that agreed, and that its platform sums up as it did then, is not summed up anew by ourselves."""
FRUITLESS_DAYS = 7
"""So long no sweep is asked for again after one that did not help."""

Days = dict[date, DaySummary]
Differing = dict[str, list[int | None]]
"""A day to the platform's rows and minutes, and ours; None where a side has no such day."""


def months_due(known: Mapping[str, Month], first: date, today: date) -> list[str]:
    """Give the months to ask for tonight, as ``YYYY-MM``: the last three, and older ones in turn."""
    every = _months(first, today)
    recent, older = every[-RECENT_MONTHS:], every[:-RECENT_MONTHS]
    waiting = [month for month in older if _asked_on(known, month) <= today - timedelta(days=TURN_DAYS)]
    share = -(-len(older) // TURN_DAYS)
    return recent + sorted(waiting, key=lambda month: (_asked_on(known, month), month))[:share]


def _asked_on(known: Mapping[str, Month], month: str) -> date:
    return known[month].asked_on if month in known else date.min


def _months(first: date, today: date) -> list[str]:
    begin, end = first.year * 12 + first.month - 1, today.year * 12 + today.month - 1
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(begin, end + 1)]


@dataclass(frozen=True, slots=True)
class SummaryCheck:
    """The comparison of one platform's sums with ours, after its pull and by the same means."""

    puller: Puller

    def check(self) -> None:
        """Compare every organisation that was read without trouble; what fails is a problem of that organisation."""
        tally = self.puller.tally
        if "" in tally.problems:
            return
        for scope in self.puller.source.scopes:
            if scope not in tally.problems and scope not in tally.shrunken:
                try:
                    self._check(scope)
                except PlatformError as problem:
                    tally.problems[scope] = problem

    def _check(self, scope: str) -> None:
        with self.puller.store.reading() as tx:
            known = sums.months(tx, self._platform, scope)
            was_swept = sums.last_sweep_run(tx, self._platform, scope) > 0
            before = next((one for one in sweeps.asked(tx, self._platform, scope) if one.reason == "summary"), None)
        if scope in self.puller.tally.swept:
            if before is not None and before.tried_on is None:
                self._look_again(scope, _months_of(before))
            return
        if was_swept:
            months = months_due(known, self.puller.rules.valid_from, self.puller.today())
            self._judge(scope, before, months, self._differing(scope, months))

    def _judge(self, scope: str, before: Asked | None, months: Collection[str], found: Differing) -> None:
        """Ask for a sweep of an organisation some days of which differ, and do it, if one may help."""
        elsewhere = {day: said for day, said in _days_of(before).items() if day[:7] not in months}
        tried_on = None if before is None else before.tried_on
        is_told = tried_on is not None and self.puller.today() - tried_on < timedelta(days=FRUITLESS_DAYS)
        if not found or is_told:
            self._save(scope, found | elsewhere, tried_on)
            return
        self._save(scope, found | elsewhere, None)
        self.puller.sweep(scope)
        if scope not in self.puller.tally.shrunken:
            self._look_again(scope, {day[:7] for day in found | elsewhere})

    def _look_again(self, scope: str, months: Collection[str]) -> None:
        """Say, after the sweep that was asked for, whether it helped."""
        self._save(scope, self._differing(scope, sorted(months)), self.puller.today())

    def _save(self, scope: str, differing: Differing, tried_on: date | None) -> None:
        with self.puller.store.writing() as tx:
            if differing:
                sweep = Asked(self._platform, scope, "summary", {"days": differing}, tried_on)
                sweeps.ask(tx, sweep, self.puller.run)
            else:
                sweeps.answered(tx, self._platform, scope, "summary")

    def _differing(self, scope: str, months: Collection[str]) -> Differing:
        """Give the days that differ, once what was changed since the pull is known too."""
        found = self._compare(scope, months)
        if not found:
            return {}
        self.puller.catch_up(scope)
        return self._compare(scope, {day[:7] for day in found})

    def _compare(self, scope: str, months: Collection[str]) -> Differing:
        theirs: dict[str, Days] = {}
        for month in sorted(months):
            said = self.puller.source.adapter.summarise(scope, date.fromisoformat(f"{month}-01"))
            if said is None:
                return {}
            theirs[month] = {one.day: one for one in said if one.day.isoformat()[:7] == month}
        with self.puller.store.writing() as tx:
            return self._compared(tx, scope, theirs)

    def _compared(self, tx: Tx, scope: str, theirs: Mapping[str, Days]) -> Differing:
        today, known = self.puller.today(), sums.months(tx, self._platform, scope)
        digests = {month: _digest(days) for month, days in theirs.items()}
        open_ones = {month for month, one in digests.items() if not _is_settled(known.get(month), one, today)}
        differing = self._differ(tx, scope, theirs, open_ones, is_quick=True)
        if differing:  # a record may have been typed before its month began: then it was left out
            differing = self._differ(tx, scope, theirs, {day[:7] for day in differing}, is_quick=False)
        unlike = {day[:7] for day in differing}
        sums.save_months(tx, self._platform, scope, [
            Month(month, today, digest, _agreed_on(known.get(month), month, open_ones, unlike, today))
            for month, digest in digests.items()
        ])  # fmt: skip
        return differing

    def _differ(
        self, tx: Tx, scope: str, theirs: Mapping[str, Days], months: Collection[str], *, is_quick: bool
    ) -> Differing:
        if not months:
            return {}
        begin = datetime.combine(date.fromisoformat(f"{min(months)}-01"), time(), SHANGHAI)
        ours = self._ours(tx, scope, months, seconds_of(begin) if is_quick else 0)
        said = {day: one for month in months for day, one in theirs[month].items()}
        return {
            day.isoformat(): [*_figures(said.get(day)), *_figures(ours.get(day))]
            for day in sorted(said.keys() | ours.keys())
            if said.get(day) != ours.get(day)
        }

    def _ours(self, tx: Tx, scope: str, months: Collection[str], since: int) -> Days:
        """Sum up what we hold, rows that could not be read as their platform has them."""
        adapter = self.puller.source.adapter
        rows = {
            one.external_id: SummedRow(one.external_id, one.day, one.seconds, one.state)
            for one in sums.summands(tx, self._platform, scope, months, since)
        }
        for external_id, raw in sums.unreadable_rows(tx, self._platform, scope):
            rows.pop(external_id, None)
            told = adapter.row_in_sum(raw)
            if told is not None and told.day.isoformat()[:7] in months:
                rows[external_id] = told
        return {one.day: one for one in adapter.sum_up(rows.values())}

    @property
    def _platform(self) -> str:
        return self.puller.source.platform


def _is_settled(known: Month | None, digest: str, today: date) -> bool:
    """Say whether a month stands at its platform as it did when our own sums were the same, not long ago."""
    if known is None or known.agreed_on is None or known.digest != digest:
        return False
    return today - known.agreed_on < timedelta(days=SUMMED_AGAIN_DAYS)


def _agreed_on(
    known: Month | None, month: str, summed: Collection[str], unlike: Collection[str], today: date
) -> date | None:
    if month not in summed:
        return None if known is None else known.agreed_on
    return None if month in unlike else today


def _digest(days: Days) -> str:
    lines = [f"{one.day}|{one.count}|{one.minutes}|{one.checksum}" for _, one in sorted(days.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _figures(one: DaySummary | None) -> list[int | None]:
    return [None, None] if one is None else [one.count, one.minutes]


def _days_of(before: Asked | None) -> Differing:
    return {} if before is None else dict(before.figures["days"])


def _months_of(before: Asked) -> set[str]:
    return {day[:7] for day in _days_of(before)}
