"""The Guangxi platform: what it holds, how it is edited from outside, and each of its interfaces."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from sandbox import guangxi_checks as checks
from sandbox.answer import answer, throttled
from sandbox.cipher import Secrets, chance
from sandbox.clock import PlatformClock
from sandbox.faults import ROW_FAULTS, Fault, Faults
from sandbox.guangxi_rows import REVOKED, Activity, GuangxiRecord, GuangxiVolunteer, hours_row, spoil, volunteer_row
from sandbox.sessions import Sessions
from sandbox.shaken import shake, thin
from sandbox.shelf import Position, Shelf
from sandbox.wire import Call, Json, Refusal, Reply, Request, read_object, write_json

_LISTINGS = ("hours.query", "volunteers.query")
_WRITES = ("hours.submit", "hours.revoke")
_SUBMISSION_LIFETIME = timedelta(hours=24)
_FIRST_RECORD_ID = 2**53 + 450_202_000_000
_SHORT_PAGE_EVERY = 3


@dataclass(frozen=True, slots=True)
class _Submission:
    content: str
    results: list[dict[str, Json]]
    at: datetime


class GuangxiPlatform:
    """桂志愿 as the project models it. Edits from outside take the lock and stamp ``updatedAt``."""

    path = "/interface/gateway"

    def __init__(
        self,
        secrets: Secrets,
        clock: PlatformClock,
        *,
        seed: int = 0,
        token_seconds: int = 900,
        calls_per_second_max: int | None = 5,
    ) -> None:
        """Open an empty platform for one application; ``calls_per_second_max`` None lifts its limit."""
        self.clock = clock
        self.faults = Faults()
        self.lock = threading.RLock()
        self.calls: Counter[str] = Counter()
        self.stored: Counter[str] = Counter()
        self.calls_per_second_max = calls_per_second_max
        self.records: Shelf[GuangxiRecord] = Shelf(lambda row: row.organisation, lambda row: row.position)
        self.organisations: dict[str, str] = {}
        self.activities: dict[str, Activity] = {}
        self.volunteers: dict[str, list[GuangxiVolunteer]] = {}
        self._secrets = secrets
        self._quirks = chance("guangxi quirks", seed)
        self._sessions = Sessions(clock, token_seconds, chance("guangxi tokens", seed))
        self._texts: dict[int, tuple[GuangxiRecord, str]] = {}
        self._by_client_ref: dict[str, int] = {}
        self._submissions: dict[str, _Submission] = {}
        self._last_id = _FIRST_RECORD_ID
        self._recent: deque[float] = deque()
        self._waits = cycle(("seconds", "date", "bare"))
        self._interfaces: dict[str, Callable[[dict[str, Json], Call, Fault | None], Json]] = {
            "auth.token": self._auth_token,
            "hours.query": self._hours_query,
            "hours.summary": self._hours_summary,
            "volunteers.query": self._volunteers_query,
            "hours.submit": self._hours_submit,
            "hours.revoke": self._hours_revoke,
        }

    # --- editing from outside ------------------------------------------------------------------------------------

    def load(
        self,
        organisations: dict[str, str],
        activities: Iterable[Activity],
        volunteers: Iterable[GuangxiVolunteer],
        records: Iterable[GuangxiRecord],
    ) -> None:
        """Take in a whole city, with the update times that the records bear."""
        with self.lock:
            self.organisations.update(organisations)
            self.activities.update({activity.activity_id: activity for activity in activities})
            for volunteer in volunteers:
                self.volunteers.setdefault(volunteer.organisation, []).append(volunteer)
            kept = list(records)
            self.records.fill(kept)
            self._last_id = max([self._last_id, *(record.record_id for record in kept)])

    def record(self, record_id: int) -> GuangxiRecord:
        """Give one record as it is held.

        Raises:
            KeyError: there is none.
        """
        with self.lock:
            record = self.records.get(record_id)
        if record is None:
            raise KeyError(record_id)
        return record

    def add(self, record: GuangxiRecord) -> GuangxiRecord:
        """Add a record, created and changed now; id 0 is given a new one."""
        with self.lock:
            now = self.clock.stamp()
            self._last_id = max(self._last_id + 1, record.record_id)
            record_id = record.record_id or self._last_id
            added = replace(record, record_id=record_id, created_at=now, updated_at=now)
            self.records.put(added)
            return added

    def edit(self, record_id: int, **changes: Any) -> GuangxiRecord:  # noqa: ANN401 - any field of the record
        """Change fields of a record now."""
        with self.lock:
            edited = replace(self.record(record_id), **changes, updated_at=self.clock.stamp())
            self.records.put(edited)
            return edited

    def withdraw(self, record_id: int) -> GuangxiRecord:
        """Revoke a record now."""
        return self.edit(record_id, state=REVOKED)

    def remove(self, record_id: int) -> None:
        """Take a record out without a trace."""
        with self.lock:
            self.records.remove(self.record(record_id).record_id)

    # --- answering -----------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> tuple[Reply, Fault | None]:
        """Answer a request, with the fault that the door must inject."""
        if self._is_too_fast():
            return self._throttle(), None
        return answer(self, request)

    def identify(self, request: Request) -> Call:
        """Tell the interface, and for a listing the page that its cursor leads to."""
        method = request.form.get("interface_id", "")
        page = self._page(request) if method in _LISTINGS else 0
        return Call(
            method if method in self._interfaces else "unknown",
            page,
            is_write=method in _WRITES,
            is_login=method == "auth.token",
            is_of_hours=method == "hours.query",
            has_cursor=method in _LISTINGS,
        )

    def _page(self, request: Request) -> int:
        cursor = (read_object(request.form.get("biz_content", "")) or {}).get("cursor")
        try:
            return 1 if cursor is None else int(checks.read_cursor(cursor, self._secrets.app_secret)["page"])
        except Refusal:
            return 0

    def _is_too_fast(self) -> bool:
        if self.calls_per_second_max is None:
            return False
        with self.lock:
            now = time.monotonic()
            while self._recent and now - self._recent[0] >= 1:
                self._recent.popleft()
            if len(self._recent) >= self.calls_per_second_max:
                return True
            self._recent.append(now)
            return False

    def _throttle(self) -> Reply:
        self.calls["throttled"] += 1
        match next(self._waits):
            case "seconds":
                return throttled("1")
            case "date":
                return throttled(self.clock.http_date(1))
            case _:
                return throttled(None)

    def serve(self, request: Request, call: Call, fault: Fault | None) -> Reply:
        """Check form, signature and session, do what is asked, wrap it twice."""
        if fault is not None and fault.kind == "token_expired":
            self._sessions.drop_all()
        if fault is not None and fault.kind == "secret_expired":
            self._sessions.expire_secret()
        try:
            checks.check_form(request.form, self._secrets, self.clock.milliseconds())
        except Refusal as refusal:
            return _refused_outside(refusal)
        try:
            data = self._do(request, call, fault)
        except Refusal as refusal:
            return self._wrap(
                f'{{"code":{refusal.code},"success":false,"message":{write_json(refusal.text)},"data":null}}'
            )
        body = data if isinstance(data, str) else write_json(data)
        return self._wrap(f'{{"code":200,"success":true,"message":"","data":{body}}}')

    def _do(self, request: Request, call: Call, fault: Fault | None) -> Json:
        payload = read_object(request.form["biz_content"])
        header = read_object(request.form["header"])
        if payload is None or header is None:
            raise Refusal(checks.BAD_PARAMETERS, "报文不是JSON对象")
        if call.method not in self._interfaces:
            raise Refusal(checks.NOT_FOUND, "接口不存在")
        if not call.is_login and not self._sessions.is_open(str(header.get("accessToken", ""))):
            raise Refusal(checks.NO_SESSION, "accessToken已过期")
        return self._interfaces[call.method](payload, call, fault)

    def fail(self) -> Reply:
        """Answer that the system is in trouble, in the inner layer."""
        return self._wrap('{"code":500,"success":false,"message":"系统异常","data":null}')

    def _wrap(self, inner: str) -> Reply:
        code = '"200"' if self._quirks.random() < 0.5 else "200"  # noqa: PLR2004 - a coin
        return Reply(f'{{"code":{code},"success":true,"message":"","data":{write_json(inner)}}}'.encode())

    # --- interfaces ----------------------------------------------------------------------------------------------

    def _auth_token(self, payload: dict[str, Json], _call: Call, _fault: Fault | None) -> Json:
        checks.check_fields(payload, ())
        if self._sessions.use_refusal():
            raise Refusal(403, "应用密钥已过期")
        return {"accessToken": self._sessions.open(), "expiresIn": self._sessions.lifetime_seconds}

    def _hours_query(self, payload: dict[str, Json], call: Call, fault: Fault | None) -> Json:
        checks.check_fields(payload, ("orgCode", "updatedFrom", "updatedTo", "cursor", "pageSize"))
        size = checks.check_page_size(payload["pageSize"])
        start, end = checks.check_window(payload)
        organisation = self._organisation(payload)
        filters = f"{organisation}|{payload['updatedFrom']}|{payload['updatedTo']}"
        after, before = self._read_positions(payload["cursor"], filters, fault)
        if fault is not None:
            if fault.kind not in ROW_FAULTS:
                self.faults.count(fault, call)
            read = [at for at in self.records.window(organisation, start, end) if after is not None and at <= after]
            shake(self.records, organisation, read, fault, self.clock.stamp())
        listed = list(thin(self.records.window(organisation, start, end), fault))
        total = len(listed) + (7 if fault is not None and fault.kind == "counts_disagree" else 0)
        rest = [at for at in listed if after is None or at > after]
        length = self._page_length(size, call.page)
        taken = rest[:length]
        texts = self._write_rows(self.records.take(taken), call, fault)
        token = None
        if len(rest) > length:
            token = self._write_cursor(call.page + 1, taken[-1], after, filters)
            if fault is not None and fault.kind == "repeated_token" and payload["cursor"] is not None:
                token = payload["cursor"]
        del before
        return f'{{"records":[{",".join(texts)}],"nextCursor":{write_json(token)},"total":{total}}}'

    @staticmethod
    def _page_length(size: int, page: int) -> int:
        """Give the rows of a page: every third one is short although more come."""
        return max(1, size * 3 // 5) if page % _SHORT_PAGE_EVERY == 0 else size

    def _read_positions(
        self, token: Json, filters: str, fault: Fault | None
    ) -> tuple[Position | None, Position | None]:
        """Give the position after which the page begins, and the one after which the page before began."""
        if token is None:
            return None, None
        cursor = checks.read_cursor(token, self._secrets.app_secret)
        if cursor["filters"] != filters:
            raise Refusal(checks.BAD_PARAMETERS, "cursor与查询条件不符")
        after, before = _position(cursor["after"]), _position(cursor["before"])
        if fault is not None and fault.kind == "repeated_page":
            return before, before
        return after, before

    def _write_cursor(self, page: int, after: Position, before: Position | None, filters: str) -> str:
        content = {"page": page, "after": _spell(after), "before": _spell(before), "filters": filters}
        return checks.write_cursor(content, self._secrets.app_secret)

    def _write_rows(self, records: list[GuangxiRecord], call: Call, fault: Fault | None) -> list[str]:
        texts = [self._write_row(record) for record in records]
        if fault is not None and fault.kind in ROW_FAULTS:
            for index, record in enumerate(records[: fault.rows]):
                row = hours_row(record, self.activities[record.activity_id], self._secrets.response)
                texts[index] = write_json(spoil(row, fault.kind, self.clock.stamp(), self._secrets.response))
                self.faults.count(fault, call)
        return texts

    def _write_row(self, record: GuangxiRecord) -> str:
        known, text = self._texts.get(record.record_id, (None, ""))
        if known is not record:
            text = write_json(hours_row(record, self.activities[record.activity_id], self._secrets.response))
            self._texts[record.record_id] = record, text
        return text

    def _organisation(self, payload: dict[str, Json]) -> str:
        code = payload["orgCode"]
        if not isinstance(code, str) or code not in self.organisations:
            raise Refusal(checks.NOT_FOUND, "组织不存在或未授权")
        return code

    def _hours_summary(self, payload: dict[str, Json], _call: Call, _fault: Fault | None) -> Json:
        checks.check_fields(payload, ("orgCode", "month"))
        month = checks.check_month(payload["month"])
        days: dict[str, list[GuangxiRecord]] = {}
        for record in self.records.rows(self._organisation(payload)):
            day = record.service_date.isoformat()
            if day.startswith(month):
                days.setdefault(day, []).append(record)
        return {"days": [_summarise(day, records) for day, records in sorted(days.items())]}

    def _volunteers_query(self, payload: dict[str, Json], call: Call, fault: Fault | None) -> Json:
        checks.check_fields(payload, ("orgCode", "cursor", "pageSize"))
        size = checks.check_page_size(payload["pageSize"])
        organisation, token = self._organisation(payload), payload["cursor"]
        offset = 0
        if token is not None:
            offset = int(checks.read_cursor(token, self._secrets.app_secret)["offset"])
        listed: Sequence[GuangxiVolunteer] = thin(self.volunteers.get(organisation, []), fault)
        if fault is not None:
            self.faults.count(fault, call)
        records = [volunteer_row(row, self._secrets.response) for row in listed[offset : offset + size]]
        following = None
        if offset + size < len(listed):
            content = {"page": call.page + 1, "offset": offset + size}
            following = checks.write_cursor(content, self._secrets.app_secret)
        return {"records": records, "nextCursor": following, "total": len(listed)}

    def _hours_submit(self, payload: dict[str, Json], _call: Call, _fault: Fault | None) -> Json:
        rows = checks.check_submission(payload)
        number, content, now = payload["requestNo"], write_json(rows), self.clock.now()
        known = self._submissions.get(number)
        if known is not None and now - known.at < _SUBMISSION_LIFETIME:
            if known.content != content:
                raise Refusal(checks.SAME_NUMBER, "requestNo重复且内容不同")
            return {"results": known.results}
        results = [self._submit_one(row) for row in rows]
        self._submissions[number] = _Submission(content, results, now)
        return {"results": results}

    def _submit_one(self, row: dict[str, str]) -> dict[str, Json]:
        known = self._by_client_ref.get(row["clientRef"])
        if known is not None:
            return {"clientRef": row["clientRef"], "ok": True, "recordId": known}
        try:
            record = self.add(self._draft(row))
        except Refusal as refusal:
            self.stored["refused"] += 1
            return {"clientRef": row["clientRef"], "ok": False, "message": refusal.text}
        self.stored["added"] += 1
        self._by_client_ref[row["clientRef"]] = record.record_id
        return {"clientRef": row["clientRef"], "ok": True, "recordId": record.record_id}

    def _draft(self, row: dict[str, str]) -> GuangxiRecord:
        """Make a record of a row that was submitted, or refuse it."""
        organisation, now = self._organisation(row), self.clock.stamp()
        day, minutes = checks.check_span(row, now)
        activity = self.activities.get(row["activityId"])
        if activity is None or activity.organisation != organisation:
            raise Refusal(checks.NOT_FOUND, "活动不存在")
        if row["serviceType"] not in checks.SERVICE_TYPES:
            raise Refusal(checks.BAD_PARAMETERS, "serviceType无效")
        id_number = self._identity(row)
        return GuangxiRecord(
            0, organisation, row["volunteerNo"], row["volunteerName"], id_number, activity.activity_id,
            row["serviceType"], day, row["startTime"], row["endTime"], minutes, now, now,
            source_system="API", source_ref=row["clientRef"], id_type=row["idType"],
        )  # fmt: skip

    def _identity(self, row: dict[str, str]) -> str:
        """Give the id number of the volunteer whose number was sent, or refuse one that is somebody else's."""
        try:
            id_number = self._secrets.response.open(row["idNoEnc"])
        except ValueError:
            raise Refusal(checks.BAD_PARAMETERS, "idNoEnc无法解密") from None
        for volunteer in self.volunteers.get(row["orgCode"], ()):
            if volunteer.volunteer_number == row["volunteerNo"] and volunteer.id_number == id_number:
                return id_number
        raise Refusal(checks.NOT_FOUND, "志愿者编号与证件号码不符")

    def _hours_revoke(self, payload: dict[str, Json], _call: Call, _fault: Fault | None) -> Json:
        checks.check_fields(payload, ("recordId", "reason"))
        record_id = payload["recordId"]
        if type(record_id) is not int or self.records.get(record_id) is None:
            raise Refusal(checks.NOT_FOUND, "记录不存在")
        self.withdraw(record_id)
        self.stored["revoked"] += 1
        return {"recordId": record_id, "state": REVOKED}


def _summarise(day: str, records: list[GuangxiRecord]) -> dict[str, Json]:
    minutes = sum(record.duration_minutes or 0 for record in records)
    return {"date": day, "count": len(records), "minutes": minutes, "checksum": checks.day_checksum(records)}


def _spell(position: Position | None) -> list[Json] | None:
    return None if position is None else [position[0].isoformat(), position[1]]


def _position(spelt: list[Json] | None) -> Position | None:
    return None if spelt is None else (datetime.fromisoformat(spelt[0]), spelt[1])


def _refused_outside(refusal: Refusal) -> Reply:
    envelope = {"code": str(refusal.code), "success": False, "message": refusal.text, "data": None}
    return Reply(write_json(envelope).encode())
