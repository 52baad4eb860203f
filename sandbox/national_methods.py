"""Each method of the national platform: what it checks, does and answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sandbox import national_checks as checks
from sandbox.cipher import KeyPair, Secrets
from sandbox.faults import LISTING_FAULTS, ROW_FAULTS, Fault
from sandbox.national_holdings import NationalHoldings
from sandbox.national_rows import NationalRecord, hours_row, spoil, volunteer_row
from sandbox.sessions import Sessions
from sandbox.shaken import shake, shown_page, thin, told_total
from sandbox.wire import Call, Json, Refusal, write_json

Kept = TypeVar("Kept")
_HOURS_FILTERS = ("pageNum", "pageSize", "albx0177", "updateStart", "updateEnd", "albx0174")


@dataclass(frozen=True, slots=True)
class Answered:
    """What a method answers: its data as JSON text, and the counts of the envelope."""

    data: str
    total: int = 0
    pages: int = 0
    page: int = 0


class NationalMethods:
    """The five methods, over what the platform holds."""

    def __init__(self, held: NationalHoldings, secrets: Secrets, request_key: KeyPair, sessions: Sessions) -> None:
        """Serve ``held`` to the application that has these secrets."""
        self._held = held
        self._secrets = secrets
        self._request_key = request_key
        self._sessions = sessions
        self._texts: dict[str, tuple[NationalRecord, str]] = {}

    def login(self, payload: dict[str, Json], _call: Call, _fault: Fault | None) -> Answered:
        """Open a session."""
        checks.check_login(payload, self._secrets, self._held.clock.milliseconds())
        if self._sessions.use_refusal():
            raise Refusal(checks.BAD_SIGN, "应用密钥已过期")
        return Answered(write_json({"token": self._sessions.open(), "expiresIn": self._sessions.lifetime_seconds}))

    def list_service_times(self, payload: dict[str, Json], call: Call, fault: Fault | None) -> Answered:
        """List one page of the hours of a team."""
        checks.check_fields(payload, _HOURS_FILTERS)
        page, size = checks.check_paging(payload)
        start, end = checks.check_window(payload)
        team, status = self._team(payload), checks.check_status(payload["albx0174"])
        shelf = self._held.records
        if fault is not None:
            shake(shelf, team, shelf.window(team, start, end)[: (page - 1) * size], fault, self._held.clock.stamp())
        listed = shelf.window(team, start, end)
        if status:
            listed = [record.position for record in shelf.take(listed) if record.status == status]
        shown, counted = self._cut(listed, page, size, call, fault)
        return replace(counted, data=f"[{','.join(self._write_rows(shelf.take(shown), call, fault))}]")

    def list_volunteers(self, payload: dict[str, Json], call: Call, fault: Fault | None) -> Answered:
        """List one page of the volunteers of a team."""
        checks.check_fields(payload, ("pageNum", "pageSize", "albx0177"))
        page, size = checks.check_paging(payload)
        shown, counted = self._cut(self._held.volunteers.get(self._team(payload), []), page, size, call, fault)
        return replace(counted, data=write_json([volunteer_row(row, self._secrets.response) for row in shown]))

    def _cut(
        self, listed: Sequence[Kept], page: int, size: int, call: Call, fault: Fault | None
    ) -> tuple[Sequence[Kept], Answered]:
        """Give the rows of one page, and the counts to be told with them."""
        if fault is not None and fault.kind in LISTING_FAULTS:
            self._held.faults.count(fault, call)
        left = thin(listed, fault)
        at = (shown_page(page, fault) - 1) * size
        return left[at : at + size], Answered("", told_total(len(left), fault), -(-len(left) // size), page)

    def _write_rows(self, records: list[NationalRecord], call: Call, fault: Fault | None) -> list[str]:
        texts = [self._write_row(record) for record in records]
        if fault is not None and fault.kind in ROW_FAULTS:
            for index, record in enumerate(records[: fault.rows]):
                spoilt = spoil(self._row(record), fault.kind, self._held.clock.stamp(), self._secrets.response)
                texts[index] = write_json(spoilt)
                self._held.faults.count(fault, call)
        return texts

    def _write_row(self, record: NationalRecord) -> str:
        known, text = self._texts.get(record.record_id, (None, ""))
        if known is not record:
            text = write_json(self._row(record))
            self._texts[record.record_id] = record, text
        return text

    def _row(self, record: NationalRecord) -> dict[str, Json]:
        project = self._held.projects[record.project_id]
        return hours_row(record, project, self._held.teams[record.team], self._secrets.response)

    def _team(self, payload: dict[str, Json]) -> str:
        team = payload["albx0177"]
        if not isinstance(team, str) or team not in self._held.teams:
            raise Refusal(checks.UNKNOWN_TEAM, "团队不存在或未授权")
        return team

    def add_service_times(self, payload: dict[str, Json], _call: Call, _fault: Fault | None) -> Answered:
        """Store rows, each with an answer of its own."""
        checks.check_fields(payload, ("list",))
        rows = checks.check_length(payload["list"])
        for row in rows:
            checks.check_added_fields(row)
        results = [self._add_one(index, row) for index, row in enumerate(rows)]
        return Answered(write_json(results), len(results), 1, 1)

    def _add_one(self, index: int, row: dict[str, str]) -> dict[str, Json]:
        try:
            record = self._held.add(self._draft(row))
        except Refusal as refusal:
            self._held.stored["refused"] += 1
            return {"index": index, "code": refusal.code, "message": refusal.text}
        self._held.stored["added"] += 1
        return {"index": index, "code": 0, "id": record.record_id}

    def _draft(self, row: dict[str, str]) -> NationalRecord:
        """Make a record of a row that was sent, or refuse it."""
        start, end = checks.parse_stamp(row["start"]), checks.parse_stamp(row["end"])
        now = self._held.clock.stamp()
        checks.check_span(start, end, row["albx0172"], now)
        project = self._held.projects.get(row["albx0176"])
        if project is None or project.team != row["albx0177"]:
            raise Refusal(checks.UNKNOWN_PROJECT, "项目或团队不存在")
        id_number, id_type = self._identity(row)
        number = row["albx0175"].strip()
        checks.check_overlap(start, end, self._held.records_of(number))
        return NationalRecord(
            "", project.team, number, row["name"], id_number, project.project_id, start, end, row["albx0172"],
            now, now, id_type=id_type, area=row["albx0021"], remark=row["bz"],
        )  # fmt: skip

    def _identity(self, row: dict[str, str]) -> tuple[str, str]:
        """Give id number and type of the volunteer whose number was sent, or refuse one that is somebody else's."""
        try:
            id_number = self._request_key.open(row["cardno"])
        except ValueError:
            raise Refusal(checks.BAD_VOLUNTEER, "证件号码无法解密") from None
        for volunteer in self._held.volunteers.get(row["albx0177"], ()):
            if volunteer.volunteer_number == row["albx0175"].strip() and volunteer.id_number == id_number:
                return id_number, volunteer.id_type
        raise Refusal(checks.BAD_VOLUNTEER, "志愿者编号与证件号码不符")

    def del_service_times(self, payload: dict[str, Json], _call: Call, _fault: Fault | None) -> Answered:
        """Withdraw records."""
        checks.check_fields(payload, ("ids",))
        ids = checks.check_length(payload["ids"])
        results = [self._delete_one(index, record_id) for index, record_id in enumerate(ids)]
        return Answered(write_json(results), len(results), 1, 1)

    def _delete_one(self, index: int, record_id: Json) -> dict[str, Json]:
        try:
            self._held.withdraw(record_id)
        except (KeyError, TypeError, ValueError):
            return {"index": index, "code": checks.UNKNOWN_RECORD, "message": "记录不存在"}
        self._held.stored["deleted"] += 1
        return {"index": index, "code": 0, "id": record_id}
