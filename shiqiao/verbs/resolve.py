"""``resolve``: say what is to become of conflicts; a second person agrees; a decision is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import click

from desk.decide.act import Desk, Outcome
from desk.decide.choose import Choice, chosen
from desk.decide.said import Said, read_decision
from desk.words.words import words
from domain.conflicts import ConflictKind, ConflictState
from domain.errors import UsageError
from domain.hours import show_hours
from local_store.store import Store
from mapping.rules import RuleSet
from shiqiao.cli import exit_code
from shiqiao.frame import SOME_TEXT, json_option, option, verb
from shiqiao.front import ACT, DONE, Front
from shiqiao.house import open_house
from shiqiao.verbs.sync import holder

KINDS = click.Choice([kind.value for kind in ConflictKind])


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked: of which conflicts, and what is to be done."""

    ids: tuple[str, ...]
    choice: Choice
    decision: str | None
    reason: str | None
    by: str
    is_agreed: bool
    is_undone: bool
    is_plan_only: bool

    def check(self) -> None:
        """Refuse what is unclear.

        Raises:
            UsageError: ``resolve_which``, ``resolve_ids_or_filters``, ``resolve_one_act``, ``resolve_what``,
                ``resolve_undo_by_id``, ``resolve_plan_of_decision``.
        """
        is_other = self.is_agreed or self.is_undone
        for code, is_wrong in (
            ("resolve_one_act", (self.is_agreed and self.is_undone) or (is_other and (self.decision or self.reason))),
            ("resolve_which", not self.ids and not self.choice),
            ("resolve_ids_or_filters", bool(self.ids) and bool(self.choice)),
            ("resolve_undo_by_id", self.is_undone and not self.ids),
            ("resolve_plan_of_decision", is_other and self.is_plan_only),
            ("resolve_what", not is_other and not (self.decision and self.reason)),
        ):
            if is_wrong:
                raise UsageError(code)


@verb("resolve")
@click.argument("ids", nargs=-1, metavar="[ID]…")
@option("--as", "decision", type=SOME_TEXT, metavar="DECISION", help="option_decision")
@option("--reason", type=SOME_TEXT, metavar="TEXT", help="option_reason")
@option("--by", required=True, type=SOME_TEXT, metavar="NAME", help="option_by")
@option("--agree", "is_agreed", is_flag=True, help="option_agree")
@option("--undo", "is_undone", is_flag=True, help="option_undo")
@option("--kind", "kinds", multiple=True, type=KINDS, metavar="K", help="option_kind")
@option("--station", "station", default="", metavar="S", help="option_station")
@option("--cause", "cause", default="", metavar="KEY", help="option_cause")
@option("--all-of-cause", "like", default="", metavar="ID", help="option_all_of_cause")
@option("--month", "month", default="", metavar="YYYY-MM", help="option_month_decided")
@option("--plan", "is_plan_only", is_flag=True, help="option_plan_decision")
@json_option
@click.pass_obj
def command(  # noqa: PLR0913 - the command has as many options
    front: Front,
    *,
    ids: tuple[str, ...],
    decision: str | None,
    reason: str | None,
    by: str,
    is_agreed: bool,
    is_undone: bool,
    kinds: tuple[str, ...],
    station: str,
    cause: str,
    like: str,
    month: str,
    is_plan_only: bool,
    as_json: bool,
) -> int:
    """Decide conflicts, and book at once what that comes to; or agree to it; or take it back."""
    house = open_house(front)
    rules = house.rules()
    place = _station(station, rules)
    choice = Choice(tuple(map(ConflictKind, kinds)), place, cause.strip(), _id(like), month.strip())
    asked = _Asked(tuple(map(_id, ids)), choice, decision, reason, by, is_agreed, is_undone, is_plan_only)
    asked.check()
    with house.store() as store:
        outcomes = _act(front, asked, store, Desk(store, rules, house.clock, holder()))
    return tell_outcomes(front, outcomes, as_json=as_json, is_plan_only=is_plan_only)


def _id(text: str) -> str:
    return text.strip().upper()


def _station(said: str, rules: RuleSet) -> str:
    place = rules.station_aliases.get(said, said)
    if place and place not in rules.station_names:
        known = "、".join(f"{code} {name}" for code, name in rules.station_names.items())
        raise UsageError("station_unknown", known=known)
    return place


def _act(front: Front, asked: _Asked, store: Store, desk: Desk) -> list[Outcome]:
    """Find the conflicts, say in bulk how many they are, and do what was asked."""
    if asked.is_undone:
        return desk.undo(tuple(dict.fromkeys(asked.ids)), asked.by)
    code, argument = (None, "") if asked.decision is None else read_decision(asked.decision, desk.rules)
    ids = asked.ids or _chosen(front, asked, store)
    if code is None:
        return desk.agree(ids, asked.by)
    said = [Said(one, code, argument, asked.reason or "", asked.by) for one in dict.fromkeys(ids)]
    return desk.decide(said, is_plan_only=asked.is_plan_only)


def _chosen(front: Front, asked: _Asked, store: Store) -> tuple[str, ...]:
    state = ConflictState.PROPOSED if asked.is_agreed else ConflictState.OPEN
    with store.reading() as tx:
        found = chosen(tx, asked.choice, state)
    hours = show_hours(sum(one.seconds_at_stake for one in found))
    front.tell("resolve_chosen", count=len(found), hours=hours)
    return tuple(one.conflict_id for one in found)


def tell_outcomes(front: Front, outcomes: Sequence[Outcome], *, as_json: bool, is_plan_only: bool = False) -> int:
    """Say what came of each decision, and give the exit code: 1 where somebody must act before it can go on."""
    if as_json:
        front.give([_document(front, one) for one in outcomes])
    for one in outcomes:
        _tell(front, one, as_json=as_json, is_plan_only=is_plan_only)
    taken = [one for one in outcomes if one.problem is None]
    if len(outcomes) > 1:
        hours = show_hours(sum(one.moved_seconds for one in taken))
        front.tell("resolve_counted", taken=len(taken), refused=len(outcomes) - len(taken), hours=hours)
    is_proposed = any(one.state is ConflictState.PROPOSED for one in taken)
    if is_proposed:
        front.tell("resolve_proposed")
    if not all(one.is_booked for one in taken):
        front.tell("resolve_waits")
    refused = [one.problem for one in outcomes if one.problem is not None]
    if refused and not taken:
        return exit_code(refused[0])
    return ACT if refused or (is_proposed and not is_plan_only) else DONE


def _tell(front: Front, one: Outcome, *, as_json: bool, is_plan_only: bool) -> None:
    if one.problem is not None:
        front.tell("resolve_refused", conflict=one.conflict_id, sentence=_sentence(front, one))
    elif not as_json:
        state = words(front.words.language).say("conflict_states", one.state.value)
        code = "resolve_would" if is_plan_only else "resolve_line"
        front.show(code, conflict=one.conflict_id, state=state, hours=show_hours(one.moved_seconds))


def _sentence(front: Front, one: Outcome) -> str:
    """Word why a decision was not taken; what is possible instead is named, and its code stands beside."""
    problem = one.problem
    if problem is None:
        return ""
    if problem.code != "decision_impossible":
        return front.words.say_error(problem)
    said = words(front.words.language)
    codes = str(problem.data["decisions"]).split()
    named = "、".join(f"{said.say('decisions', code)}（{code}）" for code in codes)
    return front.words.say(problem.code, conflict=one.conflict_id, decisions=named)


def _document(front: Front, one: Outcome) -> dict[str, object]:
    return {
        "id": one.conflict_id,
        "state": one.state.value,
        "decision": one.decision or None,
        "moved_seconds": one.moved_seconds,
        "booked": one.is_booked,
        "problem": _sentence(front, one) or None,
    }
