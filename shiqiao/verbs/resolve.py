"""``resolve``: say what is to become of conflicts; a second person agrees; a decision is taken back."""

from __future__ import annotations

import click

from desk.decide.act import Desk, Outcome
from desk.decide.said import Said, read_decision
from desk.words.words import words
from domain.hours import show_hours
from shiqiao.cli import exit_code
from shiqiao.frame import SOME_TEXT, json_option, option, verb
from shiqiao.front import ACT, DONE, Front
from shiqiao.house import open_house
from shiqiao.verbs.sync import holder


@verb("resolve")
@click.argument("conflicts", nargs=-1, metavar="ID…", required=True)
@option("--as", "decision", required=True, type=SOME_TEXT, metavar="DECISION", help="option_decision")
@option("--reason", required=True, type=SOME_TEXT, metavar="TEXT", help="option_reason")
@option("--by", required=True, type=SOME_TEXT, metavar="NAME", help="option_by")
@option("--plan", "is_plan_only", is_flag=True, help="option_plan")
@json_option
@click.pass_obj
def command(  # noqa: PLR0913 - the command has as many options
    front: Front, *, conflicts: tuple[str, ...], decision: str, reason: str, by: str, is_plan_only: bool, as_json: bool
) -> int:
    """Decide conflicts, and book at once what that comes to."""
    house = open_house(front)
    rules = house.rules()
    code, argument = read_decision(decision, rules)
    ids = dict.fromkeys(conflict.strip().upper() for conflict in conflicts)
    said = [Said(one, code, argument, reason, by) for one in ids]
    with house.store() as store:
        outcomes = Desk(store, rules, house.clock, holder()).decide(said, is_plan_only=is_plan_only)
    return tell_outcomes(front, outcomes, as_json=as_json)


def tell_outcomes(front: Front, outcomes: list[Outcome], *, as_json: bool) -> int:
    """Say what came of each decision, and give the exit code."""
    said = words(front.words.language)
    if as_json:
        front.give([_document(front, one) for one in outcomes])
    for one in outcomes:
        if one.problem is not None:
            front.tell("resolve_refused", conflict=one.conflict_id, sentence=front.words.say_error(one.problem))
        elif not as_json:
            state = said.say("conflict_states", one.state.value)
            front.show("resolve_line", conflict=one.conflict_id, state=state, hours=show_hours(one.moved_seconds))
    if not all(one.is_booked for one in outcomes):
        front.tell("resolve_waits")
    refused = [one.problem for one in outcomes if one.problem is not None]
    if refused and len(refused) == len(outcomes):
        return exit_code(refused[0])
    return ACT if refused else DONE


def _document(front: Front, one: Outcome) -> dict[str, object]:
    return {
        "id": one.conflict_id,
        "state": one.state.value,
        "decision": one.decision or None,
        "moved_seconds": one.moved_seconds,
        "booked": one.is_booked,
        "problem": None if one.problem is None else front.words.say_error(one.problem),
    }
