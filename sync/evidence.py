"""What speaks for two claims being the same spell, piece by piece, with its weight."""

from __future__ import annotations

from domain.claims import Claim

OVERLAP = "overlap"
OVERLAP_SHARE = "overlap_share"
SAME_DAY = "same_day"
RANGES_MEET = "ranges_meet"
SAME_CATEGORY = "same_category"
SAME_STATION = "same_station"
DAY_APART = "day_apart"

WEIGHTS = {OVERLAP: 160, OVERLAP_SHARE: 80, SAME_DAY: 80, RANGES_MEET: 40, SAME_CATEGORY: 20, SAME_STATION: 10}
MARGIN = 10

Evidence = tuple[tuple[str, int], ...]


def has_span(claim: Claim) -> bool:
    """Say whether both times are known."""
    return claim.starts_at is not None and claim.ends_at is not None


def spans_overlap(first: Claim, second: Claim) -> bool:
    """Say whether two known spans share a moment; spans that only touch do not."""
    return overlap_seconds(first, second) > 0


def overlap_seconds(first: Claim, second: Claim) -> int:
    """Give the seconds that two spans share; 0 where a time is unknown."""
    if first.starts_at is None or first.ends_at is None or second.starts_at is None or second.ends_at is None:
        return 0
    shared = min(first.ends_at, second.ends_at) - max(first.starts_at, second.starts_at)
    return max(0, int(shared.total_seconds()))


def ranges_meet(first: Claim, second: Claim, tolerance_seconds: int) -> bool:
    """Say whether one true duration could stand behind both figures."""
    return first.duration.widened(tolerance_seconds).meets(second.duration.widened(tolerance_seconds))


def evidence_of(first: Claim, second: Claim, tolerance_seconds: int) -> Evidence:
    """Weigh two claims of one person's day; empty where they cannot be the same spell.

    Known spans that do not overlap are different services. Without times on either side, the day alone says too
    little: the figures must meet or the category be the same.
    """
    shared = overlap_seconds(first, second)
    if has_span(first) and has_span(second):
        if not shared:
            return ()
    elif first.service_date != second.service_date:
        return ()
    alike = _likeness(first, second, tolerance_seconds)
    if shared:
        return (
            (OVERLAP, WEIGHTS[OVERLAP]),
            (OVERLAP_SHARE, _share(first, second, shared)),
            *_day(first, second),
            *alike,
        )
    if not any(name in (RANGES_MEET, SAME_CATEGORY) for name, _ in alike):
        return ()
    return (*_day(first, second), *alike)


def evidence_day_apart(first: Claim, second: Claim, tolerance_seconds: int) -> Evidence:
    """Weigh two claims one day apart: category, station and figures must all agree, and the clock times if known."""
    if abs((first.service_date - second.service_date).days) != 1:
        return ()
    if has_span(first) and has_span(second) and not _clock_overlap(first, second):
        return ()
    alike = _likeness(first, second, tolerance_seconds)
    return ((DAY_APART, 0), *alike) if len(alike) == len((RANGES_MEET, SAME_CATEGORY, SAME_STATION)) else ()


def points(evidence: Evidence) -> int:
    """Give the sum of the weights."""
    return sum(weight for _, weight in evidence)


def _likeness(first: Claim, second: Claim, tolerance_seconds: int) -> Evidence:
    said = (
        (RANGES_MEET, _range_points(first, second, tolerance_seconds)),
        (SAME_CATEGORY, WEIGHTS[SAME_CATEGORY] * (first.category is not None and first.category == second.category)),
        (SAME_STATION, WEIGHTS[SAME_STATION] * (first.station == second.station)),
    )
    return tuple((name, weight) for name, weight in said if weight)


def _range_points(first: Claim, second: Claim, tolerance_seconds: int) -> int:
    """Weigh figures that could be one: less where only the edges meet (1.00 h rounded, and 0.5 h rounded down)."""
    if not ranges_meet(first, second, tolerance_seconds):
        return 0
    is_within = first.duration.widened(tolerance_seconds).holds(second.reported_seconds)
    is_within |= second.duration.widened(tolerance_seconds).holds(first.reported_seconds)
    return WEIGHTS[RANGES_MEET] if is_within else WEIGHTS[RANGES_MEET] - MARGIN


def _day(first: Claim, second: Claim) -> Evidence:
    return ((SAME_DAY, WEIGHTS[SAME_DAY]),) if first.service_date == second.service_date else ()


def _share(first: Claim, second: Claim, shared: int) -> int:
    """Weigh how much of the time that either span takes is shared."""
    together = (first.span_seconds or 0) + (second.span_seconds or 0) - shared
    return WEIGHTS[OVERLAP_SHARE] * shared // together


def _clock_overlap(first: Claim, second: Claim) -> bool:
    """Say whether the spans would overlap if they lay on the same day."""
    if first.starts_at is None or first.ends_at is None or second.starts_at is None or second.ends_at is None:
        return False
    apart = first.service_date - second.service_date
    return min(first.ends_at - apart, second.ends_at) > max(first.starts_at - apart, second.starts_at)
