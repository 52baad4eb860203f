"""What a night under other rules would do, portion by portion, with nothing written: claims are read anew in memory.

Which subjects there are, who they are and how they hang together follows from what was said, not from how it is read:
the store is asked as it stands, and only the terms of the claims are put in the place of those that it keeps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from domain.actions import Correct, Plan, PlanLine, Post, Reverse
from domain.claims import Claim
from domain.conflicts import Conflict
from domain.hours import DurationRange
from domain.ledger import PersonBalances, VoucherDraft
from domain.records import RecordKey, RecordState
from domain.subjects import Subject
from local_store import ledger
from local_store.outlook import Kept, Terms, kept_of
from local_store.transaction import Tx
from mapping.read import RecordReader
from sync.apply import Applier, load_once, people_of, short_notes
from sync.draft import book_order
from sync.reread import read_anew


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A claim that reads otherwise than it stands: the rule that spoke and the station, before and after."""

    subject: int
    terms: Terms
    rule_before: str
    rule_after: str
    station_before: str


@dataclass(frozen=True, slots=True)
class Portion:
    """What became of some subjects: their plans, the lines that move the book, its vouchers, and the conflicts."""

    subjects: Sequence[Subject]
    plans: Sequence[Plan]
    moving: Sequence[PlanLine]
    drafts: Sequence[VoucherDraft]
    conflicts: Sequence[Conflict]


@dataclass(slots=True)
class Foresight:
    """Sees ahead under the rules of ``applier``; ``otherwise`` holds the claims of the portion in hand.

    ``only_entries``: nothing that a platform said can read otherwise.
    """

    applier: Applier
    reader: RecordReader
    only_entries: bool = False
    read: int = 0
    _otherwise: dict[RecordKey, Otherwise] = field(default_factory=dict)
    _known: set[int] = field(default_factory=set)
    _balances: dict[int, PersonBalances] = field(default_factory=dict)

    def look(self, tx: Tx, numbers: Sequence[int]) -> dict[RecordKey, Otherwise]:
        """Read all that was said of these subjects anew; give what reads otherwise now."""
        self._otherwise.clear()
        self._known = set()
        self._read(tx, numbers)
        return self._otherwise

    def portion(self, tx: Tx, numbers: Sequence[int]) -> Portion:
        """Plan these subjects of those that were looked at, and draft what would be booked."""
        loaded = load_once(tx, numbers, self.applier.done)
        self._read(tx, {number for one in loaded for number in (*one.stands_for, one.number)} - self._known)
        subjects = [self._anew(subject) for subject in loaded]
        plans = self.applier.plans(tx, subjects)
        lines = sorted((line for one in plans for line in one.lines), key=book_order)
        moving = [line for line in lines if isinstance(line.action, Post | Correct | Reverse)]
        found = [conflict for one in plans for conflict in one.conflicts]
        if not moving:
            return Portion(subjects, plans, (), (), found)
        drafting = self.applier.draft(tx, moving, self._balances_of(tx, people_of(moving)))
        short = short_notes(moving, drafting.standings)
        return Portion(subjects, plans, moving, drafting.drafts, [*found, *short])

    def _read(self, tx: Tx, numbers: Collection[int]) -> None:
        self._known.update(numbers)
        rules = self.applier.rules
        for kept in kept_of(tx, sorted(numbers), only_entries=self.only_entries):
            self.read += 1
            claim = read_anew(kept.said, self.reader, rules)
            terms = terms_of(claim)
            if terms != kept.terms:
                self._otherwise[kept.key] = _otherwise(kept, claim, terms)

    def _anew(self, subject: Subject) -> Subject:
        """Give a subject with the claims that read otherwise now in the place of those that stand."""
        if not any(claim.key in self._otherwise for claim in subject.claims):
            return subject
        return replace(subject, claims=tuple(_read_so(claim, self._otherwise) for claim in subject.claims))

    def _balances_of(self, tx: Tx, people: set[int]) -> Mapping[int, PersonBalances]:
        """Give balances as the portions before have left them."""
        self._balances |= ledger.balances(tx, people - self._balances.keys())
        return self._balances


def terms_of(claim: Claim) -> Terms:
    """Give what the rules say of a claim."""
    duration = claim.duration
    return Terms(
        claim.state.value, claim.reported_seconds, duration.low_seconds, duration.high_seconds, claim.category,
        claim.station, claim.is_special, claim.out_of_scope, claim.is_type_unknown,
    )  # fmt: skip


def _otherwise(kept: Kept, claim: Claim, terms: Terms) -> Otherwise:
    return Otherwise(kept.subject, terms, kept.rule, claim.rule, kept.terms.station)


def _read_so(claim: Claim, otherwise: Mapping[RecordKey, Otherwise]) -> Claim:
    found = otherwise.get(claim.key)
    if found is None:
        return claim
    terms = found.terms
    return replace(
        claim, state=RecordState(terms.state), reported_seconds=terms.reported_seconds,
        duration=DurationRange(terms.low_seconds, terms.high_seconds), category=terms.category, station=terms.station,
        is_special=terms.is_special, out_of_scope=terms.out_of_scope, is_type_unknown=terms.is_type_unknown,
        rule=found.rule_after,
    )  # fmt: skip


def portions_of(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Cut a list of subjects into portions."""
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]
