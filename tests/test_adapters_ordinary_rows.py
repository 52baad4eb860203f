"""What a platform permits is read: an ordinary row is never refused for a field on which no hour hangs."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.base import Submission
from domain.idnumber import normalised_id
from domain.records import Record
from tests.adapter_contract.clock import NIGHT
from tests.adapter_contract.contract import ALWAYS, PERSON
from tests.test_adapters_chinavolunteer import RESPONSES, TEAM
from tests.test_adapters_chinavolunteer import Platform as National
from tests.test_adapters_chinavolunteer import _adapter as national
from tests.test_adapters_chinavolunteer import _envelope as envelope
from tests.test_adapters_guizhiyuan import DATA, ORGANISATION, wrapped
from tests.test_adapters_guizhiyuan import Platform as Guangxi
from tests.test_adapters_guizhiyuan import _adapter as guangxi

PAGES = Path(__file__).parent / "platforms"
ODD_MOMENTS = ["59:59:59", "2022-03-01", "0000-00-00 00:00:00", "  ", "2090-01-01 00:00:00"]
SUBMISSION = Submission(
    "SQ1", PERSON, "T", "A1", "450202", "4501", NIGHT - timedelta(hours=3), NIGHT - timedelta(hours=2)
)


def _national(**fields: object) -> Record:
    row: dict[str, Any] = json.loads((PAGES / "chinavolunteer" / "hours.json").read_text(encoding="utf-8"))["data"][0]
    answer = httpx.Response(200, json=envelope([{**row, **fields}]))
    page = national(National(answer)).read_hours(TEAM, ALWAYS, None)
    assert page.quarantined == ()
    return page.records[0]


def _guangxi(**fields: object) -> Record:
    recorded = json.loads((PAGES / "guizhiyuan" / "hours.json").read_text(encoding="utf-8"))
    row: dict[str, Any] = json.loads(recorded["data"])["data"]["records"][0]
    answer = {"records": [{**row, **fields}], "nextCursor": None, "total": 1}
    page = guangxi(Guangxi(answer)).read_hours(ORGANISATION, ALWAYS, None)
    assert page.quarantined == ()
    return page.records[0]


@pytest.mark.parametrize("said", ODD_MOMENTS)
def test_a_time_of_entry_that_cannot_be_is_none_and_the_service_is_read(said: str) -> None:
    for record in (_national(albx0178=said), _guangxi(createdAt=said)):
        assert record.entered_at is None
        assert record.starts_at == datetime.fromisoformat("2022-03-01T09:00:00+08:00")


def test_a_blank_time_is_no_time() -> None:
    assert _guangxi(startTime=" ", endTime=" ").starts_at is None


def test_an_empty_id_number_that_was_encrypted_is_no_id_number() -> None:
    assert _national(cardno=RESPONSES.encrypt(" ")).person.id_number == ""
    assert _guangxi(idNoEnc=DATA.encrypt("")).person.id_number == ""


@pytest.mark.parametrize("remark", ["×××", "··", "××"])
def test_a_remark_of_one_sign_is_a_remark(remark: str) -> None:
    assert _national(bz=remark).remark == remark


@pytest.mark.parametrize(
    ("id_type", "written", "typed"),
    [
        ("hongkong", "A123456(3)", "A1234563"),
        ("hongkong", "a123456（3）", "A1234563"),
        ("macao", "1/234567/8", "12345678"),
        ("taiwan", "L01234567(B)", "L01234567B"),
    ],
)
def test_a_number_written_as_its_card_prints_it_is_the_same_number(id_type: str, written: str, typed: str) -> None:
    assert normalised_id(id_type, written) == normalised_id(id_type, typed)
    codes = {"hongkong": "02", "macao": "3", "taiwan": "04"}
    record = _national(albp0004=codes[id_type], cardno=RESPONSES.encrypt(written))
    assert record.person.id_number == typed


def test_json_behind_a_byte_order_mark_is_read() -> None:
    for body in (envelope([]), wrapped({"records": [], "nextCursor": None, "total": 0})):
        answer = httpx.Response(200, content=b"\xef\xbb\xbf" + json.dumps(body).encode())
        if "pageNo" in body:
            page = national(National(answer)).read_hours(TEAM, ALWAYS, None)
        else:
            page = guangxi(Guangxi(answer)).read_hours(ORGANISATION, ALWAYS, None)
        assert page.total == 0


def test_a_session_that_is_over_is_known_in_escaped_json_too() -> None:
    over = httpx.Response(404, content=json.dumps({"message": "登录超时"}).encode())
    platform = National(over, httpx.Response(200, json=envelope([])))
    national(platform).read_hours(TEAM, ALWAYS, None)
    assert len(platform.logins) == 2


def test_a_refused_row_may_say_that_it_has_no_id() -> None:
    said = {"index": 0, "code": 3, "id": None, "message": "时间重叠"}
    answer = httpx.Response(200, json={"code": 0, "message": "", "data": [said]})
    receipts = national(National(answer)).submit((SUBMISSION,), "R1")
    assert [receipt.refusal for receipt in receipts] == ["时间重叠"]
    refused = {"clientRef": "SQ1", "ok": False, "recordId": None, "message": "时间重叠"}
    receipts = guangxi(Guangxi({"results": [refused]})).submit((SUBMISSION,), "R1")
    assert [receipt.refusal for receipt in receipts] == ["时间重叠"]
