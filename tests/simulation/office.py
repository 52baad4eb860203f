"""At the district office, drawn: rule sets put in force, platforms that move, organisations given up and taken on."""

from __future__ import annotations

import random
from collections import Counter

from tests.simulation.house import PLATFORMS, SCOPES, House
from tests.simulation.judge import Judge
from tests.simulation.terms import draw_terms, rules_of

DEEDS_OF_THE_OFFICE = frozenset({
    "rules put in force", "platform moved", "organisation given up", "organisation taken on",
})  # fmt: skip


class Office:
    """Changes the settings and tells the judge."""

    def __init__(self, house: House, judge: Judge, chance: random.Random) -> None:
        self.deeds: Counter[str] = Counter()
        self._house = house
        self._judge = judge
        self._chance = chance
        self._shipped = house.rules
        self._works = (
            (0.02, self._put_in_force), (0.012, self._move_platform), (0.012, self._give_up), (0.05, self._take_on),
        )  # fmt: skip
        if chance.random() < 0.5:
            self._give_up()

    def work(self) -> None:
        """Do what there is to do on a day."""
        for chance_of_it, work in self._works:
            if self._chance.random() < chance_of_it:
                work()

    def settle(self) -> None:
        """Read every organisation again."""
        while any(self._missing()):
            self._take_on()

    def _put_in_force(self) -> None:
        terms = draw_terms(self._chance, self._judge.terms[-1])
        self.deeds["rules put in force"] += 1
        self._house.activate(rules_of(terms, self._shipped, len(self._judge.terms)))
        self._judge.terms.append(terms)

    def _move_platform(self) -> None:
        """Give a platform another address or profile, or its former one."""
        platform = self._chance.choice(PLATFORMS)
        self.deeds["platform moved"] += 1
        is_moved = self._house.fingerprints[platform] != "town"
        is_back = is_moved and self._chance.random() < 0.5
        self._house.fingerprints[platform] = "town" if is_back else f"town {self.deeds['platform moved']}"

    def _give_up(self) -> None:
        """Read an organisation no more, for a while."""
        if not self._missing():
            platform = self._chance.choice(PLATFORMS)
            self.deeds["organisation given up"] += 1
            self._house.scopes[platform].remove(self._chance.choice(sorted(SCOPES[platform])))

    def _take_on(self) -> None:
        for platform, scope in self._missing()[:1]:
            self.deeds["organisation taken on"] += 1
            self._house.scopes[platform].append(scope)

    def _missing(self) -> list[tuple[str, str]]:
        scopes = self._house.scopes
        return [(name, scope) for name in PLATFORMS for scope in SCOPES[name] if scope not in scopes[name]]
