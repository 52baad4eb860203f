"""At the bank's own desk, drawn: the roster, entries and their confirmation, drawings, two numbers that are one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.people import Volunteer
from tests.nights import Town
from tests.oracle import EFFECTIVE, FIRST_DAY, PENDING, Fact
from tests.simulation.clerk import Clerk, Told
from tests.simulation.house import House
from tests.simulation.judge import Judge

Act = Callable[[House], None]
LICENCE = "护士执业证书"
ANOTHER_SURNAME = "谢"
DEEDS_OF_THE_STATION = frozenset({
    "person enrolled late", "licence changed", "name changed", "two numbers merged", "entry typed",
    "entry confirmed", "hours drawn",
})  # fmt: skip


class Station:
    """Works at the store and tells the judge. ``acts`` is what was done when, as it can be done at another house."""

    def __init__(self, house: House, judge: Judge, clerk: Clerk, chance: random.Random) -> None:
        self.acts: list[tuple[datetime, Act]] = []
        self.deeds: Counter[str] = Counter()
        self._town: Town = house.town
        self._house = house
        self._judge = judge
        self._clerk = clerk
        self._chance = chance
        self._works = (
            (0.04, self._enrol_next), (0.03, self._change_licence), (0.02, self._change_name), (0.08, self._enter),
            (0.07, self._confirm), (0.08, self._draw_hours), (0.02, self._merge),
        )  # fmt: skip

    def work(self) -> None:
        """Do what there is to do on a day."""
        for chance_of_it, work in self._works:
            if self._chance.random() < chance_of_it:
                work()

    def enrol(self, people: Sequence[Volunteer]) -> None:
        """Take people into the roster, or change what it says of them."""
        self._do(lambda house: house.take_in(people))
        self._judge.roster |= {person.id_number: person for person in people}

    def _do(self, act: Act) -> None:
        self.acts.append((self._town.clock.at, act))
        act(self._house)

    def _draw_person(self) -> Volunteer:
        return self._chance.choice(sorted(self._judge.roster.values(), key=lambda one: one.local_number))

    # --- the roster ----------------------------------------------------------------------------------------------

    def _enrol_next(self) -> None:
        missing = [person for person in self._town.people if self._judge.person_of(person.id_number) is None]
        if missing:
            self.deeds["person enrolled late"] += 1
            self.enrol(missing[:1])

    def _change_licence(self) -> None:
        person = self._draw_person()
        self.deeds["licence changed"] += 1
        self.enrol([replace(person, licence="" if person.licence else LICENCE)])

    def _change_name(self) -> None:
        """Write another surname; the next time, put it right."""
        changed = [one for one in self._judge.roster.values() if one.name.startswith(ANOTHER_SURNAME)]
        person = changed[0] if changed else self._draw_person()
        right = next(one.name for one in self._town.people if one.id_number == person.id_number)
        self.deeds["name changed"] += 1
        self.enrol([replace(person, name=right if changed else ANOTHER_SURNAME + right[1:])])

    def _merge(self) -> None:
        """Find that two numbers of the roster are one human being."""
        roster = self._judge.roster
        for one, other in self._clerk.twins.items():
            if one in roster and other in roster:
                old, new = roster[one], roster[other]
                self.deeds["two numbers merged"] += 1
                self._do(lambda house: house.merge(old.local_number, new.local_number))  # noqa: B023 - it is over
                self._judge.hear_merged(old, new)
                return

    # --- entries -------------------------------------------------------------------------------------------------

    def _enter(self) -> None:
        visit = self._clerk.draw(self._may_be_entered)
        if visit is not None:
            visit.marks.add("entered")
            self.deeds["entry typed"] += 1
            self._type(visit, f"E{len(self._judge.entries) + 1}", is_confirmed=self._chance.random() < 0.5)

    def _may_be_entered(self, visit: Told) -> bool:
        is_known = self._judge.person_of(visit.person.id_number) is not None
        return is_known and not visit.marks and bool(visit.kind.category) and visit.day >= FIRST_DAY

    def _confirm(self) -> None:
        waiting = [one for one in self._judge.entries.values() if one.state == PENDING]
        if waiting:
            fact = self._chance.choice(waiting)
            visit = next(v for v in self._clerk.visits if (v.person.id_number, v.day) == (fact.person, fact.day))
            self.deeds["entry confirmed"] += 1
            self._type(visit, fact.external_id, is_confirmed=True, minutes=(fact.span_seconds or 0) // 60)

    def _type(self, visit: Told, entry: str, *, is_confirmed: bool, minutes: int = 0) -> None:
        minutes = minutes or visit.minutes
        person = self._judge.person_of(visit.person.id_number)
        assert person is not None
        cells = (
            entry, person.local_number, visit.kind.category, visit.day.isoformat(), f"{visit.starts_at:%H:%M}",
            f"{visit.starts_at + timedelta(minutes=minutes):%H:%M}", "", visit.person.station, "陆奶奶", "韦站长",
            "莫主任" if is_confirmed else "", "",
        )  # fmt: skip
        self._do(lambda house: house.type_entry(*cells))
        self._judge.entries[entry] = Fact(
            "station", entry, visit.person.id_number, person.name, visit.day, visit.kind.category,
            visit.person.station, minutes * 60, minutes * 60, EFFECTIVE if is_confirmed else PENDING,
            self._town.clock.at.date(),
        )  # fmt: skip

    # --- drawings ------------------------------------------------------------------------------------------------

    def _draw_hours(self) -> None:
        """Draw all or half of what somebody has; a drawing is of this house's book alone."""
        person = self._draw_person()
        account = self._house.accounts().get(person.local_number)
        seconds = account.available // self._chance.choice([1, 2]) if account else 0
        if seconds:
            self.deeds["hours drawn"] += 1
            self._house.redeem(person.local_number, seconds)
            self._judge.drawn[person.local_number] += seconds
