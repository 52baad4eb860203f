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
from sync.night import NightTally
from tests.effects import Effects, KilledError
from tests.nights import NIGHT_TIME, Town, shipped_rules
from tests.simulation.book import replay
from tests.simulation.clerk import Clerk
from tests.simulation.digest import digest
from tests.simulation.house import PLATFORMS, SCOPES, House
from tests.simulation.judge import Judge
from tests.simulation.office import Office
from tests.simulation.operators import Operators
from tests.simulation.sibling import Sibling
from tests.simulation.station import Station
from tests.simulation.weather import Weather
from tests.simulation.witness import Witness

DAYS = 120
PEOPLE = 8
SHORT_CAP_SECONDS = 3 * 3600
FIRST_DAYS = (date(2021, 11, 20), date(2022, 8, 1))
SKEW_MINUTES_MAX = 45
PAGE_SIZES = (3, 5, 9, 100)
EFFECTS_OF_A_NIGHT = 45
SWEEP_AFTER = timedelta(days=31)
NIGHTS_SHUT = (1, 1, 2, 4, 9)
RARE_CHARACTER = "𬱖"
WAYS_TO_RUN: tuple[tuple[tuple[str, ...], ...], ...] = (
    (PLATFORMS,), (PLATFORMS[:1], PLATFORMS[1:]), (PLATFORMS, PLATFORMS),
)  # fmt: skip


@dataclass(slots=True)
class Story:
    """What a life came to: how often what happened, what the store says at its end, and the digest of all of it."""

    seed: int
    nights: int = 0
    runs: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    deeds: Counter[str] = field(default_factory=Counter)
    stops: int = 0
    partial: int = 0
    judged: int = 0
    doubted: int = 0
    records: int = 0
    vouchers: int = 0
    compared: int = 0
    end: tuple[object, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a life is lived: calm (no fault, no kill), in which order the platforms are read, in pages of which size.

    ``has_operators``: somebody decides conflicts in the morning.
    """

    is_calm: bool = False
    order: Sequence[str] = PLATFORMS
    page_size: int = 0
    has_operators: bool = False


def live(seed: int, folder: Path, days: int = DAYS, manner: Manner | None = None) -> Story:
    """Live one life from its seed and give its story; what is not as it must be raises AssertionError."""
    life = Life(seed, folder, manner or Manner())
    try:
        with pages_of(life.manner.page_size):
            life.pass_days(days)
            life.converge()
        life.end(folder / "sibling")
    finally:
        life.house.close()
    return life.story


@contextmanager
def pages_of(size: int) -> Iterator[None]:
    """Have the platforms asked for pages so small that there are several."""
    with patch.object(national_profile, "PAGE_SIZE", size), patch.object(guangxi_profile, "PAGE_SIZE", size):
        yield


class Life:
    """The people, the platforms, the bank and its judge."""

    def __init__(self, seed: int, folder: Path, manner: Manner) -> None:
        self.story = Story(seed)
        self._chance, self._trouble = chance("life", seed), chance("trouble", seed)
        self.manner = replace(manner, page_size=manner.page_size or self._chance.choice(PAGE_SIZES))
        self.town = Town(PEOPLE)
        twins = self._draw_people()
        first, last = FIRST_DAYS
        self._day = first + timedelta(days=self._chance.randrange((last - first).days))
        self._shut_days = 0
        skew = timedelta(minutes=SKEW_MINUTES_MAX)
        self._skews = {
            name: self._chance.choice([timedelta(0), skew * self._chance.uniform(-1, 1)]) for name in PLATFORMS
        }
        self._set_clock(datetime.combine(self._day, time(9, 30), SHANGHAI))
        self.witness = Witness(self.town, {name: self._keys(name) for name in PLATFORMS})
        rules = shipped_rules(cap_seconds=SHORT_CAP_SECONDS)
        self.house = House(self.town, folder, rules, self.witness, chance("seals", seed).randbytes)
        self.judge = Judge(self.town, self.house, self.witness)
        self.clerk = Clerk(self.town, self._chance)
        self.clerk.twins |= twins
        self.station = Station(self.house, self.judge, self.clerk, self._chance)
        self.office = Office(self.house, self.judge, self._chance)
        self.operators = Operators(self.house, self.judge, chance("operators", seed))
        self.weather = Weather(self.town, self._trouble)
        self.station.enrol(self.town.people[:-2])

    def _draw_people(self) -> dict[str, str]:
        """Let one human being be two people of the roster, with an id number each, and one have a rare name."""
        people = list(self.town.people)
        one, other, rare = self._chance.sample(range(len(people) - 2), 3)
        people[rare] = replace(people[rare], name=people[rare].name[0] + RARE_CHARACTER)
        people[one] = replace(people[one], name=people[other].name)
        self.town.people = tuple(people)
        return {people[one].id_number: people[other].id_number}

    def _keys(self, platform: str) -> KeyPair:
        side = "response" if platform == "national" else "data"
        secrets = self.town.secrets[platform]
        return KeyPair(secrets[f"{side}_key"], secrets[f"{side}_iv"])

    def _set_clock(self, at: datetime) -> None:
        self.town.set_clock(at)
        for name, platform in (("national", self.town.national), ("guangxi", self.town.guangxi)):
            platform.clock.freeze((at + self._skews[name]).replace(microsecond=0))

    # --- the phase of safety -----------------------------------------------------------------------------------------

    def pass_days(self, days: int) -> None:
        """Let days pass, with whatever they bring; now and then nobody runs the night, or those of a whole week."""
        for _ in range(days):
            self._set_clock(datetime.combine(self._day, time(9, 30), SHANGHAI))
            self.clerk.work(self._chance.randint(0, 4))
            if self._shut_days == 0:
                self.station.work()
                self.office.work()
            self._day += timedelta(days=1)
            if self._is_open():
                self._set_clock(datetime.combine(self._day, time(0), SHANGHAI) + NIGHT_TIME)
                self._pass_night()
                self._set_clock(datetime.combine(self._day, time(8, 30), SHANGHAI))
                if self.manner.has_operators:
                    self.operators.work()

    def _is_open(self) -> bool:
        """Say whether a night is run; a machine that is switched off stays so for a night or for several."""
        if self._shut_days:
            self._shut_days -= 1
        elif self._chance.random() < 0.08:
            self._shut_days = self._chance.choice(NIGHTS_SHUT)
        return self._shut_days == 0

    def _pass_night(self) -> None:
        self.story.nights += 1
        self.story.deeds["night with a clock that is off"] += any(self._skews.values())
        if not self.manner.is_calm:
            self.weather.fall()
            while self._trouble.random() < 0.13:
                self._die_at(self._trouble.randint(1, EFFECTS_OF_A_NIGHT))
        for platforms in self._trouble.choices(WAYS_TO_RUN, [18, 1, 1])[0]:
            self._run([name for name in self.manner.order if name in platforms])
        if self._trouble.random() < 0.08:
            self._look_closely()

    def _die_at(self, effect: int) -> None:
        """Let a run end at one of its effects; the next process comes a while later."""
        effects = Effects(last=effect)
        try:
            tally = self.house.run(self.manner.order, effects)
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
        self.clerk.edges = self.judge.edges()

    def _look_closely(self) -> None:
        """Ask the store itself, and make sure that planning once more finds nothing to do."""
        assert self.house.faults_found() == []
        replay(self.house.postings(), self.house.rules.cap_seconds)
        self.judge.hold_bridge()
        tally = self.house.run([], is_plan_only=True)
        moves = {name: tally.applied.actions[name] for name in ("post", "correct", "reverse")}
        assert tally.stops or not any(moves.values()), moves

    # --- the phase of liveness ---------------------------------------------------------------------------------------

    def converge(self) -> None:
        """When nothing goes wrong any more, two nights put everything right, and next month's sweep all the rest."""
        self.weather.clear_up()
        self.office.settle()
        nights = [self._run_after(days) for days in (1, 1, SWEEP_AFTER.days, 1)]
        assert [tally.outcome for tally in nights[1:]] == ["complete"] * 3
        actions = nights[-1].applied.actions
        assert (actions["post"], actions["correct"], actions["reverse"]) == (0, 0, 0)
        self._look_closely()
        self._hold_against_the_platforms()

    def _run_after(self, days: int) -> NightTally:
        self._day += timedelta(days=days)
        self._set_clock(datetime.combine(self._day, time(0), SHANGHAI) + NIGHT_TIME)
        return self._run(self.manner.order)

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

    def end(self, folder: Path) -> None:
        """Tell the story, once a bank that reads everything at once has come to the same."""
        story, house = self.story, self.house
        story.faults = self.weather.injected()
        story.deeds += self.clerk.deeds + self.station.deeds + self.office.deeds + self.operators.deeds
        story.records = len(self.witness.shown)
        story.judged, story.doubted = self.judge.asked, self.judge.doubted
        story.vouchers = house.chain_head()[0]
        story.end = (house.standings(), house.open_conflicts(), sorted(house.accounts().items()), house.bodies())
        story.digest = digest(house)
        sibling = Sibling(house, self.judge, self.station, folder)
        try:
            with pages_of(next(size for size in PAGE_SIZES if size != self.manner.page_size)):
                sibling.sweep(tuple(reversed(self.manner.order)))
            story.compared = sibling.compare()
        finally:
            sibling.house.close()
