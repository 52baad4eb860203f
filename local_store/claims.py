"""Claims as they are kept, by subject: the hot path of every plan, so rows are taken apart by place, not by name."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from domain.claims import Claim
from domain.hours import DurationRange
from domain.making import maker
from domain.records import RecordKey, RecordState
from local_store.dialects import among
from local_store.tables.people import IDENTITY
from local_store.tables.records import CLAIM, RECORD
from local_store.transaction import Tx, instant_of, portions

_day = lru_cache(maxsize=8192)(date.fromisoformat)
_range = lru_cache(maxsize=8192)(DurationRange)
_made = maker(Claim)
_STATES = {state.value: state for state in RecordState}

_CLAIMS = (
    select(
        IDENTITY.c.subject, IDENTITY.c.number, IDENTITY.c.bound_to,
        RECORD.c.platform, RECORD.c.external_id, RECORD.c.stream,
        CLAIM.c.revision, CLAIM.c.state, CLAIM.c.name_token, CLAIM.c.service_date, CLAIM.c.starts_at, CLAIM.c.ends_at,
        CLAIM.c.reported_seconds, CLAIM.c.low_seconds, CLAIM.c.high_seconds, CLAIM.c.category, CLAIM.c.station,
        CLAIM.c.is_special, CLAIM.c.out_of_scope, CLAIM.c.is_type_unknown, CLAIM.c.activity_id, CLAIM.c.activity_name,
        CLAIM.c.carried_platform, CLAIM.c.carried_id, CLAIM.c.carried_stream, CLAIM.c.business_key,
        CLAIM.c.entered_on, CLAIM.c.is_gone, CLAIM.c.is_flagged, CLAIM.c.rule, CLAIM.c.rules_version,
    )
    .join_from(IDENTITY, CLAIM, CLAIM.c.identity == IDENTITY.c.number)
    .join(RECORD, RECORD.c.number == CLAIM.c.record)
    .where(among(IDENTITY.c.subject, "subjects"))
)  # fmt: skip


def claims_of(tx: Tx, numbers: list[int]) -> dict[int, list[Claim]]:
    """Give the claims of each subject."""
    claims: dict[int, list[Claim]] = defaultdict(list)
    for portion in portions(numbers):
        for row in tx.rows(_CLAIMS, {"subjects": portion}):
            claims[row[0]].append(_claim(row))
    return claims


def _claim(row: Any) -> Claim:  # noqa: ANN401 - a row
    """Turn a row into a claim; days and ranges are few, and shared."""
    (
        _, identity, bound_to, platform, external_id, stream, revision, state, name_token, service_date, starts_at,
        ends_at, reported_seconds, low_seconds, high_seconds, category, station, is_special, out_of_scope,
        is_type_unknown, activity_id, activity_name, carried_platform, carried_id, carried_stream, business_key,
        entered_on, is_gone, is_flagged, rule, rules_version,
    ) = row  # fmt: skip
    return _made(
        RecordKey(platform, external_id, stream), revision, _STATES[state], bound_to or identity, name_token,
        _day(service_date), None if starts_at is None else instant_of(starts_at),
        None if ends_at is None else instant_of(ends_at), reported_seconds, _range(low_seconds, high_seconds), category,
        station, is_special, out_of_scope, is_type_unknown, activity_id, activity_name,
        RecordKey(carried_platform, carried_id, carried_stream) if carried_platform else None, business_key,
        _day(entered_on), is_gone, is_flagged, rule, rules_version,
    )  # fmt: skip
