"""A second reading of what platforms say, from their bare answers; it shares no code with the house."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

from sandbox.cipher import KeyPair
from sandbox.clock import SHANGHAI
from sandbox.streets import KINDS, MEETINGS, SPECIAL_REMARK, STATIONS
from sandbox.visits import project_id
from tests.oracle import EFFECTIVE, PENDING, WITHDRAWN, Fact

Row = Mapping[str, Any]
DAY_SECONDS = 86_400
AHEAD = timedelta(minutes=5)
_ID_NUMBER_CHARACTERS = 18
_NATIONAL_STATES = {
    "0": PENDING, "1": PENDING, "2": EFFECTIVE, "3": WITHDRAWN, "4": WITHDRAWN, "5": WITHDRAWN,
}  # fmt: skip
_GUANGXI_STATES = {"PENDING": PENDING, "VALID": EFFECTIVE, "REVOKED": WITHDRAWN}
_KIND_OF_PROJECT = {
    project_id(station, name): kind for station in STATIONS for kind in (*KINDS, MEETINGS) for name in kind.projects
}
_KIND_OF_TYPE = {kind.service_type: kind for kind in KINDS}
_STATION_OF = {one.team: one.code for one in STATIONS} | {one.organisation: one.code for one in STATIONS}
_DOTS = dict.fromkeys(map(ord, "・•‧"), "·")


def rows_of(platform: str, body: bytes) -> list[Row] | None:
    """Give the rows that an answer lists, or None where it is no listing."""
    try:
        said = json.loads(_text(body))
        if platform == "guangxi":
            said = json.loads(said["data"])
        data = said["data"]
        rows = data if isinstance(data, list) else data.get("records", data.get("list"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return rows if isinstance(rows, list) else None


def id_of(platform: str, row: Row) -> str:
    """Give the platform's own id of a row."""
    return str(row["id"] if platform == "national" else row["recordId"])


def fact_of(platform: str, row: Row, keys: KeyPair, now: datetime) -> Fact | None:
    """Give what a row says at its platform's ``now``, or None where it cannot be true or understood."""
    return _national(row, keys, now) if platform == "national" else _guangxi(row, keys, now)


def folded(name: str) -> str:
    """Give a name with one kind of dot."""
    return name.translate(_DOTS)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("gb18030")


def _national(row: Row, keys: KeyPair, now: datetime) -> Fact | None:
    state, person = _NATIONAL_STATES.get(row["albx0174"]), _opened(keys, row["cardno"])
    figure = None if row["albx0172"] is None else round(float(row["albx0172"]) * 100) * 36
    if _is_absurd(figure) or state is None or person is None or _local(row["updateTime"]) > now + AHEAD:
        return None
    start, end = _local(row["albx0181"]), _local(row["albx0182"])
    kind = _KIND_OF_PROJECT[row["albx0176"]]
    return Fact(
        "national", row["id"], person, folded(row["name"]), start.date(), kind.category, _STATION_OF[row["albx0177"]],
        int((end - start).total_seconds()), figure or 0, state, _local(row["albx0178"]).date(),
        is_special=row["bz"] == SPECIAL_REMARK, is_honour=row["albx0187"] == "2", is_no_service=kind is MEETINGS,
    )  # fmt: skip


def _guangxi(row: Row, keys: KeyPair, now: datetime) -> Fact | None:
    state, person = _GUANGXI_STATES.get(row["state"]), _opened(keys, row["idNoEnc"])
    figure = None if row["durationMinutes"] is None else row["durationMinutes"] * 60
    if _is_absurd(figure) or state is None or person is None or _instant(row["updatedAt"]) > now + AHEAD:
        return None
    kind = _KIND_OF_TYPE.get(row["serviceType"])
    day = datetime.fromisoformat(_plain(row["serviceDate"])).date()
    return Fact(
        "guangxi", str(row["recordId"]), person, folded(row["volunteerName"]), day, kind.category if kind else "",
        _STATION_OF[row["orgCode"]], _span(row["startTime"], row["endTime"]), figure or 0, state,
        _instant(row["createdAt"]).date(), is_special=row.get("remark") == SPECIAL_REMARK, is_no_service=kind is None,
        carried_from=row["sourceRef"] or "",
    )  # fmt: skip


def _is_absurd(figure_seconds: int | None) -> bool:
    return figure_seconds is None or not 0 <= figure_seconds <= DAY_SECONDS


def _span(start: str | None, end: str | None) -> int | None:
    if start is None or end is None:
        return None
    first, last = time.fromisoformat(start), time.fromisoformat(end)
    return (last.hour - first.hour) * 3600 + (last.minute - first.minute) * 60


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _local(text: str) -> datetime:
    return datetime.fromisoformat(_plain(text)[:19]).replace(tzinfo=SHANGHAI)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(SHANGHAI)


@cache
def _opened(keys: KeyPair, sealed: str) -> str | None:
    number = keys.open(sealed)
    return number if len(number) == _ID_NUMBER_CHARACTERS else None
