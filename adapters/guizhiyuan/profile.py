"""Everything about this platform that its real contract may change: paths, names, codes, rounding, limits."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from adapters.transport import Limits
from domain.hours import DurationRange
from domain.records import RecordState

SETTINGS = ("base_url", "app_id", "app_secret", "data_key", "data_iv")

PATH = "/interface/gateway"
LOG_IN = "auth.token"
QUERY_HOURS = "hours.query"
SUMMARY = "hours.summary"
QUERY_VOLUNTEERS = "volunteers.query"
SUBMIT_HOURS = "hours.submit"
REVOKE_HOURS = "hours.revoke"

LIMITS = Limits(calls_per_second=5)
PAGE_SIZE = 500
ROWS_PER_WRITE_MAX = 50
UPDATED_AHEAD_MAX = timedelta(minutes=5)
DONE_CODE = "200"
SESSION_OVER_CODE = "401"
VERSION = "1.0"
CHARSET = "UTF-8"
ORIGIN = "1"
UNSIGNED = ("header",)

STATES = {"VALID": RecordState.EFFECTIVE, "PENDING": RecordState.PENDING, "REVOKED": RecordState.WITHDRAWN}
STATE_CODES: dict[str, str] = {state: code for code, state in STATES.items()}

FROM_HERE = "GX"
FROM_NATIONAL = "NATIONAL"
FROM_CLIENT = "API"
SOURCES = {"": FROM_HERE, FROM_HERE: FROM_HERE, FROM_NATIONAL: FROM_NATIONAL, FROM_CLIENT: FROM_CLIENT}
NATIONAL_PLATFORM = "national"
"""Under which name the settings know the platform that ``NATIONAL`` records were carried over from."""

CATEGORY_SHAPE = r"\d{4}"
ID_TYPE_CODES = {
    "resident": "01", "hongkong": "02", "macao": "03", "taiwan": "04", "passport": "05", "officer": "06",
    "soldier": "07", "other": "99",
}  # fmt: skip

SECONDS_PER_MINUTE = 60
GRAIN_MINUTES = 30


@lru_cache(maxsize=4096)
def true_durations(reported_seconds: int) -> DurationRange:
    """Give what a figure rounded down to half hours can stand for: itself to half an hour more (excluded)."""
    return DurationRange(reported_seconds, reported_seconds + GRAIN_MINUTES * SECONDS_PER_MINUTE - 1)
