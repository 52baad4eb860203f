"""``sync``: one run, from the platforms to the book."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from datetime import datetime

import click

from desk.words.words import Words, words
from domain.clock import SHANGHAI
from domain.hours import show_hours
from local_store import overview
from shiqiao.frame import json_option, option, verb
from shiqiao.front import ACT, DONE, Front
from shiqiao.house import open_house
from shiqiao.progress import shown_progress
from shiqiao.sources import sources
from sync.night import Night, NightTally

ACTIONS = ("post", "correct", "reverse", "leave", "wait", "hold")
DELIVERY_STATES = ("confirmed", "refused", "unknown", "waiting")


@verb("sync")
@option("--platform", "platforms", multiple=True, metavar="NAME", help="option_platform")
@option("--plan", "is_plan_only", is_flag=True, help="option_plan")
@json_option
@click.pass_obj
def command(front: Front, *, platforms: tuple[str, ...], is_plan_only: bool, as_json: bool) -> int:
    """Pull, read, plan, guard and book; ``--plan`` stops before anything is booked."""
    house = open_house(front)
    rules = house.rules()
    with house.adapters(platforms) as adapters, house.store() as store, shown_progress(front.words) as watch:
        night = Night(store, sources(adapters, rules, house.settings), rules, house.clock, watch, holder())
        tally = night.run(is_plan_only=is_plan_only)
        house.keep_rules(store)
        with store.reading() as tx:
            is_anybody_enrolled = overview.is_anybody_enrolled(tx)
    if as_json:
        front.give(as_document(tally))
    else:
        tell_night(front, tally, words(front.words.language).knowing(rules.platform_names()), rules.station_names)
    if not is_anybody_enrolled:
        front.tell("night_nobody_enrolled")
    return DONE if tally.outcome == "complete" else ACT


def holder() -> str:
    """Name this process as the holder of a lease."""
    return f"{socket.gethostname()}/{os.getpid()}"


def as_document(tally: NightTally) -> dict[str, object]:
    """Give a run's tally as the JSON document that scripts rely on."""
    applied = tally.applied
    return {
        "run": tally.run,
        "outcome": tally.outcome,
        "platforms": {
            name: {
                "outcome": pulled.outcome,
                "pages": pulled.pages,
                "records_seen": pulled.records_seen,
                "records_changed": pulled.records_changed,
                "quarantined": pulled.quarantined,
                "through": None if pulled.through is None else pulled.through.isoformat(),
            }
            for name, pulled in tally.platforms.items()
        },
        "actions": {action: applied.actions[action] for action in ACTIONS},
        "conflicts": {"opened": applied.opened, "closed": applied.closed, "open": tally.open_conflicts},
        "deliveries": dict.fromkeys(DELIVERY_STATES, 0),
        "posted_seconds": applied.posted_seconds,
    }


def _show_instant(instant: datetime | None) -> str:
    return "-" if instant is None else instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def tell_night(front: Front, tally: NightTally, said: Words, stations: Mapping[str, str]) -> None:
    """Say what a run came to, platform by platform, then what it booked."""
    for name, pulled in tally.platforms.items():
        through = _show_instant(pulled.through)
        front.show(
            f"night_{pulled.outcome}", platform=said.platform(name), through=through,
            seen=pulled.records_seen, changed=pulled.records_changed, quarantined=pulled.quarantined,
        )  # fmt: skip
        for problem in dict.fromkeys(front.words.say_error(problem) for problem in pulled.problems.values()):
            front.tell("night_problem", sentence=problem)
        for advice in dict.fromkeys(map(front.words.advise, pulled.problems.values())):
            front.tell("night_advice", advice=advice)
    counts = {action: tally.applied.actions[action] for action in ACTIONS}
    booked = "night_planned" if tally.is_plan_only else "night_booked"
    front.show(booked, hours=show_hours(tally.applied.posted_seconds), **counts)
    front.show("night_conflicts", open=tally.open_conflicts, opened=tally.applied.opened, closed=tally.applied.closed)
    for (_, station), stop in tally.stops.items():
        reason = said.reason(stop.kind, stop.reason, stop.details, is_blocking=True)
        front.tell("night_stopped", conflict=stop.conflict_id, station=stations.get(station, station), reason=reason)
