"""Which claims speak of the same service: pure, without memory, whatever order they came in (DESIGN, matching)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from domain.claims import Claim
from domain.subjects import Subject
from sync.beside import set_beside, whose
from sync.bundle import BY_KEY, Bindings, Bundle, certain_bundles, is_alive
from sync.evidence import Evidence, evidence_day_apart, evidence_of
from sync.pairing import pair_days, pair_days_apart, pair_lone_days
from sync.twice import join_said_twice
from sync.weighing import timed


@dataclass(frozen=True, slots=True)
class Matching:
    """``bundles`` are services without names; ``ambiguous`` the groups of them that only a guess could part."""

    bundles: tuple[Bundle, ...]
    ambiguous: tuple[tuple[Bundle, ...], ...]


def match(subject: Subject, tolerance_seconds: int) -> Matching:
    """Group a subject's claims (those in scope) into services.

    ``tolerance_seconds`` widens every reported range. Withdrawn and gone claims are set aside first and join at the
    end, so that they free their platform's place.
    """
    bindings = Bindings(subject.pairs)
    claims = sorted([claim for claim in subject.claims if not claim.out_of_scope], key=BY_KEY)
    bundles = certain_bundles([claim for claim in claims if is_alive(claim)], bindings)
    ambiguous: list[tuple[Bundle, ...]] = []

    def weigh(first: Claim, second: Claim) -> Evidence:
        return evidence_of(first, second, tolerance_seconds)

    def weigh_day_apart(first: Claim, second: Claim) -> Evidence:
        return evidence_day_apart(first, second, tolerance_seconds)

    matched: list[Bundle] = []
    for theirs in _by_person(bundles, subject):
        seen = join_said_twice(theirs, weigh, bindings)
        pair_lone_days(seen, weigh, bindings)
        pair_days(seen, timed(weigh), bindings, ambiguous)
        pair_days(seen, weigh, bindings, ambiguous)
        matched += pair_days_apart([bundle for bundle in seen if bundle.claims], weigh_day_apart, bindings)
    set_beside(matched, [claim for claim in claims if not is_alive(claim)], weigh, subject)
    return Matching(tuple(sorted(matched, key=lambda bundle: bundle.claims[0].key)), tuple(ambiguous))


def _by_person(bundles: list[Bundle], subject: Subject) -> list[list[Bundle]]:
    """Part the bundles by whom they speak of."""
    by_person: dict[tuple[str, int], list[Bundle]] = defaultdict(list)
    for bundle in bundles:
        by_person[whose(bundle.claims[0], subject)].append(bundle)
    return [theirs for _, theirs in sorted(by_person.items())]
