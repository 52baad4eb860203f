"""People at their keyboards, drawn: they type, mistype, correct, withdraw and forget, at both platforms."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from sandbox.clock import SHANGHAI
from sandbox.guangxi_rows import PENDING, VALID, GuangxiRecord, floor_to_half_hours
from sandbox.national_rows import NationalRecord, hours_text
from sandbox.people import Volunteer
from sandbox.streets import KINDS, MEETINGS, SPECIAL_REMARK, STATIONS, Kind
from sandbox.visits import PROFESSIONAL, activity_id, project_id
from tests.nights import Town

APART_DAYS = 4
BASIC_PLANE = 0xFFFF
REMOVALS_MAX = 8
LATE_HOURS_MAX = 48
EDGY = 0.3
_FLAT = [kind for kind in KINDS if kind is not PROFESSIONAL]
_LIBERTIES = ["", "", "", "", "", "pending", "special", "carried", "honour", "meeting"]
DEEDS_OF_CLERKS = frozenset({
    "visit", "row typed late", "length corrected", "category mistaken", "row deleted and added", "row withdrawn",
    "row allowed again", "row saved twice", "row gone without a trace", "row under another name",
    "row stamped at a window's edge", "visit under a rare name",
})  # fmt: skip
_STATIONS = {station.code: station for station in STATIONS}


@dataclass(eq=False, slots=True)
class Told:
    """One visit and the ids of the rows that were typed of it; ``marks`` are the liberties already taken with it."""

    person: Volunteer
    kind: Kind
    day: date
    minutes: int
    national: list[str] = field(default_factory=list)
    guangxi: list[int] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.day, time(9, 5), SHANGHAI)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


Fits = Callable[[Told], bool]


class Clerk:
    """Types at both platforms. Nobody has two visits within four days, so that there is one right answer.

    ``twins`` leads from an id number to another one of the same human being. ``edges`` are the ends of windows that
    were read last. ``deeds`` counts what was really done.
    """

    def __init__(self, town: Town, chance: random.Random) -> None:
        self.visits: list[Told] = []
        self.removals = 0
        self.twins: dict[str, str] = {}
        self.edges: list[datetime] = []
        self.deeds: Counter[str] = Counter()
        self._town = town
        self._chance = chance
        self._moves: list[tuple[int, Callable[[], None]]] = [
            (10, self._visit), (3, self._type_late), (2, self._correct_length), (1, self._mistake_category),
            (2, self._delete_and_add), (2, self._withdraw), (2, self._allow_again), (1, self._save_twice),
            (2, self._remove), (1, self._misname),
        ]  # fmt: skip

    def work(self, moves: int) -> None:
        """Do so many things now."""
        weights = [weight for weight, _ in self._moves]
        for _, move in self._chance.choices(self._moves, weights, k=moves):
            self._forget_vanished()
            move()

    def draw(self, fits: Fits) -> Told | None:
        """Draw one of the visits that fit, mostly a late one."""
        fitting = [visit for visit in self.visits if fits(visit)]
        if not fitting:
            return None
        return self._chance.choice(fitting[-12:] if self._chance.random() < 0.7 else fitting)

    def _forget_vanished(self) -> None:
        """Let go of rows that a fault took out of a platform."""
        national, guangxi = self._town.national.records, self._town.guangxi.records
        for visit in self.visits:
            kept = [one for one in visit.national if national.get(int(one, 16)) is not None]
            left = [one for one in visit.guangxi if guangxi.get(one) is not None]
            if len(kept) + len(left) < len(visit.national) + len(visit.guangxi):
                visit.national, visit.guangxi = kept, left
                visit.marks |= {"removed", "vanished"}

    # --- moves -------------------------------------------------------------------------------------------------------

    def _visit(self) -> None:
        chance = self._chance
        person, liberty = chance.choice(self._town.people), chance.choice(_LIBERTIES)
        day = self._free_day(person, chance.choice([1, 1, 1, 2, 2, 3, 5, 8, 20, 200]))
        kind = MEETINGS if liberty == "meeting" else chance.choice(KINDS)
        visit = Told(person, kind, day, chance.randint(30, 110))
        self.visits.append(visit)
        self.deeds["visit"] += 1
        self.deeds["visit under a rare name"] += ord(max(person.name)) > BASIC_PLANE
        where = chance.choice(["both", "both", "both", "national", "guangxi"])
        remark = SPECIAL_REMARK if liberty == "special" else ""
        if where != "guangxi" or liberty in {"carried", "honour", "meeting"}:
            state = "0" if liberty == "pending" and where == "national" else "2"
            self._type_national(visit, status=state, hours_type="2" if liberty == "honour" else "1", remark=remark)
        if where != "national":
            is_carried = liberty in {"carried", "honour"}
            self._type_guangxi(
                visit, state=PENDING if liberty == "pending" else VALID, remark=remark,
                source_system="NATIONAL" if is_carried else "GX",
                source_ref=visit.national[0] if is_carried else "",
            )  # fmt: skip
        visit.marks |= {liberty} if liberty in {"honour", "meeting", "carried"} else set()

    def _free_day(self, person: Volunteer, days_back: int) -> date:
        taken = {visit.day for visit in self.visits if self._human(visit.person) == self._human(person)}
        day = self._town.clock.at.date() - timedelta(days=days_back)
        while any(abs((day - other).days) < APART_DAYS for other in taken):
            day -= timedelta(days=1)
        return day

    def _human(self, person: Volunteer) -> str:
        return self.twins.get(person.id_number, person.id_number)

    def _type_late(self) -> None:
        """Type at the other platform what stands at one; the row is committed with an older stamp."""
        visit = self.draw(lambda visit: "vanished" not in visit.marks and not (visit.national and visit.guangxi))
        if visit is None:
            return
        self.deeds["row typed late"] += 1
        stamped_at = max(self._late_stamp(), visit.ends_at + timedelta(hours=1))
        if visit.national:
            self._type_guangxi(visit, stamped_at=stamped_at)
        else:
            self._type_national(visit, stamped_at=stamped_at)

    def _late_stamp(self) -> datetime:
        """Draw a stamp of the last two days: any hour, or the very second at which a window ended or began anew."""
        now = self._town.clock.at
        edges = [edge for edge in self.edges if now - timedelta(hours=LATE_HOURS_MAX) <= edge <= now]
        if edges and self._chance.random() < EDGY:
            self.deeds["row stamped at a window's edge"] += 1
            return self._chance.choice(edges)
        return now - timedelta(hours=self._chance.randint(0, LATE_HOURS_MAX))

    def _correct_length(self) -> None:
        visit = self.draw(lambda visit: visit.marks <= {"length"})
        if visit is None:
            return
        self.deeds["length corrected"] += 1
        visit.marks.add("length")
        visit.minutes = self._chance.randint(30, 110)
        sides = self._chance.choice(["both", "national", "guangxi"])
        for record in self._national_of(visit) if sides != "guangxi" else ():
            end = visit.ends_at
            self._town.national.edit(record.record_id, ends_at=end, hours=hours_text(record.starts_at, end))
        for row in self._guangxi_of(visit) if sides != "national" else ():
            ends = row.end_time and f"{visit.ends_at:%H:%M}"
            minutes = floor_to_half_hours(visit.minutes)
            self._town.guangxi.edit(row.record_id, duration_minutes=minutes, end_time=ends)

    def _mistake_category(self) -> None:
        visit = self.draw(lambda visit: not visit.marks and bool(visit.guangxi))
        if visit is not None:
            visit.marks.add("category")
            if visit.kind is not PROFESSIONAL:
                self.deeds["category mistaken"] += 1
                self._town.guangxi.edit(visit.guangxi[0], service_type=self._chance.choice(_FLAT).service_type)

    def _delete_and_add(self) -> None:
        """Correct a visit as the platforms do it: there is no update."""
        visit = self._draw_removable(lambda visit: visit.marks <= {"length"})
        if visit is None:
            return
        self.deeds["row deleted and added"] += 1
        visit.marks.add("length")
        visit.minutes = self._chance.randint(30, 110)
        national, guangxi = self._national_of(visit), self._guangxi_of(visit)
        end = visit.ends_at
        for record in national[-1:]:
            self._town.national.withdraw(record.record_id)
            fresh = replace(record, record_id="", ends_at=end, hours=hours_text(record.starts_at, end), status="2")
            visit.national.append(self._town.national.add(fresh).record_id)
        for row in guangxi[-1:]:
            self._town.guangxi.withdraw(row.record_id)
            again = replace(
                row, record_id=0, duration_minutes=floor_to_half_hours(visit.minutes),
                end_time=row.end_time and f"{end:%H:%M}", state=VALID,
            )  # fmt: skip
            visit.guangxi.append(self._town.guangxi.add(again).record_id)

    def _withdraw(self) -> None:
        visit = self._draw_removable(lambda visit: "removed" not in visit.marks)
        sides = self._chance.choice(["both", "national", "guangxi"])
        self.deeds["row withdrawn"] += visit is not None
        for record_id in visit.national if visit and sides != "guangxi" else ():
            self._town.national.withdraw(record_id)
        for number in visit.guangxi if visit and sides != "national" else ():
            self._town.guangxi.withdraw(number)

    def _allow_again(self) -> None:
        """Bring the last row of each platform back to effective: a withdrawal taken back, a pending one approved."""
        visit = self.draw(lambda visit: "removed" not in visit.marks)
        self.deeds["row allowed again"] += visit is not None
        for record_id in visit.national[-1:] if visit else ():
            self._town.national.edit(record_id, status="2")
        for number in visit.guangxi[-1:] if visit else ():
            self._town.guangxi.edit(number, state=VALID)

    def _save_twice(self) -> None:
        visit = self.draw(lambda visit: not visit.marks and bool(visit.national))
        if visit is not None:
            visit.marks.add("twice")
            self.deeds["row saved twice"] += 1
            record = self._national_of(visit)[0]
            visit.national.append(self._town.national.add(replace(record, record_id="")).record_id)

    def _remove(self) -> None:
        """Take a row out without a trace, and now and then type it again."""
        visit = self._draw_removable(lambda visit: not visit.marks)
        if visit is None:
            return
        visit.marks.add("removed")
        self.deeds["row gone without a trace"] += 1
        is_typed_again = self._chance.random() < 0.5
        if len(visit.national) == 1 and self._chance.random() < 0.5:
            record = self._national_of(visit)[0]
            self._town.national.remove(record.record_id)
            fresh = [self._town.national.add(replace(record, record_id="")).record_id] if is_typed_again else []
            visit.national[:] = fresh
        elif len(visit.guangxi) == 1:
            row = self._guangxi_of(visit)[0]
            self._town.guangxi.remove(row.record_id)
            again = [self._town.guangxi.add(replace(row, record_id=0)).record_id] if is_typed_again else []
            visit.guangxi[:] = again

    def _misname(self) -> None:
        """Type another surname; the next time, put it right."""
        visit = self.draw(lambda visit: not visit.marks and bool(visit.guangxi))
        if visit is not None:
            self.deeds["row under another name"] += 1
            right = visit.person.name
            now = self._guangxi_of(visit)[-1].name
            self._town.guangxi.edit(visit.guangxi[-1], name="谢" + right[1:] if now == right else right)

    # --- hands -------------------------------------------------------------------------------------------------------

    def _draw_removable(self, fits: Fits) -> Told | None:
        """Draw a visit to be taken back; not so many between two nights that the bank would stop and ask."""
        if self.removals >= REMOVALS_MAX:
            return None
        self.removals += 1
        return self.draw(fits)

    def _national_of(self, visit: Told) -> list[NationalRecord]:
        return [self._town.national.record(record_id) for record_id in visit.national]

    def _guangxi_of(self, visit: Told) -> list[GuangxiRecord]:
        return [self._town.guangxi.record(number) for number in visit.guangxi]

    def _type_national(self, visit: Told, stamped_at: datetime | None = None, **changes: str) -> None:
        person, station = visit.person, _STATIONS[visit.person.station]
        record = NationalRecord(
            "", station.team, person.national_number, person.name, person.id_number,
            project_id(station, visit.kind.projects[0]), visit.starts_at, visit.ends_at,
            hours_text(visit.starts_at, visit.ends_at), visit.ends_at, visit.ends_at, **changes,
        )  # fmt: skip
        visit.national.append(self._town.national.add(record, stamped_at=stamped_at).record_id)

    def _type_guangxi(self, visit: Told, stamped_at: datetime | None = None, **changes: str) -> None:
        person, station = visit.person, _STATIONS[visit.person.station]
        has_times = self._chance.random() < 0.5
        row = GuangxiRecord(
            0, station.organisation, person.guangxi_number, person.name, person.id_number,
            activity_id(station, visit.kind.projects[0]), visit.kind.service_type, visit.day,
            f"{visit.starts_at:%H:%M}" if has_times else None, f"{visit.ends_at:%H:%M}" if has_times else None,
            floor_to_half_hours(visit.minutes), visit.ends_at, visit.ends_at, **changes,
        )  # fmt: skip
        visit.guangxi.append(self._town.guangxi.add(row, stamped_at=stamped_at).record_id)
