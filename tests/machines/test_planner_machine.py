"""The planner as a state machine: facts come, change and go in any order, and every plan keeps the promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from domain.claims import Claim
from domain.conflicts import Conflict, ConflictKind, Decision, PairBinding
from domain.decisions import DecisionCode, possible_decisions
from domain.hours import DurationRange
from domain.people import PersonBinding
from domain.records import STATION_PLATFORM, RecordKey, RecordState
from domain.subjects import Subject
from sync.plan import plan
from tests.machines.facts import Facts, Group, Judged
from tests.machines.promises import is_quiet, keep, planned, stands
from tests.machines.shares import PLANNER
from tests.machines.steps import IDLE, Machine, live, step
from tests.planning import EARLY_2022, IN_2021, LATER, RULES, at, claim, person, rounded

ERAS = [LATER, LATER, EARLY_2022, IN_2021, date(2022, 6, 28), date(2021, 12, 29)]
CATEGORIES = ["emotional_support"] * 4 + ["professional", "professional", "escort", "recreation", None]
STARTS = ["", "08:00", "09:00", "09:30", "14:00", "23:30"]
WAYS = ["figure", "category", "day", "span", "no_times", "special", "station", "type_unknown", "out_of_scope"]
CREDITS = ["0", "0.5", "1.25"]
A_PICK = st.integers(0, 20)
PLATFORMS = ["guangxi", "national", STATION_PLATFORM]


@dataclass(eq=False, slots=True)
class Visit:
    """One true visit; it is plain as long as nobody took a liberty with it and no other of the person is near."""

    who: int
    day: date
    start: str
    minutes: int
    category: str | None
    is_plain: bool
    keys: set[RecordKey] = field(default_factory=set)


class Planner(Machine):
    """Two people of the roster and one who is not on it yet, three sources, and a book of one page."""

    @initialize(era=st.sampled_from(ERAS), is_new=st.sampled_from([False, False, False, True]))
    def begin(self, *, era: date, is_new: bool) -> None:
        """Begin with nothing, or with a few visits that are booked."""
        self.era = era
        self.facts = Facts(today=era + timedelta(days=3), through=era + timedelta(days=2))
        self.visits: list[Visit] = []
        self.conflicts: dict[str, Conflict] = {}
        self.due: dict[Group, tuple[Subject, date | None]] = {}
        self.sleeps = 0
        self.made = 0
        for visit in () if is_new else self._first_visits():
            self.visits.append(visit)
            for platform in ("guangxi", "national"):
                self._type(visit, platform, has_times=bool(visit.start))
        self._night()

    def _first_visits(self) -> Iterator[Visit]:
        yield Visit(1, self.era, "09:00", 60, "emotional_support", is_plain=True)
        yield Visit(1, self.era + timedelta(days=2), "", 95, "professional", is_plain=True)
        yield Visit(2, self.era, "14:00", 30, "escort", is_plain=True)

    # --- what befalls the facts --------------------------------------------------------------------------------------

    @step(
        who=st.sampled_from([1, 1, 1, 2, 3]), day=st.sampled_from([0, 0, 0, 1, 2, 5]), start=st.sampled_from(STARTS),
        minutes=st.sampled_from([30, 42, 60, 95, 400]), category=st.sampled_from(CATEGORIES),
        platform=st.sampled_from(["guangxi", *PLATFORMS]), state=st.sampled_from(["effective"] * 5 + ["pending"]),
    )  # fmt: skip
    def somebody_serves(
        self, *, who: int, day: int, start: str, minutes: int, category: str | None, platform: str, state: str
    ) -> None:
        served_on = self.era + timedelta(days=day)
        near = [one for one in self.visits if one.who == who and abs((one.day - served_on).days) <= 1]
        for one in near:
            one.is_plain = False
        visit = Visit(who, served_on, start, minutes, category, is_plain=not near)
        self.visits.append(visit)
        self._type(visit, platform, has_times=bool(start), state=RecordState(state))
        self._night()

    @step(pick=A_PICK, platform=st.sampled_from(PLATFORMS), has_times=st.booleans())
    def typed_elsewhere(self, *, pick: int, platform: str, has_times: bool) -> bool | None:
        """Type a visit at another source, as it truly was."""
        if not self.visits:
            return IDLE
        visit = self.visits[pick % len(self.visits)]
        if any(key.platform == platform for key in visit.keys):
            visit.is_plain = False  # typed by two hands
        self._type(visit, platform, has_times=has_times and bool(visit.start))
        self._night()
        return None

    @step(pick=A_PICK, old=st.sampled_from(["stays", "gone", "withdrawn"]))
    def comes_back_under_another_id(self, pick: int, old: str) -> bool | None:
        said = self._picked(pick, _is_shown)
        if said is None:
            return IDLE
        visit = self._visit_of(said)
        self._say(replace(said, key=self._new_key(said.key.platform)), visit)
        if old != "stays":
            self._say(replace(said, is_gone=True) if old == "gone" else replace(said, state=RecordState.WITHDRAWN))
        self._night()
        return None

    @step(pick=A_PICK)
    def carried_over(self, pick: int) -> bool | None:
        """Let one platform repeat a record of the other's, by its number."""
        carried = {one.carried_from for one in self.facts.claims.values()}
        said = self._picked(pick, lambda one: _is_shown(one) and not one.carried_from and one.key not in carried)
        if said is None:
            return IDLE
        to = "guangxi" if said.key.platform == "national" else "national"
        visit = self._visit_of(said)
        visit.is_plain &= not any(key.platform == to for key in visit.keys)
        repeated = claim(
            to, self._new_key(to).external_id, said.service_date, "", rounded(to, said.reported_seconds),
            identity=said.identity, name_token=said.name_token, category=said.category, carried_from=said.key,
        )  # fmt: skip
        self._say(repeated, visit)
        self._night()
        return None

    @step(pick=A_PICK, platform=st.sampled_from(["guangxi", "national"]))
    def echoed(self, pick: int, platform: str) -> bool | None:
        """Show at a platform what was delivered there from the station's own entry."""
        if not self.visits:
            return IDLE
        visit = self.visits[pick % len(self.visits)]
        entries = [self.facts.claims[key] for key in sorted(visit.keys) if key.platform == STATION_PLATFORM]
        said = entries[0] if entries else self._typed(visit, STATION_PLATFORM, has_times=bool(visit.start))
        visit.is_plain &= not any(key.platform == platform for key in visit.keys)
        business_key = said.business_key or f"SQ{said.key.external_id}"
        self._say(replace(said, business_key=business_key), visit)
        made = self._typed(visit, platform, has_times=bool(visit.start))
        self._say(replace(made, business_key=business_key), visit)
        self._night()
        return None

    @step(pick=A_PICK, way=st.sampled_from(WAYS), is_everywhere=st.booleans())
    def changed(self, *, pick: int, way: str, is_everywhere: bool) -> bool | None:
        said = self._picked(pick)
        if said is None:
            return IDLE
        visit = self._visit_of(said)
        visit.is_plain = False
        for key in sorted(visit.keys) if is_everywhere else [said.key]:
            self._say(_changed(self.facts.claims[key], way))
        self._night()
        return None

    @step(pick=A_PICK, state=st.sampled_from(list(RecordState)), is_everywhere=st.booleans())
    def taken_back_or_approved(self, *, pick: int, state: RecordState, is_everywhere: bool) -> bool | None:
        said = self._picked(pick)
        if said is None:
            return IDLE
        for key in sorted(self._visit_of(said).keys) if is_everywhere else [said.key]:
            self._say(replace(self.facts.claims[key], state=state))
        self._night()
        return None

    @step(pick=A_PICK)
    def gone_or_seen_again(self, pick: int) -> bool | None:
        said = self._picked(pick, _is_shown)
        if said is None:
            return IDLE
        self._say(replace(said, is_gone=not said.is_gone))
        self._night()
        return None

    @step(pick=A_PICK, whose=st.sampled_from([1, 2, 3]), name=st.sampled_from(["name-1", "name-2", "name-4"]))
    def named_anew(self, pick: int, whose: int, name: str) -> bool | None:
        """Let a record speak of another identity, or bear another name."""
        said = self._picked(pick)
        if said is None:
            return IDLE
        self._visit_of(said).is_plain = False
        self._say(replace(said, identity=whose, name_token=name))
        self._night()
        return None

    # --- what befalls the bank ---------------------------------------------------------------------------------------

    @step(what=st.sampled_from(["put on", "renamed", "licence", "opening"]), who=st.sampled_from([1, 2, 3]), day=A_PICK)
    def roster_changes(self, what: str, who: int, day: int) -> bool | None:
        one = self.facts.people.get(who)
        if one is None:
            self.facts.people[who] = person(100 + who, f"name-{who}", born_on=date(1984 + day, 1, 1))
        elif what == "renamed":
            self.facts.people[who] = replace(one, name_token=f"name-{who + 3 * (day % 2)}")
        elif what == "licence":
            self.facts.people[who] = replace(one, has_licence=not one.has_licence)
        else:
            self.facts.people[who] = replace(one, opening_through=self.era + timedelta(days=day % 7 - 1))
        self._night()
        return None

    @step(who=st.sampled_from([101, 101, 102]), share=st.sampled_from([1, 2]))
    def draws_hours(self, who: int, share: int) -> bool | None:
        seconds = self.facts.book.available[who] // share
        if not seconds:
            return IDLE
        self.facts.book.draw(who, seconds)
        self._night()
        return None

    @step(pick=A_PICK, code=A_PICK, argument=A_PICK)
    def decided(self, pick: int, code: int, argument: int) -> bool | None:
        if not self.conflicts:
            return IDLE
        conflict = self.conflicts[sorted(self.conflicts)[pick % len(self.conflicts)]]
        possible = possible_decisions(conflict.kind, is_blocking=conflict.is_blocking)
        self.facts.judged.append(self._judged(conflict, possible[code % len(possible)], argument))
        for key in conflict.records:
            self._visit_of(self.facts.claims[key]).is_plain = False
        self._night()
        return None

    @step(pick=A_PICK)
    def undone(self, pick: int) -> bool | None:
        if not self.facts.judged:
            return IDLE
        subject = self.facts.judged[pick % len(self.facts.judged)].conflict_id
        last = [one for one in self.facts.judged if one.conflict_id == subject][-1]
        self.facts.judged.remove(last)
        self._night()
        return None

    @step(days=st.sampled_from([1, 1, 2, 7, 15]), is_read=st.booleans())
    def days_pass(self, *, days: int, is_read: bool) -> None:
        today = self.facts.today + timedelta(days=days)
        self._time_alone_changes_nothing(today)
        self.facts.today = today
        if is_read:
            self.facts.through = self.facts.today - timedelta(days=1)
        self._night()

    @step(steps=st.integers(1, 3))
    def the_bank_sleeps(self, steps: int) -> None:
        """Let the next steps befall before anything is planned again."""
        self.sleeps = steps

    # --- what must hold ----------------------------------------------------------------------------------------------

    @step()
    def everything_is_withdrawn_for_once(self) -> bool | None:
        """Look where it would lead if every source took back all it said: to an empty book."""
        if not self.facts.claims:
            return IDLE
        kept = self.facts.copy()
        nothing = {key: replace(one, state=RecordState.WITHDRAWN) for key, one in kept.claims.items()}
        kept.claims = nothing
        for _ in range(2):
            for group in kept.groups():
                kept.settle(group, plan(kept.subject(group), RULES, kept.coverage, kept.today))
        assert kept.book.booked() == []
        return None

    def _night(self) -> None:
        """Plan who has changed or is due, book it, and find nothing more to do."""
        if self.sleeps:
            self.sleeps -= 1
            return
        self.conflicts = {}
        moved = self._run()
        if moved:
            moved = self._run()
        if moved:
            assert not self._run(), "writes stop within two runs"
        self._hold_the_book()

    def _run(self) -> int:
        moved = 0
        for group in self.facts.groups():
            subject = self.facts.subject(group)
            if not subject.claims or not self._is_due(group, subject):
                continue
            made = planned(subject, self.facts.coverage, self.facts.today)
            keep(made, subject, self.facts.coverage, self.facts.today)
            moved += self.facts.settle(group, made)
            after = self.facts.subject(group)
            again = plan(after, RULES, self.facts.coverage, self.facts.today)
            assert is_quiet(again)
            assert again.dispositions == made.dispositions
            self.facts.settle(group, again)
            self.due[group] = (_said(subject), again.due_on)
            self.conflicts |= {one.conflict_id: one for one in again.conflicts}
        return moved

    def _is_due(self, group: Group, subject: Subject) -> bool:
        known, due_on = self.due.get(group, (None, None))
        return known != _said(subject) or (due_on is not None and due_on <= self.facts.today)

    def _time_alone_changes_nothing(self, today: date) -> None:
        """Plan on the last day before the one that was named, or before ``today``: there is nothing to do."""
        for group in self.facts.groups():
            subject = self.facts.subject(group)
            if subject.claims and not self._is_due(group, subject):
                _, due_on = self.due[group]
                eve = min(today, due_on or today) - timedelta(days=1)
                assert is_quiet(plan(subject, RULES, self.facts.coverage, eve))

    def _hold_the_book(self) -> None:
        """P2: no plain visit is credited twice, and no record stands behind two bookings."""
        behind = [one.record for one in self.facts.book.standings.values() if one.booking is not None]
        assert len(set(behind)) == len(behind)
        for visit in self.visits:
            visit.is_plain &= not self._may_be_two(visit)
            assert not visit.is_plain or sum(key in visit.keys for key in behind) <= 1

    def _may_be_two(self, visit: Visit) -> bool:
        """Say whether several sources show rows without times twice: then nobody can know."""
        untimed = [self.facts.claims[key] for key in visit.keys if self.facts.claims[key].starts_at is None]
        shown = Counter(one.key.platform for one in untimed if stands(one))
        return sum(count > 1 for count in shown.values()) > 1

    # --- hands -------------------------------------------------------------------------------------------------------

    def _picked(self, pick: int, fits: Callable[[Claim], bool] = bool) -> Claim | None:
        keys = sorted(key for key, said in self.facts.claims.items() if fits(said))
        return self.facts.claims[keys[pick % len(keys)]] if keys else None

    def _visit_of(self, said: Claim) -> Visit:
        return next(visit for visit in self.visits if said.key in visit.keys)

    def _new_key(self, platform: str) -> RecordKey:
        self.made += 1
        return claim(platform, f"R{self.made:02d}", self.era, "", 0).key

    def _say(self, said: Claim, visit: Visit | None = None) -> None:
        self.facts.claims[said.key] = said
        if visit is not None:
            visit.keys.add(said.key)

    def _type(
        self, visit: Visit, platform: str, *, has_times: bool, state: RecordState = RecordState.EFFECTIVE
    ) -> None:
        self._say(replace(self._typed(visit, platform, has_times=has_times), state=state), visit)

    def _typed(self, visit: Visit, platform: str, *, has_times: bool) -> Claim:
        made = claim(
            platform, self._new_key(platform).external_id, visit.day, "", rounded(platform, visit.minutes * 60),
            category=visit.category,
            identity=visit.who, name_token=f"name-{visit.who}", entered_on=max(visit.day, self.facts.today),
        )  # fmt: skip
        if not has_times:
            return made
        starts_at, length = at(visit.day, visit.start), visit.minutes * 60
        duration = DurationRange(length, length) if platform == STATION_PLATFORM else made.duration
        return replace(made, starts_at=starts_at, ends_at=starts_at + timedelta(seconds=length), duration=duration)

    def _judged(self, conflict: Conflict, code: DecisionCode, pick: int) -> Judged:
        records = conflict.records
        argument = ""
        if code is DecisionCode.ACCEPT:
            argument = sorted({key.platform for key in records})[pick % len({key.platform for key in records})]
        elif code is DecisionCode.CREDIT:
            argument = CREDITS[pick % len(CREDITS)]
        decision = Decision(
            len(self.facts.judged) + 1 + self.made * 100, ConflictKind(conflict.kind), conflict.about, code, argument,
            conflict.evidence_fingerprint, "查过签到表", "韦审核", at(self.facts.today, "08:30"),
        )  # fmt: skip
        whole = Judged(decision, conflict.conflict_id, records, conflict.identity, conflict.person)
        first = self.facts.claims[records[pick % len(records)]] if records else None
        match code:
            case DecisionCode.SAME | DecisionCode.DISTINCT if len(records) > 1:
                pair = PairBinding(records[0], records[1], is_same=code is DecisionCode.SAME)
                return replace(whole, pairs=(pair,))
            case DecisionCode.PERSON if first is not None:
                numbers = sorted(one.number for one in self.facts.people.values())
                binding = PersonBinding(first.identity, first.name_token, numbers[pick % len(numbers)])
                return replace(whole, binding=binding)
            case DecisionCode.OUTSIDE if conflict.kind is ConflictKind.UNKNOWN_PERSON:
                return replace(whole, outside_identity=conflict.identity)
            case DecisionCode.OUTSIDE if first is not None:
                return replace(whole, outside_activity=(first.key.platform, first.activity_id))
            case _:
                return whole


def _is_shown(said: Claim) -> bool:
    """Say whether a platform shows it, and not the station alone."""
    return said.key.platform != STATION_PLATFORM


def _said(subject: Subject) -> Subject:
    """Give a subject without what planning itself makes of it: what has to change before it is planned again."""
    return replace(subject, standings=(), membership={}, foreign_services=frozenset(), strays=(), owed={})


def _changed(said: Claim, way: str) -> Claim:
    longer = DurationRange(said.duration.low_seconds + 1800, said.duration.high_seconds + 1800)
    ways: dict[str, dict[str, Any]] = {
        "figure": {"reported_seconds": said.reported_seconds + 1800, "duration": longer},
        "category": {"category": "assistance" if said.category != "assistance" else "professional"},
        "day": _moved(said, timedelta(days=1)),
        "span": _moved(said, timedelta(minutes=20)),
        "no_times": {"starts_at": None, "ends_at": None},
        "special": {"is_special": not said.is_special},
        "station": {"station": "CZ01" if said.station != "CZ01" else "CZ02"},
        "type_unknown": {"is_type_unknown": not said.is_type_unknown},
        "out_of_scope": {"out_of_scope": "" if said.out_of_scope else "honour"},
    }
    return replace(said, **ways[way])


def _moved(said: Claim, by: timedelta) -> dict[str, Any]:
    starts_at = said.starts_at + by if said.starts_at else None
    ends_at = said.ends_at + by if said.ends_at else None
    return {"service_date": said.service_date + timedelta(days=by.days), "starts_at": starts_at, "ends_at": ends_at}


@pytest.mark.parametrize("part", range(PLANNER.parts))
def test_every_plan_keeps_the_promises(part: int) -> None:
    assert RULES.tolerance_seconds == 0  # what the figures of these visits were chosen for
    live(Planner, PLANNER, part)
