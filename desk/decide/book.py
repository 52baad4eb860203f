"""Book at once what decisions come to: their subjects are planned anew under the lease, portion by portion."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from domain.clock import Clock, day_in_shanghai
from domain.errors import OperatorError
from local_store import coverage, decisions, runs
from local_store.lease import Lease, lease
from local_store.store import Store
from mapping.rules import RuleSet
from sync.apply import Applier, ApplyTally
from sync.stops import standing

PORTION = 400
RUN_KIND = "decide"


@dataclass(frozen=True, slots=True)
class Booker:
    """One run of booking; ``holder`` names the process that would hold the lease."""

    store: Store
    rules: RuleSet
    clock: Clock
    holder: str

    def book(self, numbers: Sequence[int]) -> bool:
        """Book what these decisions come to; False where another run holds the lease, which then books them."""
        with self.store.reading() as tx:
            concerned = decisions.concerned(tx, numbers)
        if not concerned:
            return True
        try:
            with lease(self.store, self.holder) as held:
                self._apply(held, concerned)
        except OperatorError as error:
            if error.code not in {"run_in_progress", "lease_lost"}:
                raise
            return False
        return True

    def _apply(self, held: Lease, concerned: Sequence[int]) -> None:
        with held.writing() as tx:
            run = runs.begin(tx, RUN_KIND, self.clock.now(), self.rules.version)
            covered, stops = coverage.covered_through(tx), standing(tx)
        tally = ApplyTally()
        today = day_in_shanghai(self.clock.now())
        applier = Applier(self.rules, covered, today, run, stops.places, tally, doubted=stops.doubted)
        for start in range(0, len(concerned), PORTION):
            with held.writing() as tx:
                applier.apply(tx, concerned[start : start + PORTION])
        with held.writing() as tx:
            figures = {"actions": dict(tally.actions), "posted_seconds": tally.posted_seconds,
                       "opened": tally.opened, "closed": tally.closed}  # fmt: skip
            runs.finish(tx, run, "complete", json.dumps(figures))
