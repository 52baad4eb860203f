"""Everything about this platform that its real contract may change: paths, names, codes, rounding, limits."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from adapters.transport import Limits
from domain.hours import DurationRange
from domain.records import RecordState

SETTINGS = ("base_url", "app_id", "app_secret", "request_key", "request_iv", "response_key", "response_iv")

PATH = "/webapi/{method}/query"
LOG_IN = "login"
LIST_HOURS = "listServiceTimes"
LIST_VOLUNTEERS = "listVolunteers"
ADD_HOURS = "addServiceTimes"
DELETE_HOURS = "delServiceTimes"

LIMITS = Limits()
PAGE_SIZE = 100
ROWS_PER_WRITE_MAX = 50
UPDATED_AHEAD_MAX = timedelta(minutes=5)
SESSION_OVER_STATUS = 404
SESSION_OVER_TEXTS = ("登录超时".encode(), "登录超时".encode("gb18030"), rb"\u767b\u5f55\u8d85\u65f6")
DONE_CODE = "0"
WRITE_TYPE = "1"
LOCAL_TIME = "%Y-%m-%d %H:%M:%S"

STATES = {
    "0": RecordState.PENDING, "1": RecordState.PENDING, "2": RecordState.EFFECTIVE,
    "3": RecordState.WITHDRAWN, "4": RecordState.WITHDRAWN, "5": RecordState.WITHDRAWN,
}  # fmt: skip
HONOUR = {"": None, "1": False, "2": True}
REAL_NAME = {"": None, "0": False, "1": True, "2": None}
ACTIVE = {"0": False, "1": True}

CATEGORY_SHAPE = r"(\d{2})?\d{4}|"
"""Four digits, behind a province's two where it is one of its own; a record may have none."""

_HALF_GRAIN_SECONDS = 18


@lru_cache(maxsize=4096)
def true_durations(reported_seconds: int) -> DurationRange:
    """Give what a figure rounded half up to 0.01 h can stand for: 18 s less (included) to 18 s more (excluded)."""
    return DurationRange(max(0, reported_seconds - _HALF_GRAIN_SECONDS), reported_seconds + _HALF_GRAIN_SECONDS - 1)
