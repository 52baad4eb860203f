"""Sound answers of both platforms: recorded pages, and small ones with a row or two of each kind."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from adapters.base import Submission
from adapters.crypto import field_cipher
from tests import test_adapters_chinavolunteer as national
from tests import test_adapters_guizhiyuan as guangxi
from tests.adapter_contract.clock import NIGHT
from tests.adapter_contract.contract import PERSON

Json = Any
NATIONAL_PAGES = national.TestChinaVolunteer.folder
GUANGXI_PAGES = guangxi.TestGuizhiyuan.folder
TEAM, ORGANISATION = national.TEAM, guangxi.TestGuizhiyuan.scope
CIPHER = field_cipher(("", national.RESPONSE_KEY), ("", national.RESPONSE_IV))
SUBMISSION = Submission(
    "SQABCDEFGHIJKLMNOPQRSTUVWX", PERSON, TEAM, "PJ1", "450202003000000000", "4501", NIGHT - timedelta(days=3),
    NIGHT - timedelta(days=3) + timedelta(minutes=42),
)  # fmt: skip


def recorded(folder: Path) -> list[bytes]:
    """Give the pages that were recorded in a folder."""
    return [path.read_bytes() for path in sorted(folder.glob("*.json")) if not path.stem.endswith(".expected")]


def rows_of(path: Path) -> list[dict[str, Json]]:
    """Give the rows of a recorded page."""
    value = json.loads(path.read_text(encoding="utf-8"))["data"]
    if isinstance(value, str):
        value = json.loads(value)["data"]["records"]
    rows: list[dict[str, Json]] = value["list"] if isinstance(value, dict) else value
    return rows


def national_envelope(rows: list[Json]) -> dict[str, Json]:
    """Put rows into the national platform's envelope."""
    return {"code": 0, "message": "", "data": rows, "totalCount": str(len(rows)), "pageCount": 1, "pageNo": 1}


def as_json(value: Json) -> bytes:
    """Write JSON as the platforms do."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def inside(data: Json) -> bytes:
    """Put data into Guangxi's inner layer."""
    return as_json({"code": 200, "success": True, "message": "", "data": data})


def national_hours() -> list[bytes]:
    """Pages of hours of a team."""
    rows = rows_of(NATIONAL_PAGES / "hours.json")
    few = [as_json(national_envelope(rows[:count])) for count in (1, 1, 2, 3)]
    return [*few, *few, *recorded(NATIONAL_PAGES)]


def national_volunteers() -> list[bytes]:
    """Pages of the volunteers of a team."""
    row = {
        "albx0175": " gx1 ", "name": PERSON.name, "albp0004": "1", "cardno": CIPHER.encrypt(PERSON.id_number),
        "albp0063": "1", "albp0023": 1,
    }  # fmt: skip
    return [as_json(national_envelope([row])), as_json(national_envelope([row, {**row, "albx0175": "gx2"}]))]


def _guangxi_listing(rows: list[Json]) -> bytes:
    return inside({"records": rows, "nextCursor": None, "total": len(rows)})


def guangxi_hours() -> list[bytes]:
    """Inner texts of pages of hours."""
    rows = rows_of(GUANGXI_PAGES / "hours.json")
    inner = [json.loads(body.decode("utf-8", "replace"))["data"].encode() for body in recorded(GUANGXI_PAGES)]
    few = [_guangxi_listing(rows[:count]) for count in (1, 1, 2, 3)]
    return [*few, *few, *inner]


def guangxi_volunteers() -> list[bytes]:
    """Inner texts of pages of volunteers."""
    row = {
        "volunteerNo": " gx1 ", "volunteerName": PERSON.name, "idType": "01",
        "idNoEnc": CIPHER.encrypt(PERSON.id_number), "joinedAt": "2021-09-01T00:00:00+08:00",
    }  # fmt: skip
    return [_guangxi_listing([row]), _guangxi_listing([row, {**row, "volunteerNo": "gx2"}])]


def summaries() -> list[bytes]:
    """Inner texts of day sums."""
    day = {"date": "2022-03-01", "count": 2, "minutes": 90, "checksum": "a" * 64}
    return [inside({"days": [day, {**day, "date": "2022-03-02"}]}), inside({"days": []})]


def national_results() -> list[bytes]:
    """What became of one row that was written."""
    stored = {"index": 0, "code": 0, "id": "a1"}
    refused = {"index": 0, "code": 3, "message": f"{PERSON.name}时间重叠"}
    return [as_json({"code": 0, "message": "", "data": [row]}) for row in (stored, refused)]


def guangxi_results() -> list[bytes]:
    """What became of one row that was written."""
    key = SUBMISSION.business_key
    stored = {"clientRef": key, "ok": True, "recordId": 9007199254741094}
    refused = {"clientRef": key, "ok": False, "message": f"{PERSON.name}时间重叠"}
    return [inside({"results": [row]}) for row in (stored, refused)]
