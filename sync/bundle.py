"""A bundle: claims already tied to one another while the matching goes on."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter

from domain.claims import Claim
from domain.clock import day_in_shanghai
from domain.conflicts import PairBinding
from domain.records import RecordKey, RecordState
from domain.services import Tie

REFERENCE = "reference"
BUSINESS_KEY = "business_key"
DECIDED_SAME = "decided_same"
SAME_SPAN = "same_span"
SAID_TWICE = "said_twice"


BY_KEY = attrgetter("key")


@dataclass(slots=True)
class Bundle:
    """Claims of one service in the making, in key order, with the ties that joined them."""

    claims: list[Claim]
    ties: list[Tie] = field(default_factory=list)
    is_tied: bool = False
    platforms: frozenset[str] = field(init=False)
    days: frozenset[date] = field(init=False)

    def __post_init__(self) -> None:
        """See which platforms speak in it, and which days it touches."""
        self.platforms = frozenset([claim.key.platform for claim in self.claims])
        self.days = frozenset([day for claim in self.claims for day in _days_of(claim)])

    def absorb(self, other: Bundle, tie: Tie) -> None:
        """Take another bundle in."""
        self.claims = sorted(self.claims + other.claims, key=BY_KEY)
        self.platforms |= other.platforms
        self.days |= other.days
        self.ties += [*other.ties, tie]


def _days_of(claim: Claim) -> tuple[date, ...]:
    """Give the days that a claim touches: a night ends on the next one."""
    if claim.ends_at is None:
        return (claim.service_date,)
    return (claim.service_date, day_in_shanghai(claim.ends_at))


class Bindings:
    """What decisions say of pairs of records, for good."""

    def __init__(self, pairs: Iterable[PairBinding]) -> None:
        """Index the bindings by unordered pair."""
        self._said = {frozenset((pair.first, pair.second)): pair.is_same for pair in pairs}

    def __bool__(self) -> bool:
        """Say whether anything was decided at all."""
        return bool(self._said)

    def are_distinct(self, first: RecordKey, second: RecordKey) -> bool:
        """Say whether a decision parted two records."""
        return not self._said.get(frozenset((first, second)), True)

    def are_same(self, first: RecordKey, second: RecordKey) -> bool:
        """Say whether a decision joined two records."""
        return self._said.get(frozenset((first, second)), False)

    def part(self, first: Bundle, second: Bundle) -> bool:
        """Say whether a decision parts any two claims of two bundles."""
        if not self._said:
            return False
        return any(self.are_distinct(a.key, b.key) for a in first.claims for b in second.claims)

    def same_among(self, keys: Container[RecordKey]) -> Iterator[tuple[RecordKey, RecordKey]]:
        """Give the pairs bound as one service of which both records are among ``keys``."""
        for pair, is_same in self._said.items():
            first, second = sorted(pair)
            if is_same and first in keys and second in keys:
                yield first, second


def certain_bundles(claims: Sequence[Claim], bindings: Bindings) -> list[Bundle]:
    """Tie what needs no weighing: explicit references, our business key, decisions, and one platform's same span."""
    if not bindings and not _have_signs_in_common(claims):
        return [Bundle([claim]) for claim in claims]
    bundles = {claim.key: Bundle([claim]) for claim in claims}
    for first, second, name in _certain_pairs(claims, bindings):
        one, other = bundles[first.key], bundles[second.key]
        if one is other or (name != DECIDED_SAME and bindings.part(one, other)):
            continue
        one.absorb(other, Tie(first.key, second.key, ((name, 0),)))
        for claim in other.claims:
            bundles[claim.key] = one
    unique = {id(bundle): bundle for bundle in bundles.values()}
    return sorted(unique.values(), key=lambda bundle: bundle.claims[0].key)


def _have_signs_in_common(claims: Sequence[Claim]) -> bool:
    """Say whether any two claims may be certainly one, short of a decision."""
    if any(claim.carried_from for claim in claims):
        return True
    signs = [sign for claim in claims for _, sign in _signs(claim)]
    return len(set(signs)) < len(signs)


def _certain_pairs(claims: Sequence[Claim], bindings: Bindings) -> Iterator[tuple[Claim, Claim, str]]:
    by_key = {claim.key: claim for claim in claims}
    for first, second in bindings.same_among(by_key):
        yield by_key[first], by_key[second], DECIDED_SAME
    seen: dict[tuple[object, ...], Claim] = {}
    for claim in claims:
        source = by_key.get(claim.carried_from) if claim.carried_from else None
        if source is not None:
            yield source, claim, REFERENCE
        for name, sign in _signs(claim):
            first_claim = seen.setdefault(sign, claim)
            if first_claim is not claim:
                yield first_claim, claim, name


def _signs(claim: Claim) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Give what makes two claims certainly one: our own key anywhere, or the same span on the same platform."""
    if claim.business_key:
        yield BUSINESS_KEY, (claim.business_key,)
    if claim.starts_at is not None:
        end = claim.ends_at or claim.reported_seconds
        yield SAME_SPAN, (claim.key.platform, claim.identity, claim.starts_at, end)


def is_alive(claim: Claim) -> bool:
    """Say whether a claim still stands: neither withdrawn nor gone."""
    return claim.state is not RecordState.WITHDRAWN and not claim.is_gone
