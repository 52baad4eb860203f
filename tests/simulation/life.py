"""One simulated life of a bank: everything that happens in it follows from its seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from unittest.mock import patch

from adapters.chinavolunteer import profile as national_profile
from adapters.guizhiyuan import profile as guangxi_profile
from sandbox.cipher import KeyPair, chance
from sandbox.clock import SHANGHAI
from sandbox.people import Volunteer
from sync.night import NightTally
from tests.effects import Effects, KilledError
from tests.nights import NIGHT_TIME, Town, shipped_rules
from tests.oracle import EFFECTIVE, FIRST_DAY, PENDING, Fact
from tests.simulation.book import replay
from tests.simulation.clerk import Clerk, Told
from tests.simulation.house import PLATFORMS, SCOPES, House
from tests.simulation.judge import Judge
from tests.simulation.weather import Weather
from tests.simulation.witness import Witness

DAYS = 120
PEOPLE = 8
SHORT_CAP_SECONDS = 3 * 3600
FIRST_DAYS = (date(2021, 11, 20), date(2022, 8, 1))
SKEW_MINUTES_MAX = 45
PAGE_SIZES = (3, 5, 9, 100)
EFFECTS_OF_A_NIGHT = 60
SWEEP_AFTER = timedelta(days=31)
WAYS_TO_RUN: tuple[tuple[tuple[str, ...], ...], ...] = (
    (PLATFORMS,), (PLATFORMS[:1], PLATFORMS[1:]), (PLATFORMS, PLATFORMS),
)  # fmt: skip


@dataclass(slots=True)
class Story:
    """What a life came to: how often what happened, and what the store says at its end."""

    seed: int
    nights: int = 0
    runs: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    stops: int = 0
    partial: int = 0
    judged: int = 0
    doubted: int = 0
    records: int = 0
    vouchers: int = 0
    end: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Manner:
    """How a life is lived: calm (no fault, no kill), in which order the platforms are read, in pages of which size."""

    is_calm: bool = False
    order: Sequence[str] = PLATFORMS
    page_size: int = 0


def live(seed: int, folder: Path, days: int = DAYS, manner: Manner | None = None) -> Story:
    """Live one life from its seed and give its story; what is not as it must be raises AssertionError."""
    life = Life(seed, folder, manner or Manner())
    try:
        with life.pages():
            life.pass_days(days)
            life.converge()
    finally:
        life.house.close()
    return life.story


class Life:
    """The people, the platforms, the bank and its judge."""

    def __init__(self, seed: int, folder: Path, manner: Manner) -> None:
        self.story = Story(seed)
        self.town = Town(PEOPLE)
        self._chance, self._trouble = chance("life", seed), chance("trouble", seed)
        first, last = FIRST_DAYS
        self._day = first + timedelta(days=self._chance.randrange((last - first).days))
        skew = timedelta(minutes=SKEW_MINUTES_MAX)
        self._skews = {
            name: self._chance.choice([timedelta(0), skew * self._chance.uniform(-1, 1)]) for name in PLATFORMS
        }
        self._manner = replace(manner, page_size=manner.page_size or self._chance.choice(PAGE_SIZES))
        self._set_clock(datetime.combine(self._day, time(9, 30), SHANGHAI))
        self.witness = Witness(self.town, {name: self._keys(name) for name in PLATFORMS})
        self.house = House(self.town, folder, shipped_rules(cap_seconds=SHORT_CAP_SECONDS), self.witness)
        self.judge = Judge(self.town, self.house, self.witness)
        self.clerk = Clerk(self.town, self._chance)
        self.weather = Weather(self.town, self._trouble)
        self._enrol(self.town.people[:-2])

    def _keys(self, platform: str) -> KeyPair:
        side = "response" if platform == "national" else "data"
        secrets = self.town.secrets[platform]
        return KeyPair(secrets[f"{side}_key"], secrets[f"{side}_iv"])

    @contextmanager
    def pages(self) -> Iterator[None]:
        """Have the platforms asked for pages so small that there are several."""
        size = self._manner.page_size
        with patch.object(national_profile, "PAGE_SIZE", size), patch.object(guangxi_profile, "PAGE_SIZE", size):
            yield

    def _set_clock(self, at: datetime) -> None:
        self.town.set_clock(at)
        for name, platform in (("national", self.town.national), ("guangxi", self.town.guangxi)):
            platform.clock.freeze((at + self._skews[name]).replace(microsecond=0))

    # --- the phase of safety -----------------------------------------------------------------------------------------

    def pass_days(self, days: int) -> None:
        """Let days pass, with whatever they bring; now and then nobody runs the night."""
        for _ in range(days):
            self._set_clock(datetime.combine(self._day, time(9, 30), SHANGHAI))
            self.clerk.work(self._chance.randint(0, 4))
            self._work_at_the_station()
            self._day += timedelta(days=1)
            if self._chance.random() < 0.9:
                self._set_clock(datetime.combine(self._day, time(0), SHANGHAI) + NIGHT_TIME)
                self._pass_night()

    def _pass_night(self) -> None:
        self.story.nights += 1
        if not self._manner.is_calm:
            self.weather.fall()
            while self._trouble.random() < 0.2:
                self._die_at(self._trouble.randint(1, EFFECTS_OF_A_NIGHT))
        for platforms in self._trouble.choices(WAYS_TO_RUN, [8, 1, 1])[0]:
            self._run([name for name in self._manner.order if name in platforms])
        if self._trouble.random() < 0.15:
            self._look_closely()

    def _die_at(self, effect: int) -> None:
        """Let a run end at one of its effects; the next process comes a while later."""
        effects = Effects(last=effect)
        try:
            tally = self.house.run(self._manner.order, effects)
        except KilledError:
            self.story.kills[effects.names[-1]] += 1
            self.judge.hear_run(self.weather.since_last_asked())
        else:
            self._take_note(tally)
        self.house.reopen()
        self._set_clock(self.town.clock.at + timedelta(minutes=self._trouble.randint(2, 90)))

    def _run(self, platforms: Sequence[str]) -> NightTally:
        tally = self.house.run(platforms)
        self._take_note(tally)
        return tally

    def _take_note(self, tally: NightTally) -> None:
        self.story.runs += 1
        self.story.partial += tally.outcome == "partial"
        self.story.stops += bool(tally.stops)
        if not tally.stops:
            self.clerk.removals = 0
        self.judge.hear_run(self.weather.since_last_asked(), tally)
        self.judge.judge(is_stopped=bool(tally.stops))

    def _look_closely(self) -> None:
        """Ask the store itself, and make sure that planning once more finds nothing to do."""
        assert self.house.faults_found() == []
        replay(self.house.postings(), self.house.rules.cap_seconds)
        tally = self.house.run([], is_plan_only=True)
        moves = {name: tally.applied.actions[name] for name in ("post", "correct", "reverse")}
        assert tally.stops or not any(moves.values()), moves

    # --- the phase of liveness ---------------------------------------------------------------------------------------

    def converge(self) -> None:
        """When nothing goes wrong any more, two nights put everything right, and next month's sweep all the rest."""
        self.weather.clear_up()
        nights = [self._run_after(days) for days in (1, 1, SWEEP_AFTER.days, 1)]
        assert [tally.outcome for tally in nights[1:]] == ["complete"] * 3
        actions = nights[-1].applied.actions
        assert (actions["post"], actions["correct"], actions["reverse"]) == (0, 0, 0)
        self._look_closely()
        self._hold_against_the_platforms()
        self._end()

    def _run_after(self, days: int) -> NightTally:
        self._day += timedelta(days=days)
        self._set_clock(datetime.combine(self._day, time(0), SHANGHAI) + NIGHT_TIME)
        return self._run(self._manner.order)

    def _hold_against_the_platforms(self) -> None:
        """Everything that a platform holds is known as it stands there, and nothing else counts as present."""
        held = {
            (platform, one): fact
            for platform, scopes in SCOPES.items()
            for scope in scopes
            for one, fact in self.witness.held(platform, scope).items()
        }
        present = {key: fact for key, fact in self.witness.shown.items() if not fact.is_gone}
        unlike = {key for key, fact in held.items() if present.get(key) != fact}
        assert not unlike, unlike
        assert all(fact.state == "withdrawn" for key, fact in present.items() if key not in held)

    def _end(self) -> None:
        story, house = self.story, self.house
        story.faults = self.weather.injected()
        story.records = len(self.witness.shown)
        story.judged, story.doubted = self.judge.asked, self.judge.doubted
        story.vouchers = house.chain_head()[0]
        story.end = (house.standings(), house.open_conflicts(), sorted(house.accounts().items()), house.bodies())

    # --- at the station ----------------------------------------------------------------------------------------------

    def _work_at_the_station(self) -> None:
        works = (
            (0.03, self._enrol_next), (0.03, self._change_licence), (0.06, self._enter), (0.06, self._confirm),
            (0.08, self._draw_hours),
        )  # fmt: skip
        for chance_of_it, work in works:
            if self._chance.random() < chance_of_it:
                work()

    def _enrol(self, people: Sequence[Volunteer]) -> None:
        self.house.take_in(people)
        self.judge.roster |= {person.id_number: person for person in people}

    def _enrol_next(self) -> None:
        missing = [person for person in self.town.people if person.id_number not in self.judge.roster]
        self._enrol(missing[:1])

    def _change_licence(self) -> None:
        person = self._chance.choice(sorted(self.judge.roster.values(), key=lambda one: one.local_number))
        self._enrol([replace(person, licence="" if person.licence else "护士执业证书")])

    def _enter(self) -> None:
        visit = self.clerk.draw(self._may_be_entered)
        if visit is not None:
            visit.marks.add("entered")
            self._type(visit, f"E{len(self.judge.entries) + 1}", is_confirmed=self._chance.random() < 0.5)

    def _may_be_entered(self, visit: Told) -> bool:
        is_known = visit.person.id_number in self.judge.roster
        return is_known and not visit.marks and bool(visit.kind.category) and visit.day >= FIRST_DAY

    def _confirm(self) -> None:
        waiting = [one for one in self.judge.entries.values() if one.state == PENDING]
        if waiting:
            fact = self._chance.choice(waiting)
            visit = next(v for v in self.clerk.visits if (v.person.id_number, v.day) == (fact.person, fact.day))
            self._type(visit, fact.external_id, is_confirmed=True, minutes=(fact.span_seconds or 0) // 60)

    def _type(self, visit: Told, entry: str, *, is_confirmed: bool, minutes: int = 0) -> None:
        person, minutes = visit.person, minutes or visit.minutes
        ends_at = visit.starts_at + timedelta(minutes=minutes)
        self.house.type_entry(
            entry, person.local_number, visit.kind.category, visit.day.isoformat(), f"{visit.starts_at:%H:%M}",
            f"{ends_at:%H:%M}", "", person.station, "陆奶奶", "韦站长", "莫主任" if is_confirmed else "", "",
        )  # fmt: skip
        self.judge.entries[entry] = Fact(
            "station", entry, person.id_number, person.name, visit.day, visit.kind.category, person.station,
            minutes * 60, minutes * 60, EFFECTIVE if is_confirmed else PENDING, self.town.clock.at.date(),
        )  # fmt: skip

    def _draw_hours(self) -> None:
        person = self._chance.choice(sorted(self.judge.roster.values(), key=lambda one: one.local_number))
        account = self.house.accounts().get(person.local_number)
        seconds = account.available // self._chance.choice([1, 2]) if account else 0
        if seconds:
            self.house.redeem(person.local_number, seconds)
            self.judge.drawn[person.local_number] += seconds
