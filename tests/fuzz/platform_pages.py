"""Every answer of both platforms, read by the adapters without a wire."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any, TypeVar

import httpx

from adapters.base import Page, VolunteerPage
from adapters.chinavolunteer.adapter import ChinaVolunteer
from adapters.guizhiyuan.adapter import Guizhiyuan
from adapters.settings import PlatformSettings
from adapters.transport import Answer, Limits, Request, Transport
from domain.errors import PlatformError
from domain.hours import SECONDS_PER_DAY
from domain.records import QUARANTINE_REASONS, QuarantinedRow, Record
from tests import test_adapters_chinavolunteer as national
from tests import test_adapters_guizhiyuan as guangxi
from tests.adapter_contract.clock import NIGHT, MiddlingChance, StandingClock
from tests.adapter_contract.contract import ALWAYS, PERSON
from tests.fuzz import platform_seeds as seeds
from tests.fuzz.target import QUARANTINED, READ, Target, hold_told

T = TypeVar("T")
Json = Any
_LATEST = NIGHT + timedelta(minutes=5)


class HandedTransport(Transport):
    """Hands the adapter whatever lies in ``body`` (and a log-in first, where none is under test)."""

    def __init__(self, log_in: bytes) -> None:
        wire = httpx.MockTransport(lambda _request: httpx.Response(500))
        super().__init__(
            "handed", "http://127.0.0.1:9", clock=StandingClock(), random=MiddlingChance(), limits=Limits(), wire=wire
        )
        self.log_in = log_in
        self.body = b""

    def read(self, what: str, prepare: Callable[[], Request], decode: Callable[[Answer], T]) -> T:
        del prepare
        return decode(Answer(200, self.log_in if what in {"login", "auth.token"} else self.body))

    def write(self, what: str, prepare: Callable[[], Request], decode: Callable[[Answer], T]) -> T:
        del what, prepare
        return decode(Answer(200, self.body))


def _wrapped(text: bytes) -> bytes:
    """Put Guangxi's inner text into the outer envelope; bytes that are no text in the way of a careless gateway."""
    return b'{"code":"200","success":true,"message":"","data":' + _as_text(text) + b"}"


def _as_text(text: bytes) -> bytes:
    return json.dumps(text.decode("utf-8", "surrogateescape"), ensure_ascii=False).encode("utf-8", "surrogateescape")


class Desk:
    """One adapter of each kind, and the ways of giving it an answer."""

    def __init__(self) -> None:
        self._national_wire = HandedTransport(json.dumps(national.LOGIN).encode())
        self._guangxi_wire = HandedTransport(json.dumps(guangxi.wrapped(guangxi.LOGIN)).encode())
        names = (tuple(national.SETTINGS), tuple(guangxi.SETTINGS))
        first = PlatformSettings("national", national.SETTINGS, names[0])
        second = PlatformSettings("guangxi", guangxi.SETTINGS, names[1])
        self.national = ChinaVolunteer("national", first, self._national_wire, StandingClock())
        self.guangxi = Guizhiyuan("guangxi", second, self._guangxi_wire, StandingClock())
        self.national.check()
        self.guangxi.check()

    def national_hours(self, body: bytes) -> str:
        self._national_wire.body = body
        return _read(body, lambda: self.national.read_hours(seeds.TEAM, ALWAYS, None), _national_rows)

    def national_volunteers(self, body: bytes) -> str:
        self._national_wire.body = body
        return _read(body, lambda: self.national.read_volunteers(seeds.TEAM, None), _national_rows)

    def guangxi_gateway(self, body: bytes) -> str:
        self._guangxi_wire.body = body
        return _read(body, lambda: self.guangxi.read_hours(seeds.ORGANISATION, ALWAYS, None), _guangxi_rows)

    def guangxi_hours(self, body: bytes) -> str:
        return self.guangxi_gateway(_wrapped(body))

    def guangxi_volunteers(self, body: bytes) -> str:
        self._guangxi_wire.body = _wrapped(body)
        return _read(
            self._guangxi_wire.body, lambda: self.guangxi.read_volunteers(seeds.ORGANISATION, None), _guangxi_rows
        )

    def guangxi_summary(self, body: bytes) -> str:
        self._guangxi_wire.body = _wrapped(body)
        days = _ended(lambda: self.guangxi.summarise(seeds.ORGANISATION, date(2022, 3, 1)))
        if isinstance(days, str):
            return days
        assert days is not None
        assert all(day.count >= 0 and day.minutes >= 0 for day in days)
        return READ

    def national_login(self, body: bytes) -> str:
        self._national_wire.log_in = body
        return _settled(self.national.check)

    def guangxi_login(self, body: bytes) -> str:
        self._guangxi_wire.log_in = _wrapped(body)
        return _settled(self.guangxi.check)

    def national_receipts(self, body: bytes) -> str:
        self._national_wire.body = body
        return self._receipts(self.national)

    def guangxi_receipts(self, body: bytes) -> str:
        self._guangxi_wire.body = _wrapped(body)
        return self._receipts(self.guangxi)

    def _receipts(self, adapter: ChinaVolunteer | Guizhiyuan) -> str:
        receipts = _ended(lambda: adapter.submit((seeds.SUBMISSION,), "R1"))
        if isinstance(receipts, str):
            return receipts
        (receipt,) = receipts
        assert receipt.business_key == seeds.SUBMISSION.business_key
        assert bool(receipt.external_id) != bool(receipt.refusal)
        assert PERSON.name not in receipt.refusal
        assert PERSON.id_number not in receipt.refusal
        return READ

    def id_number(self, body: bytes) -> str:
        """Read a row whose id number was enciphered with these bytes in it."""
        text = body.decode("utf-8", "replace")
        row = {**seeds.rows_of(seeds.NATIONAL_PAGES / "hours.json")[0], "cardno": seeds.CIPHER.encrypt(text)}
        return self.national_hours(json.dumps(seeds.national_envelope([row])).encode())

    def sealed(self, body: bytes) -> str:
        """Read a row whose id number's cipher text is these bytes."""
        row = {**seeds.rows_of(seeds.NATIONAL_PAGES / "hours.json")[0], "cardno": body.decode("utf-8", "replace")}
        return self.national_hours(json.dumps(seeds.national_envelope([row])).encode())


def _settled(act: Callable[[], object]) -> str:
    ended = _ended(act)
    return ended if isinstance(ended, str) else READ


def _ended(act: Callable[[], T]) -> T | str:
    """Do it, and give what came of it, or the code of the platform's error."""
    try:
        return act()
    except PlatformError as error:
        hold_told(error, (PERSON.name, PERSON.id_number, "韦阿芳", "zEA7ubfC6o7Tbpmntmz05DZN7lz7la7GX8fdRaSX5wU="))
        return error.code


def _read(body: bytes, act: Callable[[], Page | VolunteerPage], rows_in: Callable[[bytes], list[Json] | None]) -> str:
    page = _ended(act)
    if isinstance(page, str):
        return page
    rows = rows_in(body)
    read = page.records if isinstance(page, Page) else page.volunteers
    if rows is not None:
        assert len(read) + len(page.quarantined) == len(rows), "a row was lost"
    for row in page.quarantined:
        _hold_quarantined(row, rows)
    if isinstance(page, Page):
        assert page.raw == body
        for record in page.records:
            _hold_record(record)
    return QUARANTINED if page.quarantined else READ


def _hold_quarantined(row: QuarantinedRow, rows: list[Json] | None) -> None:
    assert row.reason in QUARANTINE_REASONS
    kept = json.loads(row.raw.decode("utf-8", "surrogateescape"))
    if rows is not None:
        assert any(_same(kept, one) for one in rows), "a quarantined row was not kept whole"


def _same(kept: Json, row: Json) -> bool:
    """Compare by what is written; what is no number equals nothing, not even itself."""
    return json.dumps(kept, sort_keys=True) == json.dumps(row, sort_keys=True)


def _hold_record(record: Record) -> None:
    assert record.content()
    assert record.key.external_id.strip()
    assert 0 <= record.reported_seconds <= SECONDS_PER_DAY
    assert record.duration.low_seconds <= record.reported_seconds <= record.duration.high_seconds
    assert record.updated_at <= _LATEST
    assert record.entered_at is None or record.entered_at <= _LATEST
    assert record.starts_at is None or record.starts_at.date() == record.service_date
    assert record.ends_at is None or (record.starts_at is not None and record.starts_at <= record.ends_at)
    assert record.person.name.strip()
    assert record.person.id_number or record.person.volunteer_number


def _national_rows(body: bytes) -> list[Json] | None:
    value = _plain(body)
    if value is None:
        return None
    data = value["data"]
    rows: list[Json] = data["list"] if isinstance(data, dict) else data
    return rows


def _guangxi_rows(body: bytes) -> list[Json] | None:
    value = _plain(body)
    inner = None if value is None else _plain(value["data"].encode("utf-8", "surrogatepass"))
    return None if inner is None else list(inner["data"]["records"])


def _plain(body: bytes) -> Json:
    """Read plain JSON in plain UTF-8; None where it is not so plain, and only the house's reader can tell."""
    try:
        return json.loads(body.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except ValueError:
        return None


def platform_targets() -> list[Target]:
    """Give a target for each answer of each platform."""
    desk = Desk()
    numbers = ("459900195503071227", "459900550307122", "H10247889", "", "４５９９００", "\0", "Ⅷ" * 18)
    return [
        Target("national-hours", seeds.national_hours, desk.national_hours, "json"),
        Target("national-volunteers", seeds.national_volunteers, desk.national_volunteers, "json"),
        Target("national-login", lambda: [seeds.as_json(national.LOGIN)], desk.national_login, "json"),
        Target("national-receipts", seeds.national_results, desk.national_receipts, "json"),
        Target("guangxi-gateway", partial(seeds.recorded, seeds.GUANGXI_PAGES), desk.guangxi_gateway, "json"),
        Target("guangxi-hours", seeds.guangxi_hours, desk.guangxi_hours, "json"),
        Target("guangxi-volunteers", seeds.guangxi_volunteers, desk.guangxi_volunteers, "json"),
        Target("guangxi-summary", seeds.summaries, desk.guangxi_summary, "json"),
        Target("guangxi-login", lambda: [seeds.inside(guangxi.LOGIN)], desk.guangxi_login, "json"),
        Target("guangxi-receipts", seeds.guangxi_results, desk.guangxi_receipts, "json"),
        Target("id-number", lambda: [number.encode() for number in numbers], desk.id_number, "text"),
        Target("cipher", lambda: [seeds.CIPHER.encrypt(number).encode() for number in numbers], desk.sealed, "text"),
    ]
