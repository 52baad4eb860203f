"""What the rows of the modelled platforms say, in the oracle's words."""

from __future__ import annotations

from datetime import time

from sandbox.guangxi_rows import PENDING as GUANGXI_PENDING
from sandbox.guangxi_rows import REVOKED, VALID, GuangxiRecord
from sandbox.national_rows import NationalRecord
from sandbox.streets import KINDS, MEETINGS, SPECIAL_REMARK
from sandbox.visits import project_id
from tests.nights import TWO_STATIONS
from tests.oracle import EFFECTIVE, PENDING, WITHDRAWN, Fact

NATIONAL_STATES = {"0": PENDING, "2": EFFECTIVE, "3": WITHDRAWN}
GUANGXI_STATES = {GUANGXI_PENDING: PENDING, VALID: EFFECTIVE, REVOKED: WITHDRAWN}
PROJECTS = {
    project_id(station, name): kind for station in TWO_STATIONS for kind in (*KINDS, MEETINGS) for name in kind.projects
}
SERVICE_TYPES = {kind.service_type: kind for kind in KINDS}
STATION_OF = {one.team: one.code for one in TWO_STATIONS} | {one.organisation: one.code for one in TWO_STATIONS}


def national_fact(record: NationalRecord) -> Fact:
    """Read a row of the national platform."""
    kind = PROJECTS[record.project_id]
    assert record.hours is not None
    return Fact(
        "national", record.record_id, record.id_number, record.name, record.starts_at.date(), kind.category,
        STATION_OF[record.team], int((record.ends_at - record.starts_at).total_seconds()),
        int(record.hours.replace(".", "")) * 36, NATIONAL_STATES[record.status], record.entered_at.date(),
        is_special=record.remark == SPECIAL_REMARK, is_honour=record.hours_type == "2",
        is_no_service=kind is MEETINGS,
    )  # fmt: skip


def guangxi_fact(row: GuangxiRecord) -> Fact:
    """Read a row of the guangxi platform."""
    kind = SERVICE_TYPES.get(row.service_type)
    span = None
    if row.start_time and row.end_time:
        start, end = (time.fromisoformat(text) for text in (row.start_time, row.end_time))
        span = (end.hour - start.hour) * 3600 + (end.minute - start.minute) * 60
    return Fact(
        "guangxi", str(row.record_id), row.id_number, row.name, row.service_date, kind.category if kind else "",
        STATION_OF[row.organisation], span, (row.duration_minutes or 0) * 60, GUANGXI_STATES[row.state],
        row.created_at.date(), is_special=row.remark == SPECIAL_REMARK, is_no_service=kind is None,
        carried_from=row.source_ref,
    )  # fmt: skip
