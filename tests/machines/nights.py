"""Nights as a state machine: people type, correct, withdraw and forget; after every night the oracle is asked."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from domain.clock import SHANGHAI
from domain.errors import PlatformError
from sandbox.faults import How
from sandbox.guangxi_rows import PENDING as GUANGXI_PENDING
from sandbox.guangxi_rows import VALID, GuangxiRecord, floor_to_half_hours
from sandbox.national_rows import NationalRecord, hours_text
from sandbox.people import Volunteer
from sandbox.streets import KINDS, MEETINGS, SPECIAL_REMARK, Kind, Station
from sandbox.visits import PROFESSIONAL, activity_id, project_id
from tests.machines.rows_as_facts import guangxi_fact, national_fact
from tests.machines.steps import Machine, step
from tests.nights import NIGHT_TIME, TWO_STATIONS, Bank, Town, problems_of, shipped_rules
from tests.oracle import (
    EFFECTIVE,
    GRACE,
    GUANGXI_ALONE_FROM,
    PENDING,
    Credit,
    Fact,
    Member,
    Opinion,
    Reach,
    is_out_of_scope,
    opinion,
)

FIRST_EVENING = date(2022, 7, 8)
APART_DAYS = 4
REMOVALS_MAX = 8
SHORT_CAP_SECONDS = 2 * 3600
SETTLE = timedelta(seconds=60)
SWEEP_EVERY = timedelta(days=30)
CATEGORIES = {kind.category: kind for kind in KINDS}
FLAT = [kind.category for kind in KINDS if kind is not PROFESSIONAL]
PASSING_FAULTS = (
    "server_error", "cut_json", "html", "empty_body", "throttle_seconds", "throttle_bare", "token_expired", "reset",
    "maintenance", "counts_disagree", "gb18030",
)  # fmt: skip
LASTING_FAULTS = ("server_error", "html", "empty_body", "maintenance", "error_code", "throttle_bare")


@dataclass(eq=False, slots=True)
class Told:
    """One visit and the rows that were typed of it; ``marks`` are the liberties already taken with it."""

    person: Volunteer
    kind: Kind
    day: date
    minutes: int
    national: list[str] = field(default_factory=list)
    guangxi: list[int] = field(default_factory=list)
    entry: str = ""
    marks: set[str] = field(default_factory=set)

    def __repr__(self) -> str:
        return (
            f"Told({self.person.local_number} {self.day} {self.kind.category} {self.minutes} min {sorted(self.marks)})"
        )

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.day, time(9, 5), SHANGHAI)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


A_PASSING_FAULT = st.tuples(st.sampled_from(PASSING_FAULTS), st.integers(1, 3), st.sampled_from(["", "listings"]))
A_PLATFORM_DOWN = st.tuples(st.sampled_from(LASTING_FAULTS), st.just(0), st.sampled_from(["national", "guangxi"]))
LISTINGS: How = {"page": 1}
ANYWHERE: How = {}
VisitsWith = Callable[[Told], bool]
minutes_of_visit = st.integers(30, 110)


class Nights(Machine):
    """One bank, two platforms, eight people of whom two are not on the roster at first."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.choose_home()
        self.town = Town()
        self.last_night = datetime.combine(FIRST_EVENING, time(2, 30), SHANGHAI)
        self.town.set_clock(self.last_night + timedelta(hours=7))
        self.bank = Bank(self.town, self.folder, shipped_rules(cap_seconds=SHORT_CAP_SECONDS))
        self.roster = list(self.town.people[:-2])
        self.bank.take_in(self.roster)
        self.visits: list[Told] = []
        self.entries: dict[str, Fact] = {}
        self.seen: dict[tuple[str, str], Fact] = {}
        self.swept: dict[tuple[str, str], datetime] = {}
        self.read_to: dict[tuple[str, str], datetime] = {}
        self.book: dict[int, Credit | None] = {}
        self.drawn: Counter[str] = Counter()
        self.removals = 0

    def choose_home(self) -> None:
        """Let the bank's store be in its folder."""

    def teardown(self) -> None:
        self.bank.close()
        shutil.rmtree(self.folder)

    # --- people at their keyboards -----------------------------------------------------------------------------------

    @step(
        who=st.integers(0, 7), days_back=st.one_of(st.integers(1, 6), st.integers(1, 280)),
        category=st.sampled_from(list(CATEGORIES)),
        minutes=minutes_of_visit, where=st.sampled_from(["both", "both", "national", "guangxi"]),
        has_times=st.booleans(),
        liberty=st.sampled_from(["", "", "", "pending", "special", "carried", "honour", "meeting"]),
    )  # fmt: skip
    def somebody_serves(
        self, *, who: int, days_back: int, category: str, minutes: int, where: str, has_times: bool, liberty: str
    ) -> None:
        person = self.town.people[who]
        taken = {visit.day for visit in self.visits if visit.person is person}
        day = self.town.clock.at.date() - timedelta(days=days_back)
        while any(abs((day - other).days) < APART_DAYS for other in taken):
            day -= timedelta(days=1)
        visit = Told(person, MEETINGS if liberty == "meeting" else CATEGORIES[category], day, minutes)
        self.visits.append(visit)
        self.book[len(self.visits) - 1] = None
        remark = SPECIAL_REMARK if liberty == "special" else ""
        if where != "guangxi" or liberty in {"carried", "honour", "meeting"}:
            state = "0" if liberty == "pending" and where == "national" else "2"
            self._type_national(visit, status=state, hours_type="2" if liberty == "honour" else "1", remark=remark)
        if where != "national":
            is_carried = liberty in {"carried", "honour"}
            self._type_guangxi(
                visit, has_times=has_times, state=GUANGXI_PENDING if liberty == "pending" else VALID, remark=remark,
                source_system="NATIONAL" if is_carried else "GX",
                source_ref=visit.national[0] if is_carried else "",
            )  # fmt: skip
        visit.marks |= {liberty} if liberty in {"honour", "meeting", "carried"} else set()

    @step(data=st.data(), has_times=st.booleans(), hours_ago=st.sampled_from([0, 48, 72]))
    @precondition(lambda self: self._any(lambda visit: not (visit.national and visit.guangxi)))
    def typed_late(self, *, data: st.DataObject, has_times: bool, hours_ago: int) -> None:
        """Type at the other platform what stands at one; the row is committed with an older stamp."""
        visit = self._draw(data, lambda visit: not (visit.national and visit.guangxi))
        stamped_at = max(self.town.clock.at - timedelta(hours=hours_ago), visit.ends_at + timedelta(hours=1))
        if visit.national:
            self._type_guangxi(visit, has_times=has_times, stamped_at=stamped_at)
        else:
            self._type_national(visit, stamped_at=stamped_at)

    @step(data=st.data(), minutes=minutes_of_visit, sides=st.sampled_from(["both", "national", "guangxi"]))
    @precondition(lambda self: self._any(lambda visit: visit.marks <= {"length"}))
    def length_corrected(self, data: st.DataObject, minutes: int, sides: str) -> None:
        visit = self._draw(data, lambda visit: visit.marks <= {"length"})
        visit.marks.add("length")
        visit.minutes = minutes
        for record in self._national_of(visit) if sides != "guangxi" else ():
            end = visit.ends_at
            self.town.national.edit(record.record_id, ends_at=end, hours=hours_text(record.starts_at, end))
        for row in self._guangxi_of(visit) if sides != "national" else ():
            ends = row.end_time and f"{visit.ends_at:%H:%M}"
            self.town.guangxi.edit(row.record_id, duration_minutes=floor_to_half_hours(minutes), end_time=ends)

    @step(data=st.data(), category=st.sampled_from(FLAT))
    @precondition(lambda self: self._any(lambda visit: not visit.marks and visit.guangxi))
    def category_mistaken(self, data: st.DataObject, category: str) -> None:
        visit = self._draw(data, lambda visit: bool(not visit.marks and visit.guangxi))
        visit.marks.add("category")
        if visit.kind is not PROFESSIONAL:
            self.town.guangxi.edit(visit.guangxi[0], service_type=CATEGORIES[category].service_type)

    @step(data=st.data(), minutes=minutes_of_visit)
    @precondition(lambda self: self.removals < REMOVALS_MAX and self._any(lambda visit: visit.marks <= {"length"}))
    def deleted_and_added(self, data: st.DataObject, minutes: int) -> None:
        """Correct a visit as the platforms do it: there is no update."""
        visit = self._draw(data, lambda visit: visit.marks <= {"length"})
        visit.marks.add("length")
        self.removals += 1
        visit.minutes = minutes
        national, guangxi = self._national_of(visit), self._guangxi_of(visit)
        for record in national[-1:]:
            self.town.national.withdraw(record.record_id)
            end = visit.ends_at
            fresh = replace(record, record_id="", ends_at=end, hours=hours_text(record.starts_at, end), status="2")
            visit.national.append(self.town.national.add(fresh).record_id)
        for row in guangxi[-1:]:
            self.town.guangxi.withdraw(row.record_id)
            ends = row.end_time and f"{visit.ends_at:%H:%M}"
            again = replace(row, record_id=0, duration_minutes=floor_to_half_hours(minutes), end_time=ends, state=VALID)
            visit.guangxi.append(self.town.guangxi.add(again).record_id)

    @step(data=st.data(), sides=st.sampled_from(["both", "national", "guangxi"]))
    @precondition(lambda self: self.removals < REMOVALS_MAX and self._any(lambda visit: "removed" not in visit.marks))
    def withdrawn(self, data: st.DataObject, sides: str) -> None:
        visit = self._draw(data, lambda visit: "removed" not in visit.marks)
        self.removals += 1
        for record_id in visit.national if sides != "guangxi" else ():
            self.town.national.withdraw(record_id)
        for number in visit.guangxi if sides != "national" else ():
            self.town.guangxi.withdraw(number)

    @step(data=st.data())
    @precondition(lambda self: self._any(lambda visit: "removed" not in visit.marks))
    def allowed_again(self, data: st.DataObject) -> None:
        """Bring the last row of each platform back to effective: a withdrawal taken back, a pending one approved."""
        visit = self._draw(data, lambda visit: "removed" not in visit.marks)
        for record_id in visit.national[-1:]:
            self.town.national.edit(record_id, status="2")
        for number in visit.guangxi[-1:]:
            self.town.guangxi.edit(number, state=VALID)

    @step(data=st.data())
    @precondition(lambda self: self._any(lambda visit: not visit.marks and visit.national))
    def saved_twice(self, data: st.DataObject) -> None:
        visit = self._draw(data, lambda visit: bool(not visit.marks and visit.national))
        visit.marks.add("twice")
        record = self._national_of(visit)[0]
        visit.national.append(self.town.national.add(replace(record, record_id="")).record_id)

    @step(data=st.data(), platform=st.sampled_from(["national", "guangxi"]), is_typed_again=st.booleans())
    @precondition(lambda self: self.removals < REMOVALS_MAX and self._any(lambda visit: not visit.marks))
    def removed_without_a_trace(self, *, data: st.DataObject, platform: str, is_typed_again: bool) -> None:
        visit = self._draw(data, lambda visit: not visit.marks)
        visit.marks.add("removed")
        self.removals += 1
        if platform == "national" and len(visit.national) == 1:
            record = self._national_of(visit)[0]
            self.town.national.remove(record.record_id)
            fresh = self.town.national.add(replace(record, record_id="")) if is_typed_again else None
            visit.national[:] = [fresh.record_id] if fresh else []
        elif platform == "guangxi" and len(visit.guangxi) == 1:
            row = self._guangxi_of(visit)[0]
            self.town.guangxi.remove(row.record_id)
            again = self.town.guangxi.add(replace(row, record_id=0)) if is_typed_again else None
            visit.guangxi[:] = [again.record_id] if again else []

    @step(data=st.data())
    @precondition(lambda self: self._any(lambda visit: not visit.marks and visit.guangxi))
    def misnamed(self, data: st.DataObject) -> None:
        """Type another surname; the next time, put it right."""
        visit = self._draw(data, lambda visit: bool(not visit.marks and visit.guangxi))
        right = visit.person.name
        now = self._guangxi_of(visit)[-1].name
        self.town.guangxi.edit(visit.guangxi[-1], name="谢" + right[1:] if now == right else right)

    @step()
    @precondition(lambda self: len(self.roster) < len(self.town.people))
    def put_on_the_roster(self) -> None:
        person = self.town.people[len(self.roster)]
        self.roster.append(person)
        self.bank.take_in([person])

    @step(data=st.data(), is_confirmed=st.booleans())
    @precondition(lambda self: self._any(self._may_be_entered))
    def entered_at_the_station(self, *, data: st.DataObject, is_confirmed: bool) -> None:
        visit = self._draw(data, self._may_be_entered)
        visit.entry = f"E{len(self.entries) + 1}"
        visit.marks.add("entered")
        self._enter(visit, is_confirmed=is_confirmed)

    @step(data=st.data())
    @precondition(lambda self: self._any(lambda visit: bool(visit.entry)))
    def confirmed_by_the_community(self, data: st.DataObject) -> None:
        visit = self._draw(data, lambda visit: bool(visit.entry))
        if self.entries[visit.entry].state == PENDING:
            self._enter(visit, is_confirmed=True)

    @step(who=st.integers(0, 5), share=st.sampled_from([1, 2]))
    def draws_hours(self, who: int, share: int) -> None:
        person = self.town.people[who].local_number
        seconds = self.bank.balances()[person].available_seconds // share
        if seconds:
            self.bank.redeem(person, seconds)
            self.drawn[person] += seconds

    # --- nights ------------------------------------------------------------------------------------------------------

    @step(days=st.one_of(st.just(1), st.integers(1, 20)))
    def night_passes(self, days: int) -> None:
        self._night(days)

    @step(is_over=st.booleans())
    @precondition(lambda self: self._waits_end())
    def night_when_a_wait_ends(self, *, is_over: bool) -> None:
        """Run on the last day on which a visit may wait, or on the first on which it may not."""
        self._night((min(self._waits_end()) - self.last_night.date()).days + is_over)

    @step(trouble=st.one_of(A_PASSING_FAULT, A_PLATFORM_DOWN))
    def night_with_a_fault(self, trouble: tuple[str, int, str]) -> None:
        kind, times, where = trouble
        for name, platform in (("national", self.town.national), ("guangxi", self.town.guangxi)):
            if not times and where == name:
                platform.faults.always(kind)
            elif times:
                often = 1 if kind == "token_expired" else times
                platform.faults.next(kind, times=often, **LISTINGS if where == "listings" else ANYWHERE)
        self._night(1)

    def _waits_end(self) -> list[date]:
        """Give, for what stands at one place alone, the last day of its patience, as far as that is still to come."""
        alone = [
            max(fact.day, fact.entered_on) + GRACE
            for fact in self.seen.values()
            if fact.speaks and fact.platform == "national" and fact.day >= GUANGXI_ALONE_FROM
        ]
        return [day for day in alone if day > self.last_night.date()]

    def _night(self, days: int) -> None:
        night = datetime.combine(self.last_night.date() + timedelta(days=days), time(0), SHANGHAI) + NIGHT_TIME
        self.town.set_clock(night)
        tally = self.bank.night()
        self.last_night, self.removals = night, 0
        assert not tally.stops
        self._look(problems_of(tally), night)
        self._judge(night.date())
        again = self.bank.night(is_plan_only=True).applied.actions
        assert (again["post"], again["correct"], again["reverse"]) == (0, 0, 0)
        self.town.national.faults.clear()
        self.town.guangxi.faults.clear()
        self.town.set_clock(night + timedelta(hours=7))

    def _look(self, problems: dict[str, dict[str, PlatformError]], night: datetime) -> None:
        """Take note of what each platform has shown by now, as far as it was read."""
        for station in TWO_STATIONS:
            for platform, scope in (("national", station.team), ("guangxi", station.organisation)):
                trouble = problems.get(platform, {})
                if "" not in trouble and scope not in trouble:
                    self._look_at(platform, scope, station.code, night - SETTLE)

    def _look_at(self, platform: str, scope: str, station: str, end: datetime) -> None:
        shown = {(platform, fact.external_id): fact for fact in self._facts(platform, scope)}
        known = {key for key, fact in self.seen.items() if key[0] == platform and fact.station == station}
        last = self.swept.get((platform, scope))
        if last is None or end - last >= SWEEP_EVERY:
            self.swept[platform, scope] = end
            for key in known - set(shown):
                self.seen[key] = replace(self.seen[key], is_gone=True)
        self.seen |= shown
        self.read_to[platform, station] = end

    def _facts(self, platform: str, scope: str) -> Iterator[Fact]:
        if platform == "national":
            yield from (national_fact(record) for record in self.town.national.records.rows(scope))
        else:
            yield from (guangxi_fact(row) for row in self.town.guangxi.records.rows(scope))

    def _judge(self, today: date) -> None:
        """Ask the oracle about every visit, and hold the book, the places and the list of conflicts against it."""
        everything = [*self.seen.values(), *self.entries.values()]
        reach = Reach({place: end.date() - timedelta(days=1) for place, end in self.read_to.items()})
        members = {one.id_number: Member(one.name, one.born_on, bool(one.licence)) for one in self.roster}
        said: dict[tuple[str, str], str] = {}
        held: Counter[str] = Counter()
        for number, visit in enumerate(self.visits):
            rows = [fact for fact in everything if (fact.person, fact.day) == (visit.person.id_number, visit.day)]
            inside = [fact for fact in rows if not is_out_of_scope(fact, everything)]
            said |= {(fact.platform, fact.external_id): "out_of_scope" for fact in rows if fact not in inside}
            if inside:
                member = members.get(visit.person.id_number)
                formed = opinion(inside, member, self.book[number], reach, today)
                self.book[number] = formed.credit
                held[formed.held] += 1
                said |= {(fact.platform, fact.external_id): _place(fact, formed) for fact in inside}
            elif rows:
                self.book[number] = None  # it left the scope: a carried-over row whose original turned out to be honour
        self._hold_against(said, held)

    def _hold_against(self, said: dict[tuple[str, str], str], held: Counter[str]) -> None:
        places = self.bank.places()
        keys = [(place.platform, place.external_id) for place in places]
        assert len(set(keys)) == len(keys) == len(self.seen) + len(self.entries)
        found = {(place.platform, place.external_id): place.disposition for place in places}
        assert {key: found[key] for key in said} == said
        for person in self.roster:
            assert self.bank.credited(person.local_number) == self._expected(person)
        self._hold_accounts()
        held.pop("", None)
        of_people = {"unknown_person", "person_differs"}
        told = self.bank.held()
        assert {kind: told[kind] for kind in set(told) - of_people} == {k: held[k] for k in set(held) - of_people}
        assert set(told) & of_people == set(held) & of_people
        assert self.bank.faults_found() == []

    def _expected(self, person: Volunteer) -> dict[tuple[date, str, str], int]:
        return {
            (visit.day, credit.category, credit.station): credit.seconds
            for number, visit in enumerate(self.visits)
            if visit.person is person and (credit := self.book[number]) is not None
        }

    def _hold_accounts(self) -> None:
        assert self.bank.account_total_seconds() == 0
        for person in self.roster:
            one = self.bank.balances()[person.local_number]
            earned = sum(self._expected(person).values())
            has = one.available_seconds + one.surplus_seconds - one.deficit_seconds
            assert has == earned - self.drawn[person.local_number]
            assert 0 <= one.available_seconds <= SHORT_CAP_SECONDS

    # --- hands -------------------------------------------------------------------------------------------------------

    def _any(self, fits: VisitsWith) -> bool:
        return any(map(fits, self.visits))

    def _draw(self, data: st.DataObject, fits: VisitsWith) -> Told:
        """Draw a visit by its number: a failure then prints numbers, not people."""
        numbers = [number for number, visit in enumerate(self.visits) if fits(visit)]
        return self.visits[data.draw(st.sampled_from(numbers))]

    def _may_be_entered(self, visit: Told) -> bool:
        is_known = visit.person in self.roster
        return is_known and not visit.marks and visit.kind is not MEETINGS

    def _national_of(self, visit: Told) -> list[NationalRecord]:
        return [self.town.national.record(record_id) for record_id in visit.national]

    def _guangxi_of(self, visit: Told) -> list[GuangxiRecord]:
        return [self.town.guangxi.record(number) for number in visit.guangxi]

    def _type_national(self, visit: Told, stamped_at: datetime | None = None, **changes: str) -> None:
        person, station = visit.person, _station(visit.person)
        record = NationalRecord(
            "", station.team, person.national_number, person.name, person.id_number,
            project_id(station, visit.kind.projects[0]), visit.starts_at, visit.ends_at,
            hours_text(visit.starts_at, visit.ends_at), visit.ends_at, visit.ends_at, **changes,
        )  # fmt: skip
        visit.national.append(self.town.national.add(record, stamped_at=stamped_at).record_id)

    def _type_guangxi(
        self, visit: Told, *, has_times: bool, stamped_at: datetime | None = None, **changes: str
    ) -> None:
        person, station = visit.person, _station(visit.person)
        row = GuangxiRecord(
            0, station.organisation, person.guangxi_number, person.name, person.id_number,
            activity_id(station, visit.kind.projects[0]), visit.kind.service_type, visit.day,
            f"{visit.starts_at:%H:%M}" if has_times else None, f"{visit.ends_at:%H:%M}" if has_times else None,
            floor_to_half_hours(visit.minutes), visit.ends_at, visit.ends_at, **changes,
        )  # fmt: skip
        visit.guangxi.append(self.town.guangxi.add(row, stamped_at=stamped_at).record_id)

    def _enter(self, visit: Told, *, is_confirmed: bool) -> None:
        person = visit.person
        self.bank.type_entry(
            visit.entry, person.local_number, visit.kind.category, visit.day.isoformat(), f"{visit.starts_at:%H:%M}",
            f"{visit.ends_at:%H:%M}", "", person.station, "陆奶奶", "韦站长", "莫主任" if is_confirmed else "", "",
        )  # fmt: skip
        seconds = visit.minutes * 60
        self.entries[visit.entry] = Fact(
            "station", visit.entry, person.id_number, person.name, visit.day, visit.kind.category, person.station,
            seconds, seconds, EFFECTIVE if is_confirmed else PENDING, self.town.clock.at.date(),
        )  # fmt: skip


def _station(person: Volunteer) -> Station:
    return next(station for station in TWO_STATIONS if station.code == person.station)


def _place(fact: Fact, formed: Opinion) -> str:
    if fact.state != EFFECTIVE:
        return fact.state
    return formed.place
