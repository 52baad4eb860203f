"""Put a rule set in force, and book at once what it was shown to change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from desk.impact.booked import booked_by, differing
from desk.impact.figures import Impact
from desk.impact.foreseen import impact_of, in_force
from domain.clock import Clock, day_in_shanghai
from domain.errors import OperatorError
from local_store import ledger, rulebook, runs
from local_store.lease import lease
from local_store.rulebook import RuleText
from local_store.store import Store
from local_store.transaction import Tx
from mapping.rules import RuleSet
from sync.night import Night, NightTally
from sync.pull import Progress

ANOTHER_RUNS = ("run_in_progress", "lease_lost")


@dataclass(frozen=True, slots=True)
class Order:
    """Who asks for a publishing and why, and the text that is published."""

    text: RuleText
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Booked:
    """What the publishing has booked; ``differs_at`` are the stations where it is not what was shown."""

    run: NightTally
    figures: Impact
    differs_at: tuple[str, ...]
    is_as_shown: bool


@dataclass(frozen=True, slots=True)
class Publisher:
    """The parts of a publishing, all passed in; ``file`` are the rules of the bank's rule file as it lies there."""

    store: Store
    clock: Clock
    progress: Progress
    holder: str
    file: RuleSet | None

    def look(self, rules: RuleSet) -> Impact:
        """Give what publishing would do; nothing is written."""
        with self.store.reading() as tx:
            return self._impact(tx, rules)

    def is_done(self, rules: RuleSet) -> bool:
        """Say whether these rules are in force and a run has booked under them."""
        with self.store.reading() as tx:
            return runs.rules_in_force(tx) == rules.version and not runs.is_first_under(tx, rules.version)

    def put_in_force(
        self, rules: RuleSet, order: Order, show: Callable[[Impact], None], put: Callable[[], None]
    ) -> Impact:
        """Show what it will do, then put it in force; ``put`` replaces the bank's rule file.

        Raises:
            OperatorError: ``run_in_progress``.
        """
        with lease(self.store, self.holder) as held:
            with held.reading() as tx:
                impact = self._impact(tx, rules)
            show(impact)
            with held.writing() as tx:
                rulebook.keep_text(tx, order.text)
                if runs.rules_in_force(tx) != rules.version:
                    runs.activate_rules(tx, rules.version, order.by, order.reason)
                ledger.set_cap(tx, rules.cap_seconds)
                put()
        return impact

    def book(self, rules: RuleSet, shown: Impact) -> Booked | None:
        """Book it by a run of its own; None where another run began in between, which then books it."""
        night = Night(self.store, (), rules, self.clock, self.progress, self.holder, runs.RULES)
        try:
            tally = night.run()
        except OperatorError as error:
            if error.code not in ANOTHER_RUNS:
                raise
            return None
        with self.store.reading() as tx:
            figures = booked_by(tx, tally.run, shown)
        differs_at = tuple(differing(shown, figures))
        return Booked(tally, figures, differs_at, shown.digest == figures.digest and not differs_at)

    def _impact(self, tx: Tx, rules: RuleSet) -> Impact:
        return impact_of(tx, rules, in_force(tx, self.file), day_in_shanghai(self.clock.now()), self.progress)
