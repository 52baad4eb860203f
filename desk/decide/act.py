"""Take decisions: check each, write all down in one transaction, and book at once what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from desk.decide.book import Booker
from desk.decide.check import binding_of, open_to_decide
from desk.decide.said import Said
from domain.clock import Clock
from domain.conflicts import ConflictState
from domain.errors import OperatorError, ShiqiaoError, UsageError
from local_store import conflicts, decisions, runs
from local_store.store import Store
from local_store.transaction import Tx
from local_store.trial import trial
from mapping.rules import RuleSet

TWO_PERSONS_ABOVE_SECONDS = 4 * 3600


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one decision.

    ``moved_seconds`` is how much of the book it moves: what it takes and what it gives, summed over services. With a
    ``problem`` nothing of it was done. ``is_booked`` is False where another run holds the lease: that run books it.
    """

    conflict_id: str
    state: ConflictState
    decision: int = 0
    moved_seconds: int = 0
    problem: ShiqiaoError | None = None
    is_booked: bool = True


@dataclass(frozen=True, slots=True)
class Desk:
    """Where decisions are taken, all parts passed in; ``holder`` names the process that would hold the lease."""

    store: Store
    rules: RuleSet
    clock: Clock
    holder: str

    def decide(self, said: Sequence[Said], *, is_plan_only: bool = False) -> list[Outcome]:
        """Write down what is said and book it at once; with ``is_plan_only`` only say what would come of it.

        Raises:
            OperatorError: ``rules_changed``: the rule file is not the one in force.
        """
        with self.store.writing() as tx, trial(tx) as tried:
            self._check_rules(tx)
            outcomes = [self._take(tx, one) for one in said]
            if not is_plan_only:
                tried.keep()
        return outcomes if is_plan_only else self._booked(outcomes)

    def agree(self, conflict_ids: Sequence[str], by: str) -> list[Outcome]:
        """Let a second person agree to what was proposed, and book it at once."""
        with self.store.writing() as tx:
            self._check_rules(tx)
            outcomes = [self._agree(tx, one, by) for one in dict.fromkeys(conflict_ids)]
        return self._booked(outcomes)

    def undo(self, conflict_ids: Sequence[str], by: str) -> list[Outcome]:
        """Take back the last decision of each conflict, and what it booked."""
        with self.store.writing() as tx:
            self._check_rules(tx)
            outcomes = [self._undo(tx, one, by) for one in dict.fromkeys(conflict_ids)]
        return self._booked(outcomes)

    def _check_rules(self, tx: Tx) -> None:
        in_force = runs.rules_in_force(tx)
        if in_force is not None and in_force != self.rules.version:
            raise OperatorError("rules_changed", in_force=in_force, found=self.rules.version)

    def _take(self, tx: Tx, said: Said) -> Outcome:
        try:
            found = open_to_decide(tx, said)
            binding = binding_of(tx, said, found)
        except (UsageError, OperatorError) as error:
            return self._refused(tx, said.conflict_id, error)
        number = decisions.add(tx, said.conflict_id, said.code, said.argument, said.reason, said.by, binding)
        return Outcome(said.conflict_id, self._state(tx, said.conflict_id), number)

    def _agree(self, tx: Tx, conflict_id: str, by: str) -> Outcome:
        try:
            agreed = decisions.agree(tx, conflict_id, by)
        except OperatorError as error:
            return self._refused(tx, conflict_id, error)
        return Outcome(conflict_id, self._state(tx, conflict_id), agreed.number)

    def _undo(self, tx: Tx, conflict_id: str, by: str) -> Outcome:
        try:
            undone = decisions.undo(tx, conflict_id, by)
        except OperatorError as error:
            return self._refused(tx, conflict_id, error)
        return Outcome(conflict_id, self._state(tx, conflict_id), undone.number)

    def _booked(self, outcomes: list[Outcome]) -> list[Outcome]:
        numbers = [one.decision for one in outcomes if one.problem is None]
        if not numbers or Booker(self.store, self.rules, self.clock, self.holder).book(numbers):
            return outcomes
        return [replace(one, is_booked=False) for one in outcomes]

    @staticmethod
    def _state(tx: Tx, conflict_id: str) -> ConflictState:
        found = conflicts.one(tx, conflict_id)
        return ConflictState.CLOSED if found is None else found.state

    def _refused(self, tx: Tx, conflict_id: str, problem: ShiqiaoError) -> Outcome:
        return Outcome(conflict_id, self._state(tx, conflict_id), problem=problem)
