"""Check a returned workbook against what stands now, row by row: what may be done, and why the rest may not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from desk.decide.said import Said
from desk.report.rows import FILLED_COLUMNS
from desk.report.seal import RowSeal, conflict_of_key
from desk.report.values import ReportConflict
from desk.returned.filled import read_filled_decision, read_name, read_reason
from desk.returned.read import ReturnedRow
from desk.words.words import Words
from domain.conflicts import ConflictState
from domain.decisions import DecisionCode
from domain.errors import UsageError
from domain.hours import seconds_of_hours
from mapping.rules import RuleSet

_FILLED = tuple(code for code, _ in FILLED_COLUMNS)


class Finding(StrEnum):
    """What a row is, before anything is done."""

    BLANK = "blank"
    READY = "ready"
    ALREADY = "already"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row with what was found; ``conflict`` is the one it is about as it stands now, None for an unknown one.

    ``is_as_shown``: what its locked cells say holds still, so that what was filled in beside them may be kept.
    """

    row: ReturnedRow
    finding: Finding
    problems: tuple[UsageError, ...] = ()
    said: Said | None = None
    conflict: ReportConflict | None = None
    is_as_shown: bool = True


@dataclass(frozen=True, slots=True)
class Checker:
    """What rows are held against; ``conflicts`` are those that the rows name, as they stand now."""

    conflicts: Mapping[str, ReportConflict]
    seal: RowSeal
    rules: RuleSet
    words: Words

    def check(self, rows: Sequence[ReturnedRow]) -> list[CheckedRow]:
        """Check every row, in the order in which they stand.

        Raises:
            UsageError: ``returned_other_bank``: no row is of this bank.
        """
        if rows and not any(self.seal.is_own(row.key) for row in rows):
            raise UsageError("returned_other_bank")
        checked = [self._check(row) for row in rows]
        return _refuse_twice(checked)

    def _check(self, row: ReturnedRow) -> CheckedRow:
        named = self.conflicts.get(row.conflict_id) or self.conflicts.get(conflict_of_key(row.key))
        if not row.decision and "decision" not in row.formulas:
            return CheckedRow(row, Finding.BLANK, conflict=named)
        problem = self._forged(row, named)
        if problem is not None:
            return CheckedRow(row, Finding.REFUSED, (problem,), conflict=named, is_as_shown=False)
        conflict = self.conflicts.get(row.conflict_id)
        if conflict is None:
            return CheckedRow(row, Finding.REFUSED, (UsageError("returned_unknown"),))
        return self._check_filled(row, conflict)

    def _forged(self, row: ReturnedRow, named: ReportConflict | None) -> UsageError | None:
        """Say what is wrong with what nobody may change."""
        if row.key and not self.seal.is_own(row.key):
            return UsageError("returned_row_of_other_bank")
        if named is None:
            return UsageError("returned_unknown")
        is_whole = self.seal.is_whole(row.code, row.key, row.version, row.shown)
        if not is_whole or not row.formulas <= set(_FILLED):
            return UsageError("returned_tampered")
        return None

    def _check_filled(self, row: ReturnedRow, conflict: ReportConflict) -> CheckedRow:
        if row.formulas:
            columns = self.words.page("and").join(row.headings[column] for column in _FILLED if column in row.formulas)
            problem = UsageError("returned_formula", column=columns)
            return CheckedRow(row, Finding.REFUSED, (problem,), conflict=conflict)
        decision, problems = self._read(row, conflict)
        if decision is not None and _stands(conflict, decision):
            return CheckedRow(row, Finding.ALREADY, conflict=conflict)
        if conflict.version != row.version:
            return CheckedRow(row, Finding.REFUSED, (self._overtaken(conflict),), conflict=conflict, is_as_shown=False)
        if conflict.state is ConflictState.PROPOSED:
            problems = [UsageError("returned_proposal_waits")]
        if decision is None or problems:
            return CheckedRow(row, Finding.REFUSED, tuple(problems), conflict=conflict)
        said = Said(conflict.conflict_id, *decision, read_reason(row.reason), read_name(row.by), row.version)
        return CheckedRow(row, Finding.READY, said=said, conflict=conflict)

    def _overtaken(self, conflict: ReportConflict) -> UsageError:
        """Give the error for a row after whose writing something happened."""
        if conflict.state is ConflictState.OPEN:
            return UsageError("returned_evidence_changed")
        if conflict.state is ConflictState.CLOSED:
            return UsageError("returned_closed")
        state = self.words.say("conflict_states", conflict.state.value)
        return UsageError("returned_decided_otherwise", state=state)

    def _read(
        self, row: ReturnedRow, conflict: ReportConflict
    ) -> tuple[tuple[DecisionCode, str] | None, list[UsageError]]:
        """Read the filled cells, all of them, so that all that is wrong is told at once."""
        problems: list[UsageError] = []
        decision = None
        try:
            decision = read_filled_decision(row, conflict, self.rules, self.words)
        except UsageError as error:
            problems.append(error)
        for read, text in ((read_reason, row.reason), (read_name, row.by)):
            try:
                read(text)
            except UsageError as error:
                problems.append(error)
        return decision, problems


def _stands(conflict: ReportConflict, decision: tuple[DecisionCode, str]) -> bool:
    """Say whether this very decision was said before and holds, or waits for a second person."""
    if conflict.decision is None or conflict.state is ConflictState.OPEN:
        return False
    code, _, argument = conflict.decision.partition(":")
    return code == decision[0] and _is_same(decision[0], argument, decision[1])


def _is_same(code: DecisionCode, before: str, now: str) -> bool:
    match code:
        case DecisionCode.CREDIT | DecisionCode.APPROVE:
            return seconds_of_hours(before) == seconds_of_hours(now)
        case DecisionCode.RETURN if not now:  # by when the station answers need not be said again
            return True
        case _:
            return before == now


def _refuse_twice(checked: Iterable[CheckedRow]) -> list[CheckedRow]:
    """Refuse a conflict's further rows; where they say different things, its first one too."""
    rows = list(checked)
    groups: dict[str, list[CheckedRow]] = defaultdict(list)
    for one in rows:
        if one.finding is not Finding.BLANK and one.is_as_shown and one.conflict is not None:
            groups[one.row.conflict_id].append(one)
    several = {key: group for key, group in groups.items() if len(group) > 1}
    return [_alone(one, several.get(one.row.conflict_id, [])) for one in rows]


def _alone(one: CheckedRow, group: list[CheckedRow]) -> CheckedRow:
    if not any(one is other for other in group):
        return one
    unlike = len({other.row.filled for other in group}) > 1
    if one is group[0] and not unlike:
        return one
    lines = ", ".join(str(other.row.line) for other in group if other is not one)
    problem = UsageError("returned_twice_unlike" if unlike else "returned_twice", lines=lines)
    return CheckedRow(one.row, Finding.REFUSED, (problem,), conflict=one.conflict)
