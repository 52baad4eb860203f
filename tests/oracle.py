"""A small second opinion on what the book must say: it shares no code with the house.

It judges only what is beyond doubt: at most one visit a person and day, days of one person far apart, times that are
the same wherever a visit was typed. It is told what each platform has shown so far, never what the house made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

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
    """What the book must say of a visit (``credit`` None: nothing), where its speaking rows are, why it is held."""

    credit: Credit | None
    place: str
    held: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """Up to which whole day each platform's rows of a station have been read: (platform, station) to day."""

    through: Mapping[tuple[str, str], date]


def opinion(facts: Sequence[Fact], member: Member | None, booked: Credit | None, reach: Reach, today: date) -> Opinion:
    """Say what one visit comes to; ``facts`` are its rows in scope, ``booked`` what the book said of it before."""
    held = _why_held(facts, member)
    if held == "withdrawn":
        return Opinion(None, "withdrawn")
    if held:
        return Opinion(booked, "in_conflict", held)
    word = _word(facts)
    if word is not None:
        return Opinion(_credit(word, facts), "booked")
    return _patience([fact for fact in facts if fact.stands], booked, reach, today)


def is_out_of_scope(fact: Fact, everything: Iterable[Fact]) -> bool:
    """Say whether a row is counted and never booked."""
    if fact.day < FIRST_DAY or fact.is_honour or fact.is_no_service:
        return True
    return any(other.is_honour and other.external_id == fact.carried_from for other in everything)


def decider(facts: Iterable[Fact]) -> str:
    """Name the platform whose word is the last on a visit."""
    platforms = {fact.platform for fact in facts}
    day = next(iter(facts)).day
    if day < BOTH_SUFFICE_FROM:
        return "national"
    if day < GUANGXI_ALONE_FROM and "guangxi" not in platforms and "national" in platforms:
        return "national"
    return "guangxi"


def _sufficing(day: date) -> tuple[str, ...]:
    if day < BOTH_SUFFICE_FROM:
        return ("national",)
    return ("guangxi", "national") if day < GUANGXI_ALONE_FROM else ("guangxi",)


def _why_held(facts: Sequence[Fact], member: Member | None) -> str:
    of_decider = [fact for fact in facts if fact.platform == decider(facts)]
    if all(fact.state == WITHDRAWN for fact in facts) or (
        of_decider and all(fact.state == WITHDRAWN for fact in of_decider)
    ):
        return "withdrawn"
    if any(fact.is_gone for fact in of_decider) and not any(fact.stands for fact in of_decider):
        return "vanished"
    if not any(fact.stands for fact in facts):
        return "vanished"
    return _what_is_wrong([fact for fact in facts if fact.speaks], facts, member)


def _what_is_wrong(speaking: list[Fact], facts: Sequence[Fact], member: Member | None) -> str:
    if not speaking:
        return ""
    if member is None:
        return "unknown_person"
    if any(fact.name != member.name for fact in speaking if fact.platform != "station"):
        return "person_differs"
    last = _last_word(speaking, facts)
    if _age(member.born_on, last.day) < AGE_MIN or (last.category == "professional" and not member.has_licence):
        return "ineligible"
    return _what_differs(speaking, last)


def _what_differs(speaking: list[Fact], last: Fact) -> str:
    is_special = any(fact.is_special for fact in speaking)
    terms = {FLAT_SECONDS.get(fact.category) for fact in speaking}
    if len(terms) > 1 and not is_special:
        return "category_differs"
    if _one_length_fits(speaking):
        return ""
    earned = {_earned(fact, last.category, is_special=is_special) for fact in speaking}
    return "hours_differ" if len(earned) > 1 else ""


def _one_length_fits(speaking: list[Fact]) -> bool:
    ranges = [_range(fact) for fact in speaking]
    return max(low for low, _ in ranges) <= min(high for _, high in ranges)


def _range(fact: Fact) -> tuple[int, int]:
    """Give the true lengths, in seconds, that a figure can stand for."""
    if fact.platform == "guangxi":
        return fact.figure_seconds, fact.figure_seconds + HALF_HOUR_SECONDS - 1
    if fact.platform == "national":
        return max(0, fact.figure_seconds - 18), fact.figure_seconds + 17
    return fact.figure_seconds, fact.figure_seconds


def _earned(fact: Fact, category: str, *, is_special: bool) -> int:
    if category in FLAT_SECONDS and not is_special:
        return FLAT_SECONDS[category]
    low, high = _range(fact)
    if fact.span_seconds is not None and low <= fact.span_seconds <= high:
        return fact.span_seconds
    return fact.figure_seconds


def _last_word(speaking: list[Fact], facts: Sequence[Fact]) -> Fact:
    order = (decider(facts), *_sufficing(facts[0].day), "guangxi", "national", "station")
    return min(speaking, key=lambda fact: (order.index(fact.platform), fact.external_id))


def _word(facts: Sequence[Fact]) -> Fact | None:
    """Give the row that is enough for a booking, if there is one."""
    enough = [fact for fact in facts if fact.speaks and fact.platform in _sufficing(fact.day)]
    return _last_word(enough, facts) if enough else None


def _credit(word: Fact, facts: Sequence[Fact]) -> Credit:
    is_special = any(fact.is_special for fact in facts if fact.speaks)
    return Credit(word.category, word.station, _earned(word, word.category, is_special=is_special))


def _patience(standing: list[Fact], booked: Credit | None, reach: Reach, today: date) -> Opinion:
    """Wait for whoever would be enough; hold when the time is up and nobody can have been overheard."""
    ends_on = min(max(fact.day, fact.entered_on) for fact in standing) + GRACE
    station = standing[0].station
    heard = all(reach.through.get((platform, station), date.min) >= ends_on for platform in _sufficing(standing[0].day))
    if today <= ends_on or not heard:
        return Opinion(booked, "waiting")
    is_only_typed = all(fact.platform == "station" for fact in standing)
    return Opinion(booked, "in_conflict", "missing_on_platform" if is_only_typed else "uncorroborated")


def _age(born_on: date, day: date) -> int:
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))
