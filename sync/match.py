"""Which claims speak of the same service: pure, without memory, whatever order they came in (DESIGN, matching)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from domain.claims import Claim
from domain.services import Tie
from domain.subjects import Subject
from sync.assign import Assignment, assign
from sync.bundle import BY_KEY, SAID_TWICE, Bindings, Bundle, certain_bundles, is_alive
from sync.evidence import MARGIN, Evidence, evidence_day_apart, evidence_of, has_span, points

Weigh = Callable[[Claim, Claim], Evidence]


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
        seen = _said_twice(theirs, weigh, bindings)
        _pair_lone_days(seen, weigh, bindings)
        _pair_days(seen, _timed(weigh), bindings, ambiguous)
        _pair_days(seen, weigh, bindings, ambiguous)
        matched += _pair_days_apart([bundle for bundle in seen if bundle.claims], weigh_day_apart, bindings)
    _set_beside(matched, [claim for claim in claims if not is_alive(claim)], weigh, subject)
    return Matching(tuple(sorted(matched, key=lambda bundle: bundle.claims[0].key)), tuple(ambiguous))


def _by_person(bundles: list[Bundle], subject: Subject) -> list[list[Bundle]]:
    """Part the bundles by whom they speak of."""
    by_person: dict[tuple[str, int], list[Bundle]] = defaultdict(list)
    for bundle in bundles:
        by_person[_whose(bundle.claims[0], subject)].append(bundle)
    return [theirs for _, theirs in sorted(by_person.items())]


def _whose(claim: Claim, subject: Subject) -> tuple[str, int]:
    person = subject.person_of(claim)
    return ("identity", claim.identity) if person is None else ("person", person.number)


def _timed(weigh: Weigh) -> Weigh:
    """Weigh only what both sides know the times of: overlap is settled before figures are compared."""
    return lambda first, second: weigh(first, second) if has_span(first) and has_span(second) else ()


def _said_twice(bundles: list[Bundle], weigh: Weigh, bindings: Bindings) -> list[Bundle]:
    """Join one platform's rows without times that say the same, as far as no other source shows as many visits."""
    alike: dict[tuple[str, date, str, int], list[Bundle]] = defaultdict(list)
    for bundle in bundles:
        for claim in _one_a_platform(bundle):
            if claim.starts_at is None:
                said = (claim.key.platform, claim.service_date, claim.activity_id, claim.reported_seconds)
                alike[said].append(bundle)
    for (platform, day, *_), several in alike.items():
        group = sorted((bundle for bundle in several if bundle.claims), key=lambda bundle: len(bundle.platforms) == 1)
        if len(group) > 1:
            todays = [b for b in bundles if any(claim.service_date == day for claim in b.claims)]
            _keep(group, max(1, _visits(platform, group, todays, weigh, bindings)), bindings)
    return [bundle for bundle in bundles if bundle.claims]


def _one_a_platform(bundle: Bundle) -> list[Claim]:
    if len(bundle.claims) == 1:
        return bundle.claims
    return list({claim.key.platform: claim for claim in bundle.claims}.values())


def _visits(platform: str, group: list[Bundle], todays: list[Bundle], weigh: Weigh, bindings: Bindings) -> int:
    """Count the bundles of a group that another source speaks for too, or would if all of that day were paired."""
    speaking = sum(len(bundle.platforms) > 1 for bundle in group)
    alone = {id(bundle) for bundle in group if len(bundle.platforms) == 1}
    found = 0
    for other in {name for bundle in todays for name in bundle.platforms} - {platform}:
        left = [bundle for bundle in todays if _speaks_for(bundle, platform, other)]
        right = [bundle for bundle in todays if _speaks_for(bundle, other, platform)]
        pairing, _ = _weighed(left, right, weigh, bindings)
        mine = {i for i, bundle in enumerate(left) if id(bundle) in alone}
        in_doubt = sum(min(len(mine & rows), len(columns)) for rows, columns in pairing.ties)
        found = max(found, sum(i in mine for i, _ in pairing.pairs) + in_doubt)
    return speaking + found


def _keep(group: list[Bundle], count: int, bindings: Bindings) -> None:
    """Leave ``count`` bundles of a group and fold the rest into the last of them; emptied bundles drop out."""
    kept = group[count - 1]
    for extra in group[count:]:
        if not bindings.part(kept, extra):
            kept.absorb(extra, Tie(kept.claims[0].key, extra.claims[0].key, ((SAID_TWICE, 0),)))
            extra.claims = []


def _pair_lone_days(bundles: list[Bundle], weigh: Weigh, bindings: Bindings) -> None:
    """Pair where a day has nobody but one claim on either side: nothing else could fit, so nothing is to be assigned.

    It is what ``_pair_days`` would come to, and how most days are.
    """
    for todays in _shared_days(bundles):
        one, other = todays[0], todays[1]
        if len(todays) == 2 and len(one.days) == len(other.days) == len(one.claims) == len(other.claims) == 1:  # noqa: PLR2004 - a pair
            tie = _best_tie(one, other, weigh, bindings)
            if tie is not None:
                one.absorb(other, tie)
                other.claims = []


def _pair_days(bundles: list[Bundle], weigh: Weigh, bindings: Bindings, ambiguous: list[tuple[Bundle, ...]]) -> None:
    """Assign one to one, platform against platform, among the bundles whose days or nights touch."""
    for day_bundles in _shared_days(bundles):
        for left_platform, right_platform in combinations(sorted({p for b in day_bundles for p in b.platforms}), 2):
            left = [b for b in day_bundles if b.claims and _speaks_for(b, left_platform, right_platform)]
            right = [b for b in day_bundles if b.claims and _speaks_for(b, right_platform, left_platform)]
            if left and right:
                _pair(left, right, weigh, bindings, ambiguous)


def _speaks_for(bundle: Bundle, platform: str, other: str) -> bool:
    return not bundle.is_tied and platform in bundle.platforms and other not in bundle.platforms


def _shared_days(bundles: Sequence[Bundle]) -> list[list[Bundle]]:
    """Give, in order, the days that several bundles touch: all of these; an emptied bundle touches none."""
    days: dict[date, list[Bundle]] = defaultdict(list)
    for bundle in bundles:
        if bundle.claims:
            for day in bundle.days:
                days[day].append(bundle)
    return [days[day] for day in sorted([day for day, todays in days.items() if len(todays) > 1])]


def _pair(
    left: list[Bundle], right: list[Bundle], weigh: Weigh, bindings: Bindings, ambiguous: list[tuple[Bundle, ...]]
) -> None:
    found, ties = _weighed(left, right, weigh, bindings)
    for rows, columns in found.ties:
        group = [left[i] for i in sorted(rows)] + [right[j] for j in sorted(columns)]
        ambiguous.append(tuple(group))
        for bundle in group:
            bundle.is_tied = True
    for i, j in found.pairs:
        left[i].absorb(right[j], ties[i, j])
        right[j].claims = []


def _weighed(
    left: list[Bundle], right: list[Bundle], weigh: Weigh, bindings: Bindings
) -> tuple[Assignment, dict[tuple[int, int], Tie]]:
    """Give the best assignment of two platforms' bundles, and the tie behind each pair that is possible."""
    ties: dict[tuple[int, int], Tie] = {}
    for i, one in enumerate(left):
        for j, other in enumerate(right):
            tie = _best_tie(one, other, weigh, bindings)
            if tie is not None:
                ties[i, j] = tie
    scores = {pair: points(tie.evidence) for pair, tie in ties.items()}
    return assign(scores, [_likeness(b) for b in left], [_likeness(b) for b in right], MARGIN), ties


def _best_tie(one: Bundle, other: Bundle, weigh: Weigh, bindings: Bindings) -> Tie | None:
    """Give the strongest tie between two bundles, or None where any two of their claims rule each other out."""
    if bindings.part(one, other) or one.platforms & other.platforms:
        return None
    best: Tie | None = None
    for first in one.claims:
        for second in other.claims:
            evidence = weigh(first, second)
            if not evidence and has_span(first) and has_span(second):
                return None
            if evidence and (best is None or points(evidence) > points(best.evidence)):
                best = Tie(first.key, second.key, evidence)
    return best


def _likeness(bundle: Bundle) -> tuple[object, ...]:
    """Give what makes two bundles interchangeable: they say the same, however often, of everything that is weighed."""
    said = (
        (c.key.platform, c.service_date, c.starts_at, c.ends_at, c.reported_seconds, c.category, c.station, c.state)
        for c in bundle.claims
    )
    return tuple(dict.fromkeys(said))


def _pair_days_apart(bundles: list[Bundle], weigh: Weigh, bindings: Bindings) -> list[Bundle]:
    """Join lone pairs one day apart: each side has nobody else, on its own day or on either day beside it."""
    days: dict[date, list[Bundle]] = defaultdict(list)
    for bundle in bundles:
        days[bundle.claims[0].service_date].append(bundle)
    suitors: dict[int, list[tuple[Bundle, Tie]]] = defaultdict(list)
    for day, todays in days.items():
        for one in todays:
            for other in days.get(day + timedelta(days=1), ()):
                is_possible = not (one.is_tied or other.is_tied) and one.platforms.isdisjoint(other.platforms)
                tie = _best_tie(one, other, weigh, bindings) if is_possible else None
                if tie is not None:
                    suitors[id(one)].append((other, tie))
                    suitors[id(other)].append((one, tie))
    if not suitors:
        return bundles
    for bundle in bundles:
        if len(suitors[id(bundle)]) == 1 and bundle.claims:
            other, tie = suitors[id(bundle)][0]
            if len(suitors[id(other)]) == 1 and other.claims:
                bundle.absorb(other, tie)
                other.claims = []
    return [bundle for bundle in bundles if bundle.claims]


def _set_beside(bundles: list[Bundle], aside: list[Claim], weigh: Weigh, subject: Subject) -> None:
    """Let each withdrawn or gone claim join the service it speaks of, or stand alone.

    What a booking rests or rested on stays out of another booked service that has its platform's word already.
    """
    if not aside:
        return
    booked = {said.service_id for said in subject.standings if said.booking is not None}
    rested_on = {said.record for said in subject.standings}
    for claim in aside:
        best: tuple[tuple[int, bool], Bundle, Tie] | None = None
        for bundle in bundles:
            is_free = not _is_spoken_for(claim, bundle)
            if not is_free and claim.key in rested_on and _is_another_booked(claim, bundle, subject, booked):
                continue
            tie = _tie_beside(claim, bundle, weigh, subject)
            if tie is None:
                continue
            rank = (points(tie.evidence) + MARGIN * is_free, is_free)  # a free place outweighs where it stood before
            if best is None or rank > best[0]:
                best = (rank, bundle, tie)
        if best is None:
            bundles.append(Bundle([claim]))
        else:
            best[1].absorb(Bundle([claim]), best[2])


def _is_spoken_for(claim: Claim, bundle: Bundle) -> bool:
    """Say whether the claim's platform still speaks in a bundle, so that its place there is taken."""
    return any(is_alive(other) and other.key.platform == claim.key.platform for other in bundle.claims)


def _is_another_booked(claim: Claim, bundle: Bundle, subject: Subject, booked: set[str]) -> bool:
    """Say whether a bundle speaks of booked services, and none of them is the claim's."""
    theirs = {subject.membership.get(other.key) for other in bundle.claims}
    return bool(theirs & booked) and subject.membership.get(claim.key) not in theirs


def _tie_beside(claim: Claim, bundle: Bundle, weigh: Weigh, subject: Subject) -> Tie | None:
    """Tie a claim that no longer stands to the one of a service that it fits best."""
    own = subject.membership.get(claim.key)
    best: Tie | None = None
    for other in bundle.claims:
        is_own = own is not None and subject.membership.get(other.key) == own
        may_weigh = _whose(claim, subject) == _whose(other, subject) and (
            is_alive(other) or is_own or other.key.platform != claim.key.platform
        )
        evidence = _reference(claim, other) or (weigh(claim, other) if may_weigh else ())
        if evidence and is_own:
            evidence = (*evidence, ("same_service_before", MARGIN))
        if evidence and (best is None or points(evidence) > points(best.evidence)):
            best = Tie(other.key, claim.key, evidence)
    return best


def _reference(claim: Claim, other: Claim) -> Evidence:
    if claim.carried_from == other.key or other.carried_from == claim.key:
        return (("reference", 1000),)
    if claim.business_key and claim.business_key == other.business_key:
        return (("business_key", 1000),)
    return ()
