"""``conflicts``: what a person must judge; ``conflicts show ID``: one of them with its evidence."""

from __future__ import annotations

from collections.abc import Sequence

import click

from desk.gather import report_conflict, report_conflicts
from desk.report.arrange import seconds_at_stake
from desk.report.json import changed, life_of, to_json
from desk.report.values import ReportConflict
from desk.words.words import Words, words
from domain.clock import day_in_shanghai
from domain.conflicts import ConflictKind, ConflictState
from domain.errors import UsageError
from domain.hours import show_hours
from shiqiao.frame import json_option, option, verb_group
from shiqiao.front import DONE, Front
from shiqiao.house import open_house

KINDS = click.Choice([kind.value for kind in ConflictKind])
STATES = click.Choice([state.value for state in ConflictState])


@verb_group("conflicts", invoke_without_command=True)
@option("--kind", "kinds", multiple=True, type=KINDS, metavar="K", help="option_kind")
@option("--state", "state", type=STATES, default=ConflictState.OPEN.value, help="option_state")
@option("--station", "station", default="", metavar="S", help="option_station")
@option("--causes", "is_by_cause", is_flag=True, help="option_causes")
@json_option
@click.pass_context
def command(  # noqa: PLR0913 - the command has as many options
    context: click.Context, *, kinds: tuple[str, ...], state: str, station: str, is_by_cause: bool, as_json: bool
) -> int:
    """List conflicts; open ones, where no state is named."""
    if context.invoked_subcommand is not None:
        return DONE
    front: Front = context.obj
    house = open_house(front)
    rules = house.rules()
    with house.store() as store, store.reading() as tx:
        chosen = [ConflictKind(kind) for kind in kinds]
        place = rules.station_aliases.get(station, station)
        found = report_conflicts(tx, rules, chosen, (ConflictState(state),), place)
    if place and not found and place not in rules.station_names:
        known = "、".join(f"{code} {name}" for code, name in rules.station_names.items())
        raise UsageError("station_unknown", known=known)
    said = words(front.words.language).knowing(rules.platform_names())
    if is_by_cause:
        return _tell_causes(front, found, said, as_json=as_json)
    if as_json:
        today = day_in_shanghai(house.clock.now())
        documents = zip(to_json(found, said), found, strict=True)
        front.give([document | life_of(one, said, rules, today) for document, one in documents])
        return DONE
    for one in found:
        front.show(
            "conflict_line", conflict=one.conflict_id, kind=said.kind(one.kind).name, person=one.person_masked or "-",
            station=one.station_name, day="-" if one.service_date is None else one.service_date.isoformat(),
            hours=show_hours(one.seconds_at_stake), reason=_reason(said, one),
        )  # fmt: skip
    front.tell("conflicts_counted", count=len(found))
    return DONE


def _tell_causes(front: Front, found: Sequence[ReportConflict], said: Words, *, as_json: bool) -> int:
    """Give the causes, the largest first: what one act would solve stands together."""
    groups: dict[str, list[ReportConflict]] = {}
    for one in found:
        groups.setdefault(one.cause, []).append(one)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), -seconds_at_stake(item[1]), item[0]))
    if as_json:
        front.give([
            {"cause": cause, "kind": several[0].kind.value, "count": len(several),
             "seconds_at_stake": seconds_at_stake(several), "ids": [one.conflict_id for one in several]}
            for cause, several in ordered
        ])  # fmt: skip
        return DONE
    for _, several in ordered:
        front.show(
            "cause_line", kind=said.kind(several[0].kind).name, count=len(several),
            hours=show_hours(seconds_at_stake(several)), reason=_reason(said, several[0]), first=several[0].conflict_id,
        )  # fmt: skip
    front.tell("causes_counted", causes=len(ordered), count=len(found))
    return DONE


@command.command("show")
@click.argument("conflict", metavar="ID")
@json_option
@click.pass_obj
def show(front: Front, *, conflict: str, as_json: bool) -> int:
    """Show one conflict with what each side says."""
    house = open_house(front)
    rules = house.rules()
    with house.store() as store, store.reading() as tx:
        one = report_conflict(tx, rules, conflict)
    said = words(front.words.language).knowing(rules.platform_names())
    if as_json:
        front.give(to_json([one], said)[0] | life_of(one, said, rules, day_in_shanghai(house.clock.now())))
        return DONE
    front.show(
        "conflict_head", conflict=one.conflict_id, kind=said.kind(one.kind).name,
        state=said.say("conflict_states", one.state.value),
        person=one.person_masked or "-", number=one.local_number or "-", station=one.station_name,
        since=one.since.isoformat(), hours=show_hours(one.seconds_at_stake),
    )  # fmt: skip
    front.show("conflict_reason", reason=_reason(said, one))
    for side in one.sides:
        span = "" if side.starts_at is None else side.starts_at.strftime("%H:%M")
        span += "" if side.ends_at is None else side.ends_at.strftime("–%H:%M")
        front.show(
            "conflict_side", platform=said.platform(side.platform), record=side.external_id, span=span,
            day=side.service_date.isoformat(), hours=show_hours(side.seconds), category=side.category_name or "-",
            activity=side.activity_name,
        )  # fmt: skip
    if one.decision is not None:
        decided = said.decision(one.decision)
        front.show("conflict_decided", what=decided, by=one.decided_by, conflict=one.conflict_id)
    if one.asked_until is not None and one.state is ConflictState.RETURNED:
        front.show("conflict_asked", day=one.asked_until.isoformat())
    if one.state is ConflictState.OPEN:
        for sentence in changed(one, said, rules):
            front.show("conflict_changed", sentence=sentence)
    front.show("conflict_advice", advice=said.suggestion(one.kind, one.suggestion))
    return DONE


def _reason(said: Words, one: ReportConflict) -> str:
    return said.reason(one.kind, one.reason, one.details, is_blocking=one.is_blocking)
