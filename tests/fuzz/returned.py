"""The workbook that comes back filled in: whatever was done to it, only what was sealed and is possible is taken."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from dataclasses import replace
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path

from desk.report.choices import choices
from desk.report.rows import FILLED_COLUMNS, HIDDEN_COLUMNS, SHOWN_COLUMNS, Line, column_name, line_of
from desk.report.seal import seen
from desk.report.values import ReportConflict
from desk.report.workbook import workbook_of
from desk.returned.check import CheckedRow, Checker, Finding
from desk.returned.read import read_returned
from desk.words.words import words
from domain.conflicts import ConflictState
from domain.decisions import is_possible
from domain.errors import UsageError
from mapping.load import load_rules
from tests.desk_report_night import night
from tests.fuzz.target import QUARANTINED, READ, Target, hold_told

WORDS = words("zh")
TODAY = date(2022, 10, 21)
REASON, OPERATOR = "签到表09:00至09:42", "覃小英"


@cache
def _conflicts() -> dict[str, ReportConflict]:
    return {one.conflict_id: one for one in night().conflicts}


@cache
def _lines() -> dict[str, Line]:
    return {key: line_of(one, night().seal, WORDS, TODAY) for key, one in _conflicts().items()}


def _filled() -> list[Line]:
    """Fill in every other row with the first of its choices."""
    filled = []
    for number, (key, line) in enumerate(_lines().items()):
        if _conflicts()[key].state is ConflictState.OPEN and number % 2:
            decision = WORDS.decision(choices(_conflicts()[key])[0])
            hours = "0.5" if decision in {WORDS.decision("credit"), WORDS.decision("approve")} else ""
            filled.append(replace(line, filled=(decision, hours, REASON, OPERATOR)))
        else:
            filled.append(line)
    return filled


def _as_csv() -> bytes:
    text = io.StringIO()
    columns = [code for code, _ in (*SHOWN_COLUMNS, *FILLED_COLUMNS)] + [*HIDDEN_COLUMNS]
    rows = [(*line.shown, *line.filled, *line.hidden) for line in _filled()]
    csv.writer(text).writerows([[column_name(code, WORDS) for code in columns], *rows])
    return text.getvalue().encode()


def _as_workbook() -> bytes:
    return workbook_of(_filled(), WORDS, "城中区时间银行", night().generated_at)


def returned_targets(folder: Path | None = None) -> list[Target]:
    """Give a target for each kind of file that a person may send back."""
    file = (folder or Path(tempfile.gettempdir())) / f"sent-back-{os.getpid()}"
    with resources.as_file(resources.files("rulesets") / "liuzhou-chengzhong.toml") as path:
        checker = Checker(_conflicts(), night().seal, load_rules(path), WORDS)

    def run(body: bytes) -> str:
        file.write_bytes(body)
        try:
            return _hold(checker.check(read_returned(file).rows))
        except UsageError as error:
            hold_told(error, (OPERATOR,))
            return error.code
        finally:
            file.unlink()

    return [
        Target("returned", lambda: [_as_workbook()], run, "xlsx"),
        Target("returned-csv", lambda: [_as_csv()], run, "csv"),
    ]


def _hold(checked: list[CheckedRow]) -> str:
    """Hold that what is taken was sealed, is possible, and is taken once."""
    taken = [one for one in checked if one.finding is Finding.READY]
    assert len({one.row.line for one in checked}) == len(checked)
    assert len({one.row.conflict_id for one in taken}) == len(taken)
    for one in taken:
        assert one.said is not None
        conflict, written = _conflicts()[one.said.conflict_id], _lines()[one.said.conflict_id]
        assert conflict.state in {ConflictState.OPEN, ConflictState.RETURNED}
        assert tuple(map(seen, one.row.shown)) == tuple(map(seen, written.shown)), "an altered row was taken"
        assert (one.row.key, one.row.version, one.row.code) == written.hidden
        assert is_possible(one.said.code, conflict.kind, is_blocking=conflict.is_blocking)
        assert one.said.reason.strip()
        assert one.said.by.strip()
    for one in checked:
        assert (one.finding is Finding.REFUSED) == bool(one.problems)
        hold_told(Exception(one.problems), (OPERATOR,))
    return READ if taken else QUARANTINED
