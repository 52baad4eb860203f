"""``schedule run``: the service that runs the nights; ``schedule status``: how far was read, and when next."""

from __future__ import annotations

import json
import signal
from collections.abc import Sequence
from datetime import datetime
from threading import Event
from zoneinfo import ZoneInfo

import click

from desk.gather import report_conflicts
from desk.report.values import ReportConflict
from desk.words.words import words
from domain.clock import day_in_shanghai
from domain.conflicts import ConflictKind, ConflictState
from local_store import runs, sweeps
from local_store.runs import Run
from local_store.sweeps import Asked
from scheduler.calendar import is_due, next_due
from scheduler.ticker import tick
from shiqiao.cli import run
from shiqiao.frame import json_option, verb_group
from shiqiao.front import DONE, WRONG_USE, Front
from shiqiao.house import House, open_house

LOOK_EVERY_SECONDS = 60
NIGHT = "sync"
STANDING = tuple(state for state in ConflictState if state is not ConflictState.CLOSED)


@verb_group("schedule")
def command() -> None:
    """Hold the verbs below."""


@command.command("run")
@click.pass_obj
def run_nights(front: Front) -> int:
    """Run each night as ``sync`` when it is due, until stopped."""
    house = open_house(front)
    house.rules()
    stopped, codes = Event(), list[int]()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())

    def look() -> None:
        if not stopped.is_set() and _is_due(house):
            codes.append(run(["sync", "--config", str(front.config), "--lang", front.words.language], front.environ))
            if codes[-1] == WRONG_USE:  # no later night would find other settings
                stopped.set()

    front.tell("schedule_waits", next=_shown(_next(house)))
    tick(look, LOOK_EVERY_SECONDS, stopped)
    return WRONG_USE if WRONG_USE in codes else DONE


@command.command("status")
@json_option
@click.pass_obj
def status(front: Front, *, as_json: bool) -> int:
    """Show how far each platform was read, what is stopped or will be swept, the last run and the next."""
    house = open_house(front)
    last = _last(house)
    found = {} if last is None else json.loads(last.tally).get("platforms", {})
    with house.store() as store, store.reading() as tx:
        rules = house.rules()
        stops = report_conflicts(tx, rules, [ConflictKind.GUARD], STANDING)
        asked = sweeps.asked(tx)
    if as_json:
        front.give(_document(house, last, found) | _waiting(stops, asked))
        return DONE
    said = words(front.words.language)
    for name, state in found.items():
        through = "-" if state["through"] is None else _shown(datetime.fromisoformat(state["through"]))
        front.show("schedule_platform", platform=said.platform(name), through=through)
    for stop in stops:
        front.show(
            "schedule_stop", platform=said.platform(dict(stop.details)["platform"]), station=stop.station_name,
            conflict=stop.conflict_id, state=said.say("conflict_states", stop.state.value),
        )  # fmt: skip
    for sweep in asked:
        station = rules.station_of(sweep.platform, sweep.scope, day_in_shanghai(house.clock.now()))
        front.show(
            f"schedule_sweep_{'tried' if sweep.tried_on else sweep.reason}", platform=said.platform(sweep.platform),
            station=rules.station_names.get(station, sweep.scope), count=len(sweep.figures.get("days", ())),
            tried="" if sweep.tried_on is None else sweep.tried_on.isoformat(),
        )  # fmt: skip
    if last is not None:
        outcome = said.tables["run_outcomes"].get(last.outcome, last.outcome)
        front.show("schedule_last", run=last.number, began=_shown(last.started_at), outcome=outcome)
    front.show("schedule_next", next=_shown(_next(house)))
    return DONE


def _is_due(house: House) -> bool:
    last, planned = _last(house), house.settings.schedule
    begun = None if last is None else last.started_at
    return is_due(house.clock.now(), planned.nightly, ZoneInfo(planned.timezone), begun)


def _last(house: House) -> Run | None:
    with house.store() as store, store.reading() as tx:
        found = runs.last(tx, 1, NIGHT)
    return found[0] if found else None


def _next(house: House) -> datetime:
    planned = house.settings.schedule
    return next_due(house.clock.now(), planned.nightly, ZoneInfo(planned.timezone))


def _shown(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M")


def _document(house: House, last: Run | None, found: dict[str, dict[str, object]]) -> dict[str, object]:
    return {
        "platforms": {
            name: {"through": state["through"], "outcome": state["outcome"]} for name, state in found.items()
        },
        "last": None
        if last is None
        else {"run": last.number, "began_at": last.started_at.isoformat(), "outcome": last.outcome},
        "next": _next(house).isoformat(),
    }


def _waiting(stops: Sequence[ReportConflict], asked: Sequence[Asked]) -> dict[str, object]:
    return {
        "stops": [
            {
                "conflict": stop.conflict_id, "platform": dict(stop.details)["platform"], "station": stop.station,
                "state": stop.state.value,
            }
            for stop in stops
        ],
        "sweeps": [
            {
                "platform": sweep.platform, "organisation": sweep.scope, "reason": sweep.reason,
                "tried_on": None if sweep.tried_on is None else sweep.tried_on.isoformat(),
            }
            for sweep in asked
        ],
    }  # fmt: skip
