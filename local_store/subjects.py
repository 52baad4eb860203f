"""Subjects: which of them must be planned, everything known of them, and what became of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, delete, select, update

from domain.actions import Plan
from domain.records import RecordKey
from domain.subjects import Subject
from local_store.dialects import among, upsert_rows
from local_store.facts import Facts, revisions_of
from local_store.joins import joined
from local_store.tables.people import IDENTITY, SUBJECT
from local_store.tables.records import CLAIM, MEMBERSHIP, RECORD
from local_store.transaction import Tx, portions

_NOBODY = 2**62


def changed(tx: Tx, today: date, rules_version: str) -> list[int]:
    """Give the subjects to be planned, in the order of person and identity.

    These are the ones changed since they were planned, those whose wait ends by ``today``, and those planned under
    another rule set.
    """
    return _in_order(tx.rows(_CHANGED, {"today": today.isoformat(), "rules": rules_version}))


def unplanned(tx: Tx, rules_version: str) -> list[int]:
    """Give those of the ``changed`` whose facts or rules are not the ones they were planned by, whatever the day."""
    return _in_order(tx.rows(_UNPLANNED, {"rules": rules_version}))


def all_numbers(tx: Tx) -> list[int]:
    """Give every subject, in the order of their numbers."""
    return [number for (number,) in tx.rows(select(SUBJECT.c.number).order_by(SUBJECT.c.number))]


def load(tx: Tx, numbers: Sequence[int]) -> list[Subject]:
    """Give these subjects with all that is known of them, in the order asked for, joined where they belong together.

    A joined subject bears its least number and stands where its first number was asked for.
    """
    groups = joined(tx, numbers)
    group_of = {number: group for group in groups for number in group}
    facts = Facts(tx, sorted(group_of))
    ordered = dict.fromkeys(group_of[number] for number in numbers)
    return [facts.subject(group) for group in ordered]


def settle(tx: Tx, plans: Sequence[Plan], run: int, rules_version: str, today: date) -> list[int]:
    """Write down that subjects were planned on ``today`` and what became of their records.

    Gives the subjects that have moved since they were loaded.

    A moved one is left as it is, to be planned anew.
    """
    numbers = sorted({number for plan in plans for number in _stands_for(plan)})
    revisions = revisions_of(tx, numbers)
    live = [plan for plan in plans if sum(revisions[one] for one in _stands_for(plan)) == plan.revision]
    settled = sorted({number for plan in live for number in _stands_for(plan)})
    _settle_membership(tx, live, settled)
    marks = [
        {
            "one": number, "planned_revision": revisions[number], "planned_rules": rules_version, "planned_run": run,
            "planned_on": today.isoformat(),
            "due_on": plan.due_on.isoformat() if plan.due_on and number == plan.subject else None,
        }
        for plan in live
        for number in _stands_for(plan)
    ]  # fmt: skip
    if marks:
        tx.connection.execute(_PLANNED, marks)
    return sorted(plan.subject for plan in plans if plan not in live)


def moved(tx: Tx, plans: Sequence[Plan]) -> list[int]:
    """Give the subjects of plans whose facts have moved since they were loaded."""
    revisions = revisions_of(tx, sorted({number for plan in plans for number in _stands_for(plan)}))
    return [plan.subject for plan in plans if sum(revisions[one] for one in _stands_for(plan)) != plan.revision]


def _stands_for(plan: Plan) -> tuple[int, ...]:
    return plan.stands_for or (plan.subject,)


def _settle_membership(tx: Tx, plans: Sequence[Plan], numbers: list[int]) -> None:
    """Write the services and dispositions that changed."""
    wanted: dict[RecordKey, tuple[str, str]] = {}
    for plan in plans:
        services = {claim.key: line.service.service_id for line in plan.lines for claim in line.service.claims}
        wanted |= {key: (services.get(key, ""), kind.value) for key, kind in plan.dispositions.items()}
    rows: list[dict[str, Any]] = []
    left: list[int] = []
    for portion in portions(numbers):
        for row in tx.rows(_PRESENT, {"subjects": portion}):
            now = wanted.get(RecordKey(row.platform, row.external_id, row.stream))
            if now is None and row.service_id is not None:
                left.append(row.number)
            elif now is not None and now != (row.service_id, row.disposition):
                rows.append({"record": row.number, "service_id": now[0], "disposition": now[1]})
    upsert_rows(tx.connection, MEMBERSHIP, rows)
    for portion in portions(left):
        tx.connection.execute(_FORGET, {"records": portion})


def _in_order(rows: Sequence[Any]) -> list[int]:
    return [number for _, number in sorted((_NOBODY if row.person is None else row.person, row.number) for row in rows)]


_ROOTS = select(SUBJECT.c.number, IDENTITY.c.person).join_from(
    SUBJECT, IDENTITY, and_(IDENTITY.c.number == SUBJECT.c.number, IDENTITY.c.subject == IDENTITY.c.number)
)
_IS_UNPLANNED = (SUBJECT.c.revision != SUBJECT.c.planned_revision) | (SUBJECT.c.planned_rules != bindparam("rules"))
_CHANGED = _ROOTS.where(_IS_UNPLANNED | (SUBJECT.c.due_on <= bindparam("today")))
_UNPLANNED = _ROOTS.where(_IS_UNPLANNED)
_PLANNED = update(SUBJECT).where(SUBJECT.c.number == bindparam("one")).values(
    {name: bindparam(name) for name in ("planned_revision", "planned_rules", "planned_run", "planned_on", "due_on")}
)  # fmt: skip
_PRESENT = (
    select(
        RECORD.c.number, RECORD.c.platform, RECORD.c.external_id, RECORD.c.stream,
        MEMBERSHIP.c.service_id, MEMBERSHIP.c.disposition,
    )
    .join_from(IDENTITY, CLAIM, CLAIM.c.identity == IDENTITY.c.number)
    .join(RECORD, RECORD.c.number == CLAIM.c.record)
    .join(MEMBERSHIP, MEMBERSHIP.c.record == RECORD.c.number, isouter=True)
    .where(among(IDENTITY.c.subject, "subjects"))
)  # fmt: skip
_FORGET = delete(MEMBERSHIP).where(among(MEMBERSHIP.c.record, "records"))
