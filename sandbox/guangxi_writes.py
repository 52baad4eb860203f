"""The interfaces of the Guangxi platform that write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox import guangxi_checks as checks
from sandbox.cipher import Secrets
from sandbox.faults import Fault
from sandbox.guangxi_holdings import GuangxiHoldings
from sandbox.guangxi_rows import REVOKED, GuangxiRecord
from sandbox.wire import Call, Json, Refusal, write_json

_SUBMISSION_LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class _Submission:
    content: str
    results: list[dict[str, Json]]
    at: datetime


class GuangxiWrites:
    """``hours.submit`` and ``hours.revoke``, over what the platform holds."""

    def __init__(self, held: GuangxiHoldings, secrets: Secrets) -> None:
        """Serve ``held`` to the application that has these secrets."""
        self._held = held
        self._secrets = secrets
        self._by_client_ref: dict[str, int] = {}
        self._submissions: dict[str, _Submission] = {}

    def hours_submit(self, payload: dict[str, Json], _call: Call, _fault: Fault | None) -> Json:
        """Store rows once per ``requestNo`` and ``clientRef``, each with an answer of its own."""
        rows = checks.check_submission(payload)
        number, content, now = payload["requestNo"], write_json(rows), self._held.clock.now()
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
            record = self._held.add(self._draft(row))
        except Refusal as refusal:
            self._held.stored["refused"] += 1
            return {"clientRef": row["clientRef"], "ok": False, "message": refusal.text}
        self._held.stored["added"] += 1
        self._by_client_ref[row["clientRef"]] = record.record_id
        return {"clientRef": row["clientRef"], "ok": True, "recordId": record.record_id}

    def _draft(self, row: dict[str, str]) -> GuangxiRecord:
        """Make a record of a row that was submitted, or refuse it."""
        organisation, now = (
            checks.check_organisation(row["orgCode"], self._held.organisations),
            self._held.clock.stamp(),
        )
        day, minutes = checks.check_span(row, now)
        activity = self._held.activities.get(row["activityId"])
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
        for volunteer in self._held.volunteers.get(row["orgCode"], ()):
            if volunteer.volunteer_number == row["volunteerNo"] and volunteer.id_number == id_number:
                return id_number
        raise Refusal(checks.NOT_FOUND, "志愿者编号与证件号码不符")

    def hours_revoke(self, payload: dict[str, Json], _call: Call, _fault: Fault | None) -> Json:
        """Withdraw one record."""
        checks.check_fields(payload, ("recordId", "reason"))
        record_id = payload["recordId"]
        if type(record_id) is not int or self._held.records.get(record_id) is None:
            raise Refusal(checks.NOT_FOUND, "记录不存在")
        self._held.withdraw(record_id)
        self._held.stored["revoked"] += 1
        return {"recordId": record_id, "state": REVOKED}
