"""The judge of a simulated life: holds the book, the places and the list against the oracle after every run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import combinations

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
from tests.simulation.house import SCOPES, Covered, House, Listed
from tests.simulation.reading import folded
from tests.simulation.rulings import (
    FIGURES,
    OF_IDENTITIES,
    Grounds,
    Key,
    Ruling,
    Rulings,
    Visit,
    everything_of,
    grounds_of,
    ruled,
    stands_judged,
)
from tests.simulation.witness import Witness

SETTLE = timedelta(seconds=60)
REMOVALS_MIN = 10
LOOK_BACK = timedelta(hours=72)
SWEEP_EVERY = timedelta(days=30)
BEFORE_ALL = datetime(2001, 1, 1, tzinfo=SHANGHAI)
OF_THE_DAY = {"uncorroborated", "missing_on_platform"}
OF_CATEGORIES = {"category_differs", "ineligible", *OF_THE_DAY}
OF_VISITS = (
    "hours_differ", "category_differs", "ineligible", "vanished", "uncorroborated", "missing_on_platform",
)  # fmt: skip
HIDING = {"suddenly_empty", "suddenly_half"}

Names = frozenset[str]
UNDECIDED = {"open", "proposed", "returned"}
SETTLED = {"decided", "closed"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the oracle makes of everything shown: where each record is, why a visit is held, which ones are in doubt.

    ``kinds`` are all reasons for which a visit would be held if nobody had said anything.
    """

    places: dict[tuple[str, str], str]
    held: dict[Visit, str]
    kinds: dict[Visit, tuple[str, ...]]
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
        self.rulings = Rulings()
        self.stays: set[Visit] = set()
        self.judged: set[Visit] = set()
        self._withdrawn: set[Visit] = set()
        self.kinds: dict[Visit, tuple[str, ...]] = {}
        self._town = town
        self._house = house
        self._witness = witness
        self._visit_of: dict[tuple[str, str], Visit] = {}
        self._swept: dict[tuple[str, str], datetime] = {}
        self._read_to: dict[tuple[str, str], datetime] = {}
        self._read_under: dict[tuple[str, str, str], datetime] = {}
        self._covered: dict[int, Covered] = {}
        self._is_stopped = False
        self._doubted: set[Visit] = set()
        self._facts: dict[Visit, list[Fact]] = {}
        self._identities: dict[str, list[Fact]] = {}
        self._formed: dict[Visit, tuple[tuple[object, ...], Opinion]] = {}
        self._earned: Counter[str] = Counter()

    def person_of(self, id_number: str) -> Volunteer | None:
        """Give the person of the roster to whom an id number belongs."""
        return self.roster.get(self.merged.get(id_number, id_number))

    def visit_of(self, fact: Fact) -> Visit:
        """Give the visit that a row speaks of."""
        _, person = self.rulings.bound.get((fact.person, fact.name), (0, fact.person))
        return (self.merged.get(person, person), fact.day)

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
        self.rulings.hear_merged(self.merged)

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
        self._is_stopped = is_stopped
        verdict = self._form_verdict(is_stopped=is_stopped)
        self.kinds = verdict.kinds
        conflicts = self._house.conflicts()
        self.rulings.lapsed |= {self.key_of(one) for one in conflicts if one.state == "closed" and one.records}
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
        self._hold_list(conflicts, verdict)

    def _hold_list(self, conflicts: Sequence[Listed], verdict: Verdict) -> None:
        """Every held visit is on the list for its reason, and nothing on the list holds another."""
        listed: dict[Visit, set[str]] = defaultdict(set)
        holding = [one for one in conflicts if one.is_blocking and one.records and one.state in UNDECIDED]
        for one in holding:
            for record in one.records:
                listed[self._visit_of[record]].add(one.kind)
        self.listed = listed
        unlisted = {visit: kind for visit, kind in verdict.held.items() if kind not in listed[visit]}
        assert not unlisted, f"not on the list: {[(str(day), kind) for (_, day), kind in unlisted.items()]}"
        known = verdict.held.keys() | verdict.doubtful
        alone = [one for one in holding if not known & {self._visit_of[record] for record in one.records}]
        needless = [one for one in alone if one.state != "proposed" or not self.rulings.last(self.key_of(one))]
        if self.rulings.said:  # who somebody is stays asked while what was judged of a visit of theirs stands
            needless = [one for one in needless if one.kind not in OF_IDENTITIES]
        assert not needless, f"needlessly on the list: {needless}"
        for one in conflicts:
            self._hold_state(one, verdict)

    def _hold_state(self, conflict: Listed, verdict: Verdict) -> None:
        """A conflict is where the last word on it has put it, as long as what it was said on is the same."""
        visits = {self._visit_of[record] for record in conflict.records}
        if not visits or visits & verdict.doubtful or not conflict.is_blocking:
            return
        if conflict.state == "closed" and any(conflict.kind in self.listed[visit] for visit in visits):
            return  # the visit bears another name by now, and is held under that
        key = self.key_of(conflict)
        if conflict.kind not in {kind for visit in visits for kind in verdict.kinds.get(visit, ())}:
            assert conflict.state in SETTLED, f"{conflict} has no cause any more"
            return
        if conflict.reason == "judged_before":
            assert conflict.state in UNDECIDED, f"{conflict} was never asked again"
            return
        ruling, proposed = self.rulings.last(key), self.rulings.proposed.get(key)
        grounds, _ = self.grounds(key)
        right = "open"
        if ruling is not None and ruling.grounds == grounds:
            is_asked = ruling.code == "return" and key not in self.rulings.lapsed
            right = "returned" if is_asked else "open" if ruling.code == "return" else "decided"
        if proposed is not None and proposed[0].grounds == grounds:
            right = "proposed" if key not in self.rulings.lapsed else "open"
        assert conflict.state == right, f"{conflict} should be {right}"

    # --- what people have said ------------------------------------------------------------------------------------

    def key_of(self, conflict: Listed) -> Key:
        """Give what a conflict is about: a visit, or the id number of whoever it may be."""
        first = conflict.records[0]
        if conflict.kind in OF_IDENTITIES:
            return (conflict.kind, self._witness.shown[first].person)
        return (conflict.kind, self._visit_of[first])

    def names_on(self, conflict: Listed) -> Names:
        """Give the names that a conflict's rows bear."""
        return frozenset(self._witness.shown[one].name for one in conflict.records if one in self._witness.shown)

    def visits_of(self, key: Key) -> set[Visit]:
        """Give the visits of which a key speaks."""
        kind, about = key
        if kind in OF_IDENTITIES:
            return {self.visit_of(fact) for fact in self._identities.get(str(about), ())}
        assert isinstance(about, tuple)
        return {about}

    def grounds(self, key: Key) -> tuple[Grounds, Grounds]:
        """Give the facts that a key judges now, as the platforms say them and as the rules read them."""
        kind, about = key
        if kind in OF_IDENTITIES:
            said = grounds_of(kind, self._identities.get(str(about), ()), None, self.terms[-1])
            return said, said
        assert isinstance(about, tuple)
        facts, member = self._facts.get(about, []), self._member(about)
        read = [self.terms[-1].read(fact) for fact in facts]
        if kind == "ineligible" and not any(fact.speaks for fact in facts):
            return frozenset(), frozenset()
        if kind == "uncorroborated" and about in self._withdrawn:
            return everything_of(facts), everything_of(read)
        return (grounds_of(kind, facts, member, self.terms[-1]), grounds_of(kind, read, member, self.terms[-1]))

    def hear_said(self, key: Key, ruling: Ruling, state: str, names: Names = frozenset()) -> None:
        """Something was said of a conflict; where it is only ``proposed``, it waits for a second person.

        ``names`` are those that its rows bear.
        """
        self.rulings.lapsed.discard(key)
        if state == "proposed":
            self.rulings.proposed[key] = (ruling, names)
        else:
            self._put(key, ruling, names)

    def hear_agreed(self, key: Key) -> None:
        """A second person agreed to what was proposed."""
        self._put(key, *self.rulings.proposed.pop(key))

    def hear_undone(self, key: Key) -> None:
        """The last word on a conflict was taken back: what stood before it stands again, as far as it had moved it."""
        if self.rulings.proposed.pop(key, None) is not None:
            return
        number = self.rulings.said[key].pop().number
        rulings = self.rulings
        rulings.outside = {one: said for one, said in rulings.outside.items() if said != number}
        rulings.bound = {one: said for one, said in rulings.bound.items() if said[0] != number}
        for visit in list(rulings.authors):
            self.book[visit] = rulings.take_back(visit, number, self.book.get(visit))

    def hear_desk(self) -> None:
        """Look at everything after a deed at the desk: nothing but what it spoke of may have moved."""
        self.judge(is_stopped=self._is_stopped)

    def _put(self, key: Key, ruling: Ruling, names: Names) -> None:
        _, about = key
        self.rulings.said[key].append(ruling)
        if ruling.code == "distinct":
            self._doubted |= self.visits_of(key)
        elif ruling.code == "outside":
            self.rulings.outside[str(about)] = ruling.number
        elif ruling.code == "person":
            self._bind(str(about), names, ruling)

    def _bind(self, id_number: str, names: Names, ruling: Ruling) -> None:
        """Count the rows under these names as one person's, but for those under the identity's own."""
        (person,) = (
            one
            for one in self.roster.values()
            if ruling.argument in {one.local_number, self.former.get(one.local_number)}
        )
        own = self.person_of(id_number)
        for name in names - {folded(own.name) if own else ""}:
            self.rulings.bound[id_number, name] = (ruling.number, person.id_number)

    def parted(self) -> set[Visit]:
        """Give the visits of which another bank may not be asked: bound, parted, out of scope, or not agreed to yet."""
        last = {key: self.rulings.last(key) for key in self.rulings.said}
        found = {about for (_, about), said in last.items() if said and said.code == "distinct"}
        found |= {visit for key in self.rulings.proposed for visit in self.visits_of(key)}
        people = {*self.rulings.outside, *(one for one, _ in self.rulings.bound)}
        people |= {person for _, person in self.rulings.bound.values()}
        return {visit for visit in self.book if visit in found or visit[0] in people} | self.judged

    def numbers_of(self, visit: Visit) -> list[str]:
        """Give the 本地编号 under which a visit may be booked: the person's, and one that it stands for."""
        person = self.roster.get(visit[0])
        return [person.local_number, self.former.get(person.local_number, "")] if person else []

    def _member(self, visit: Visit) -> Member | None:
        person = self.roster.get(visit[0])
        return Member(folded(person.name), person.born_on, bool(person.licence)) if person else None

    def _in_force(self, visit: Visit, facts: Sequence[Fact], formed: Opinion) -> dict[str, Ruling]:
        """Give the rulings on a visit whose grounds are the same; where only the rules read otherwise, it is open."""
        found: dict[str, Ruling] = {}
        people = {fact.person for fact in facts}
        for kind in dict.fromkeys((*formed.kinds, "hours_differ", "category_differs", "uncorroborated")):
            abouts: set[object] = set(people) if kind in OF_IDENTITIES else {visit}
            for about in abouts:
                ruling = self.rulings.last((kind, about))
                if ruling is None:
                    continue
                said, read = self.grounds((kind, about))
                if said == ruling.grounds and (read == ruling.as_read or kind not in OF_CATEGORIES):
                    found[kind] = ruling
                elif said == ruling.grounds or any(times > 1 for times in _speakers(facts).values()):
                    self._doubted.add(visit)
        return found

    def _last_figure(self, visit: Visit, facts: Sequence[Fact]) -> tuple[str, Ruling, bool] | None:
        """Give what was said last of how much to book for a visit, and whether its grounds are the same."""
        said = [(kind, one) for kind in OF_VISITS if (one := self.rulings.last((kind, visit))) and one.code in FIGURES]
        if not said:
            return None
        kind, ruling = max(said, key=lambda one: one[1].number)
        grounds, read = self.grounds((kind, visit))
        if kind in {"ineligible", "vanished"}:
            return kind, ruling, False
        if grounds == ruling.grounds and read != ruling.as_read and kind in OF_CATEGORIES:
            self._doubted.add(visit)
        is_same = grounds == ruling.grounds or (kind == "uncorroborated" and everything_of(facts) == ruling.grounds)
        return kind, ruling, is_same

    # --- the verdict ------------------------------------------------------------------------------------------------

    def _form_verdict(self, *, is_stopped: bool) -> Verdict:
        everything = [*self._witness.shown.values(), *self.entries.values()]
        honours = [fact for fact in everything if fact.is_honour]
        visits: dict[Visit, list[Fact]] = defaultdict(list)
        identities: dict[str, list[Fact]] = defaultdict(list)
        verdict = Verdict({}, {}, {}, set())
        self._earned.clear()
        for fact in everything:
            visit = self.visit_of(fact)
            self._visit_of[fact.platform, fact.external_id] = visit
            if is_out_of_scope(fact, honours) or fact.person in self.rulings.outside:
                verdict.places[fact.platform, fact.external_id] = "out_of_scope"
                visits.setdefault(visit, [])
            else:
                meant = self._as_bound(fact)
                visits[visit].append(meant)
                if fact.platform != "station" and fact is meant and not self._is_named_right(fact):
                    identities[fact.person].append(fact)
        self._facts, self._identities = visits, identities
        self._doubt_near(everything)
        self.stays.clear()
        self.judged.clear()
        self._withdrawn.clear()
        credits_found = self._house.net_credits()
        for visit, facts in visits.items():
            self._judge_visit(visit, facts, credits_found, verdict, is_stopped=is_stopped)
        bound = {self.roster[person].local_number for _, person in self.rulings.bound.values() if person in self.roster}
        for number, _ in [place for place in credits_found if place[0] in bound]:
            self._doubt_left(number, credits_found)
        assert not credits_found, f"booked out of nothing: {credits_found}"
        return verdict

    def _doubt_left(self, number: str, credits_found: dict[tuple[str, date], list[tuple[str, str, int]]]) -> None:
        """Count what is booked for somebody by rows that bear another name by now: it stays until a person judges."""
        for place in [place for place in credits_found if place[0] == number]:
            self._earned[number] += sum(seconds for _, _, seconds in credits_found.pop(place))

    def _doubt_near(self, everything: Sequence[Fact]) -> None:
        """Leave open what comes of the visits of one person by two identities that a decision has brought close."""
        origins: dict[Visit, set[str]] = defaultdict(set)
        bound = {self.merged.get(person, person) for _, person in self.rulings.bound.values()}
        named = {one for one, _ in self.rulings.bound}
        for fact in everything if bound else ():
            if self.visit_of(fact)[0] in bound:
                origins[self.visit_of(fact)].add(fact.person)
            if fact.person in named and (fact.person, fact.name) not in self.rulings.bound:
                self._doubted |= {self.visit_of(fact), *((person, fact.day) for person in bound)}
        for visit, others in combinations(origins, 2):
            if visit[0] == others[0] and abs((visit[1] - others[1]).days) <= 1:
                self._doubted |= {visit, others}
        self._doubted |= {visit for visit, people in origins.items() if len(people) > 1}

    def _as_bound(self, fact: Fact) -> Fact:
        """Give a row under the name of the person whom a decision has bound it to."""
        if (fact.person, fact.name) not in self.rulings.bound:
            return fact
        person = self.roster[self.visit_of(fact)[0]]
        return replace(fact, person=person.id_number, name=folded(person.name))

    def _binding(self, visit: Visit) -> int | None:
        """Give the decision that bound a row of this visit to somebody, or put its person out of scope."""
        if not self.rulings.bound and not self.rulings.outside:
            return None
        facts = self._facts.get(visit)
        if not facts:
            return self.rulings.outside.get(visit[0])
        return next((number for number, person in self.rulings.bound.values() if person == visit[0]), None)

    def _is_named_right(self, fact: Fact) -> bool:
        person = self.person_of(fact.person)
        return person is not None and folded(person.name) == fact.name

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
        verdict.kinds[visit] = formed.kinds
        if formed.place == "withdrawn":
            self._withdrawn.add(visit)
        decided = None
        if self.rulings.said and facts:
            formed, decided = self._as_ruled(visit, facts, formed)
            verdict.kinds[visit] = tuple(dict.fromkeys((*verdict.kinds[visit], *formed.kinds)))
        decided = decided or self._binding(visit)
        numbers = self.numbers_of(visit)
        found = [(one, credit) for one in numbers for credit in credits_found.pop((one, visit[1]), ())]
        said = Credit(*found[0][1]) if found else None
        self.book[visit] = said
        self.booked[visit] = sorted(credit for _, credit in found)
        if said != before:
            self.rulings.hear_moved(visit, decided, before)
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

    def _as_ruled(self, visit: Visit, facts: Sequence[Fact], formed: Opinion) -> tuple[Opinion, int | None]:
        """Give what people have made of an opinion, and whose word it is then."""
        read, before, terms = [self.terms[-1].read(fact) for fact in facts], self.book.get(visit), self.terms[-1]
        asked, decided = formed, None
        if rulings := self._in_force(visit, facts, formed):
            asked, decided = ruled(formed, read, before, rulings, terms)
        if decided is None and formed.place in {"booked", "waiting"} and (last := self._last_figure(visit, facts)):
            asked, decided = stands_judged(formed, read, before, last, terms)
            self.judged.add(visit)
        if decided and asked.place == "in_conflict":
            self.stays.add(visit)
        return asked, decided

    def _opinion(self, visit: Visit, facts: list[Fact], person: Volunteer | None, before: Credit | None) -> Opinion:
        """Ask the oracle; what depends neither on the day nor on what was read is asked anew only if a fact changes."""
        if not facts:
            return Opinion(None, "")
        asked = (facts, person, before, len(self.terms))
        known = self._formed.get(visit)
        if known is not None and known[0] == asked:
            return known[1]
        formed = opinion(facts, self._member(visit), before, self._reach, self._today, self.terms[-1])
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

    def hold_bridge(self) -> None:
        """P10: the bridge leads from the book to what each platform reports, and nothing in it is unexplained."""
        booked = sum(seconds for found in self._house.net_credits().values() for _, _, seconds in found)
        for platform, (ledger, reported) in self._house.bridge().items():
            facts = [one for one in self._witness.shown.values() if one.platform == platform and one.stands]
            assert (ledger, reported) == (booked, sum(one.figure_seconds for one in facts)), platform

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


def _speakers(facts: Sequence[Fact]) -> Counter[str]:
    """Count the rows of each platform that stand."""
    return Counter(fact.platform for fact in facts if fact.stands)


def told(fact: Fact) -> str:
    """Tell a fact without its person."""
    said = [f"{name}={getattr(fact, name)}" for name in Fact.__dataclass_fields__ if name not in {"person", "name"}]
    return f"Fact({', '.join(said)})"


def differs(shown: Fact, held: Fact) -> bool:
    """Say whether a row says something else than it did when it was shown; being gone is not said by a row."""
    return any(getattr(shown, name) != getattr(held, name) for name in Fact.__dataclass_fields__ if name != "is_gone")
