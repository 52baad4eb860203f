"""Gather what the report shows from the store: conflicts with their evidence, the night's figures, how far was read."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from functools import partial
from typing import Any

from desk.report.seal import RowSeal
from desk.report.values import (
    NightFigures,
    PlatformState,
    ReportConflict,
    ReportData,
    Side,
    StationState,
    UnreadableRows,
)
from domain.clock import day_in_shanghai
from domain.conflicts import ConflictKind, ConflictState
from domain.errors import UsageError
from domain.masking import masked_name
from domain.people import Person
from domain.records import RecordKey
from local_store import conflicts, identities, overview, people, runs
from local_store.open_conflicts import ConflictRecord, OpenConflict
from local_store.row_versions import row_versions
from local_store.runs import Run
from local_store.transaction import Tx
from mapping.rules import RuleSet

_OF_SEVERAL = (ConflictKind.PERSON_DIFFERS, ConflictKind.GUARD)
"""Kinds whose records may bear different names: who each of them names is shown, masked."""
UNSETTLED = (ConflictState.OPEN, ConflictState.PROPOSED, ConflictState.RETURNED)


class _Faces:
    """Who the conflicts are about: masked names and 本地编号, read once for all of them."""

    def __init__(self, tx: Tx, found: Collection[OpenConflict]) -> None:
        persons = {one.conflict.person for one in found if one.conflict.person is not None}
        self.people = people.by_number(tx, persons)
        self.names = {number: masked_name(name) for number, name in people.names(tx, persons).items()}
        unknown = {one.conflict.identity for one in found if one.conflict.identity is not None}
        self.strangers = {n: masked_name(name) for n, name in identities.clear_names(tx, unknown).items()}

    def person(self, number: int | None) -> Person | None:
        return None if number is None else self.people.get(number)

    def name(self, one: OpenConflict) -> str:
        if one.conflict.person is not None:
            return self.names.get(one.conflict.person, "")
        return self.strangers.get(one.conflict.identity, "") if one.conflict.identity is not None else ""


def report_conflicts(
    tx: Tx,
    rules: RuleSet,
    kinds: Collection[ConflictKind] = (),
    states: Collection[ConflictState] = (ConflictState.OPEN,),
    station: str = "",
) -> tuple[ReportConflict, ...]:
    """Give conflicts with their evidence, names masked; no kinds or states named: all of them."""
    return tuple(sorted(_conflicts(tx, rules, conflicts.listing(tx, kinds, states, station)), key=_working_order))


def named_conflicts(tx: Tx, rules: RuleSet, conflict_ids: Iterable[str]) -> dict[str, ReportConflict]:
    """Give the conflicts with these ids by their ids, in whatever state they are; unknown ones are left out."""
    found = conflicts.named(tx, dict.fromkeys(conflict_ids))
    return {one.conflict_id: one for one in _conflicts(tx, rules, found)}


def _conflicts(tx: Tx, rules: RuleSet, found: Collection[OpenConflict]) -> Iterator[ReportConflict]:
    faces = _Faces(tx, found)
    spoken = _spoken_names(tx, [one for one in found if one.conflict.kind in _OF_SEVERAL])
    versions = row_versions(tx, [one.conflict.conflict_id for one in found])
    return (_conflict(one, faces, spoken, rules, versions) for one in found)


def _working_order(one: ReportConflict) -> tuple[bool, str, str, str]:
    """Put what blocks first, then station by station, day by day."""
    return (not one.is_blocking, one.station, str(one.service_date or ""), one.conflict_id)


def report_conflict(tx: Tx, rules: RuleSet, conflict_id: str) -> ReportConflict:
    """Give one conflict with its evidence.

    Raises:
        UsageError: ``conflict_unknown``.
    """
    found = conflicts.one(tx, conflict_id.strip().upper())
    if found is None:
        raise UsageError("conflict_unknown", conflict=conflict_id)
    spoken = _spoken_names(tx, [found])
    versions = row_versions(tx, [found.conflict.conflict_id])
    return _conflict(found, _Faces(tx, [found]), spoken, rules, versions)


def row_seal(tx: Tx) -> RowSeal:
    """Give the seal of this bank's workbooks."""
    return RowSeal.of(partial(tx.vault.token, "workbook"))


def report_data(tx: Tx, rules: RuleSet, bank: str, generated_at: datetime, run: int | None = None) -> ReportData:
    """Give everything that the report of a run (the last one, where none is named) shows.

    Raises:
        UsageError: ``run_unknown``, or ``run_none`` where there was none yet.
    """
    night = _run(tx, run)
    tally = json.loads(night.tally)
    waiting = overview.waiting(tx)
    return ReportData(
        bank=bank,
        run_number=night.number,
        run_outcome=night.outcome,
        generated_at=generated_at,
        rules_version=rules.version,
        night=_figures(tally),
        platforms=tuple(_platform(name, said) for name, said in tally.get("platforms", {}).items()),
        stations=_stations(tx, rules),
        conflicts=report_conflicts(tx, rules, states=UNSETTLED),
        seal=row_seal(tx),
        waiting_count=waiting.count,
        waiting_until=waiting.first_due_on,
        unreadable=tuple(_unreadable(one) for one in overview.unreadable(tx)),
        rules=rules,
    )


def _unreadable(one: overview.Unreadable) -> UnreadableRows:
    return UnreadableRows(one.platform, one.reason, one.count, one.external_ids)


def _run(tx: Tx, number: int | None) -> Run:
    found = runs.last(tx, 1, runs.SYNC) if number is None else runs.numbered(tx, number)
    if not found:
        raise UsageError("run_none") if number is None else UsageError("run_unknown", run=number)
    return found[0]


def _figures(tally: dict[str, Any]) -> NightFigures:
    actions = tally.get("actions", {})
    return NightFigures(
        posted_count=actions.get("post", 0),
        posted_seconds=tally.get("posted_seconds", 0),
        corrected_count=actions.get("correct", 0),
        reversed_count=actions.get("reverse", 0),
    )


def _platform(name: str, said: dict[str, Any]) -> PlatformState:
    through = datetime.fromisoformat(said["through"]) if said["through"] else None
    problem = _PROBLEMS.get(said["problems"][0], "other") if said["problems"] else ""
    if said["outcome"] == "held":
        problem = "suddenly_empty"
    return PlatformState(name, through, said["outcome"], problem, catches_up_itself=problem not in _NEEDS_A_PERSON)


_PROBLEMS = {
    "Unreachable": "unreachable",
    "Throttled": "throttled",
    "Refused": "refused",
    "BrokenAnswer": "broken_answer",
}
_NEEDS_A_PERSON = ("refused", "key_refused", "suddenly_empty", "broken_answer")


def _stations(tx: Tx, rules: RuleSet) -> tuple[StationState, ...]:
    missing: dict[str, int] = {}
    for person in people.all_people(tx):
        missing[person.station] = missing.get(person.station, 0) + (not person.consents)
    return tuple(StationState(code, name, missing.get(code, 0)) for code, name in rules.station_names.items())


def _conflict(
    one: OpenConflict, faces: _Faces, spoken: dict[RecordKey, str], rules: RuleSet, versions: dict[str, str]
) -> ReportConflict:
    said = one.conflict
    person = faces.person(said.person)
    decision = one.decision
    return ReportConflict(
        conflict_id=said.conflict_id,
        kind=said.kind,
        is_blocking=said.is_blocking,
        state=one.state,
        person_masked=faces.name(one),
        local_number="" if person is None else person.local_number,
        station=said.station,
        station_name=rules.station_names.get(said.station, said.station),
        service_date=said.service_date,
        since=day_in_shanghai(one.since),
        seconds_at_stake=said.seconds_at_stake,
        cause=said.cause,
        reason=said.reason,
        details=said.details,
        suggestion=said.suggestion,
        what=one.records[0].activity_name if one.records and said.kind is not ConflictKind.GUARD else "",
        sides=tuple(_side(record, spoken, rules) for record in sorted(one.records, key=_record_day)),
        decision=None if decision is None else ":".join(part for part in (decision.code, decision.argument) if part),
        version=versions[said.conflict_id],
        evidence=said.evidence,
        judged_on=() if decision is None else decision.evidence,
        asked_until=one.asked_until,
        decided_by="" if decision is None else decision.decided_by,
    )


def _record_day(record: ConflictRecord) -> date:
    return record.service_date


def _side(record: ConflictRecord, spoken: dict[RecordKey, str], rules: RuleSet) -> Side:
    category = rules.categories.get(record.category or "")
    return Side(
        platform=record.key.platform,
        external_id=record.key.external_id,
        seconds=record.reported_seconds,
        service_date=record.service_date,
        starts_at=record.starts_at,
        ends_at=record.ends_at,
        category_name="" if category is None else category.name,
        station_name=rules.station_names.get(record.station, record.station),
        activity_name=record.activity_name,
        person_masked=spoken.get(record.key, ""),
        state=record.state,
    )


def _spoken_names(tx: Tx, found: Collection[OpenConflict]) -> dict[RecordKey, str]:
    """Give, masked, the name that each record of these conflicts bears."""
    keys = {record.key for one in found for record in one.records}
    return {key: masked_name(name) for key, name in overview.spoken_names(tx, keys).items()}
