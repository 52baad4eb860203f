"""``decisions import``: a filled-in workbook comes back, is checked row by row, settled, and answered."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from desk.decide.act import Desk
from desk.returned.answer import answer_sheet
from desk.returned.take_in import End, RowResult, TakenIn, take_in
from desk.words.words import words
from domain.hours import show_hours
from shiqiao.frame import json_option, option, verb_group
from shiqiao.front import ACT, DONE, Front
from shiqiao.house import open_house
from shiqiao.verbs.sync import holder


@verb_group("decisions")
def command() -> None:
    """Hold the verbs below."""


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@option("--plan", "is_plan_only", is_flag=True, help="option_returned_plan")
@json_option
@click.pass_obj
def import_(front: Front, file: Path, *, is_plan_only: bool, as_json: bool) -> int:
    """Take in a returned workbook: sound rows are settled, each bad one is told, and a table answers them all."""
    house = open_house(front)
    rules = house.rules()
    said = words(front.words.language).knowing(rules.platform_names())
    with ExitStack() as stack:
        store = stack.enter_context(house.store())
        sheet = None if is_plan_only else stack.enter_context(answer_sheet(file))
        taken = take_in(Desk(store, rules, house.clock, holder()), file, said, is_plan_only=is_plan_only)
        if sheet is not None:
            bank, now = house.settings.bank.name, house.clock.now()
            sheet.write(taken, said, bank, now, lambda row: _outcome(front, row, is_plan_only=False))
    answer = None if sheet is None else sheet.path
    if as_json:
        front.give(_document(front, taken, answer, is_plan_only=is_plan_only))
    else:
        _show(front, taken, answer, is_plan_only=is_plan_only)
    must_act = taken.count(End.REFUSED) or (taken.count(End.PROPOSED) and not is_plan_only)
    return ACT if must_act else DONE


def _show(front: Front, taken: TakenIn, answer: Path | None, *, is_plan_only: bool) -> None:
    for row in taken.rows:
        if row.end is not End.BLANK:
            outcome = _outcome(front, row, is_plan_only=is_plan_only)
            front.show("returned_line", line=row.row.line, conflict=row.conflict_id or "-", said=outcome)
    front.show(
        "returned_figures_plan" if is_plan_only else "returned_figures", rows=len(taken.rows),
        hours=show_hours(taken.moved_seconds), **{end.value: taken.count(end) for end in End},
    )  # fmt: skip
    if answer is not None:
        front.show("returned_answer", file=str(answer))
        if taken.count(End.REFUSED):
            front.tell("returned_mend")
    if taken.count(End.PROPOSED):
        front.tell("returned_second", count=taken.count(End.PROPOSED))


def _outcome(front: Front, row: RowResult, *, is_plan_only: bool) -> str:
    """Say what came of a row."""
    if row.end is End.REFUSED:
        code = "returned_refused_emptied" if row.emptied else "returned_refused"
        return front.words.say(code, sentence=_problems(front, row), decision=row.emptied)
    if row.outcome is None:
        already = "returned_already_waits" if row.is_waiting else "returned_already"
        return front.words.say(already if row.end is End.ALREADY else "returned_blank")
    hours = show_hours(row.outcome.moved_seconds)
    if row.end is End.PROPOSED:
        return front.words.say("returned_would_propose" if is_plan_only else "returned_proposed", hours=hours)
    if is_plan_only:
        return front.words.say("returned_would_do", hours=hours)
    if row.is_open_again:
        return front.words.say("returned_done_open", hours=hours)
    return front.words.say("returned_done" if row.outcome.is_booked else "returned_done_waits", hours=hours)


def _problems(front: Front, row: RowResult) -> str:
    between = "" if front.words.language == "zh" else " "
    return between.join(map(front.words.say_error, row.problems))


def _document(front: Front, taken: TakenIn, answer: Path | None, *, is_plan_only: bool) -> dict[str, object]:
    return {
        "plan": is_plan_only,
        "file_digest": taken.digest,
        "answer": None if answer is None else str(answer),
        **{end.value: taken.count(end) for end in End},
        "moved_seconds": taken.moved_seconds,
        "second_person_needed": taken.count(End.PROPOSED) > 0,
        "booked": taken.is_booked,
        "rows": [_described(front, row, is_plan_only=is_plan_only) for row in taken.rows],
    }


def _described(front: Front, row: RowResult, *, is_plan_only: bool) -> dict[str, object]:
    outcome = row.outcome
    return {
        "line": row.row.line,
        "id": row.conflict_id or None,
        "outcome": row.end.value,
        "state": outcome.state.value if outcome else None,
        "decision": outcome.decision or None if outcome else None,
        "moved_seconds": outcome.moved_seconds if outcome else 0,
        "problems": [problem.code for problem in row.problems],
        "sentence": _outcome(front, row, is_plan_only=is_plan_only),
    }
