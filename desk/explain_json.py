"""A story as one JSON document (``explain --json``), without personal data; reasons are in people's own words."""

from __future__ import annotations

from datetime import datetime

from desk.explain import Said, ServiceStory, Story
from domain.entries import Entry
from local_store.cases import Case, Judged, Merging, UnreadRow
from local_store.ledger import Voucher
from local_store.lookup import SaidVersion


def as_document(story: Story) -> dict[str, object]:
    """Give the story."""
    return {
        "reference": story.reference,
        "persons": list(story.persons),
        "mergings": [_merging(merging) for merging in story.mergings],
        "conflict": None if story.case is None else _case(story.case),
        "services": [_service(service) for service in story.services],
        "records": [_record(record) for record in story.apart],
        "cases": [_case(case) for case in story.cases],
        "unread": [_unread(row) | {"platform": row.key.platform} for row in story.unread],
        "vouchers": [
            _voucher(voucher, {}) | {"reason_given": story.reasons[voucher.number]} for voucher in story.other_vouchers
        ],
    }


def _service(story: ServiceStory) -> dict[str, object]:
    line = story.line
    reversed_by = {voucher.reverses: voucher.number for voucher in story.vouchers if voucher.reverses is not None}
    return {
        "service": line.service.service_id,
        "action": story.action,
        "reason": line.reason,
        "decision": line.decision,
        "deciding": None if line.deciding is None else str(line.deciding),
        "records": [_record(record) for record in story.said],
        "ties": [
            {
                "first": str(tie.first),
                "second": str(tie.second),
                "evidence": [{"name": name, "weight": weight} for name, weight in tie.evidence],
            }
            for tie in line.service.ties
        ],
        "conflicts": [
            {"id": conflict.conflict_id, "kind": conflict.kind.value, "blocking": conflict.is_blocking}
            for conflict in line.conflicts
        ],
        "cases": [_case(case) for case in story.cases],
        "vouchers": [_voucher(voucher, reversed_by) for voucher in story.vouchers],
    }


def _case(case: Case) -> dict[str, object]:
    conflict = case.found.conflict
    return {
        "id": conflict.conflict_id,
        "kind": conflict.kind.value,
        "state": case.found.state.value,
        "blocking": conflict.is_blocking,
        "since": case.found.since.isoformat(),
        "evidence": list(conflict.evidence),
        "decisions": [_judged(judged) for judged in case.judged],
    }


def _judged(judged: Judged) -> dict[str, object]:
    said = judged.decision
    return {
        "decision": said.number,
        "as": f"{said.code}:{said.argument}" if said.argument else said.code,
        "reason": said.reason,
        "by": said.decided_by,
        "at": said.decided_at.isoformat(),
        "evidence": list(said.evidence),
        "proposed": judged.is_proposed,
        "moved_seconds": judged.moved_seconds,
        "agreed_by": judged.agreed_by or None,
        "agreed_at": _instant(judged.agreed_at),
        "undone_by": judged.undone_by or None,
        "undone_at": _instant(judged.undone_at),
    }


def _merging(merging: Merging) -> dict[str, object]:
    return {
        "old": merging.old,
        "new": merging.new,
        "by": merging.merged_by,
        "at": merging.merged_at.isoformat(),
        "reason": merging.reason,
    }


def _record(record: Said) -> dict[str, object]:
    claim = record.claim
    return {
        "platform": claim.key.platform,
        "external_id": claim.key.external_id,
        "disposition": record.disposition.value,
        "out_of_scope": claim.out_of_scope or None,
        "category": claim.category,
        "station": claim.station or None,
        "rule": claim.rule,
        "rules_version": claim.rules_version,
        "said": [_version(version) for version in record.versions],
        "unread": [_unread(row) for row in record.unread],
    }


def _unread(row: UnreadRow) -> dict[str, object]:
    return {"reason": row.reason, "field": row.field, "heard_at": row.heard_at.isoformat(), "lifted": row.is_lifted}


def _version(version: SaidVersion) -> dict[str, object]:
    said = version.said
    document: dict[str, object] = {
        "revision": version.revision,
        "heard_at": version.heard_at.isoformat(),
        "service_date": said.service_date.isoformat(),
        "starts_at": _instant(said.starts_at),
        "ends_at": _instant(said.ends_at),
    }
    if isinstance(said, Entry):
        return document | {"category": said.category}
    return document | {
        "state": said.state.value,
        "seconds": said.reported_seconds,
        "activity": said.activity_name,
        "updated_at": said.updated_at.isoformat(),
    }


def _voucher(voucher: Voucher, reversed_by: dict[int, int]) -> dict[str, object]:
    return {
        "voucher": voucher.number,
        "what": voucher.kind.value,
        "service_date": voucher.service_date.isoformat(),
        "recorded_at": voucher.recorded_at.isoformat(),
        "seconds": sum(leg.seconds for leg in voucher.transfers),
        "reason": voucher.reason,
        "rules_version": voucher.rules_version,
        "decision": voucher.decision,
        "reverses": voucher.reverses,
        "reversed_by": reversed_by.get(voucher.number),
        "prepared_by": voucher.prepared_by,
        "records": list(voucher.records),
    }


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
