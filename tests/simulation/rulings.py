"""What operators have said, kept a second time: on which facts, what follows of it, and what stood before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tests.oracle import (
    PENDING,
    WITHDRAWN,
    Credit,
    Fact,
    Member,
    Opinion,
    Terms,
    disagreements,
    earned,
    last_word,
    why_ineligible,
)

HOUR_SECONDS = 3600
OF_IDENTITIES = frozenset({"unknown_person", "person_differs"})
FIGURES = frozenset({"accept", "credit", "void"})
"""What says how much is to be booked; all else binds something for good, asks somebody, or leaves things."""

Grounds = frozenset[tuple[object, ...]]
Visit = tuple[str, date]
Key = tuple[str, object]
"""What a ruling is about: the kind, and the visit or (of who somebody is) the id number."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was said of one conflict, and the facts on which it was said. ``number`` is the decision's.

    ``grounds`` are as the platforms say them, ``as_read`` as the rules read them then.
    """

    number: int
    code: str
    argument: str
    grounds: Grounds
    as_read: Grounds
    by: str


@dataclass(frozen=True, slots=True)
class Ruled:
    """A ruling in force: what it makes of a visit. ``stays``: the book does not move."""

    kind: str
    number: int
    stays: bool
    credit: Credit | None


class Rulings:
    """Every conflict's rulings in their order, those that wait for a second person, and whose word each visit rests on.

    ``lapsed`` are the conflicts that closed by themselves since: whoever was asked need not answer any more.
    ``authors`` holds of each visit the decisions that have moved its credit, the last one last, and what stood before.
    """

    def __init__(self) -> None:
        self.said: dict[Key, list[Ruling]] = defaultdict(list)
        self.proposed: dict[Key, tuple[Ruling, frozenset[str]]] = {}
        self.lapsed: set[Key] = set()
        self.outside: dict[str, int] = {}
        self.bound: dict[tuple[str, str], tuple[int, str]] = {}
        self.authors: dict[Visit, list[tuple[int, Credit | None]]] = defaultdict(list)

    def hear_merged(self, merged: Mapping[str, str]) -> None:
        """Count what was said of one person's visits as said of the person whom that one was found to be."""

        def renamed(about: object) -> object:
            return (merged.get(about[0], about[0]), about[1]) if isinstance(about, tuple) else about

        self.said = defaultdict(list, {(kind, renamed(about)): said for (kind, about), said in self.said.items()})
        self.proposed = {(kind, renamed(about)): said for (kind, about), said in self.proposed.items()}
        self.lapsed = {(kind, renamed(about)) for kind, about in self.lapsed}
        self.authors = defaultdict(list, {
            (merged.get(who, who), day): said for (who, day), said in self.authors.items()
        })  # fmt: skip

    def last(self, key: Key) -> Ruling | None:
        """Give what was said last and not taken back."""
        return self.said[key][-1] if self.said.get(key) else None

    def author(self, visit: Visit) -> int | None:
        """Give the decision on which a visit's credit rests."""
        return self.authors[visit][-1][0] if self.authors.get(visit) else None

    def hear_moved(self, visit: Visit, decided: int | None, before: Credit | None) -> None:
        """The book moved: by a decision, or because the rules wanted it so."""
        if decided is None:
            self.authors.pop(visit, None)
        elif self.author(visit) != decided:
            self.authors[visit].append((decided, before))

    def take_back(self, visit: Visit, number: int, now: Credit | None) -> Credit | None:
        """Forget what a decision has done to a visit; give what must stand there as far as that decision goes."""
        authors = self.authors.get(visit, [])
        place = next((place for place, (one, _) in enumerate(authors) if one == number), None)
        if place is None:
            return now
        _, before = authors.pop(place)
        if place == len(authors):
            return before
        authors[place] = (authors[place][0], before)
        return now


def everything_of(facts: Sequence[Fact]) -> Grounds:
    """Give all that is said of a visit, also what is withdrawn."""
    return frozenset(map(_told, facts))


def grounds_of(kind: str, facts: Sequence[Fact], member: Member | None, terms: Terms) -> Grounds:
    """Give the facts that a kind judges; ``facts`` are the rows of a visit, or of all visits of an identity."""
    speaking = [fact for fact in facts if fact.speaks]
    match kind:
        case "unknown_person" | "person_differs":
            return frozenset((fact.person, fact.name) for fact in speaking)
        case "hours_differ":
            return frozenset(
                (fact.platform, fact.external_id, fact.figure_seconds, fact.span_seconds) for fact in speaking
            )
        case "category_differs":
            return frozenset((fact.platform, fact.external_id, fact.category) for fact in speaking)
        case "ineligible":
            last = last_word(speaking, facts, terms)
            why = why_ineligible(last, member, terms) if member else ""
            return frozenset({(why, last.day if why == "under_age" else last.category)})
        case "vanished":
            return frozenset((fact.platform, fact.external_id) for fact in facts if fact.is_gone)
        case _:
            return frozenset(_told(fact) for fact in facts if fact.stands)


def _told(fact: Fact) -> tuple[object, ...]:
    return (
        fact.platform, fact.external_id, fact.state, fact.span_seconds, fact.figure_seconds, fact.category,
        fact.station,
    )  # fmt: skip


def notes_of(facts: Sequence[Fact], formed: Opinion, terms: Terms) -> tuple[str, ...]:
    """Give the kinds that are noted of a visit although nothing holds it, and of which a person may say how it is."""
    speaking = [fact for fact in facts if fact.speaks]
    if formed.place == "withdrawn":
        return ("uncorroborated",) if speaking else ()
    if formed.place != "booked":
        return ()
    found = disagreements(speaking, last_word(speaking, facts, terms), terms)
    return tuple(kind for kind, matters in found.items() if not matters)


def ruled(
    formed: Opinion, facts: Sequence[Fact], booked: Credit | None, rulings: Mapping[str, Ruling], terms: Terms
) -> tuple[Opinion, int | None]:
    """Give what rulings in force make of an opinion, and whose word it then is; ``facts`` as the terms read them."""
    given = {kind: one for kind, said in rulings.items() if (one := _ruled(kind, said, facts, terms)) is not None}
    if formed.kinds:
        left = tuple(kind for kind in formed.kinds if kind not in given)
        if left:
            return Opinion(booked, formed.place, left), None
        return _joint([given[kind] for kind in formed.kinds], booked)
    noted = [one for kind, one in given.items() if kind in notes_of(facts, formed, terms) and not one.stays]
    return _joint(noted, booked) if noted else (formed, None)


def stands_judged(
    formed: Opinion, facts: Sequence[Fact], booked: Credit | None, last: tuple[str, Ruling, bool], terms: Terms
) -> tuple[Opinion, int | None]:
    """Give what becomes of a visit that nothing holds any more, and of which a person has said what to book.

    On the same facts that still counts. On others the book stays as it is, and the person is asked again.
    """
    kind, ruling, is_same = last
    said = _ruled(kind, ruling, facts, terms) if is_same else None
    if said is not None:
        return _joint([said], booked)
    if formed.place == "waiting" or formed.credit == booked:
        return formed, None
    return Opinion(booked, "in_conflict", (kind,)), None


def _joint(given: Sequence[Ruled], booked: Credit | None) -> tuple[Opinion, int]:
    """Put together what was said of a visit: of figures each kind says its own part."""
    last = max(given, key=lambda one: (one.stays, one.credit is None, one.number))
    if last.stays:
        return Opinion(booked, "in_conflict"), last.number
    credit = last.credit
    by_kind = {one.kind: one.credit for one in given}
    if credit and (category := by_kind.get("category_differs")):
        credit = Credit(category.category, credit.station, category.seconds)
    if credit and (hours := by_kind.get("hours_differ")):
        credit = Credit(credit.category, credit.station, hours.seconds)
    return Opinion(credit, "booked" if credit else "out_of_scope"), last.number


def _ruled(kind: str, ruling: Ruling, facts: Sequence[Fact], terms: Terms) -> Ruled | None:
    match ruling.code:
        case "void":
            return Ruled(kind, ruling.number, stays=False, credit=None)
        case "ignore":
            return Ruled(kind, ruling.number, stays=True, credit=None)
        case "accept":
            return Ruled(kind, ruling.number, stays=False, credit=_accepted(ruling.argument, facts, terms))
        case "credit":
            return Ruled(kind, ruling.number, stays=False, credit=_credited(ruling.argument, facts, terms))
        case _:
            return None


def _accepted(platform: str, facts: Sequence[Fact], terms: Terms) -> Credit | None:
    """Take a platform's row as it stands: one that it has withdrawn is no row to accept."""
    theirs = [fact for fact in facts if fact.platform == platform and fact.state != WITHDRAWN]
    if not theirs:
        return None
    row = min(theirs, key=lambda fact: (not fact.stands, fact.state == PENDING, fact.external_id))
    is_special = any(fact.is_special for fact in facts if fact.speaks)
    seconds = earned(row, row.category, terms, is_special=is_special)
    return Credit(row.category, row.station, seconds) if seconds else None


def _credited(hours: str, facts: Sequence[Fact], terms: Terms) -> Credit:
    whole, _, parts = hours.partition(".")
    seconds = int(whole or 0) * HOUR_SECONDS + int(parts.ljust(2, "0") or 0) * HOUR_SECONDS // 100
    some = next(rows for rows in ([f for f in facts if f.speaks], [f for f in facts if f.stands], facts) if rows)
    row = last_word(some, facts, terms)
    return Credit(row.category, row.station, seconds)
