"""The national platform: what it holds, how it is edited from outside, and each of its methods."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from sandbox import national_checks as checks
from sandbox.answer import answer
from sandbox.cipher import KeyPair, Secrets, chance
from sandbox.clock import PlatformClock
from sandbox.faults import ROW_FAULTS, Fault, Faults
from sandbox.national_rows import (
    STATUS_DELETED,
    NationalRecord,
    NationalVolunteer,
    Project,
    hours_row,
    spoil,
    volunteer_row,
)
from sandbox.sessions import Sessions
from sandbox.shaken import shake, thin
from sandbox.shelf import Shelf
from sandbox.wire import Call, Json, Refusal, Reply, Request, read_object, write_json

_EXPIRED = Reply("登录超时".encode(), 404, "text/plain;charset=UTF-8")
_TROUBLE = 9999
_PAGED = ("listServiceTimes", "listVolunteers")
_WRITES = ("addServiceTimes", "delServiceTimes")
_HOURS_FILTERS = ("pageNum", "pageSize", "albx0177", "updateStart", "updateEnd", "albx0174")


class NationalPlatform:
    """中国志愿服务网 as the project models it. Edits from outside take the lock and stamp ``updateTime``."""

    path = "/webapi/{method}/query"

    def __init__(
        self, secrets: Secrets, request_key: KeyPair, clock: PlatformClock, *, seed: int = 0, token_seconds: int = 1800
    ) -> None:
        """Open an empty platform for one application; ``request_key`` is what requests are sealed with."""
        self.clock = clock
        self.faults = Faults()
        self.lock = threading.RLock()
        self.calls: Counter[str] = Counter()
        self.stored: Counter[str] = Counter()
        self.records: Shelf[NationalRecord] = Shelf(lambda row: row.team, lambda row: row.position)
        self.teams: dict[str, str] = {}
        self.projects: dict[str, Project] = {}
        self.volunteers: dict[str, list[NationalVolunteer]] = {}
        self._secrets = secrets
        self._request_key = request_key
        self._quirks = chance("national quirks", seed)
        self._ids = chance("national ids", seed)
        self._sessions = Sessions(clock, token_seconds, chance("national tokens", seed))
        self._texts: dict[str, tuple[NationalRecord, str]] = {}
        self._of_volunteer: dict[str, set[str]] = {}
        self._methods: dict[str, Callable[[dict[str, Json], Call, Fault | None], tuple[Json, int, int, int]]] = {
            "login": self._login,
            "listServiceTimes": self._list_service_times,
            "listVolunteers": self._list_volunteers,
            "addServiceTimes": self._add_service_times,
            "delServiceTimes": self._del_service_times,
        }

    # --- editing from outside ------------------------------------------------------------------------------------

    def load(
        self,
        teams: dict[str, str],
        projects: Iterable[Project],
        volunteers: Iterable[NationalVolunteer],
        records: Iterable[NationalRecord],
    ) -> None:
        """Take in a whole city, with the update times that the records bear."""
        with self.lock:
            self.teams.update(teams)
            self.projects.update({project.project_id: project for project in projects})
            for volunteer in volunteers:
                self.volunteers.setdefault(volunteer.team, []).append(volunteer)
            kept = list(records)
            self.records.fill(kept)
            for record in kept:
                self._index(record)

    def record(self, record_id: str) -> NationalRecord:
        """Give one record as it is held.

        Raises:
            KeyError: there is none.
        """
        with self.lock:
            record = self.records.get(int(record_id, 16))
        if record is None:
            raise KeyError(record_id)
        return record

    def add(self, record: NationalRecord) -> NationalRecord:
        """Add a record, entered and changed now; an empty id is given a new one."""
        with self.lock:
            now = self.clock.stamp()
            record_id = record.record_id or self._ids.randbytes(16).hex()
            return self._put(replace(record, record_id=record_id, entered_at=now, updated_at=now))

    def edit(self, record_id: str, **changes: Any) -> NationalRecord:  # noqa: ANN401 - any field of the record
        """Change fields of a record now."""
        with self.lock:
            return self._put(replace(self.record(record_id), **changes, updated_at=self.clock.stamp()))

    def withdraw(self, record_id: str) -> NationalRecord:
        """Set a record to deleted now."""
        return self.edit(record_id, status=STATUS_DELETED)

    def remove(self, record_id: str) -> None:
        """Take a record out without a trace."""
        with self.lock:
            self.records.remove(self.record(record_id).position[1])

    def _put(self, record: NationalRecord) -> NationalRecord:
        self.records.put(record)
        self._index(record)
        return record

    def _index(self, record: NationalRecord) -> None:
        self._of_volunteer.setdefault(record.volunteer_number, set()).add(record.record_id)

    # --- answering -----------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> tuple[Reply, Fault | None]:
        """Answer a request, with the fault that the door must inject."""
        return answer(self, request)

    def identify(self, request: Request) -> Call:
        """Tell the method, and for a listing the page."""
        method = request.path.split("/")[-2]
        payload = self._open(request) if method in _PAGED else None
        page = payload.get("pageNum") if payload else 0
        return Call(
            method if method in self._methods else "unknown",
            page if isinstance(page, int) else 0,
            is_write=method in _WRITES,
            is_login=method == "login",
            is_of_hours=method == "listServiceTimes",
        )

    def serve(self, request: Request, call: Call, fault: Fault | None) -> Reply:
        """Check session and payload, do what is asked, wrap it."""
        if fault is not None and fault.kind == "token_expired":
            self._sessions.drop_all()
        if fault is not None and fault.kind == "secret_expired":
            self._sessions.expire_secret()
        if call.method not in self._methods:
            return Reply(b"Not Found", 404, "text/plain")
        if not call.is_login and not self._sessions.is_open(request.headers.get("token", "")):
            return _EXPIRED
        try:
            payload = self._open(request)
            if payload is None:
                raise Refusal(checks.BAD_PARAMETERS, "参数错误：报文无法解密")
            data, total, pages, page = self._methods[call.method](payload, call, fault)
        except Refusal as refusal:
            return _refused(refusal)
        return self._wrap(data, total, pages, page)

    def fail(self) -> Reply:
        """Answer that the system is busy."""
        return _refused(Refusal(_TROUBLE, "系统繁忙，请稍后再试"))

    def _open(self, request: Request) -> dict[str, Json] | None:
        bean = read_object(request.form.get("bean", ""))
        if bean is None or set(bean) != {"encryData"} or set(request.form) != {"bean"}:
            return None
        try:
            return read_object(self._request_key.open(bean["encryData"]))
        except (ValueError, TypeError):
            return None

    def _wrap(self, data: Json, total: int, pages: int, page: int) -> Reply:
        """Wrap data in the envelope, in one of the spellings that have been seen."""
        body = data if isinstance(data, str) else write_json(data)
        if body.startswith("[") and self._toss():
            body = f'{{"list":{body}}}'
        code = '"0"' if self._toss() else "0"
        total_text, pages_text = (f'"{total}"', f'"{pages}"') if self._toss() else (str(total), str(pages))
        text = (
            f'{{"code":{code},"message":"","data":{body},'
            f'"totalCount":{total_text},"pageCount":{pages_text},"pageNo":{page}}}'
        )
        return Reply(text.encode())

    def _toss(self) -> bool:
        return self._quirks.random() < 0.5  # noqa: PLR2004 - a coin

    # --- methods -------------------------------------------------------------------------------------------------

    def _login(self, payload: dict[str, Json], _call: Call, _fault: Fault | None) -> tuple[Json, int, int, int]:
        checks.check_login(payload, self._secrets, self.clock.milliseconds())
        if self._sessions.use_refusal():
            raise Refusal(checks.BAD_SIGN, "应用密钥已过期")
        return {"token": self._sessions.open(), "expiresIn": self._sessions.lifetime_seconds}, 0, 0, 0

    def _list_service_times(
        self, payload: dict[str, Json], call: Call, fault: Fault | None
    ) -> tuple[Json, int, int, int]:
        checks.check_fields(payload, _HOURS_FILTERS)
        page, size = checks.check_paging(payload)
        start, end = checks.check_window(payload)
        team, status = self._team(payload), payload["albx0174"]
        if not isinstance(status, str):
            raise Refusal(checks.BAD_PARAMETERS, "参数错误：状态无效")
        shown = self._in_page(page, fault)
        if fault is not None:
            self._shake(fault, call, team, self.records.window(team, start, end)[: (page - 1) * size])
        listed = self.records.window(team, start, end)
        if status:
            listed = [record.position for record in self.records.take(listed) if record.status == status]
        listed = list(thin(listed, fault))
        records = self.records.take(listed[(shown - 1) * size : shown * size])
        texts = self._write_rows(records, call, fault)
        total = len(listed) + (7 if fault is not None and fault.kind == "counts_disagree" else 0)
        return f"[{','.join(texts)}]", total, -(-len(listed) // size), page

    def _shake(self, fault: Fault, call: Call, team: str, read: list[tuple[Any, int]]) -> None:
        if fault.kind not in ROW_FAULTS:
            self.faults.count(fault, call)
        shake(self.records, team, read, fault, self.clock.stamp())

    @staticmethod
    def _in_page(page: int, fault: Fault | None) -> int:
        return page - 1 if fault is not None and fault.kind == "repeated_page" else page

    def _write_rows(self, records: list[NationalRecord], call: Call, fault: Fault | None) -> list[str]:
        texts = [self._write_row(record) for record in records]
        if fault is not None and fault.kind in ROW_FAULTS:
            for index, record in enumerate(records[: fault.rows]):
                spoilt = spoil(self._row(record), fault.kind, self.clock.stamp(), self._secrets.response)
                texts[index] = write_json(spoilt)
                self.faults.count(fault, call)
        return texts

    def _write_row(self, record: NationalRecord) -> str:
        known, text = self._texts.get(record.record_id, (None, ""))
        if known is not record:
            text = write_json(self._row(record))
            self._texts[record.record_id] = record, text
        return text

    def _row(self, record: NationalRecord) -> dict[str, Json]:
        project = self.projects[record.project_id]
        return hours_row(record, project, self.teams[record.team], self._secrets.response)

    def _list_volunteers(self, payload: dict[str, Json], call: Call, fault: Fault | None) -> tuple[Json, int, int, int]:
        checks.check_fields(payload, ("pageNum", "pageSize", "albx0177"))
        page, size = checks.check_paging(payload)
        shown = self._in_page(page, fault)
        listed = thin(self.volunteers.get(self._team(payload), []), fault)
        if fault is not None:
            self.faults.count(fault, call)
        rows = [volunteer_row(row, self._secrets.response) for row in listed[(shown - 1) * size : shown * size]]
        total = len(listed) + (7 if fault is not None and fault.kind == "counts_disagree" else 0)
        return rows, total, -(-len(listed) // size), page

    def _team(self, payload: dict[str, Json]) -> str:
        team = payload["albx0177"]
        if not isinstance(team, str) or team not in self.teams:
            raise Refusal(checks.UNKNOWN_TEAM, "团队不存在或未授权")
        return team

    def _add_service_times(
        self, payload: dict[str, Json], _call: Call, _fault: Fault | None
    ) -> tuple[Json, int, int, int]:
        checks.check_fields(payload, ("list",))
        rows = checks.check_length(payload["list"])
        for row in rows:
            checks.check_added_fields(row)
        results = [self._add_one(index, row) for index, row in enumerate(rows)]
        return results, len(results), 1, 1

    def _add_one(self, index: int, row: dict[str, str]) -> dict[str, Json]:
        try:
            record = self.add(self._draft(row))
        except Refusal as refusal:
            self.stored["refused"] += 1
            return {"index": index, "code": refusal.code, "message": refusal.text}
        self.stored["added"] += 1
        return {"index": index, "code": 0, "id": record.record_id}

    def _draft(self, row: dict[str, str]) -> NationalRecord:
        """Make a record of a row that was sent, or refuse it."""
        start, end = checks.parse_stamp(row["start"]), checks.parse_stamp(row["end"])
        now = self.clock.stamp()
        checks.check_span(start, end, row["albx0172"], now)
        project = self.projects.get(row["albx0176"])
        if project is None or project.team != row["albx0177"]:
            raise Refusal(checks.UNKNOWN_PROJECT, "项目或团队不存在")
        id_number, id_type = self._identity(row)
        number = row["albx0175"].strip()
        checks.check_overlap(
            start, end, [self.record(key) for key in self._of_volunteer.get(number, ()) if self._has(key)]
        )
        return NationalRecord(
            "", project.team, number, row["name"], id_number, project.project_id, start, end, row["albx0172"],
            now, now, id_type=id_type, area=row["albx0021"], remark=row["bz"],
        )  # fmt: skip

    def _has(self, record_id: str) -> bool:
        return self.records.get(int(record_id, 16)) is not None

    def _identity(self, row: dict[str, str]) -> tuple[str, str]:
        """Give id number and type of the volunteer whose number was sent, or refuse one that is somebody else's."""
        try:
            id_number = self._request_key.open(row["cardno"])
        except ValueError:
            raise Refusal(checks.BAD_VOLUNTEER, "证件号码无法解密") from None
        for volunteer in self.volunteers.get(row["albx0177"], ()):
            if volunteer.volunteer_number == row["albx0175"].strip() and volunteer.id_number == id_number:
                return id_number, volunteer.id_type
        raise Refusal(checks.BAD_VOLUNTEER, "志愿者编号与证件号码不符")

    def _del_service_times(
        self, payload: dict[str, Json], _call: Call, _fault: Fault | None
    ) -> tuple[Json, int, int, int]:
        checks.check_fields(payload, ("ids",))
        ids = checks.check_length(payload["ids"])
        results = [self._delete_one(index, record_id) for index, record_id in enumerate(ids)]
        return results, len(results), 1, 1

    def _delete_one(self, index: int, record_id: Json) -> dict[str, Json]:
        try:
            self.withdraw(record_id)
        except (KeyError, TypeError, ValueError):
            return {"index": index, "code": checks.UNKNOWN_RECORD, "message": "记录不存在"}
        self.stored["deleted"] += 1
        return {"index": index, "code": 0, "id": record_id}


def _refused(refusal: Refusal) -> Reply:
    envelope = {
        "code": refusal.code,
        "message": refusal.text,
        "data": None,
        "totalCount": 0,
        "pageCount": 0,
        "pageNo": 0,
    }
    return Reply(write_json(envelope).encode())
