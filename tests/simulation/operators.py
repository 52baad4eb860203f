"""At the district bureau at half past eight, drawn: conflicts are decided, agreed to by a second person, taken back."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.oracle import Credit
from tests.simulation.house import Account, House, Listed, Saying, Settled
from tests.simulation.judge import Judge
from tests.simulation.rulings import Key, Ruling, Visit

PEOPLE = ("韦科长", "莫主任", "陆股长")
FOUR_HOURS_SECONDS = 4 * 3600
HOURS = ("0.5", "1", "1.5", "2.25", "5")
CODES: dict[str, tuple[str, ...]] = {
    "hours_differ": ("accept", "credit", "void", "return", "ignore"),
    "category_differs": ("accept", "credit", "void", "return", "ignore"),
    "uncorroborated": ("accept", "credit", "void", "return", "ignore"),
    "missing_on_platform": ("accept", "credit", "void", "return", "ignore"),
    "vanished": ("accept", "credit", "void", "return", "ignore"),
    "ineligible": ("credit", "void", "return", "ignore"),
    "duplicate": ("same", "distinct", "return", "ignore"),
    "balance_short": ("return", "ignore"),
}
"""What can be said of the kinds that come about in lives (a copy of what operators are told, not of the code).

Who somebody is, nobody says in lives: the judge keeps no second memory of names and numbers in doubt.
"""
WRONG = {"hours_differ": "outside", "vanished": "same", "uncorroborated": "approve:3", "ineligible": "accept:guangxi",
         "unknown_person": "credit:1", "person_differs": "outside", "duplicate": "void"}  # fmt: skip
DEEDS_OF_OPERATORS = frozenset({
    "decided: accept", "decided: credit", "decided: void", "decided: return", "decided: ignore", "decided in bulk",
    "undone", "impossible decision",
})  # fmt: skip
"""What every campaign must have met often; how often each kind was decided in each way is counted beside it."""


@dataclass(frozen=True, slots=True)
class Done:
    """A decision that was taken: of which conflict, when, and what the persons' accounts and credits were before."""

    conflict: Listed
    key: Key
    day: int
    decision: int
    before: dict[Visit, Credit | None]
    accounts: dict[str, Account]
    vouchers: int


class Operators:
    """Decide at the desk and tell the judge, who then looks at everything."""

    def __init__(self, house: House, judge: Judge, chance: random.Random) -> None:
        self.deeds: Counter[str] = Counter()
        self._house = house
        self._judge = judge
        self._chance = chance
        self._done: list[Done] = []
        self._day = 0

    def work(self) -> None:
        """Do what there is to do on a morning; most mornings nobody has the time."""
        self._day += 1
        if self._chance.random() < 0.75:
            return
        conflicts = self._house.conflicts()
        works = [(3, self._decide_some), (2, self._decide_cause), (2, self._take_back), (1, self._say_nonsense)]
        if any(one.state == "proposed" for one in conflicts):
            works.append((6, self._agree))
        (work,) = self._chance.choices([work for _, work in works], [weight for weight, _ in works])
        work(conflicts)

    # --- deciding ---------------------------------------------------------------------------------------------------

    def _decidable(self, conflicts: Sequence[Listed]) -> list[Listed]:
        """Give the conflicts about which something may be said: what waits, and now and then what is decided."""
        states = {"open", "returned"} | ({"decided"} if self._chance.random() < 0.15 else set())
        return [one for one in conflicts if one.state in states and one.kind in CODES and self._has_cause(one)]

    def _has_cause(self, conflict: Listed) -> bool:
        """Say whether what a conflict is about is still so, as far as that is known."""
        if conflict.state == "open":
            return True
        key = self._judge.key_of(conflict)
        return any(key[0] in self._judge.kinds.get(visit, ()) for visit in self._judge.visits_of(key))

    def _decide_some(self, conflicts: Sequence[Listed]) -> None:
        """Say something of several conflicts at once, of each something else, as a filled-in list would."""
        found = self._decidable(conflicts)
        chosen = self._chance.sample(found, min(len(found), self._chance.randint(1, 4)))
        self._say([(one, *self._drawn(one)) for one in chosen])

    def _decide_cause(self, conflicts: Sequence[Listed]) -> None:
        """Say the same of all conflicts of one cause."""
        found = self._decidable(conflicts)
        if not found:
            return
        one = self._chance.choice(found)
        code, argument = self._drawn(one)
        same = [
            other
            for other in found
            if (other.kind, other.cause, other.is_blocking) == (one.kind, one.cause, one.is_blocking)
        ]
        fitting = [other for other in same if self._fits(other, code, argument)]
        self.deeds["decided in bulk"] += len(fitting) > 1
        self._say([(other, code, argument) for other in fitting])

    def _is_known(self, conflict: Listed) -> bool:
        visits = self._judge.visits_of(self._judge.key_of(conflict))
        return all(self._judge.numbers_of(visit) for visit in visits)

    def _fits(self, conflict: Listed, code: str, argument: str) -> bool:
        """Say whether a decision can be said of this conflict as well."""
        if code in {"accept", "credit"} and not self._is_known(conflict):
            return False
        if code == "accept":
            return argument in {platform for platform, _ in conflict.records}
        return code != "person" or argument == self._person_of(conflict)

    def _drawn(self, conflict: Listed) -> tuple[str, str]:
        """Draw a decision that is possible, the one least said of this kind first."""
        barred = set() if conflict.is_blocking else {"credit", "void"}
        if not self._is_known(conflict):
            barred |= {"credit", "accept"}  # there is nobody to book for
        codes = [code for code in CODES[conflict.kind] if code not in barred]
        least = min(self.deeds[f"{conflict.kind}: {code}"] for code in codes)
        code = self._chance.choice([code for code in codes if self.deeds[f"{conflict.kind}: {code}"] == least])
        match code:
            case "accept":
                return code, self._chance.choice(sorted({platform for platform, _ in conflict.records}))
            case "credit":
                return code, self._chance.choice(HOURS)
            case "person":
                return code, self._person_of(conflict)
            case _:
                return code, ""

    def _person_of(self, conflict: Listed) -> str:
        """Give the 本地编号 to which an identity is bound: its own where it has one, else that of somebody nearby."""
        _, about = self._judge.key_of(conflict)
        own = self._judge.person_of(str(about))
        roster = sorted(one.local_number for one in self._judge.roster.values())
        return own.local_number if own else roster[0]

    def _say(self, saying: Sequence[tuple[Listed, str, str]]) -> None:
        if not saying:
            return
        by, judge = self._chance.choice(PEOPLE), self._judge
        keys = [judge.key_of(conflict) for conflict, _, _ in saying]
        befores = [self._before(key) for key in keys]
        accounts, vouchers = dict(self._house.accounts()), self._house.chain_head()[0]
        outcomes = self._house.say([Saying(one.conflict_id, code, argument, by) for one, code, argument in saying])
        for (conflict, code, argument), key, before, outcome in zip(saying, keys, befores, outcomes, strict=True):
            assert outcome.problem == "", f"{conflict}: {code}:{argument} was refused: {outcome.problem}"
            self.deeds[f"{conflict.kind}: {code}"] += 1
            self.deeds[f"decided: {code}"] += 1
            self.deeds["decided anew"] += conflict.state == "decided"
            self.deeds["proposed"] += outcome.state == "proposed"
            ruling = Ruling(outcome.decision, code, argument, *judge.grounds(key), by)
            judge.hear_said(key, ruling, outcome.state, judge.names_on(conflict))
            self._done.append(Done(conflict, key, self._day, outcome.decision, before, accounts, vouchers))
        judge.hear_desk()
        self._hold_second_person(befores, outcomes)

    def _before(self, key: Key) -> dict[Visit, Credit | None]:
        return {visit: self._judge.book.get(visit) for visit in self._judge.visits_of(key)}

    def _hold_second_person(self, befores: Sequence[dict[Visit, Credit | None]], outcomes: Sequence[Settled]) -> None:
        """What moves more than four hours waits for a second person, all of it; what surely moves less does not."""
        states = {outcome.state == "proposed" for outcome in outcomes}
        assert len(states) == 1, "half of a command was booked"
        if states == {False}:
            moved = 0
            for visit, before in {visit: credit for one in befores for visit, credit in one.items()}.items():
                now = self._judge.book.get(visit)
                moved += abs((now.seconds if now else 0) - (before.seconds if before else 0))
            assert moved <= FOUR_HOURS_SECONDS, f"{moved} seconds were moved by one person"

    # --- the second person ------------------------------------------------------------------------------------------

    def _agree(self, conflicts: Sequence[Listed]) -> None:
        proposed = [one for one in conflicts if one.state == "proposed"]
        one = self._chance.choice(proposed)
        several = [other for other in proposed if other.cause == one.cause]
        keys = [self._judge.key_of(other) for other in several]
        first = {self._judge.rulings.proposed[key][0].by for key in keys}
        if self._chance.random() < 0.3:
            (outcome,) = self._house.agree(
                [one.conflict_id], self._judge.rulings.proposed[keys[several.index(one)]][0].by
            )
            assert outcome.problem == "second_person_needed", outcome
            self.deeds["agreed by the same person"] += 1
            self._judge.hear_desk()
            return
        others = [person for person in PEOPLE if person not in first]
        if not others:
            return
        outcomes = self._house.agree([other.conflict_id for other in several], self._chance.choice(others))
        for key, outcome in zip(keys, outcomes, strict=True):
            assert outcome.problem == "", outcome
            self.deeds["agreed"] += 1
            self._judge.hear_agreed(key)
        self._judge.hear_desk()

    # --- taking back ------------------------------------------------------------------------------------------------

    def _take_back(self, _: Sequence[Listed]) -> None:
        """Undo one of the last decisions on a conflict, often one of long ago."""
        last = {one.key: one for one in self._done}
        able = [
            one for one in last.values() if self._judge.rulings.last(one.key) or one.key in self._judge.rulings.proposed
        ]
        if not able:
            return
        done = self._chance.choice(able)
        is_proposal = done.key in self._judge.rulings.proposed
        self._done.remove(done)
        (outcome,) = self._house.undo([done.conflict.conflict_id], self._chance.choice(PEOPLE))
        assert outcome.problem == "", f"{done.conflict}: {outcome.problem}"
        self.deeds["proposal taken back" if is_proposal else "undone"] += 1
        self.deeds["undone long after"] += self._day - done.day > 20
        self._judge.hear_undone(done.key)
        self._judge.hear_desk()
        self._hold_restored(done)

    def _hold_restored(self, done: Done) -> None:
        """P8: where nothing else was booked in between, every account is again exactly what it was."""
        people = {number for visit in done.before for number in self._judge.numbers_of(visit)}
        if self._house.decisions_since(done.vouchers, people) - {done.decision}:
            return
        accounts = self._house.accounts()
        for number in people:
            now, before = (one.get(number) or Account() for one in (accounts, done.accounts))
            assert now == before, f"{number} is not as before {done.conflict}"

    # --- what is not possible ---------------------------------------------------------------------------------------

    def _say_nonsense(self, conflicts: Sequence[Listed]) -> None:
        found = [one for one in conflicts if one.state == "open" and one.kind in WRONG]
        if not found:
            return
        one = self._chance.choice(found)
        code, _, argument = WRONG[one.kind].partition(":")
        (outcome,) = self._house.say([Saying(one.conflict_id, code, argument, PEOPLE[0])])
        assert outcome.problem, f"{one} was decided as {code}"
        self.deeds["impossible decision"] += 1
        self._judge.hear_desk()
