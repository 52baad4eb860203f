from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.clock import SHANGHAI
from domain.conflicts import Conflict, ConflictKind
from domain.decisions import DecisionCode
from domain.entries import Entry
from domain.errors import StoreError
from domain.ledger import VoucherKind
from domain.records import PersonAsSaid, QuarantinedRow
from local_store import conflicts, decisions, entries, people, records, runs
from local_store.dialects import insert_rows
from local_store.store import Store
from local_store.tables.people import PERSON
from local_store.transaction import Tx
from tests.local_store.homes import Home
from tests.local_store.makers import Makers

AT = datetime(2022, 10, 1, 9, tzinfo=SHANGHAI)
CANARIES = {
    "name": "覃鹂鹉", "other name": "韦鸬鹚", "id": "459900196001010015", "volunteer": "CANARYVOLUNTEER7",
    "phone": "10055443322", "remark": "排队久买了两袋盐", "beneficiary": "陆鹡鸰", "confirmer": "莫鹪鹩",
    "licence": "护照证号778899",
    "raw": "整行原文鸵鸟", "reason": "因为他邻居鹈鹕说了", "merge": "合并缘由鹧鸪",
}  # fmt: skip


def spellings(canary: str) -> set[bytes]:
    """Give every spelling in which a word could lie in a file; base64 at each of its three offsets."""
    plain = {canary.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")}
    plain.add(canary.encode("unicode_escape"))
    return plain | {coded(word, shift) for word in plain for shift in range(3)}


def coded(word: bytes, shift: int) -> bytes:
    """Give the base64 characters that ``word`` alone decides when it stands ``shift`` bytes into a group."""
    whole = base64.b64encode(b"\0" * shift + word)
    return whole[-(-8 * shift // 6) : 8 * (shift + len(word)) // 6]


def told(tx: Tx, make: Makers) -> None:
    """Tell the store everything that it could leak, by every door that it has."""
    person = PersonAsSaid(CANARIES["name"], "resident", CANARIES["id"], CANARIES["volunteer"])
    row = make.roster_row(1, phone=CANARIES["phone"], licence=CANARIES["licence"])
    row = replace(row, person=person, platform_numbers={"national": CANARIES["volunteer"]})
    make.roster(tx, row, make.roster_row(2, name=CANARIES["other name"]))
    record = make.record("a", person, remark=CANARIES["remark"])
    page = records.save_raw(tx, make.run(tx), "national", "T1", CANARIES["raw"].encode())
    make.pull(tx, [record])
    make.pull(tx, [replace(record, reported_seconds=60)])
    raw = QuarantinedRow("national", "T1", "a", "hours_negative", "albx0172", CANARIES["raw"].encode())
    records.quarantine(tx, [raw], page)
    entry = Entry(
        entry_id="E1", local_number=row.local_number, station="CZ01", category="escort", service_date=AT.date(),
        starts_at=AT, ends_at=AT + timedelta(hours=1), is_special=False, station_by=CANARIES["confirmer"],
        community_by=CANARIES["confirmer"], beneficiary=CANARIES["beneficiary"], remark=CANARIES["remark"],
    )  # fmt: skip
    entries.save_entries(
        tx, [entry],
        lambda entry, identity, token, _: replace(make.claim(record, identity, token), key=entries.entry_key(entry)),
        make.clock.now(), make.run(tx),
    )  # fmt: skip
    stranger = Conflict(
        kind=ConflictKind.UNKNOWN_PERSON, about="identity/1", is_blocking=True, person=None, identity=1, station="",
        service_date=None, records=(record.key,), seconds_at_stake=1, cause="", evidence=("x",), reason="r",
    )  # fmt: skip
    conflicts.save(tx, [], [stranger], make.run(tx))
    decisions.add(tx, stranger.conflict_id, DecisionCode.IGNORE, "", CANARIES["reason"], "经办")
    runs.activate_rules(tx, "rules-2", "经办", CANARIES["reason"])
    make.book(tx, record, 1)
    people.merge(tx, 2, 1, CANARIES["merge"], "经办")


def test_nothing_of_a_person_lies_in_clear_in_any_file(store: Store, make: Makers, home: Home) -> None:
    with store.writing() as tx:
        told(tx, make)
    while_open = home.files()
    store.close()
    after = home.files()
    assert home.name == "postgresql" or {"shiqiao.db", "shiqiao.db-wal"} <= while_open.keys()
    found = [
        (what, name)
        for what, canary in CANARIES.items()
        for files in (while_open, after)
        for name, content in files.items()
        for word in spellings(canary)
        if word in content
    ]
    assert found == []
    assert "暖心陪聊".encode() in b"".join(while_open.values())


def test_the_sweep_would_find_what_is_in_clear() -> None:
    for canary in CANARIES.values():
        padded = f"ab{canary}cd"
        contents = [padded.encode(encoding) for encoding in ("utf-8", "utf-16-le", "gb18030")]
        contents += [base64.b64encode(b"z" * shift + content) for content in contents for shift in range(3)]
        for content in contents:
            assert any(word in content for word in spellings(canary))


def test_no_error_of_the_database_shows_what_was_to_be_written(store: Store) -> None:
    row = {
        "number": 1, "local_number": CANARIES["name"], "name_token": "t", "station": "CZ01", "has_licence": False,
        "consents": "", "content_token": "t", "sealed": b"x",
    }  # fmt: skip
    with pytest.raises(StoreError) as refusal, store.writing() as tx:
        insert_rows(tx.connection, PERSON, [row, row])
    assert str(refusal.value) == "store_refused rule=pk_person"


def test_the_book_speaks_of_numbers_only(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        told(tx, make)
        (body,) = tx.connection.exec_driver_sql("SELECT body FROM voucher").scalars()
    assert VoucherKind.POST.value in body
    assert re.findall(r"\d{15,}|1\d{10}", body) == []
