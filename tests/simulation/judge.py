"""The judge of a simulated life: holds the book, the places and the list against the oracle after every run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sandbox.clock import SHANGHAI
from sandbox.people import Volunteer
from sync.night import NightTally
from tests.nights import Town
from tests.oracle import (
    AS_SHIPPED,
    EFFECTIVE,
    PENDING,
    WITHDRAWN,
    Credit,
    Fact,
    Member,
    Opinion,
    Reach,
    Terms,
    have_something_in_common,
    is_out_of_scope,
    opinion,
)
from tests.simulation.house import SCOPES, Covered, House
from tests.simulation.reading import folded
from tests.simulation.witness import Witness

SETTLE = timedelta(seconds=60)
REMOVALS_MIN = 10
LOOK_BACK = timedelta(hours=72)
SWEEP_EVERY = timedelta(days=30)
BEFORE_ALL = datetime(2001, 1, 1, tzinfo=SHANGHAI)
OF_THE_DAY = {"uncorroborated", "missing_on_platform"}
HIDING = {"suddenly_empty", "suddenly_half"}


Visit = tuple[str, date]
"""One visit: the id number of who went, and the day."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the oracle makes of everything shown: where each record is, why a visit is held, which ones are in doubt."""

    places: dict[tuple[str, str], str]
    held: dict[Visit, str]
    doubtful: set[Visit]


class Judge:
    """Keeps what the house was told, and says what must come of it.

    ``roster`` is by id number; ``merged`` leads from an id number to the one whose person it was found to be,
    ``former`` from a 本地编号 to one that it stands for. ``terms`` are all that were ever in force, the last one is.
    """

    def __init__(self, town: Town, house: House, witness: Witness) -> None:
        self.roster: dict[str, Volunteer] = {}
        self.merged: dict[str, str] = {}
        self.former: dict[str, str] = {}
        self.terms: list[Terms] = [AS_SHIPPED]
        self.entries: dict[str, Fact] = {}
        self.drawn: Counter[str] = Counter()
        self.asked = self.doubted = 0
        self.book: dict[Visit, Credit | None] = {}
        self.booked: dict[Visit, list[tuple[str, str, int]]] = {}
        self.listed: dict[Visit, set[str]] = {}
        self._town = town
        self._house = house
        self._witness = witness
        self._visit_of: dict[tuple[str, str], Visit] = {}
        self._swept: dict[tuple[str, str], datetime] = {}
        self._read_to: dict[tuple[str, str], datetime] = {}
        self._read_under: dict[tuple[str, str, str], datetime] = {}
        self._covered: dict[int, Covered] = {}
        self._doubted: set[Visit] = set()
        self._formed: dict[Visit, tuple[tuple[object, ...], Opinion]] = {}
        self._earned: Counter[str] = Counter()

    def person_of(self, id_number: str) -> Volunteer | None:
        """Give the person of the roster to whom an id number belongs."""
        return self.roster.get(self.merged.get(id_number, id_number))

    def visit_of(self, fact: Fact) -> Visit:
        """Give the visit that a row speaks of."""
        return (self.merged.get(fact.person, fact.person), fact.day)

    def visit_of_record(self, platform: str, external_id: str) -> Visit:
        """Give the visit that the row of that number last spoke of."""
        return self._visit_of[platform, external_id]

    def edges(self) -> list[datetime]:
        """Give the ends of the windows that were read last."""
        return sorted(set(self._read_to.values()))

    def hear_merged(self, old: Volunteer, new: Volunteer) -> None:
        """Two persons of the roster were found to be one; their visits are one person's from now on."""
        self.merged[old.id_number] = new.id_number
        self.former[new.local_number] = old.local_number
        del self.roster[old.id_number]
        self.drawn[new.local_number] += self.drawn.pop(old.local_number, 0)
        self.book = {(self.merged.get(who, who), day): credit for (who, day), credit in self.book.items()}
        self._doubted = {(self.merged.get(who, who), day) for who, day in self._doubted}

    def hear_run(self, faults: dict[str, set[str]], tally: NightTally | None = None) -> None:
        """Take a run at its word, also one that was killed; ``faults`` are the kinds that befell each platform."""
        for covered in self._house.covered():
            if self._covered.get(covered.number) != covered:
                self._covered[covered.number] = covered
                self._hear_covered(covered, is_hidden=bool(HIDING & faults[covered.platform]))
        for platform, pulled in tally.platforms.items() if tally else ():
            for scope in self._house.scopes[platform] if pulled.outcome == "complete" else ():
                assert self._read_to[platform, scope] == self._end_of(platform), "said to be complete, and was not read"

    def _end_of(self, platform: str) -> datetime:
        """Give up to when a platform can be read now: nothing later has settled."""
        return min(self._town.clock.at, self._witness.clock_of(platform)) - SETTLE

    def _hear_covered(self, covered: Covered, *, is_hidden: bool) -> None:
        """A run says that it has read a scope: then it has missed nothing that was there to be seen."""
        place = (covered.platform, covered.scope)
        last, reached = self._swept.get(place), self._read_to.get(place)
        assert covered.fingerprint == self._house.fingerprints[covered.platform]
        trusted = self._read_under.get((*place, covered.fingerprint))
        starts = [window.start for window in self._witness.asked[place] if window.end == covered.end and window.start]
        start = (min if covered.kind == "sweep" else max)(starts)  # a sweep may follow in the same run, up to there too
        if covered.kind == "sweep":
            assert start < BEFORE_ALL
        else:
            assert trusted is not None
            assert start <= trusted - LOOK_BACK
        assert covered.end <= self._end_of(covered.platform)
        assert covered.kind == "sweep" or (last is not None and covered.end - last < SWEEP_EVERY)
        self._hold_shown(covered, is_hidden=is_hidden)
        if covered.kind == "sweep":
            self._swept[place] = covered.end
            self._hold_sweep(covered, is_hidden=is_hidden)
        self._read_to[place] = max(covered.end, reached or covered.end)
        self._read_under[*place, covered.fingerprint] = max(covered.end, trusted or covered.end)

    def _hold_sweep(self, covered: Covered, *, is_hidden: bool) -> None:
        """What a sweep did not show is gone: then its platform no longer has it, or hid so little that nobody asks."""
        witness, station = self._witness, SCOPES[covered.platform][covered.scope]
        seen = witness.tonight[covered.platform, covered.scope]
        present = {
            fact.external_id
            for fact in witness.shown.values()
            if (fact.platform, fact.station, fact.is_gone) == (covered.platform, station, False)
            and fact.state != WITHDRAWN
        }
        overlooked = present & witness.held(covered.platform, covered.scope).keys() - seen
        assert is_hidden or not overlooked, f"taken for gone: {sorted(overlooked)}"
        assert len(present - seen) <= max(REMOVALS_MIN, len(present) // 20), "too much went without a question"
        witness.mark_gone(covered.platform, station, seen)

    def _hold_shown(self, covered: Covered, *, is_hidden: bool) -> None:
        witness = self._witness
        for external_id, fact in witness.held(covered.platform, covered.scope, before=covered.end).items():
            key = (covered.platform, external_id)
            if is_hidden and external_id not in witness.tonight[covered.platform, covered.scope]:
                witness.strange.add(key)
            if key not in witness.strange:
                shown = witness.shown.get(key)
                assert shown is not None, f"{key} was never read"
                assert not differs(shown, fact), f"{key} is out of date: {told(shown)} instead of {told(fact)}"

    def judge(self, *, is_stopped: bool) -> None:
        """Hold the store against the oracle; while a safety stop waits, what was booked before may also still stand."""
        verdict = self._form_verdict(is_stopped=is_stopped)
        self.asked += len(self.book)
        self.doubted += len(verdict.doubtful)
        places = self._house.places()
        found = {(place.platform, place.external_id): place.disposition for place in places}
        assert len(found) == len(places) == len(self._witness.shown) + len(self.entries)
        self._hold_accounts()
        if is_stopped:
            return
        unlike = {key: (found[key], place) for key, place in verdict.places.items() if found[key] != place}
        assert not unlike, f"places (found, expected): {unlike}, of {[self._told_with(key) for key in unlike]}"
        self._hold_list(verdict)

    def _hold_list(self, verdict: Verdict) -> None:
        """Every held visit is on the list for its reason, and nothing on the list holds another."""
        listed: dict[Visit, set[str]] = defaultdict(set)
        on_list = [(kind, {self._visit_of[one] for one in records}) for kind, records in self._house.blocking()]
        for kind, visits in on_list:
            for visit in visits:
                listed[visit].add(kind)
        self.listed = listed
        unlisted = {visit: kind for visit, kind in verdict.held.items() if kind not in listed[visit]}
        assert not unlisted, f"not on the list: {[(str(day), kind) for (_, day), kind in unlisted.items()]}"
        known = verdict.held.keys() | verdict.doubtful
        needless = [(kind, visits) for kind, visits in on_list if not visits & known]
        assert not needless, f"needlessly on the list: {[(kind, len(visits)) for kind, visits in needless]}"

    def _form_verdict(self, *, is_stopped: bool) -> Verdict:
        everything = [*self._witness.shown.values(), *self.entries.values()]
        honours = [fact for fact in everything if fact.is_honour]
        visits: dict[Visit, list[Fact]] = defaultdict(list)
        verdict = Verdict({}, {}, set())
        self._earned.clear()
        for fact in everything:
            visit = self.visit_of(fact)
            self._visit_of[fact.platform, fact.external_id] = visit
            if is_out_of_scope(fact, honours):
                verdict.places[fact.platform, fact.external_id] = "out_of_scope"
                visits.setdefault(visit, [])
            else:
                visits[visit].append(fact)
        credits_found = self._house.net_credits()
        for visit, facts in visits.items():
            self._judge_visit(visit, facts, credits_found, verdict, is_stopped=is_stopped)
        assert not credits_found, f"booked out of nothing: {credits_found}"
        return verdict

    def _judge_visit(
        self,
        visit: Visit,
        facts: list[Fact],
        credits_found: dict[tuple[str, date], list[tuple[str, str, int]]],
        verdict: Verdict,
        *,
        is_stopped: bool,
    ) -> None:
        """Ask the oracle about one visit; a visit without rows in scope leaves no trace in the book."""
        person = self.roster.get(visit[0])
        before = self.book.get(visit)
        formed = self._opinion(visit, facts, person, before)
        numbers = [person.local_number, self.former.get(person.local_number, "")] if person else []
        found = [(one, credit) for one in numbers for credit in credits_found.pop((one, visit[1]), ())]
        said = Credit(*found[0][1]) if found else None
        self.book[visit] = said
        self.booked[visit] = sorted(credit for _, credit in found)
        for number, (_, _, seconds) in found:
            self._earned[number] += seconds
        if visit in self._doubted or not is_beyond_doubt(facts, self.terms):
            self._doubted.add(visit)
            verdict.doubtful.add(visit)
            return
        assert len(found) < 2, f"{visit[1]} is booked twice: {found}"
        wanted = {formed.credit, before} if is_stopped else {formed.credit}
        assert said in wanted, f"{visit[1]}: {said} is booked, {formed} is right, of {list(map(told, facts))}"
        is_moved = formed.place != "booked" or is_stopped or [number for number, _ in found] == numbers[:1]
        assert is_moved, f"{visit[1]} is still booked to a number that was merged"
        if formed.held:
            verdict.held[visit] = formed.held
        verdict.places.update({
            (fact.platform, fact.external_id): formed.place if fact.state == EFFECTIVE else fact.state for fact in facts
        })  # fmt: skip

    def _opinion(self, visit: Visit, facts: list[Fact], person: Volunteer | None, before: Credit | None) -> Opinion:
        """Ask the oracle; what depends neither on the day nor on what was read is asked anew only if a fact changes."""
        if not facts:
            return Opinion(None, "")
        asked = (facts, person, before, len(self.terms))
        known = self._formed.get(visit)
        if known is not None and known[0] == asked:
            return known[1]
        member = Member(folded(person.name), person.born_on, bool(person.licence)) if person else None
        formed = opinion(facts, member, before, self._reach, self._today, self.terms[-1])
        if formed.place != "waiting" and formed.held not in OF_THE_DAY:
            self._formed[visit] = (asked, formed)
        return formed

    @property
    def _reach(self) -> Reach:
        return Reach({
            (platform, SCOPES[platform][scope]): end.date() - timedelta(days=1)
            for (platform, scope), end in self._read_to.items()
        })  # fmt: skip

    def _told_with(self, key: tuple[str, str]) -> list[str]:
        """Tell all that was shown of the visit that a record speaks of."""
        facts = {**self._witness.shown, **{("station", one): fact for one, fact in self.entries.items()}}
        return [told(fact) for one, fact in facts.items() if self._visit_of[one] == self._visit_of[key]]

    @property
    def _today(self) -> date:
        return self._town.clock.at.date()

    def _hold_accounts(self) -> None:
        assert self._house.account_total_seconds() == 0
        accounts = self._house.accounts()
        for number in (*(person.local_number for person in self.roster.values()), *self.former.values()):
            account = accounts.get(number)
            has = account.available + account.surplus - account.owed if account else 0
            earned, drawn = self._earned[number], self.drawn[number]
            assert has == earned - drawn, f"{number}: {account}, earned {earned}, drew {drawn}"
            assert account is None or 0 <= account.available <= self._house.rules.cap_seconds


def is_beyond_doubt(facts: Sequence[Fact], terms: Sequence[Terms]) -> bool:
    """Say whether each platform tells one story only, as far as it was not withdrawn.

    Where either platform is enough, or was under other ``terms``, a booking may rest on the one that does not decide:
    whether its going holds the service depends on which was there first, so that is left open. So is what a pending
    row's going means, and whether rows that agree in no more than the day speak of one visit.
    """
    if not have_something_in_common([terms[-1].read(fact) for fact in facts], terms[-1]):
        return False
    stories: dict[str, set[tuple[object, ...]]] = defaultdict(set)
    for fact in facts:
        if fact.state != WITHDRAWN:
            said = (fact.name, fact.category, fact.span_seconds, fact.figure_seconds, fact.is_special)
            stories[fact.platform].add(said)
    enough = {platform for fact in facts for one in terms for platform in one.sufficing(fact.day)}
    rests_on_either = len(stories) > 1 and len(enough) > 1
    if any(fact.is_gone and (rests_on_either or fact.state == PENDING) for fact in facts):
        return False
    return all(len(told) == 1 for told in stories.values())


def told(fact: Fact) -> str:
    """Tell a fact without its person."""
    said = [f"{name}={getattr(fact, name)}" for name in Fact.__dataclass_fields__ if name not in {"person", "name"}]
    return f"Fact({', '.join(said)})"


def differs(shown: Fact, held: Fact) -> bool:
    """Say whether a row says something else than it did when it was shown; being gone is not said by a row."""
    return any(getattr(shown, name) != getattr(held, name) for name in Fact.__dataclass_fields__ if name != "is_gone")
