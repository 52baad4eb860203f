"""The measure of the morning's post: a workbook of filled-in rows is read, checked, settled and answered."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from bench.figures import Row
from bench.pulling import StandingClock, opened, sqlite_url
from bench.workshop import SECOND_NIGHT, Workshop, insist
from desk.decide.act import Desk
from desk.gather import report_conflicts, row_seal
from desk.report.choices import choices
from desk.report.rows import Line, line_of
from desk.report.values import ReportConflict
from desk.report.workbook import workbook_of
from desk.returned.answer import answer_sheet
from desk.returned.take_in import End, RowResult, TakenIn, take_in
from desk.words.words import words
from domain.clock import day_in_shanghai
from domain.conflicts import ConflictState
from mapping.rules import RuleSet

ROWS = 1000
_RECORDS_LEAST = 60_000  # a town of so many has as many conflicts
_BANK, _REASON, _BY = "城中区时间银行", "签到表09:00至09:42", "韦站长"
_WORDS = words("zh")


def measure_returned(shop: Workshop) -> list[Row]:
    """Take in a workbook of a thousand rows that one person decided, then let a second one agree to what is large."""
    lived = shop.lived(shop.town(max(shop.sizes.records, _RECORDS_LEAST)))
    taken_in = Row(f"a filled-in workbook of {ROWS:,} rows: read, checked, settled, answered", "s", "< 10 s")
    agreed = Row("the same, agreed to by a second person: booked", "s", "")
    for _ in range(shop.sizes.rounds):
        copy, clock = shop.copied(lived), StandingClock(SECOND_NIGHT)
        with opened(sqlite_url(copy), copy, clock) as store:
            desk = Desk(store, shop.rules, clock, "bench/1")
            path = copy / "filled.xlsx"
            ids = _fill_in(desk, clock, path)
            seconds, taken = shop.timed(taken_in.what, partial(_import, desk, clock, path))
            insist(len(taken.rows) == ROWS and taken.count(End.DONE) + taken.count(End.PROPOSED) == ROWS)
            taken_in.ours.append(seconds)
            if taken.count(End.PROPOSED):
                seconds, outcomes = shop.timed(agreed.what, partial(desk.agree, ids, "莫主任"))
                insist(all(one.problem is None for one in outcomes))
                agreed.ours.append(seconds)
    return [taken_in, *([agreed] if agreed.ours else [])]


def _fill_in(desk: Desk, clock: StandingClock, path: Path) -> list[str]:
    """Write the workbook of the morning as somebody filled it in; give its conflicts."""
    with desk.store.reading() as tx:
        found = report_conflicts(tx, desk.rules, states=(ConflictState.OPEN,))[:ROWS]
        seal = row_seal(tx)
    today = day_in_shanghai(clock.now())
    lines = [_filled(line_of(one, seal, _WORDS, today), one, desk.rules) for one in found]
    insist(len(lines) == ROWS)
    path.write_bytes(workbook_of(lines, _WORDS, _BANK, clock.now()))
    return [one.conflict_id for one in found]


def _filled(line: Line, conflict: ReportConflict, rules: RuleSet) -> Line:
    """Choose what moves the book, where something does: a platform's word, else nothing credited, else no change."""
    offered = choices(conflict)
    accepted = [one for one in offered if one in {f"accept:{platform}" for platform in rules.readings}]
    chosen = [*accepted, *(one for one in ("void", "ignore") if one in offered)]
    return replace(line, filled=(_WORDS.decision(chosen[0]), "", _REASON, _BY))


def _import(desk: Desk, clock: StandingClock, path: Path) -> TakenIn:
    with answer_sheet(path) as sheet:
        taken = take_in(desk, path, _WORDS)
        sheet.write(taken, _WORDS, _BANK, clock.now(), _said)
    return taken


def _said(row: RowResult) -> str:
    return row.end.value
