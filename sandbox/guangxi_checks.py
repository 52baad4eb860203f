"""What the Guangxi platform refuses, in its own codes and words."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Container, Iterable
from datetime import date, datetime

from sandbox.cipher import Secrets, sm3
from sandbox.clock import SHANGHAI
from sandbox.guangxi_rows import GuangxiRecord, floor_to_half_hours
from sandbox.wire import Json, Refusal, read_object, write_json

PAGE_SIZE_MAX = 500
LIST_LENGTH_MAX = 50
BAD_PARAMETERS, NO_SESSION, NOT_FOUND, SAME_NUMBER = 400, 401, 404, 409
BAD_SIGN, BAD_TIMESTAMP, UNKNOWN_APP, BAD_FORM = 4001, 4002, 4003, 4000
SERVICE_TYPES = frozenset({"4501", "4502", "4503", "4504", "4505", "4506", "4599"})

_FORM_FIELDS = frozenset({
    "app_id", "interface_id", "version", "header", "biz_content", "charset", "origin", "timestamp", "sign",
})  # fmt: skip
_UNSIGNED = frozenset({"header", "sign"})
_CONSTANTS = {"version": "1.0", "charset": "UTF-8", "origin": "1"}
_ROW_FIELDS = frozenset({
    "clientRef", "volunteerNo", "volunteerName", "idType", "idNoEnc", "orgCode", "activityId", "serviceType",
    "serviceDate", "startTime", "endTime",
})  # fmt: skip
_TIMESTAMP_SLACK_MS = 300_000
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00")
_TIME_OF_DAY = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


def check_form(form: dict[str, str], secrets: Secrets, now_ms: int) -> None:
    """Refuse a form that is not the contract's, an unknown application, a clock that is off, a wrong signature."""
    if set(form) != _FORM_FIELDS or any(form[name] != value for name, value in _CONSTANTS.items()):
        raise Refusal(BAD_FORM, "公共参数错误")
    if form["app_id"] != secrets.app_id:
        raise Refusal(UNKNOWN_APP, "应用未注册")
    timestamp = form["timestamp"]
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(int(timestamp) - now_ms) > _TIMESTAMP_SLACK_MS:
        raise Refusal(BAD_TIMESTAMP, "请求时间戳超出允许范围")
    signed = "&".join(f"{name}={form[name]}" for name in sorted(_FORM_FIELDS - _UNSIGNED))
    if form["sign"] != sm3(f"{signed}&key={secrets.app_secret}".encode()):
        raise Refusal(BAD_SIGN, "签名错误")


def check_fields(payload: dict[str, Json], names: Iterable[str]) -> None:
    """Refuse a payload that lacks a field or brings one that is not known."""
    wrong = set(payload) ^ set(names)
    if wrong:
        raise Refusal(BAD_PARAMETERS, f"参数错误：{'、'.join(sorted(wrong))}")


def check_organisation(code: Json, known: Container[str]) -> str:
    """Give the organisation's code, or refuse one that is not known."""
    if not isinstance(code, str) or code not in known:
        raise Refusal(NOT_FOUND, "组织不存在或未授权")
    return code


def check_page_size(size: Json) -> int:
    """Give the page size, or refuse it."""
    if type(size) is not int or not 1 <= size <= PAGE_SIZE_MAX:
        raise Refusal(BAD_PARAMETERS, f"pageSize应为1至{PAGE_SIZE_MAX}")
    return size


def check_window(payload: dict[str, Json]) -> tuple[datetime | None, datetime | None]:
    """Give the window, None for an end left open by null, or refuse it."""
    start, end = _window_end(payload["updatedFrom"]), _window_end(payload["updatedTo"])
    if start is not None and end is not None and start > end:
        raise Refusal(BAD_PARAMETERS, "updatedFrom晚于updatedTo")
    return start, end


def _window_end(text: Json) -> datetime | None:
    if text is None:
        return None
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        raise Refusal(BAD_PARAMETERS, "时间格式应为yyyy-MM-ddTHH:mm:ss+08:00")
    try:
        return datetime.fromisoformat(text).astimezone(SHANGHAI)
    except ValueError:
        raise Refusal(BAD_PARAMETERS, "时间无效") from None


def check_month(text: Json) -> str:
    """Give the month, or refuse it."""
    if not isinstance(text, str) or not _MONTH.fullmatch(text):
        raise Refusal(BAD_PARAMETERS, "month格式应为yyyy-MM")
    return text


def check_submission(payload: dict[str, Json]) -> list[dict[str, str]]:
    """Give the rows of a submission that has the contract's shape, or refuse it."""
    check_fields(payload, ("requestNo", "rows"))
    number, rows = payload["requestNo"], payload["rows"]
    if not isinstance(number, str) or not number:
        raise Refusal(BAD_PARAMETERS, "requestNo无效")
    if not isinstance(rows, list) or not 1 <= len(rows) <= LIST_LENGTH_MAX:
        raise Refusal(BAD_PARAMETERS, f"rows应为1至{LIST_LENGTH_MAX}条")
    for row in rows:
        if not isinstance(row, dict) or not all(isinstance(value, str) for value in row.values()):
            raise Refusal(BAD_PARAMETERS, "rows格式无效")
        check_fields(row, _ROW_FIELDS)
    return rows


def check_span(row: dict[str, str], now: datetime) -> tuple[date, int]:
    """Give the service date and the minutes kept for a submitted row, or refuse its times."""
    if not all(_TIME_OF_DAY.fullmatch(row[name]) for name in ("startTime", "endTime")):
        raise Refusal(BAD_PARAMETERS, "时间格式应为HH:mm")
    try:
        start, end = (datetime.fromisoformat(f"{row['serviceDate']}T{row[name]}") for name in ("startTime", "endTime"))
    except ValueError:
        raise Refusal(BAD_PARAMETERS, "serviceDate无效") from None
    if end <= start:
        raise Refusal(BAD_PARAMETERS, "结束时间应晚于开始时间")
    if end.replace(tzinfo=SHANGHAI) > now:
        raise Refusal(BAD_PARAMETERS, "不能提交未来的服务")
    return start.date(), floor_to_half_hours(int((end - start).total_seconds()) // 60)


def day_checksum(records: Iterable[GuangxiRecord]) -> str:
    """Give the platform's checksum of the records of a day, in order of their ids."""
    ordered = sorted(records, key=lambda record: record.record_id)
    lines = (f"{record.record_id}:{_figure(record)}:{record.state}\n" for record in ordered)
    return sm3("".join(lines).encode())


def _figure(record: GuangxiRecord) -> str:
    return "" if record.duration_minutes is None else str(record.duration_minutes)


def write_cursor(content: dict[str, Json], app_secret: str) -> str:
    """Write a cursor that only this platform can have written."""
    text = write_json(content)
    return base64.urlsafe_b64encode(f"{sm3((text + app_secret).encode())[:16]}{text}".encode()).decode()


def read_cursor(token: Json, app_secret: str) -> dict[str, Json]:
    """Read a cursor, or refuse one that this platform did not write."""
    try:
        text = base64.b64decode(str(token), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    content = read_object(text[16:])
    if content is None or text[:16] != sm3((text[16:] + app_secret).encode())[:16]:
        raise Refusal(BAD_PARAMETERS, "cursor无效")
    return content
