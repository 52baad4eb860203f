"""The calls to 中国志愿服务网: log in, read hours and volunteers page by page, add and delete hours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from adapters.answers import json_of, shaped, shown_message
from adapters.base import Chance, DaySummary, Page, Receipt, Submission, SummedRow, VolunteerPage, Window
from adapters.base_url import checked_base_url
from adapters.chinavolunteer import profile
from adapters.chinavolunteer.parse import RowReader
from adapters.chinavolunteer.wire import Envelope, Login, RowsEnvelope, WriteEnvelope, form_body
from adapters.chinavolunteer.write import local_text, receipts, sent_row
from adapters.crypto import FieldCipher, field_cipher, hmac_sm3_hex
from adapters.fields import latest_change
from adapters.paging import Cursor, cursor_of, page_digest, refuse_repeated
from adapters.session import Session, SessionOver, Token
from adapters.settings import PlatformSettings
from adapters.transport import Answer, Request, Transport, Wire
from domain.clock import Clock
from domain.errors import BrokenAnswer, Refused
from domain.records import QuarantinedRow, Record

T = TypeVar("T")


class ChinaVolunteer:
    """The adapter; ``platform`` is the name under which the settings know it."""

    can_deliver = True

    def __init__(self, platform: str, settings: PlatformSettings, transport: Transport, clock: Clock) -> None:
        """Open nothing yet."""
        self.platform = platform
        self._settings = settings
        self._transport = transport
        self._clock = clock
        self._request_cipher = _cipher(settings, "request")
        self._rows = RowReader(platform, _cipher(settings, "response"))
        self._session = Session(self._log_in, clock)

    def check(self) -> None:
        """Log in and do nothing more."""
        self._session.renew()

    def platform_now(self) -> datetime:
        """Give the platform's own clock."""
        return self._transport.platform_now()

    def read_hours(self, scope: str, window: Window, cursor: str | None) -> Page:
        """Read one page of the hours of the team ``scope``."""
        place = None if cursor is None else cursor_of(cursor)
        number = int(place.place) if place else 1
        payload = {
            "pageNum": number,
            "pageSize": profile.PAGE_SIZE,
            "albx0177": scope,
            "updateStart": local_text(window.start),
            "updateEnd": local_text(window.end),
            "albx0174": "",
        }

        def decode(answer: Answer) -> Page:
            rows, next_cursor = self._page(profile.LIST_HOURS, number, place, answer)
            latest = latest_change(window.end, self._clock.now(), self.platform_now(), profile.UPDATED_AHEAD_MAX)
            read = [self._rows.hours(row, scope, latest) for row in rows.data]
            records = tuple(row for row in read if isinstance(row, Record))
            unread = tuple(row for row in read if isinstance(row, QuarantinedRow))
            return Page(answer.body, records, unread, rows.total, next_cursor)

        return self._read(profile.LIST_HOURS, payload, decode)

    def read_volunteers(self, scope: str, cursor: str | None) -> VolunteerPage:
        """Read one page of the volunteers of the team ``scope``."""
        place = None if cursor is None else cursor_of(cursor)
        number = int(place.place) if place else 1
        payload = {"pageNum": number, "pageSize": profile.PAGE_SIZE, "albx0177": scope}

        def decode(answer: Answer) -> VolunteerPage:
            rows, next_cursor = self._page(profile.LIST_VOLUNTEERS, number, place, answer)
            read = [self._rows.volunteer(row, scope) for row in rows.data]
            unread = tuple(row for row in read if isinstance(row, QuarantinedRow))
            people = tuple(row for row in read if not isinstance(row, QuarantinedRow))
            return VolunteerPage(people, rows.total, next_cursor, unread)

        return self._read(profile.LIST_VOLUNTEERS, payload, decode)

    def summarise(self, scope: str, month: date) -> tuple[DaySummary, ...] | None:  # noqa: ARG002 - the promise's shape
        """Give None: this platform has no day sums."""
        return None

    def sum_up(self, rows: Iterable[SummedRow]) -> tuple[DaySummary, ...]:  # noqa: ARG002 - as above
        """Give nothing: there is nothing to compare it with."""
        return ()

    def row_in_sum(self, raw: bytes) -> SummedRow | None:  # noqa: ARG002 - as above
        """Give None, as ``summarise`` does."""
        return None

    def submit(
        self,
        submissions: tuple[Submission, ...],
        request_number: str,  # noqa: ARG002 - this platform knows no request number
    ) -> tuple[Receipt, ...]:
        """Write services in one call; the receipts come in the order of the submissions."""
        if len(submissions) > profile.ROWS_PER_WRITE_MAX:
            raise ValueError(len(submissions))
        if not submissions:
            return ()
        payload = {"list": [sent_row(submission, self._request_cipher) for submission in submissions]}

        def decode(answer: Answer) -> tuple[Receipt, ...]:
            value = self._opened(profile.ADD_HOURS, answer)
            results = shaped(WriteEnvelope, value, platform=self.platform, what=profile.ADD_HOURS).data
            return receipts(self.platform, submissions, results)

        return self._write(profile.ADD_HOURS, payload, decode)

    def revoke(self, external_ids: tuple[str, ...], reason: str) -> None:  # noqa: ARG002 - it takes no reason
        """Delete hours that we delivered."""
        if not external_ids:
            return

        def decode(answer: Answer) -> None:
            self._opened(profile.DELETE_HOURS, answer)

        self._write(profile.DELETE_HOURS, {"ids": list(external_ids)}, decode)

    def close(self) -> None:
        """Give connections back."""
        self._transport.close()

    def _log_in(self) -> Token:
        def prepare() -> Request:
            stamped_at = self.platform_now()
            stamp = int(stamped_at.timestamp() * 1000)
            app_id = self._settings["app_id"]
            sign = hmac_sm3_hex(self._settings["app_secret"].encode(), f"{app_id}\n{stamp}".encode())
            return self._request(
                profile.LOG_IN, {"appId": app_id, "timestamp": stamp, "sign": sign}, stamped_at=stamped_at
            )

        def decode(answer: Answer) -> Token:
            data = self._opened(profile.LOG_IN, answer).get("data")
            login = shaped(Login, data, platform=self.platform, what=profile.LOG_IN)
            return Token(login.token, login.lifetime_seconds)

        return self._transport.read(profile.LOG_IN, prepare, decode)

    def _read(self, method: str, payload: dict[str, Any], decode: Callable[[Answer], T]) -> T:
        return self._session.call(
            lambda token: self._transport.read(method, lambda: self._request(method, payload, token), decode)
        )

    def _write(self, method: str, payload: dict[str, Any], decode: Callable[[Answer], T]) -> T:
        return self._session.call(
            lambda token: self._transport.write(method, lambda: self._request(method, payload, token), decode)
        )

    def _request(
        self, method: str, payload: dict[str, Any], token: str = "", *, stamped_at: datetime | None = None
    ) -> Request:
        headers = (("token", token),) if token else ()
        body = form_body(payload, self._request_cipher)
        return Request(profile.PATH.format(method=method), body, headers, stamped_at)

    def _opened(self, method: str, answer: Answer) -> dict[str, Any]:
        """Give the reply that the platform calls good."""
        is_missing = answer.status == profile.SESSION_OVER_STATUS
        if is_missing and any(text in answer.body.lower() for text in profile.SESSION_OVER_TEXTS):
            raise SessionOver("session_over", platform=self.platform, what=method)
        value = json_of(answer, platform=self.platform, what=method)
        envelope = shaped(Envelope, value, platform=self.platform, what=method)
        if envelope.code != profile.DONE_CODE:
            message = shown_message(envelope.message)
            raise Refused(
                "platform_refused", platform=self.platform, what=method, platform_code=envelope.code, message=message
            )
        return dict(value)

    def _page(self, method: str, number: int, before: Cursor | None, answer: Answer) -> tuple[RowsEnvelope, str | None]:
        """Give the rows of a page, and the cursor of the next one."""
        rows = shaped(RowsEnvelope, self._opened(method, answer), platform=self.platform, what=method)
        if rows.page_number not in {None, number} or not _counts_agree(rows, number):
            raise BrokenAnswer("counts_differ", platform=self.platform, what=method)
        digest = page_digest([_identity(row) for row in rows.data])
        if rows.data:
            refuse_repeated(before, digest, platform=self.platform, what=method)
        is_last = number >= rows.page_count
        return rows, None if is_last else str(Cursor(str(number + 1), digest))


def _counts_agree(rows: RowsEnvelope, number: int) -> bool:
    """Tell whether page ``number`` holds as many rows as the reply's own counts ask for."""
    pages = -(-rows.total // profile.PAGE_SIZE)
    before = (number - 1) * profile.PAGE_SIZE
    expected = min(max(rows.total - before, 0), profile.PAGE_SIZE)
    return len(rows.data) == expected and rows.page_count in {pages, max(pages, 1)}


def _identity(row: object) -> str:
    """Give what a row is told apart by within the listing: id and last change."""
    if not isinstance(row, dict):
        return repr(row)
    return f"{row.get('id') or row.get('albx0175')}@{row.get('updateTime')}"


def _cipher(settings: PlatformSettings, side: str) -> FieldCipher:
    return field_cipher(settings.named(f"{side}_key"), settings.named(f"{side}_iv"))


def from_settings(
    platform: str,
    settings: Mapping[str, str],
    *,
    clock: Clock,
    random: Chance,
    transport: Wire | None = None,
) -> ChinaVolunteer:
    """Make the adapter from the keys of its settings table, secrets resolved.

    Raises:
        UsageError: a setting is missing, malformed or unknown; it is named, its value is not.
    """
    checked = PlatformSettings(platform, settings, profile.SETTINGS)
    base_url = checked_base_url(platform, checked["base_url"])
    calls = Transport(platform, base_url, clock=clock, random=random, limits=profile.LIMITS, wire=transport)
    return ChinaVolunteer(platform, checked, calls, clock)
