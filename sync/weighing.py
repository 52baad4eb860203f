"""How well two bundles fit: the strongest tie between them, and the best assignment of two platforms' bundles."""

from __future__ import annotations

from collections.abc import Callable

from domain.claims import Claim
from domain.services import Tie
from sync.assign import Assignment, assign
from sync.bundle import Bindings, Bundle
from sync.evidence import MARGIN, Evidence, has_span, points

Weigh = Callable[[Claim, Claim], Evidence]
"""Gives what speaks for two claims being the same spell; nothing where they cannot be."""


def timed(weigh: Weigh) -> Weigh:
    """Weigh only what both sides know the times of: overlap is settled before figures are compared."""
    return lambda first, second: weigh(first, second) if has_span(first) and has_span(second) else ()


def speaks_for(bundle: Bundle, platform: str, other: str) -> bool:
    """Say whether a bundle speaks for one platform and could take in the word of another."""
    return not bundle.is_tied and platform in bundle.platforms and other not in bundle.platforms


def weighed(
    left: list[Bundle], right: list[Bundle], weigh: Weigh, bindings: Bindings
) -> tuple[Assignment, dict[tuple[int, int], Tie]]:
    """Give the best assignment of two platforms' bundles, and the tie behind each pair that is possible."""
    ties: dict[tuple[int, int], Tie] = {}
    for i, one in enumerate(left):
        for j, other in enumerate(right):
            tie = best_tie(one, other, weigh, bindings)
            if tie is not None:
                ties[i, j] = tie
    scores = {pair: points(tie.evidence) for pair, tie in ties.items()}
    return assign(scores, [_likeness(b) for b in left], [_likeness(b) for b in right], MARGIN), ties


def best_tie(one: Bundle, other: Bundle, weigh: Weigh, bindings: Bindings) -> Tie | None:
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
