"""What the national platform refuses, in its own codes and words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from sandbox.cipher import Secrets, hmac_sm3
from sandbox.clock import SHANGHAI
from sandbox.national_rows import GONE_STATUSES, NationalRecord, hours_text
from sandbox.wire import Json, Refusal

PAGE_SIZE_MAX = 100
LIST_LENGTH_MAX = 50
BAD_PARAMETERS, BAD_SIGN, BAD_TIMESTAMP, UNKNOWN_APP, UNKNOWN_TEAM = 1001, 1002, 1003, 1004, 1005
OVERLAP, BAD_SPAN, BAD_HOURS, UNKNOWN_PROJECT, BAD_VOLUNTEER, UNKNOWN_RECORD, IN_FUTURE = 3, 4, 5, 6, 7, 8, 9

_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_TIMESTAMP_SLACK_MS = 300_000
_SPAN_MIN, _SPAN_MAX = timedelta(minutes=1), timedelta(hours=24)
_ADD_FIELDS = frozenset(
    "albx0021 albx0176 albx0177 name albx0175 cardno bz type start end albx0172".split()  # noqa: SIM905 - reads as the contract does
)


def check_login(payload: dict[str, Json], secrets: Secrets, now_ms: int) -> None:
    """Refuse an unknown application, a clock that is off, a wrong signature."""
    check_fields(payload, ("appId", "timestamp", "sign"))
    timestamp = payload["timestamp"]
    if payload["appId"] != secrets.app_id:
        raise Refusal(UNKNOWN_APP, "应用不存在或已停用")
    if not isinstance(timestamp, int) or abs(timestamp - now_ms) > _TIMESTAMP_SLACK_MS:
        raise Refusal(BAD_TIMESTAMP, "时间戳无效或已过期")
    if payload["sign"] != hmac_sm3(secrets.app_secret.encode(), f"{secrets.app_id}\n{timestamp}".encode()):
        raise Refusal(BAD_SIGN, "签名验证失败")


def check_fields(payload: dict[str, Json], names: Iterable[str]) -> None:
    """Refuse a payload that lacks a field or brings one that is not known."""
    wrong = set(payload) ^ set(names)
    if wrong:
        raise Refusal(BAD_PARAMETERS, f"参数错误：{'、'.join(sorted(wrong))}")


def check_paging(payload: dict[str, Json]) -> tuple[int, int]:
    """Give page number and size, or refuse them."""
    number, size = payload["pageNum"], payload["pageSize"]
    if type(number) is not int or type(size) is not int or number < 1 or size < 1:
        raise Refusal(BAD_PARAMETERS, "参数错误：分页参数无效")
    if size > PAGE_SIZE_MAX:
        raise Refusal(BAD_PARAMETERS, f"参数错误：每页不能超过{PAGE_SIZE_MAX}条")
    return number, size


def check_window(payload: dict[str, Json]) -> tuple[datetime | None, datetime | None]:
    """Give the window, None for an end left open by ``""``, or refuse it."""
    start, end = _window_end(payload["updateStart"]), _window_end(payload["updateEnd"])
    if start is not None and end is not None and start > end:
        raise Refusal(BAD_PARAMETERS, "参数错误：开始时间晚于结束时间")
    return start, end


def _window_end(text: Json) -> datetime | None:
    return None if text == "" else parse_stamp(text)


def parse_stamp(text: Json) -> datetime:
    """Read ``YYYY-MM-DD HH:mm:ss`` in Asia/Shanghai, or refuse it."""
    if not isinstance(text, str) or not _STAMP.fullmatch(text):
        raise Refusal(BAD_PARAMETERS, "参数错误：时间格式应为 yyyy-MM-dd HH:mm:ss")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    except ValueError:
        raise Refusal(BAD_PARAMETERS, "参数错误：时间无效") from None


def check_status(text: Json) -> str:
    """Give the status filter, ``""`` for any, or refuse it."""
    if not isinstance(text, str):
        raise Refusal(BAD_PARAMETERS, "参数错误：状态无效")
    return text


def check_length(rows: Json) -> list[Json]:
    """Give a list of 1 to 50, or refuse it."""
    if not isinstance(rows, list) or not 1 <= len(rows) <= LIST_LENGTH_MAX:
        raise Refusal(BAD_PARAMETERS, f"参数错误：每次应为1至{LIST_LENGTH_MAX}条")
    return rows


def check_added_fields(row: Json) -> None:
    """Refuse a row to be added that has not exactly the contract's fields, all of them texts."""
    if not isinstance(row, dict) or not all(isinstance(value, str) for value in row.values()):
        raise Refusal(BAD_PARAMETERS, "参数错误：行格式无效")
    check_fields(row, _ADD_FIELDS)
    if row["type"] != "1" or len(row["bz"]) > 500:  # noqa: PLR2004 - the contract's own bound
        raise Refusal(BAD_PARAMETERS, "参数错误：类型或备注无效")


def check_span(start: datetime, end: datetime, hours: str, now: datetime) -> None:
    """Refuse a span that the platform cannot take, or hours that are not the span's."""
    if end > now:
        raise Refusal(IN_FUTURE, "结束时间不能晚于当前时间")
    if not _SPAN_MIN <= end - start <= _SPAN_MAX:
        raise Refusal(BAD_SPAN, "服务时长应在1分钟至24小时之间")
    if start.date() != end.date():
        raise Refusal(BAD_SPAN, "开始时间与结束时间应在同一天")
    if hours != hours_text(start, end):
        raise Refusal(BAD_HOURS, "时长与起止时间不符")


def check_overlap(start: datetime, end: datetime, others: Iterable[NationalRecord]) -> None:
    """Refuse a span that overlaps another of the volunteer; an identical one slips through, as it really does."""
    for other in others:
        is_identical = (other.starts_at, other.ends_at) == (start, end)
        if not is_identical and other.status not in GONE_STATUSES and start < other.ends_at and other.starts_at < end:
            raise Refusal(OVERLAP, "时间重叠")
