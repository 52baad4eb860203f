"""A bank that never had a bad night: one sweep must tell it all that its sibling was told in months of nights."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from tests.oracle import Fact
from tests.simulation.house import House, Listed, Saying
from tests.simulation.judge import UNDECIDED, Judge
from tests.simulation.rulings import Ruling, Visit
from tests.simulation.station import Station
from tests.simulation.witness import Witness

ROUNDS = 4
FIRST, SECOND = "韦科长", "莫主任"
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
        for _ in range(ROUNDS):
            if not self._say_again():
                return

    def _say_again(self) -> bool:
        """Say once more what was said at the sibling on the same grounds, all of it at once; what was left is False."""
        found: list[tuple[int, Listed, Ruling]] = []
        for one in self.house.conflicts():
            ruling = self._older_judge.rulings.last(self._judge.key_of(one)) if one.records else None
            if ruling and one.state == "open" and ruling.grounds == self._judge.grounds(self._judge.key_of(one))[0]:
                found.append((ruling.number, one, ruling))
        if not found:
            return False
        found.sort(key=lambda one: one[0])
        outcomes = self.house.say([
            Saying(conflict.conflict_id, ruling.code, ruling.argument, FIRST) for _, conflict, ruling in found
        ])  # fmt: skip
        waiting = [
            conflict.conflict_id
            for (_, conflict, _), one in zip(found, outcomes, strict=True)
            if one.state == "proposed"
        ]
        assert {one.problem for one in [*outcomes, *(self.house.agree(waiting, SECOND) if waiting else ())]} == {""}
        for (_, conflict, ruling), outcome in zip(found, outcomes, strict=True):
            key = self._judge.key_of(conflict)
            again = replace(ruling, number=outcome.decision, as_read=self._judge.grounds(key)[1])
            self._judge.hear_said(key, again, "decided", self._judge.names_on(conflict))
        self._judge.hear_desk()
        return True

    def compare(self) -> int:
        """Hold the book, the places and the list of both against each other; give how many visits both know alike.

        Those are compared of which both were shown the same and of which nobody has ever said a word: what was judged
        stays until it is judged anew, so that it matters what was shown first. What was booked before a hold stays
        too: then only the reasons are compared, and not the book.
        """
        mine, theirs = self._known(self._judge, self.witness), self._known(self._older_judge, self._older.witness)
        parted = {visit for judge in (self._judge, self._older_judge) for visit in judge.parted()}
        spoken = {
            visit
            for judge in (self._judge, self._older_judge)
            for key in (*judge.rulings.said, *judge.rulings.proposed)
            for visit in judge.visits_of(key)
        }
        alike = {visit for visit, facts in mine.items() if theirs[visit] == facts} - parted - spoken
        here, there = _places(self.house), _places(self._older)
        for visit in alike:
            held, listed = self._judge.listed.get(visit, set()), self._older_judge.listed.get(visit, set())
            assert held == listed, f"{visit[1]} is held for {held} after one sweep, and was for {listed}"
            book, older = self._judge.booked[visit], self._older_judge.booked[visit]
            may_differ = held or visit in self._judge.stays or visit in self._older_judge.stays
            assert may_differ or book == older, f"{visit[1]}: {book} after one sweep, {older} before"
            for fact in mine[visit]:
                key = (fact.platform, fact.external_id)
                assert here[key] == there[key], f"{key}: {here[key]} after one sweep, {there[key]} before"
        after, before = _kinds(self.house, self._judge), _kinds(self._older, self._older_judge)
        unlike = {
            visit[1]: (after[visit], before[visit])
            for visit in alike
            if {one for one in after[visit] ^ before[visit] if not self._older_judge.rulings.last((one[0], visit))}
        }
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
    for one in house.conflicts():
        for platform, external_id in one.records if one.state in UNDECIDED and one.kind not in OF_THE_PAST else ():
            found[judge.visit_of_record(platform, external_id)].add((one.kind, one.is_blocking))
    return found


def _places(house: House) -> dict[tuple[str, str], str | None]:
    return {(place.platform, place.external_id): place.disposition for place in house.places()}
