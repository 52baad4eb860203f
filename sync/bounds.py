"""The bounds beyond which a run takes or changes too much, per platform and station, to go on without a person."""

from __future__ import annotations

from domain.hours import SECONDS_PER_HOUR

REMOVALS_MIN = 10
REMOVALS_PERCENT = 5
REMOVAL_SECONDS_MAX = 100 * SECONDS_PER_HOUR
CHANGES_MIN = 50
CHANGES_PERCENT = 40
