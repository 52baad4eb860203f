"""The interfaces of the Guangxi platform that read."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime

from sandbox import guangxi_checks as checks
from sandbox.cipher import Secrets
from sandbox.faults import LISTING_FAULTS, ROW_FAULTS, Fault
from sandbox.guangxi_holdings import GuangxiHoldings
from sandbox.guangxi_rows import GuangxiRecord, hours_row, spoil, volunteer_row
from sandbox.shaken import shake, thin, told_total
from sandbox.shelf import Position
from sandbox.wire import Call, Json, Refusal, write_json

_SHORT_PAGE_EVERY = 3


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins: after a position, None for the first; ``before`` is where the page before it began."""

    after: Position | None = None
    before: Position | None = None


class GuangxiReads:
    """``hours.query``, ``hours.summary`` and ``volunteers.query``, over what the platform holds."""

    def __init__(self, held: GuangxiHoldings, secrets: Secrets) -> None:
        """Serve ``held`` to the application that has these secrets."""
        self._held = held
        self._secrets = secrets
        self._texts: dict[int, tuple[GuangxiRecord, str]] = {}

    def hours_query(self, payload: dict[str, Json], call: Call, fault: Fault | None) -> Json:
        """List one page of the hours of an organisation."""
        checks.check_fields(payload, ("orgCode", "updatedFrom", "updatedTo", "cursor", "pageSize"))
        size = _page_length(checks.check_page_size(payload["pageSize"]), call.page)
        start, end = checks.check_window(payload)
        organisation = self._organisation(payload)
        filters = f"{organisation}|{payload['updatedFrom']}|{payload['updatedTo']}"
        place = self._read_place(payload["cursor"], filters)
        self._shake(organisation, self._held.records.window(organisation, start, end), place, call, fault)
        listed = thin(self._held.records.window(organisation, start, end), fault)
        begin = place.before if fault is not None and fault.kind == "repeated_page" else place.after
        rest = listed if begin is None else listed[bisect_right(listed, begin) :]
        following = None
        if len(rest) > size:
            following = self._following(payload["cursor"], _Place(rest[size - 1], begin), call, filters, fault)
        rows = self._write_rows(self._held.records.take(rest[:size]), call, fault)
        total = told_total(len(listed), fault)
        return f'{{"records":[{",".join(rows)}],"nextCursor":{write_json(following)},"total":{total}}}'

    def _shake(self, organisation: str, listed: list[Position], place: _Place, call: Call, fault: Fault | None) -> None:
        if fault is not None and fault.kind in LISTING_FAULTS:
            self._held.faults.count(fault, call)
            read = [] if place.after is None else listed[: bisect_right(listed, place.after)]
            shake(self._held.records, organisation, read, fault, self._held.clock.stamp())

    def _following(self, token: Json, place: _Place, call: Call, filters: str, fault: Fault | None) -> str:
        """Give the cursor of the next page; a repeated one leads to this page again."""
        if fault is not None and fault.kind == "repeated_token":
            return str(token)
        spelt = {"after": _spell(place.after), "before": _spell(place.before)}
        return checks.write_cursor({"page": call.page + 1, **spelt, "filters": filters}, self._secrets.app_secret)

    def _read_place(self, token: Json, filters: str) -> _Place:
        if token is None:
            return _Place()
        cursor = checks.read_cursor(token, self._secrets.app_secret)
        if cursor.get("filters") != filters:
            raise Refusal(checks.BAD_PARAMETERS, "cursor与查询条件不符")
        return _Place(_position(cursor["after"]), _position(cursor["before"]))

    def _write_rows(self, records: list[GuangxiRecord], call: Call, fault: Fault | None) -> list[str]:
        texts = [self._write_row(record) for record in records]
        if fault is not None and fault.kind in ROW_FAULTS:
            for index, record in enumerate(records[: fault.rows]):
                spoilt = spoil(self._row(record), fault.kind, self._held.clock.stamp(), self._secrets.response)
                texts[index] = write_json(spoilt)
                self._held.faults.count(fault, call)
        return texts

    def _write_row(self, record: GuangxiRecord) -> str:
        known, text = self._texts.get(record.record_id, (None, ""))
        if known is not record:
            text = write_json(self._row(record))
            self._texts[record.record_id] = record, text
        return text

    def _row(self, record: GuangxiRecord) -> dict[str, Json]:
        return hours_row(record, self._held.activities[record.activity_id], self._secrets.response)

    def _organisation(self, payload: dict[str, Json]) -> str:
        return checks.check_organisation(payload["orgCode"], self._held.organisations)

    def hours_summary(self, payload: dict[str, Json], _call: Call, _fault: Fault | None) -> Json:
        """Sum the days of a month, all states alike."""
        checks.check_fields(payload, ("orgCode", "month"))
        month = checks.check_month(payload["month"])
        days: dict[str, list[GuangxiRecord]] = {}
        for record in self._held.records.rows(self._organisation(payload)):
            day = record.service_date.isoformat()
            if day.startswith(month):
                days.setdefault(day, []).append(record)
        return {"days": [_summarise(day, records) for day, records in sorted(days.items())]}

    def volunteers_query(self, payload: dict[str, Json], call: Call, fault: Fault | None) -> Json:
        """List one page of the volunteers of an organisation."""
        checks.check_fields(payload, ("orgCode", "cursor", "pageSize"))
        size, organisation = checks.check_page_size(payload["pageSize"]), self._organisation(payload)
        if fault is not None and fault.kind in LISTING_FAULTS:
            self._held.faults.count(fault, call)
        listed = thin(self._held.volunteers.get(organisation, []), fault)
        offset = self._read_offset(payload["cursor"])
        begin = offset - size if fault is not None and fault.kind == "repeated_page" else offset
        following = None
        if offset + size < len(listed):
            content = {"page": call.page + 1, "offset": offset + size}
            following = checks.write_cursor(content, self._secrets.app_secret)
            if fault is not None and fault.kind == "repeated_token":
                following = payload["cursor"]
        rows = [volunteer_row(row, self._secrets.response) for row in listed[begin : begin + size]]
        return {"records": rows, "nextCursor": following, "total": told_total(len(listed), fault)}

    def _read_offset(self, token: Json) -> int:
        if token is None:
            return 0
        offset = checks.read_cursor(token, self._secrets.app_secret).get("offset")
        if not isinstance(offset, int):
            raise Refusal(checks.BAD_PARAMETERS, "cursor无效")
        return offset


def _page_length(size: int, page: int) -> int:
    """Give the rows of a page: every third one is short although more come."""
    return max(1, size * 3 // 5) if page % _SHORT_PAGE_EVERY == 0 else size


def _summarise(day: str, records: list[GuangxiRecord]) -> dict[str, Json]:
    minutes = sum(record.duration_minutes or 0 for record in records)
    return {"date": day, "count": len(records), "minutes": minutes, "checksum": checks.day_checksum(records)}


def _spell(position: Position | None) -> list[Json] | None:
    return None if position is None else [position[0].isoformat(), position[1]]


def _position(spelt: list[Json] | None) -> Position | None:
    return None if spelt is None else (datetime.fromisoformat(spelt[0]), spelt[1])
