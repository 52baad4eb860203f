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
    start = max(second.starts_at, first.starts_at)
    end = min(second.ends_at, first.ends_at)
    return int((end - start).total_seconds()) if end > start else 0


def ranges_meet(first: Claim, second: Claim, tolerance_seconds: int) -> bool:
    """Say whether one true duration could stand behind both figures."""
    one, other, both_ways = first.duration, second.duration, 2 * tolerance_seconds
    return one.low_seconds - other.high_seconds <= both_ways and other.low_seconds - one.high_seconds <= both_ways


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
    if _clocks_part(first, second):
        return ()
    if first.category != second.category or first.station != second.station:
        return ()
    alike = _likeness(first, second, tolerance_seconds)
    return ((DAY_APART, 0), *alike) if len(alike) == len((RANGES_MEET, SAME_CATEGORY, SAME_STATION)) else ()


def points(evidence: Evidence) -> int:
    """Give the sum of the weights."""
    return sum([weight for _, weight in evidence])


def _likeness(first: Claim, second: Claim, tolerance_seconds: int) -> Evidence:
    said: list[tuple[str, int]] = []
    if points_of_ranges := _range_points(first, second, tolerance_seconds):
        said.append((RANGES_MEET, points_of_ranges))
    if first.category is not None and first.category == second.category:
        said.append((SAME_CATEGORY, WEIGHTS[SAME_CATEGORY]))
    if first.station == second.station:
        said.append((SAME_STATION, WEIGHTS[SAME_STATION]))
    return tuple(said)


def _range_points(first: Claim, second: Claim, tolerance_seconds: int) -> int:
    """Weigh figures that could be one: less where only the edges meet (1.00 h rounded, and 0.5 h rounded down)."""
    if not ranges_meet(first, second, tolerance_seconds):
        return 0
    is_within = _holds(first, second, tolerance_seconds) or _holds(second, first, tolerance_seconds)
    return WEIGHTS[RANGES_MEET] if is_within else WEIGHTS[RANGES_MEET] - MARGIN


def _holds(first: Claim, second: Claim, tolerance_seconds: int) -> bool:
    """Say whether the second claim's figure could be the first one's true duration."""
    low, high = first.duration.low_seconds, first.duration.high_seconds
    return low - tolerance_seconds <= second.reported_seconds <= high + tolerance_seconds


def _day(first: Claim, second: Claim) -> Evidence:
    return ((SAME_DAY, WEIGHTS[SAME_DAY]),) if first.service_date == second.service_date else ()


def _share(first: Claim, second: Claim, shared: int) -> int:
    """Weigh how much of the time that either span takes is shared."""
    together = (first.span_seconds or 0) + (second.span_seconds or 0) - shared
    return WEIGHTS[OVERLAP_SHARE] * shared // together


def _clocks_part(first: Claim, second: Claim) -> bool:
    """Say whether both spans are known and would not overlap if they lay on the same day."""
    if first.starts_at is None or first.ends_at is None or second.starts_at is None or second.ends_at is None:
        return False
    apart = first.service_date - second.service_date
    return min(first.ends_at - apart, second.ends_at) <= max(first.starts_at - apart, second.starts_at)
