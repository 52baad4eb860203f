"""The safety stops of one run: what was suddenly short, what the plans would take, and what a person has released."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from domain.conflicts import Conflict
from domain.records import RecordKey
from local_store import conflicts, releases, runs, services, sweeps
from local_store.conflicts import ConflictTally
from local_store.releases import Release, Used
from local_store.sweeps import Asked
from local_store.transaction import Tx
from mapping.rules import RuleSet
from sync.guard import Figures, Place, Survey, beyond, stop


@dataclass(frozen=True, slots=True)
class Stops:
    """Where a run takes nothing, and where it does because a person has released it.

    ``doubted`` are the stopped places whose platform suddenly showed far fewer rows; ``released`` the numbers of the
    decisions under which a run books; ``used`` how each release came to its end.
    """

    conflicts: Mapping[Place, Conflict] = field(default_factory=dict)
    doubted: frozenset[Place] = frozenset()
    used: Mapping[Place, Used] = field(default_factory=dict)

    @property
    def places(self) -> frozenset[Place]:
        """Give the places that are stopped."""
        return frozenset(self.conflicts)

    @property
    def released(self) -> dict[Place, int]:
        """Give the places where the run books under a release, each with its number."""
        return {place: one.release.decision for place, one in self.used.items() if one.use == "booked"}


class At(NamedTuple):
    """The run, and the day on which it runs."""

    run: int
    today: date


def standing(tx: Tx) -> Stops:
    """Give the stops that stand between two runs, for whoever books then; nothing is let through there."""
    found = releases.standing_stops(tx)
    short = frozenset(place for place, cause in found.items() if cause == "suddenly_empty")
    return Stops({place: stop(place, cause, {"count": 0}, 0) for place, cause in found.items()}, short)


def find_stops(tx: Tx, survey: Survey, given: Mapping[Place, Release], rules: RuleSet, at: At) -> Stops:
    """Give the stops of a run, after its survey.

    A release (``given``, as they were when the run began) counts where all that is taken lies within its ceiling.
    """
    short = _short(tx, rules, at.today)
    survey.leave_out(releases.told_of(tx, survey.vanished(), at.run), releases.standing_stops(tx))
    found = {place: _empty(place, rows, survey.taken_seconds(place)) for place, rows in short.items()}
    if not survey.is_quiet:
        booked = {place: Figures(*figures) for place, figures in services.booked_figures(tx).items()}
        are_meant = runs.is_first_under(tx, rules.version)
        found = survey.stops(booked, are_changes_meant=are_meant) | found
    used: dict[Place, Used] = {}
    for place, release in given.items():
        there = found.get(place)
        if there is None:
            used[place] = Used(release, "lapsed", survey.taken_seconds(place))
        elif place in short and all(row.asked_run != at.run for row in short[place]):
            pass  # its platform was not heard in this run: the release waits with the stop
        elif place in short or there.seconds_at_stake > release.ceiling_seconds:
            used[place] = Used(release, "exceeded", there.seconds_at_stake)
            found[place] = beyond(there, release.ceiling_seconds, release.decision)
        else:
            used[place] = Used(release, "booked", there.seconds_at_stake)
            del found[place]
    return Stops(found, frozenset(short), used)


def save_stops(tx: Tx, stops: Stops, others: list[Conflict], run: int) -> ConflictTally:
    """Open and close the cases of the stops (and of what else is told of whole platforms), and use releases up."""
    kept = conflicts.save_stops(tx, [*stops.conflicts.values(), *others], run)
    over = releases.close_stops(tx, [one.conflict_id for one in stops.conflicts.values()], run)
    for place, used in stops.used.items():
        releases.use_up(tx, place, used, run)
    return replace(kept, closed=kept.closed + over)


def ceilings(given: Mapping[Place, Release]) -> Callable[[Place], int | None]:
    """Give what says how much a sweep may prove gone at a place, in booked seconds; None: nobody has released it."""
    return lambda place: given[place].ceiling_seconds if place in given else None


def _short(tx: Tx, rules: RuleSet, today: date) -> dict[Place, list[Asked]]:
    """Give the organisations that showed far fewer rows than they used to, until a sweep has shown them whole."""
    found: dict[Place, list[Asked]] = {}
    for one in sweeps.asked(tx):
        if one.reason == "short" and one.scope in rules.scopes(one.platform):
            place = (one.platform, rules.station_of(one.platform, one.scope, today))
            found.setdefault(place, []).append(one)
    return found


def _empty(place: Place, rows: list[Asked], taken_seconds: int) -> Conflict:
    figures = {name: sum(int(row.figures[name]) for row in rows) for name in ("count", "seen")}
    unseen_seconds = sum(int(row.figures["seconds"]) for row in rows)
    first = [RecordKey(row.platform, external_id) for row in rows for external_id in row.figures["first"]]
    return stop(place, "suddenly_empty", figures, unseen_seconds + taken_seconds, first)
