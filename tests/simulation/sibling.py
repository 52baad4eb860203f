"""A bank that never had a bad night: one sweep must tell it all that its sibling was told in months of nights."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

from tests.oracle import Fact
from tests.simulation.house import House
from tests.simulation.judge import Judge, Visit
from tests.simulation.station import Station
from tests.simulation.witness import Witness

OF_THE_PAST = {"balance_short"}
"""Kinds that tell of what was booked before, and not of what is known."""


class Sibling:
    """A fresh store at the same platforms, at which the desk's work is done again; drawings are left out."""

    def __init__(self, house: House, judge: Judge, station: Station, folder: Path) -> None:
        folder.mkdir()
        self._older, self._older_judge = house, judge
        self.witness = Witness(house.town, house.witness.keys)
        self.house = House(house.town, folder, house.rules, self.witness)
        self.house.fingerprints |= house.fingerprints
        self._judge = Judge(house.town, self.house, self.witness)
        self._judge.roster, self._judge.entries = dict(judge.roster), dict(judge.entries)
        self._judge.merged, self._judge.former = dict(judge.merged), dict(judge.former)
        self._judge.terms = judge.terms
        now = house.town.clock.at
        for at, act in station.acts:
            house.town.clock.at = at
            act(self.house)
        house.town.clock.at = now

    def sweep(self, order: tuple[str, ...]) -> None:
        """Read everything at once, and be judged."""
        tally = self.house.run(order)
        assert tally.outcome == "complete"
        self._judge.hear_run({platform: set() for platform in order}, tally)
        self._judge.judge(is_stopped=False)

    def compare(self) -> int:
        """Hold the book, the places and the list of both against each other; give how many visits both know alike.

        Those are compared of which both were shown the same. What was booked before a hold stays: then only the
        reasons are compared, and not the book.
        """
        mine, theirs = self._known(self._judge, self.witness), self._known(self._older_judge, self._older.witness)
        alike = {visit for visit, facts in mine.items() if theirs[visit] == facts}
        here, there = _places(self.house), _places(self._older)
        for visit in alike:
            held, listed = self._judge.listed.get(visit, set()), self._older_judge.listed.get(visit, set())
            assert held == listed, f"{visit[1]} is held for {held} after one sweep, and was for {listed}"
            book, older = self._judge.booked[visit], self._older_judge.booked[visit]
            assert held or book == older, f"{visit[1]}: {book} after one sweep, {older} before"
            for fact in mine[visit]:
                key = (fact.platform, fact.external_id)
                assert here[key] == there[key], f"{key}: {here[key]} after one sweep, {there[key]} before"
        after, before = _kinds(self.house, self._judge), _kinds(self._older, self._older_judge)
        unlike = {visit[1]: (after[visit], before[visit]) for visit in alike if after[visit] != before[visit]}
        assert not unlike, f"on the list (after one sweep, before): {unlike}"
        return len(alike)

    @staticmethod
    def _known(judge: Judge, witness: Witness) -> dict[Visit, set[Fact]]:
        found: dict[Visit, set[Fact]] = defaultdict(set)
        for fact in (*witness.shown.values(), *judge.entries.values()):
            found[judge.visit_of(fact)].add(fact)
        return found


def _kinds(house: House, judge: Judge) -> dict[Visit, set[tuple[str, bool]]]:
    """Give, by visit, the kind of every open conflict about it, and whether it holds."""
    found: dict[Visit, set[tuple[str, bool]]] = defaultdict(set)
    for kind, is_blocking, keys in house.open_conflicts():
        for platform, external_id, _ in json.loads(keys) if kind not in OF_THE_PAST else ():
            found[judge.visit_of_record(platform, external_id)].add((kind, bool(is_blocking)))
    return found


def _places(house: House) -> dict[tuple[str, str], str | None]:
    return {(place.platform, place.external_id): place.disposition for place in house.places()}
