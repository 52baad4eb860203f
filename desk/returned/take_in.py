"""Take a returned workbook in: read it, check it, have what is sound decided, and say of each row what came of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from desk.decide.act import Desk, Outcome
from desk.gather import named_conflicts, row_seal
from desk.report.rows import Line, line_of
from desk.report.seal import RowSeal, conflict_of_key
from desk.report.values import ReportConflict
from desk.returned.check import CheckedRow, Checker, Finding
from desk.returned.filled import is_personal
from desk.returned.read import Returned, ReturnedRow, read_returned
from desk.words.words import Words
from domain.clock import day_in_shanghai
from domain.conflicts import ConflictState
from domain.errors import ShiqiaoError
from local_store import runs

RUN_KIND = "decisions"
OVERTAKEN = "decision_overtaken"


class End(StrEnum):
    """What came of a row."""

    BLANK = "blank"
    DONE = "done"
    PROPOSED = "proposed"
    ALREADY = "already"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowResult:
    """What came of one row; ``line`` is the row as it goes into the answer, still without its outcome.

    ``emptied`` is the decision that was taken out of it, because the cells beside it hold no longer. ``is_open_again``:
    what was decided was booked, and yet something else about it asks for a person. ``is_waiting``: what was said before
    is still to be agreed to by a second person.
    """

    row: ReturnedRow
    end: End
    line: Line = field(repr=False)
    conflict_id: str = ""
    problems: tuple[ShiqiaoError, ...] = ()
    outcome: Outcome | None = None
    emptied: str = field(default="", repr=False)
    is_open_again: bool = False
    is_waiting: bool = False


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of a whole file; ``digest`` is its SHA-256."""

    rows: tuple[RowResult, ...]
    digest: str

    def count(self, end: End) -> int:
        """Say how many rows ended so."""
        return sum(row.end is end for row in self.rows)

    @property
    def moved_seconds(self) -> int:
        """Give how much of the book the rows move, or would move once a second person agrees."""
        return sum(row.outcome.moved_seconds for row in self.rows if row.outcome is not None)

    @property
    def is_booked(self) -> bool:
        """Say whether everything that was decided is booked; else another run does it."""
        return all(row.outcome is None or row.outcome.is_booked for row in self.rows)


def take_in(desk: Desk, path: Path, words: Words, *, is_plan_only: bool = False) -> TakenIn:
    """Take in a returned workbook; each bad row is refused alone, and the same file twice does nothing more.

    Raises:
        UsageError: the file cannot be read, is none of ours (``returned_column_missing``), or is another bank's.
        OperatorError: as ``Desk.decide``.
    """
    returned = read_returned(path)
    seal, before = _as_it_stands(desk, returned.rows)
    checked = Checker(before, seal, desk.rules, words).check(returned.rows)
    said = [one.said for one in checked if one.said is not None]
    outcomes = desk.decide(said, is_plan_only=is_plan_only) if said else []
    if said and not is_plan_only:
        _keep_note(desk, returned, checked, outcomes)
    _, after = _as_it_stands(desk, returned.rows)
    answered = _Answer(seal, words, desk, after, {one.conflict_id: one for one in outcomes}, not is_plan_only)
    return TakenIn(tuple(map(answered.result, checked)), returned.digest)


def _as_it_stands(desk: Desk, rows: Sequence[ReturnedRow]) -> tuple[RowSeal, dict[str, ReportConflict]]:
    """Give the bank's seal, and the conflicts that the rows name, be it in their first cell or in their hidden key."""
    with desk.store.reading() as tx:
        return row_seal(tx), named_conflicts(tx, desk.rules, _named(rows))


def _named(rows: Sequence[ReturnedRow]) -> Iterator[str]:
    for row in rows:
        yield row.conflict_id
        yield conflict_of_key(row.key)


def _keep_note(desk: Desk, returned: Returned, checked: Sequence[CheckedRow], outcomes: Sequence[Outcome]) -> None:
    """Write down, as a run, out of which file the decisions came."""
    figures = {
        "file_digest": returned.digest,
        "rows": dict(Counter(one.finding.value for one in checked)),
        "decisions": [one.decision for one in outcomes if one.problem is None],
    }
    with desk.store.writing() as tx:
        run = runs.begin(tx, RUN_KIND, desk.clock.now(), desk.rules.version)
        runs.finish(tx, run, "complete", json.dumps(figures))


@dataclass(frozen=True, slots=True)
class _Answer:
    """Makes each row's answer; ``conflicts`` are as they stand after what was done."""

    seal: RowSeal
    words: Words
    desk: Desk
    conflicts: dict[str, ReportConflict]
    outcomes: dict[str, Outcome]
    is_done: bool

    def result(self, checked: CheckedRow) -> RowResult:
        row, conflict = checked.row, checked.conflict
        conflict_id = "" if conflict is None else conflict.conflict_id
        outcome = None if checked.said is None else self.outcomes[checked.said.conflict_id]
        if outcome is not None and outcome.problem is None:
            end = End.PROPOSED if outcome.state is ConflictState.PROPOSED else End.DONE
            is_open_again = outcome.is_booked and self.conflicts[conflict_id].state is ConflictState.OPEN
            return RowResult(
                row, end, _as_returned(row), conflict_id, outcome=outcome, is_open_again=is_open_again and self.is_done
            )
        if checked.finding is Finding.ALREADY:
            is_waiting = self.conflicts[conflict_id].state is ConflictState.PROPOSED
            return RowResult(row, End.ALREADY, _as_returned(row), conflict_id, is_waiting=is_waiting)
        is_overtaken = outcome is not None and outcome.problem is not None and outcome.problem.code == OVERTAKEN
        line = self._anew(replace(checked, is_as_shown=checked.is_as_shown and not is_overtaken))
        if checked.finding is Finding.BLANK:
            return RowResult(row, End.BLANK, line, conflict_id)
        problems = checked.problems if outcome is None or outcome.problem is None else (outcome.problem,)
        emptied = "" if line.filled[0] else _without_numbers(row.filled)[0]
        return RowResult(row, End.REFUSED, line, conflict_id, problems, emptied=emptied)

    def _anew(self, checked: CheckedRow) -> Line:
        """Give a row to be filled in again: its locked cells as things stand now, and what was filled in, if it holds.

        Where the locked cells said something else, what was decided beside them is taken out: somebody must look anew.
        """
        row, conflict = checked.row, checked.conflict
        if conflict is None:
            hidden = _without_numbers((row.key, row.version, row.code))
            return Line(_without_numbers(row.shown), hidden, filled=_emptied(row.filled))
        today = day_in_shanghai(self.desk.clock.now())
        now = self.conflicts[conflict.conflict_id]
        line = line_of(now, self.seal, self.words, today)
        is_kept = checked.is_as_shown and bool(line.choices)
        return replace(line, filled=_without_numbers(row.filled) if is_kept else _emptied(row.filled))


def _as_returned(row: ReturnedRow) -> Line:
    """Give a row that is done with: as it came, so that it says the same if it is sent again, and locked."""
    return Line(row.shown, (row.key, row.version, row.code), filled=_without_numbers(row.filled))


def _emptied(filled: Sequence[str]) -> tuple[str, ...]:
    """Leave of what was filled in only reason and name."""
    _, _, reason, by = _without_numbers(filled)
    return "", "", reason, by


def _without_numbers(texts: Sequence[str]) -> tuple[str, ...]:
    """Leave out a cell in which somebody's id or phone number was written: it goes no further."""
    return tuple("" if is_personal(text) else text for text in texts)
