"""Take decisions: check each, write all down in one transaction, and book at once what they come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from desk.decide.book import RUN_KIND, Booker, applier_of
from desk.decide.check import binding_of, check_known, check_once, check_seen, due_day, open_to_decide
from desk.decide.measure import moved_by
from desk.decide.said import Said, check_name, is_same_person
from desk.decide.two import Weighed, need_two
from desk.decide.undo import Undoing
from domain.clock import Clock, day_in_shanghai
from domain.conflicts import ConflictState
from domain.errors import OperatorError, ShiqiaoError, UsageError
from local_store import conflicts, decisions, runs
from local_store.decisions import Binding, Terms
from local_store.store import Store
from local_store.transaction import Tx
from local_store.trial import trial
from mapping.rules import RuleSet


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
class _Taken:
    """What is said of a conflict, once it was found possible."""

    said: Said
    cause: str
    binding: Binding
    due_on: date | None


@dataclass(slots=True)
class _Row:
    """One conflict of a command on its way: taken, or refused; the subjects to be planned anew for it."""

    outcome: Outcome
    taken: _Taken | None = None
    subjects: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where decisions are taken, all parts passed in; ``holder`` names the process that would hold the lease."""

    store: Store
    rules: RuleSet
    clock: Clock
    holder: str

    def decide(self, said: Sequence[Said], *, is_plan_only: bool = False) -> list[Outcome]:
        """Write down what is said and book it at once; with ``is_plan_only`` only say what would come of it.

        A row that cannot be taken is told and changes nothing of the others. Where all of them together move more than
        one person may, or of one cause with what was said of it before, all are only proposed.

        Raises:
            OperatorError: ``rules_changed``: the rule file is not the one in force.
        """
        with self.store.writing() as tx, trial(tx) as tried:
            self._check_rules(tx)
            rows = self._checked(tx, said)
            moved = self._tried(tx, rows)
            self._write(tx, rows, moved)
            if not is_plan_only:
                tried.keep()
        return [row.outcome for row in rows] if is_plan_only else self._booked(rows)

    def agree(self, conflict_ids: Sequence[str], by: str) -> list[Outcome]:
        """Let a second person agree to what was proposed, and book it at once.

        Raises:
            OperatorError: ``rules_changed``.
        """
        return self._each(conflict_ids, lambda tx, one: self._agree(tx, one, by))

    def undo(self, conflict_ids: Sequence[str], by: str) -> list[Outcome]:
        """Take back the last decision of each conflict, and what it booked; what was said last is taken back first.

        Raises:
            OperatorError: ``rules_changed``.
        """
        with self.store.reading() as tx:
            last = {one: decisions.last_number(tx, one) for one in conflict_ids}
        ordered = sorted(conflict_ids, key=lambda one: -last[one])
        done = self._each(ordered, lambda tx, one: self._undo(tx, one, by))
        place = {one: number for number, one in enumerate(conflict_ids)}
        return sorted(done, key=lambda outcome: place[outcome.conflict_id])

    def _check_rules(self, tx: Tx) -> None:
        in_force = runs.rules_in_force(tx)
        if in_force is not None and in_force != self.rules.version:
            raise OperatorError("rules_changed", in_force=in_force, found=self.rules.version)

    @property
    def _today(self) -> date:
        return day_in_shanghai(self.clock.now())

    def _checked(self, tx: Tx, said: Iterable[Said]) -> list[_Row]:
        rows: list[_Row] = []
        met: set[str] = set()
        for one in said:
            try:
                check_name(one.by)
                check_once(one, met)
                check_seen(tx, one)
                found = open_to_decide(tx, one)
                taken = _Taken(one, found.conflict.cause, binding_of(tx, one, found), due_day(one, self._today))
            except (UsageError, OperatorError) as error:
                rows.append(_Row(self._refused(tx, one.conflict_id, error)))
            else:
                rows.append(_Row(Outcome(one.conflict_id, found.state), taken))
                met.add(one.conflict_id)
        return rows

    def _tried(self, tx: Tx, rows: Sequence[_Row]) -> Counter[str]:
        """Give what each decision would move, by conflict: all are written down, planned with, and taken back."""
        with trial(tx):
            numbers = {self._add(tx, row.taken, Terms()): row.taken.said.conflict_id for row in rows if row.taken}
            moved = moved_by(tx, list(numbers), applier_of(tx, self.rules, self._today, 0))
            return Counter({numbers[number]: seconds for number, seconds in moved.items()})

    def _write(self, tx: Tx, rows: Sequence[_Row], moved: Counter[str]) -> None:
        taken = [row.taken for row in rows if row.taken]
        weighed = [Weighed(one.said, one.cause, moved[one.said.conflict_id]) for one in taken]
        is_proposed = need_two(tx, weighed)
        for row in rows:
            if row.taken:
                conflict_id = row.taken.said.conflict_id
                terms = Terms(is_proposed, row.taken.due_on, moved[conflict_id])
                number = self._add(tx, row.taken, terms)
                row.outcome = Outcome(conflict_id, self._state(tx, conflict_id), number, moved[conflict_id])
                row.subjects = set() if is_proposed else set(decisions.concerned(tx, [number]))

    @staticmethod
    def _add(tx: Tx, taken: _Taken, terms: Terms) -> int:
        said = taken.said
        argument = "" if taken.due_on else said.argument
        return decisions.add(tx, said.conflict_id, said.code, argument, said.reason, said.by, taken.binding, terms)

    def _each(self, conflict_ids: Iterable[str], act: Callable[[Tx, str], _Row]) -> list[Outcome]:
        with self.store.writing() as tx:
            self._check_rules(tx)
            rows: list[_Row] = []
            for one in dict.fromkeys(conflict_ids):
                try:
                    rows.append(act(tx, one))
                except (UsageError, OperatorError) as error:
                    rows.append(_Row(self._refused(tx, one, error)))
        return self._booked(rows)

    def _agree(self, tx: Tx, conflict_id: str, by: str) -> _Row:
        check_name(by)
        check_known(tx, conflict_id)
        if is_same_person(decisions.proposed(tx, conflict_id).decided_by, by):
            raise OperatorError("second_person_needed", conflict=conflict_id)
        agreed = decisions.agree(tx, conflict_id, by)
        subjects = set(decisions.concerned(tx, [agreed.number]))
        moved = decisions.moved_seconds(tx, agreed.number)
        return _Row(Outcome(conflict_id, self._state(tx, conflict_id), agreed.number, moved), subjects=subjects)

    def _undo(self, tx: Tx, conflict_id: str, by: str) -> _Row:
        check_name(by)
        check_known(tx, conflict_id)
        concerned = set(decisions.concerned(tx, [decisions.last_number(tx, conflict_id)]))
        undone = decisions.undo(tx, conflict_id, by)
        run = runs.begin(tx, RUN_KIND, self.clock.now(), self.rules.version)
        restored = Undoing(tx, self.rules, run, by).restore(undone.number)
        runs.finish(tx, run, "complete", "{}")
        outcome = Outcome(conflict_id, self._state(tx, conflict_id), undone.number, restored.moved_seconds)
        return _Row(outcome, subjects=concerned | restored.subjects)

    def _booked(self, rows: Sequence[_Row]) -> list[Outcome]:
        concerned = {subject for row in rows for subject in row.subjects}
        if Booker(self.store, self.rules, self.clock, self.holder).book(concerned):
            return [row.outcome for row in rows]
        return [replace(row.outcome, is_booked=not row.subjects) for row in rows]

    @staticmethod
    def _state(tx: Tx, conflict_id: str) -> ConflictState:
        found = conflicts.one(tx, conflict_id)
        return ConflictState.CLOSED if found is None else found.state

    def _refused(self, tx: Tx, conflict_id: str, problem: ShiqiaoError) -> Outcome:
        return Outcome(conflict_id, self._state(tx, conflict_id), problem=problem)
