"""The calls to 桂志愿's gateway: log in, read hours, sums and volunteers, submit and revoke hours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from adapters.answers import json_of, shaped, shown_message
from adapters.base import Chance, DaySummary, Page, Receipt, Submission, SummedRow, VolunteerPage, Window
from adapters.base_url import checked_base_url
from adapters.crypto import field_cipher
from adapters.fields import latest_change
from adapters.guizhiyuan import profile
from adapters.guizhiyuan.parse import RowReader
from adapters.guizhiyuan.sums import summed_days, told_in_sum
from adapters.guizhiyuan.wire import (
    HoursPage,
    Layer,
    Login,
    SubmitResults,
    Summary,
    VolunteersPage,
    signed_form,
)
from adapters.guizhiyuan.write import receipts, sent_row
from adapters.paging import Cursor, cursor_of, page_digest, refuse_repeated
from adapters.session import Session, SessionOver, Token
from adapters.settings import PlatformSettings
from adapters.texts import parsed_json
from adapters.transport import Answer, Request, Transport, Wire
from domain.clock import SHANGHAI, Clock
from domain.errors import BrokenAnswer, Refused
from domain.records import QuarantinedRow, Record

T = TypeVar("T")


class Guizhiyuan:
    """The adapter; ``platform`` is the name under which the settings know it."""

    can_deliver = True

    def __init__(self, platform: str, settings: PlatformSettings, transport: Transport, clock: Clock) -> None:
        """Open nothing yet."""
        self.platform = platform
        self._settings = settings
        self._transport = transport
        self._clock = clock
        self._cipher = field_cipher(settings.named("data_key"), settings.named("data_iv"))
        self._rows = RowReader(platform, self._cipher)
        self._session = Session(self._log_in, clock)

    def check(self) -> None:
        """Log in and do nothing more."""
        self._session.renew()

    def platform_now(self) -> datetime:
        """Give the platform's own clock."""
        return self._transport.platform_now()

    def read_hours(self, scope: str, window: Window, cursor: str | None) -> Page:
        """Read one page of the hours of the organisation ``scope``."""
        before = None if cursor is None else cursor_of(cursor)
        content = {
            "orgCode": scope,
            "updatedFrom": _iso(window.start),
            "updatedTo": _iso(window.end),
            "cursor": before.place if before else None,
            "pageSize": profile.PAGE_SIZE,
        }

        def decode(answer: Answer) -> Page:
            what = profile.QUERY_HOURS
            page = shaped(HoursPage, self._opened(what, answer), platform=self.platform, what=what)
            next_cursor = self._next_cursor(what, page, before)
            if before is None and next_cursor is None and len(page.records) != page.total:
                raise BrokenAnswer("counts_differ", platform=self.platform, what=what)
            latest = latest_change(window.end, self._clock.now(), self.platform_now(), profile.UPDATED_AHEAD_MAX)
            read = [self._rows.hours(row, scope, latest) for row in page.records]
            records = tuple(row for row in read if isinstance(row, Record))
            unread = tuple(row for row in read if isinstance(row, QuarantinedRow))
            return Page(answer.body, records, unread, page.total, next_cursor)

        return self._read(profile.QUERY_HOURS, content, decode)

    def read_volunteers(self, scope: str, cursor: str | None) -> VolunteerPage:
        """Read one page of the volunteers of the organisation ``scope``."""
        before = None if cursor is None else cursor_of(cursor)
        content = {"orgCode": scope, "cursor": before.place if before else None, "pageSize": profile.PAGE_SIZE}

        def decode(answer: Answer) -> VolunteerPage:
            what = profile.QUERY_VOLUNTEERS
            page = shaped(VolunteersPage, self._opened(what, answer), platform=self.platform, what=what)
            next_cursor = self._next_cursor(what, page, before)
            read = [self._rows.volunteer(row, scope) for row in page.records]
            unread = tuple(row for row in read if isinstance(row, QuarantinedRow))
            people = tuple(row for row in read if not isinstance(row, QuarantinedRow))
            return VolunteerPage(people, page.total, next_cursor, unread)

        return self._read(profile.QUERY_VOLUNTEERS, content, decode)

    def summarise(self, scope: str, month: date) -> tuple[DaySummary, ...] | None:
        """Give the organisation's day sums of the month that ``month`` lies in."""

        def decode(answer: Answer) -> tuple[DaySummary, ...]:
            value = self._opened(profile.SUMMARY, answer)
            days = shaped(Summary, value, platform=self.platform, what=profile.SUMMARY).days
            return tuple(DaySummary(day.day, day.count, day.minutes, day.checksum) for day in days)

        return self._read(profile.SUMMARY, {"orgCode": scope, "month": f"{month:%Y-%m}"}, decode)

    def sum_up(self, rows: Iterable[SummedRow]) -> tuple[DaySummary, ...]:
        """Sum rows up by day as this platform does."""
        return summed_days(rows)

    def row_in_sum(self, raw: bytes) -> SummedRow | None:
        """Give what a row that could not be read is in this platform's sums, or None where it does not say."""
        return told_in_sum(raw)

    def submit(self, submissions: tuple[Submission, ...], request_number: str) -> tuple[Receipt, ...]:
        """Write services in one call; the receipts come in the order of the submissions."""
        if len(submissions) > profile.ROWS_PER_WRITE_MAX:
            raise ValueError(len(submissions))
        if not submissions:
            return ()
        content = {"requestNo": request_number, "rows": [sent_row(row, self._cipher) for row in submissions]}

        def decode(answer: Answer) -> tuple[Receipt, ...]:
            value = self._opened(profile.SUBMIT_HOURS, answer)
            results = shaped(SubmitResults, value, platform=self.platform, what=profile.SUBMIT_HOURS).results
            return receipts(self.platform, submissions, results)

        return self._write(profile.SUBMIT_HOURS, content, decode)

    def revoke(self, external_ids: tuple[str, ...], reason: str) -> None:
        """Revoke hours that we delivered, one call each; it stops at the first that fails."""
        for external_id in external_ids:
            content = {"recordId": int(external_id), "reason": reason}
            self._write(profile.REVOKE_HOURS, content, lambda answer: self._opened(profile.REVOKE_HOURS, answer))

    def close(self) -> None:
        """Give connections back."""
        self._transport.close()

    def _log_in(self) -> Token:
        def decode(answer: Answer) -> Token:
            value = self._opened(profile.LOG_IN, answer)
            login = shaped(Login, value, platform=self.platform, what=profile.LOG_IN)
            return Token(login.token, login.lifetime_seconds)

        return self._transport.read(profile.LOG_IN, lambda: self._request(profile.LOG_IN, {}, {}), decode)

    def _read(self, what: str, content: dict[str, Any], decode: Callable[[Answer], T]) -> T:
        return self._session.call(
            lambda token: self._transport.read(what, lambda: self._request(what, content, _header(token)), decode)
        )

    def _write(self, what: str, content: dict[str, Any], decode: Callable[[Answer], T]) -> T:
        return self._session.call(
            lambda token: self._transport.write(what, lambda: self._request(what, content, _header(token)), decode)
        )

    def _request(self, what: str, content: dict[str, Any], header: dict[str, str]) -> Request:
        stamped_at = self.platform_now()
        fields = {
            "app_id": self._settings["app_id"],
            "interface_id": what,
            "version": profile.VERSION,
            "header": _json(header),
            "biz_content": _json(content),
            "charset": profile.CHARSET,
            "origin": profile.ORIGIN,
            "timestamp": str(int(stamped_at.timestamp() * 1000)),
        }
        body = signed_form(fields, profile.UNSIGNED, self._settings["app_secret"])
        return Request(profile.PATH, body, stamped_at=stamped_at)

    def _opened(self, what: str, answer: Answer) -> Any:  # noqa: ANN401 - the caller's model looks at it next
        """Give what both layers call good."""
        outer = shaped(Layer, json_of(answer, platform=self.platform, what=what), platform=self.platform, what=what)
        self._refuse_unless_done(what, outer)
        if not isinstance(outer.data, str):
            raise BrokenAnswer("answer_shape", platform=self.platform, what=what, field="data")
        try:
            value = parsed_json(outer.data)
        except ValueError:
            raise BrokenAnswer("answer_not_json", platform=self.platform, what=what) from None
        inner = shaped(Layer, value, platform=self.platform, what=what)
        if inner.code == profile.SESSION_OVER_CODE:
            raise SessionOver("session_over", platform=self.platform, what=what)
        self._refuse_unless_done(what, inner)
        return inner.data

    def _refuse_unless_done(self, what: str, layer: Layer) -> None:
        if layer.code != profile.DONE_CODE or not layer.success:
            message = shown_message(layer.message)
            raise Refused(
                "platform_refused", platform=self.platform, what=what, platform_code=layer.code, message=message
            )

    def _next_cursor(self, what: str, page: HoursPage | VolunteersPage, before: Cursor | None) -> str | None:
        """Give the cursor of the next page; a page or a cursor that comes again would never end."""
        if len(page.records) > profile.PAGE_SIZE:
            raise BrokenAnswer("counts_differ", platform=self.platform, what=what)
        digest = page_digest([_identity(row) for row in page.records])
        if page.records:
            refuse_repeated(before, digest, platform=self.platform, what=what)
        if before is not None and page.next_cursor == before.place:
            raise BrokenAnswer("page_repeated", platform=self.platform, what=what)
        return None if page.next_cursor is None else str(Cursor(page.next_cursor, digest))


def _header(token: str) -> dict[str, str]:
    return {"accessToken": token}


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _iso(instant: datetime | None) -> str | None:
    """Write an instant with its offset; an open end is null."""
    return None if instant is None else instant.astimezone(SHANGHAI).isoformat(timespec="seconds")


def _identity(row: object) -> str:
    """Give what a row is told apart by within the listing: id and last change."""
    if not isinstance(row, dict):
        return repr(row)
    return f"{row.get('recordId') or row.get('volunteerNo')}@{row.get('updatedAt')}"


def from_settings(
    platform: str,
    settings: Mapping[str, str],
    *,
    clock: Clock,
    random: Chance,
    transport: Wire | None = None,
) -> Guizhiyuan:
    """Make the adapter from the keys of its settings table, secrets resolved.

    Raises:
        UsageError: a setting is missing, malformed or unknown; it is named, its value is not.
    """
    checked = PlatformSettings(platform, settings, profile.SETTINGS)
    base_url = checked_base_url(platform, checked["base_url"])
    calls = Transport(platform, base_url, clock=clock, random=random, limits=profile.LIMITS, wire=transport)
    return Guizhiyuan(platform, checked, calls, clock)
