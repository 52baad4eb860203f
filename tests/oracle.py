"""A small second opinion on what the book must say: it shares no code with the house.

It judges only what is beyond doubt: at most one visit a person and day, days of one person far apart, times that are
the same wherever a visit was typed. It is told what each platform has shown so far, never what the house made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import combinations

EFFECTIVE, PENDING, WITHDRAWN = "effective", "pending", "withdrawn"
HALF_HOUR_SECONDS = 1800
FLAT_SECONDS = {
    "recreation": 3600, "training": 3600, "escort": 1800, "assistance": 1800, "emotional_support": 1800,
}  # fmt: skip
FIRST_DAY = date(2021, 10, 1)
BOTH_SUFFICE_FROM = date(2022, 1, 1)
GUANGXI_ALONE_FROM = date(2022, 7, 1)
GRACE = timedelta(days=14)
AGE_MIN = 18


@dataclass(frozen=True, slots=True)
class Fact:
    """One row as its platform (or the station) last showed it; ``span_seconds`` is None where it has no times.

    ``figure_seconds`` is the platform's own figure. ``person`` is an id number. ``is_gone``: a complete reading no
    longer had it.
    """

    platform: str
    external_id: str
    person: str
    name: str
    day: date
    category: str
    station: str
    span_seconds: int | None
    figure_seconds: int
    state: str
    entered_on: date
    is_special: bool = False
    is_honour: bool = False
    is_no_service: bool = False
    carried_from: str = ""
    is_gone: bool = False

    @property
    def stands(self) -> bool:
        return self.state != WITHDRAWN and not self.is_gone

    @property
    def speaks(self) -> bool:
        return self.state == EFFECTIVE and not self.is_gone


@dataclass(frozen=True, slots=True)
class Terms:
    """What the bank's written rules say at a time, as far as they may change.

    ``flat_seconds`` is the credit of a visit by category; a category without one earns the true length. ``meanings``
    are categories that a platform's rows are read as otherwise than the platform means them.
    """

    flat_seconds: Mapping[str, int] = field(default_factory=lambda: FLAT_SECONDS)
    meanings: Mapping[tuple[str, str], str] = field(default_factory=dict)
    tolerance_seconds: int = 0
    grace: timedelta = GRACE
    age_min: int = AGE_MIN
    both_suffice_from: date = BOTH_SUFFICE_FROM
    guangxi_alone_from: date = GUANGXI_ALONE_FROM

    def sufficing(self, day: date) -> tuple[str, ...]:
        """Name the platforms of which each is enough on a day; the first decides."""
        if day < self.both_suffice_from:
            return ("national",)
        return ("guangxi", "national") if day < self.guangxi_alone_from else ("guangxi",)

    def read(self, fact: Fact) -> Fact:
        """Give a row in the category that it is read as."""
        meant = self.meanings.get((fact.platform, fact.category))
        return fact if meant is None else replace(fact, category=meant)


AS_SHIPPED = Terms()


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the roster."""

    name: str
    born_on: date
    has_licence: bool


@dataclass(frozen=True, slots=True)
class Credit:
    """What is booked for one visit."""

    category: str
    station: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the book must say of a visit (``credit`` None: nothing), where its speaking rows are, why it is held.

    ``kinds`` are all the reasons for which it is held, ``held`` the first.
    """

    credit: Credit | None
    place: str
    kinds: tuple[str, ...] = ()

    @property
    def held(self) -> str:
        return self.kinds[0] if self.kinds else ""


@dataclass(frozen=True, slots=True)
class Reach:
    """Up to which whole day each platform's rows of a station have been read: (platform, station) to day."""

    through: Mapping[tuple[str, str], date]


def opinion(  # noqa: PLR0917 - an opinion rests on that many things
    facts: Sequence[Fact],
    member: Member | None,
    booked: Credit | None,
    reach: Reach,
    today: date,
    terms: Terms = AS_SHIPPED,
) -> Opinion:
    """Say what one visit comes to; ``facts`` are its rows in scope, ``booked`` what the book said of it before."""
    facts = [terms.read(fact) for fact in facts]
    held = _why_held(facts, member, terms)
    if held == ("withdrawn",):
        return Opinion(None, "withdrawn")
    if held:
        return Opinion(booked, "in_conflict", held)
    word = _word(facts, terms)
    if word is not None:
        return Opinion(_credit(word, facts, terms), "booked")
    return _patience([fact for fact in facts if fact.stands], booked, reach, today, terms)


def is_out_of_scope(fact: Fact, everything: Iterable[Fact]) -> bool:
    """Say whether a row is counted and never booked."""
    if fact.day < FIRST_DAY or fact.is_honour or fact.is_no_service:
        return True
    return any(other.is_honour and other.external_id == fact.carried_from for other in everything)


def _decider(facts: Sequence[Fact], terms: Terms) -> str:
    """Name the platform whose word is the last on a visit: the first that is enough and has one."""
    sufficing, platforms = terms.sufficing(facts[0].day), {fact.platform for fact in facts}
    return next((platform for platform in sufficing if platform in platforms), sufficing[0])


def _why_held(facts: Sequence[Fact], member: Member | None, terms: Terms) -> tuple[str, ...]:
    decider = _decider(facts, terms)
    of_decider = [fact for fact in facts if fact.platform == decider]
    if all(fact.state == WITHDRAWN for fact in facts) or (
        of_decider and all(fact.state == WITHDRAWN for fact in of_decider)
    ):
        return ("withdrawn",)
    if any(fact.is_gone for fact in of_decider) and not any(fact.stands for fact in of_decider):
        return ("vanished",)
    if not any(fact.stands for fact in facts):
        return ("vanished",)
    return _what_is_wrong([fact for fact in facts if fact.speaks], facts, member, terms)


def _what_is_wrong(speaking: list[Fact], facts: Sequence[Fact], member: Member | None, terms: Terms) -> tuple[str, ...]:
    if not speaking:
        return ()
    if member is None:
        return ("unknown_person",)
    if any(fact.name != member.name for fact in speaking if fact.platform != "station"):
        return ("person_differs",)
    last = last_word(speaking, facts, terms)
    differing = tuple(kind for kind, matters in disagreements(speaking, last, terms).items() if matters)
    return ("ineligible", *differing) if why_ineligible(last, member, terms) else differing


def why_ineligible(last: Fact, member: Member, terms: Terms) -> str:
    """Say what bars a person from what the last word says, or ""."""
    if _age(member.born_on, last.day) < terms.age_min:
        return "under_age"
    return "no_licence" if last.category == "professional" and not member.has_licence else ""


def disagreements(speaking: Sequence[Fact], last: Fact, terms: Terms) -> dict[str, bool]:
    """Give in what the speaking rows differ, and whether the credit would."""
    is_special = any(fact.is_special for fact in speaking)
    found = {}
    if len({fact.category for fact in speaking}) > 1:
        credits_said = {terms.flat_seconds.get(fact.category) for fact in speaking}
        found["category_differs"] = len(credits_said) > 1 and not is_special
    if not _one_length_fits(speaking, terms):
        earned_by = {earned(fact, last.category, terms, is_special=is_special) for fact in speaking}
        found["hours_differ"] = len(earned_by) > 1
    return found


def have_something_in_common(facts: Sequence[Fact], terms: Terms) -> bool:
    """Say whether any two rows of different platforms agree in category or length, or both tell the time."""
    return all(
        one.category == other.category
        or _one_length_fits([one, other], terms)
        or None not in {one.span_seconds, other.span_seconds}
        for one, other in combinations(facts, 2)
        if one.platform != other.platform
    )


def _one_length_fits(speaking: Sequence[Fact], terms: Terms) -> bool:
    ranges = [_range(fact) for fact in speaking]
    return max(low for low, _ in ranges) - min(high for _, high in ranges) <= 2 * terms.tolerance_seconds


def _range(fact: Fact) -> tuple[int, int]:
    """Give the true lengths, in seconds, that a figure can stand for."""
    if fact.platform == "guangxi":
        return fact.figure_seconds, fact.figure_seconds + HALF_HOUR_SECONDS - 1
    if fact.platform == "national":
        return max(0, fact.figure_seconds - 18), fact.figure_seconds + 17
    return fact.figure_seconds, fact.figure_seconds


def earned(fact: Fact, category: str, terms: Terms, *, is_special: bool) -> int:
    """Give what a row earns in a category, in seconds."""
    if category in terms.flat_seconds and not is_special:
        return terms.flat_seconds[category]
    low, high = _range(fact)
    if fact.span_seconds is not None and low <= fact.span_seconds <= high:
        return fact.span_seconds
    return fact.figure_seconds


def last_word(speaking: Sequence[Fact], facts: Sequence[Fact], terms: Terms) -> Fact:
    """Give the row that speaks last: the decider's, else that of whoever is enough, the bank's own at the very end."""
    order = (_decider(facts, terms), *terms.sufficing(facts[0].day), "guangxi", "national", "station")
    return min(speaking, key=lambda fact: (order.index(fact.platform), fact.external_id))


def _word(facts: Sequence[Fact], terms: Terms) -> Fact | None:
    """Give the row that is enough for a booking, if there is one."""
    enough = [fact for fact in facts if fact.speaks and fact.platform in terms.sufficing(fact.day)]
    return last_word(enough, facts, terms) if enough else None


def _credit(word: Fact, facts: Sequence[Fact], terms: Terms) -> Credit:
    is_special = any(fact.is_special for fact in facts if fact.speaks)
    return Credit(word.category, word.station, earned(word, word.category, terms, is_special=is_special))


def _patience(standing: list[Fact], booked: Credit | None, reach: Reach, today: date, terms: Terms) -> Opinion:
    """Wait for whoever would be enough; hold when the time is up and nobody can have been overheard."""
    ends_on = min(max(fact.day, fact.entered_on) for fact in standing) + terms.grace
    station, sufficing = standing[0].station, terms.sufficing(standing[0].day)
    heard = all(reach.through.get((platform, station), date.min) >= ends_on for platform in sufficing)
    if today <= ends_on or not heard:
        return Opinion(booked, "waiting")
    is_only_typed = all(fact.platform == "station" for fact in standing)
    return Opinion(booked, "in_conflict", ("missing_on_platform" if is_only_typed else "uncorroborated",))


def _age(born_on: date, day: date) -> int:
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))
