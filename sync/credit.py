"""What one claim would earn, taken alone: flat per visit, or the true duration."""

from __future__ import annotations

from domain.claims import Claim
from mapping.rules import RuleSet


def credit_seconds(claim: Claim, category: str, rules: RuleSet, *, is_special: bool) -> int:
    """Give the credit in seconds of ``claim`` read as ``category``.

    Flat credit is the category's figure, whatever the duration. Actual credit (the category's rule, or a special
    case) is the claim's span where it lies within the claim's own range, else its figure.
    """
    flat = rules.category(category).credit_seconds
    return flat if flat is not None and not is_special else actual_seconds(claim)


def actual_seconds(claim: Claim) -> int:
    """Give the true duration in seconds as far as the claim tells it."""
    span = claim.span_seconds
    return span if span is not None and claim.duration.holds(span) else claim.reported_seconds
