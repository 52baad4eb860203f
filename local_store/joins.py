"""Which subjects are planned together: joined by a carried-over record, or by a decision ``same`` or ``person:``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.sql.functions import coalesce

from local_store.dialects import among
from local_store.judgements import BINDS, BINDS_PERSON
from local_store.tables.conflicts import DECISION, PAIR_BINDING, PERSON_BINDING
from local_store.tables.people import IDENTITY, PERSON
from local_store.tables.records import CLAIM, RECORD
from local_store.transaction import Tx, portions


def joined(tx: Tx, numbers: Iterable[int]) -> list[tuple[int, ...]]:
    """Give the groups of subject numbers that must be planned together, each sorted, by their least number."""
    groups = {number: {number} for number in numbers}
    frontier = set(groups)
    while frontier:
        edges = _edges(tx, frontier)
        met = {other for _, other in edges} - groups.keys()
        groups |= {number: {number} for number in met}
        for one, other in edges:
            _unite(groups, one, other)
        frontier = met
    return sorted({tuple(sorted(group)) for group in groups.values()})


def _unite(groups: dict[int, set[int]], one: int, other: int) -> None:
    if groups[one] is groups[other]:
        return
    group = groups[one] | groups[other]
    for number in group:
        groups[number] = group


def _edges(tx: Tx, subjects: set[int]) -> set[tuple[int, int]]:
    """Give every (subject, other subject) that something joins."""
    return {
        (row.one, row.other)
        for portion in portions(sorted(subjects))
        for statement in _EDGES
        for row in tx.rows(statement, {"subjects": portion})
    }


_ONE, _OTHER = IDENTITY.alias("one_identity"), IDENTITY.alias("other_identity")
_ONE_CLAIM, _OTHER_CLAIM = CLAIM.alias("one_claim"), CLAIM.alias("other_claim")


def _pairs() -> Select[Any]:
    return select(_ONE.c.subject.label("one"), _OTHER.c.subject.label("other")).distinct()


def _carried(start: Any, end: Any) -> Select[Any]:  # noqa: ANN401 - an aliased table
    """Give the statement from the subject of ``start`` to that of ``end``: one side carries the other's record."""
    carrying, carried_to = _ONE_CLAIM, _OTHER_CLAIM
    return (
        select(start.c.subject.label("one"), end.c.subject.label("other"))
        .distinct()
        .select_from(_ONE)
        .join(carrying, carrying.c.identity == _ONE.c.number)
        .join(RECORD, (RECORD.c.platform == carrying.c.carried_platform)
              & (RECORD.c.external_id == carrying.c.carried_id) & (RECORD.c.stream == carrying.c.carried_stream))
        .join(carried_to, carried_to.c.record == RECORD.c.number)
        .join(_OTHER, _OTHER.c.number == carried_to.c.identity)
        .where(_ONE.c.subject != _OTHER.c.subject)
    )  # fmt: skip


def _bound_pairs(near: Any, far: Any) -> Select[Any]:  # noqa: ANN401 - columns
    return (
        _pairs()
        .select_from(_ONE)
        .join(_ONE_CLAIM, _ONE_CLAIM.c.identity == _ONE.c.number)
        .join(PAIR_BINDING, (near == _ONE_CLAIM.c.record) & PAIR_BINDING.c.is_same)
        .join(DECISION, (DECISION.c.number == PAIR_BINDING.c.decision) & BINDS)
        .join(_OTHER_CLAIM, _OTHER_CLAIM.c.record == far)
        .join(_OTHER, _OTHER.c.number == _OTHER_CLAIM.c.identity)
        .where(_ONE.c.subject != _OTHER.c.subject)
    )


def _bound_people() -> Select[Any]:
    return (
        _pairs()
        .select_from(PERSON_BINDING)
        .join(DECISION, (DECISION.c.number == PERSON_BINDING.c.decision) & BINDS_PERSON)
        .join(_ONE, _ONE.c.number == PERSON_BINDING.c.identity)
        .join(PERSON, PERSON.c.number == PERSON_BINDING.c.person)
        .join(_OTHER, _OTHER.c.person == coalesce(PERSON.c.merged_into, PERSON.c.number))
        .where(_ONE.c.subject != _OTHER.c.subject)
    )


def _from_bind(statement: Select[Any], column: Any) -> Select[Any]:  # noqa: ANN401 - a column
    return statement.where(among(column, "subjects"))


_EDGES = (
    _from_bind(_carried(_ONE, _OTHER), _ONE.c.subject),
    _from_bind(_carried(_OTHER, _ONE), _OTHER.c.subject),
    _from_bind(_bound_pairs(PAIR_BINDING.c.first, PAIR_BINDING.c.second), _ONE.c.subject),
    _from_bind(_bound_pairs(PAIR_BINDING.c.second, PAIR_BINDING.c.first), _ONE.c.subject),
    _from_bind(_bound_people(), _ONE.c.subject),
    _from_bind(
        _bound_people().with_only_columns(_OTHER.c.subject.label("one"), _ONE.c.subject.label("other")),
        _OTHER.c.subject,
    ),
)
