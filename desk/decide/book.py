"""Book at once what decisions come to: their subjects are planned anew under the lease, portion by portion."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from domain.clock import Clock, day_in_shanghai
from domain.errors import OperatorError
from local_store import coverage, runs
from local_store.lease import Lease, lease
from local_store.store import Store
from local_store.transaction import Tx
from mapping.rules import RuleSet
from sync import stops
from sync.apply import Applier, ApplyTally

PORTION = 400
RUN_KIND = "decide"


def applier_of(tx: Tx, rules: RuleSet, today: date, run: int) -> Applier:
    """Give the way of booking between two nights: a safety stop that stands keeps waiting what it keeps waiting."""
    stopped = stops.standing(tx)
    covered = coverage.covered_through(tx)
    return Applier(rules, covered, today, run, stopped.places, ApplyTally(), doubted=stopped.doubted)


@dataclass(frozen=True, slots=True)
class Booker:
    """One run of booking; ``holder`` names the process that would hold the lease."""

    store: Store
    rules: RuleSet
    clock: Clock
    holder: str

    def book(self, concerned: Collection[int]) -> bool:
        """Plan and book these subjects; False where another run holds the lease, which then books them."""
        if not concerned:
            return True
        try:
            with lease(self.store, self.holder) as held:
                self._apply(held, sorted(concerned))
        except OperatorError as error:
            if error.code not in {"run_in_progress", "lease_lost"}:
                raise
            return False
        return True

    def _apply(self, held: Lease, concerned: list[int]) -> None:
        with held.writing() as tx:
            run = runs.begin(tx, RUN_KIND, self.clock.now(), self.rules.version)
            applier = applier_of(tx, self.rules, day_in_shanghai(self.clock.now()), run)
        for start in range(0, len(concerned), PORTION):
            with held.writing() as tx:
                applier.apply(tx, concerned[start : start + PORTION])
        tally = applier.tally
        with held.writing() as tx:
            figures = {"actions": dict(tally.actions), "posted_seconds": tally.posted_seconds,
                       "opened": tally.opened, "closed": tally.closed}  # fmt: skip
            runs.finish(tx, run, "complete", json.dumps(figures))
