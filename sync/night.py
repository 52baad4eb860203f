"""One run, from the first page to the booked voucher: pull, read, plan, guard, apply."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from domain.clock import Clock, day_in_shanghai
from domain.conflicts import Conflict
from domain.errors import OperatorError, StoreError
from local_store import conflicts, coverage, overview, releases, runs, services, subjects, sweeps
from local_store.lease import Lease, lease
from local_store.releases import Release
from local_store.store import Store
from mapping.rules import RuleSet
from sync.apply import Applier, ApplyTally, load_once
from sync.contract import contract_conflicts, differing_sums
from sync.guard import Place, Survey
from sync.plan import plan
from sync.pull import Progress, Puller
from sync.reread import reread
from sync.source import PullTally, Source
from sync.stops import At, Stops, ceilings, find_stops, save_stops
from sync.summary import SummaryCheck

PORTION = 400
ROUNDS_MAX = 5
"""How often a run plans again what a decision changed meanwhile; what is still changed then waits for the next."""


@dataclass(slots=True)
class NightTally:
    """What one run came to. ``is_plan_only``: nothing was booked, the actions are those that would be."""

    run: int
    is_plan_only: bool
    platforms: dict[str, PullTally] = field(default_factory=dict)
    applied: ApplyTally = field(default_factory=ApplyTally)
    stops: dict[Place, Conflict] = field(default_factory=dict)
    open_conflicts: int = 0

    @property
    def outcome(self) -> str:
        """Give ``complete``, ``held`` (a safety stop waits) or ``partial`` (a platform was not read in full)."""
        if self.stops:
            return "held"
        return "complete" if all(tally.outcome == "complete" for tally in self.platforms.values()) else "partial"


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What was released when a run began, and what its plans, round after round, would take from the book."""

    releases: Mapping[Place, Release]
    survey: Survey = field(default_factory=Survey)


@dataclass(frozen=True, slots=True)
class Night:
    """The parts of one run, all passed in; ``holder`` names who holds the lease, ``kind`` what the run is for."""

    store: Store
    sources: Sequence[Source]
    rules: RuleSet
    clock: Clock
    progress: Progress
    holder: str
    kind: str = runs.SYNC

    def run(self, *, is_plan_only: bool = False) -> NightTally:
        """Do one run under the lease; a run that breaks off is told as failed and the next one goes on from there.

        Raises:
            OperatorError: ``run_in_progress``, or ``rules_changed`` where the rule file is not the one in force.
        """
        with lease(self.store, self.holder) as held:
            run = self._begin(runs.PLAN_ONLY if is_plan_only else self.kind)
            night = NightTally(run, is_plan_only)
            try:
                self._work(night, held)
            except BaseException:
                with suppress(StoreError):  # what went wrong is told, not that the store cannot hear of it either
                    self._finish(night, "failed")
                raise
            self._finish(night, night.outcome)
        return night

    def _begin(self, kind: str) -> int:
        with self.store.writing() as tx:
            in_force = runs.rules_in_force(tx)
            if in_force is not None and in_force != self.rules.version:
                raise OperatorError("rules_changed", in_force=in_force, found=self.rules.version)
            return runs.begin(tx, kind, self.clock.now(), self.rules.version)

    def _work(self, night: NightTally, held: Lease) -> None:
        with self.store.reading() as tx:
            given = releases.unused(tx)
        for source in self.sources:
            puller = Puller(held, source, self.rules, self.clock, night.run, self.progress)
            if not night.is_plan_only:  # what is only planned uses no release up, and proves nothing gone under one
                puller.ceiling = ceilings(given)
            night.platforms[source.platform] = puller.pull()
            SummaryCheck(puller).check()
        reread(held, self.rules)
        surveyed = Surveyed(given)
        if night.is_plan_only:
            self._only_plan(night, self._stops(night, surveyed, self._changed()))
        else:
            self._apply(night, held, surveyed)

    def _portions(self, numbers: list[int]) -> Iterator[list[int]]:
        for start in range(0, len(numbers), PORTION):
            self.progress("progress_plan", min(start + PORTION, len(numbers)), len(numbers))
            yield numbers[start : start + PORTION]

    def _changed(self) -> list[int]:
        with self.store.reading() as tx:
            return subjects.changed(tx, day_in_shanghai(self.clock.now()), self.rules.version)

    def _stops(self, night: NightTally, surveyed: Surveyed, numbers: list[int]) -> Stops:
        """Count in what planning these subjects would take, and say where nothing is taken."""
        with self.store.reading() as tx:
            is_any_booked = services.is_any(tx)
        if is_any_booked:  # else nothing can be taken
            applier = self._applier(NightTally(0, is_plan_only=True), Stops())
            for portion in self._portions(numbers):
                with self.store.reading() as tx:
                    for subject in load_once(tx, portion, applier.done):
                        for line in plan(subject, applier.rules, applier.covered, applier.today).lines:
                            surveyed.survey.count(line)
        with self.store.reading() as tx:
            at = At(night.run, day_in_shanghai(self.clock.now()))
            stops = find_stops(tx, surveyed.survey, surveyed.releases, self.rules, at)
        night.stops = dict(stops.conflicts)
        return stops

    def _applier(self, night: NightTally, stops: Stops) -> Applier:
        with self.store.reading() as tx:
            covered = coverage.covered_through(tx)
        today = day_in_shanghai(self.clock.now())
        return Applier(
            self.rules, covered, today, night.run, stops.places, night.applied,
            doubted=stops.doubted, released=stops.released,
        )  # fmt: skip

    def _only_plan(self, night: NightTally, stops: Stops) -> None:
        applier = self._applier(night, stops)
        for numbers in self._portions(self._changed()):
            with self.store.reading() as tx:
                for subject in load_once(tx, numbers, applier.done):
                    night.applied.count(applier.plan(subject).lines)

    def _apply(self, night: NightTally, held: Lease, surveyed: Surveyed) -> None:
        """Plan and book what is changed, and again what a decision changed in the meantime."""
        numbers, stops = self._changed(), Stops()
        for _ in range(ROUNDS_MAX):
            stops = self._stops(night, surveyed, numbers)
            applier = self._applier(night, stops)
            for portion in self._portions(numbers):
                with held.writing() as tx:
                    applier.apply(tx, portion)
            with self.store.reading() as tx:
                numbers = subjects.unplanned(tx, self.rules.version)
            if not numbers:
                break
        with held.writing() as tx:
            unlike = contract_conflicts(overview.unreadable_counts(tx))
            today = day_in_shanghai(self.clock.now())
            unlike += differing_sums(sweeps.asked(tx), self.rules, today)
            kept = save_stops(tx, stops, unlike, night.run)
        night.applied.opened += kept.opened
        night.applied.closed += kept.closed

    def _finish(self, night: NightTally, outcome: str) -> None:
        with self.store.writing() as tx:
            night.open_conflicts = conflicts.count_open(tx)
            runs.finish(tx, night.run, outcome, json.dumps(_figures(night)))


def _figures(night: NightTally) -> dict[str, object]:
    """Give the figures of a run that the report shows; nothing in them is personal data."""
    return {
        "platforms": {
            name: {
                "outcome": tally.outcome,
                "pages": tally.pages,
                "records_seen": tally.records_seen,
                "records_changed": tally.records_changed,
                "quarantined": tally.quarantined,
                "through": None if tally.through is None else tally.through.isoformat(),
                "problems": sorted({type(problem).__name__ for problem in tally.problems.values()}),
            }
            for name, tally in night.platforms.items()
        },
        "actions": dict(night.applied.actions),
        "posted_seconds": night.applied.posted_seconds,
        "opened": night.applied.opened,
        "closed": night.applied.closed,
    }
