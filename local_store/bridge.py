"""What the bridge (时长调节表) is drawn from: what the book holds, what platforms say, where each record went."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, bindparam, exists, func, literal, null, or_, select, union

from domain.records import RecordState
from local_store.bridge_rows import Booked, Figure, Part, Told, Whose
from local_store.tables.ledger import STANDING
from local_store.tables.people import IDENTITY, PERSON, SUBJECT
from local_store.tables.records import CLAIM, MEMBERSHIP, QUARANTINE, RECORD
from local_store.transaction import Tx

_PORTION = 2000


def part_of(tx: Tx, station: str | None, person: int | None, month: str | None) -> Part:
    """Give the part for a station, a person's number and a month, each or none."""
    merged = select(PERSON.c.number, PERSON.c.merged_into).where(PERSON.c.merged_into.is_not(None))
    people = None if person is None else _with_merged(person, {row.number: row.merged_into for row in tx.rows(merged)})
    return Part(station, people, month)


def _with_merged(person: int, merged: dict[int, int]) -> tuple[int, ...]:
    found = [person]
    for one in found:
        found += [old for old, new in merged.items() if new == one]
    return tuple(sorted(found))


def booked(tx: Tx, part: Part) -> list[Figure]:
    """Sum what stands in the book, by station and month."""
    month = func.substr(STANDING.c.service_date, 1, 7)
    statement = (
        select(literal(""), STANDING.c.station, month, func.sum(STANDING.c.seconds), func.count())
        .where(STANDING.c.seconds.is_not(None), *_standing_in(part))
        .group_by(STANDING.c.station, month)
    )
    return [_figure(row) for row in tx.rows(statement)]


def reported(tx: Tx, part: Part) -> list[Figure]:
    """Sum what each platform reports, by station and month: what it still shows and has not withdrawn."""
    month = func.substr(CLAIM.c.service_date, 1, 7)
    statement = (
        select(RECORD.c.platform, CLAIM.c.station, month, func.sum(CLAIM.c.reported_seconds), func.count())
        .join_from(CLAIM, RECORD, RECORD.c.number == CLAIM.c.record)
        .where(CLAIM.c.state != RecordState.WITHDRAWN.value, CLAIM.c.is_gone.is_(False), *_claim_in(part))
        .group_by(RECORD.c.platform, CLAIM.c.station, month)
    )
    if part.people is not None:
        statement = statement.join(IDENTITY, IDENTITY.c.number == CLAIM.c.identity)
    return [_figure(row) for row in tx.rows(statement)]


def _figure(row: Any) -> Figure:  # noqa: ANN401 - a row
    platform, station, month, seconds, how_many = row
    return Figure(platform, station, month, int(seconds), how_many)


def identities(tx: Tx, rules_version: str) -> dict[int, Whose]:
    """Give whom each identity is, by its number."""
    statement = select(IDENTITY.c.number, IDENTITY.c.person, _SETTLED).join_from(
        IDENTITY, SUBJECT, SUBJECT.c.number == IDENTITY.c.subject
    )
    return {
        number: Whose(person, bool(is_settled))
        for number, person, is_settled in map(tuple, tx.rows(statement, {"rules": rules_version}))
    }


def services(tx: Tx, part: Part) -> Iterator[list[Told]]:
    """Give the records of each service that touches the part, all of them; then, one by one, those of no service."""
    group: list[Told] = []
    for told in _stream(tx, _in_services(part)):
        if group and group[0].service_id != told.service_id:
            yield group
            group = []
        group.append(told)
    if group:
        yield group
    for statement in (_apart(part), _never_planned(part)):
        for told in _stream(tx, statement):
            yield [told]


def left_behind(tx: Tx, part: Part, rules_version: str) -> list[Booked]:
    """Give what is booked for services of which no record speaks any more."""
    theirs = exists().where(MEMBERSHIP.c.service_id == STANDING.c.service_id)
    statement = (
        select(
            STANDING.c.service_id, STANDING.c.person, STANDING.c.service_date, STANDING.c.station, STANDING.c.seconds,
            _SETTLED,
        )
        .join_from(STANDING, CLAIM, CLAIM.c.record == STANDING.c.record, isouter=True)
        .join(IDENTITY, IDENTITY.c.number == CLAIM.c.identity, isouter=True)
        .join(SUBJECT, SUBJECT.c.number == IDENTITY.c.subject, isouter=True)
        .where(STANDING.c.seconds.is_not(None), ~theirs, *_standing_in(part))
        .order_by(STANDING.c.service_id)
    )  # fmt: skip
    return [Booked._make(row) for row in tx.rows(statement, {"rules": rules_version})]


def unreadable(tx: Tx) -> dict[tuple[str, str], int]:
    """Count the rows that no figure can be read from, by platform and organisation."""
    statement = (
        select(QUARANTINE.c.platform, QUARANTINE.c.organisation, func.count().label("how_many"))
        .where(QUARANTINE.c.is_lifted.is_(False))
        .group_by(QUARANTINE.c.platform, QUARANTINE.c.organisation)
    )
    return {(row.platform, row.organisation): row.how_many for row in tx.rows(statement)}


_SETTLED = and_(SUBJECT.c.revision == SUBJECT.c.planned_revision, SUBJECT.c.planned_rules == bindparam("rules"))
_SAID = (
    RECORD.c.number, RECORD.c.platform, RECORD.c.external_id, RECORD.c.stream, CLAIM.c.state, CLAIM.c.is_gone,
)  # fmt: skip
_READ = (
    CLAIM.c.station, CLAIM.c.service_date, CLAIM.c.reported_seconds, CLAIM.c.low_seconds, CLAIM.c.high_seconds,
    CLAIM.c.starts_at, CLAIM.c.ends_at, CLAIM.c.category, CLAIM.c.is_special, CLAIM.c.out_of_scope, CLAIM.c.identity,
    CLAIM.c.activity_id,
)  # fmt: skip
_NOTHING_BOOKED = (null(), null(), null(), null())


def _stream(tx: Tx, statement: Select[Any]) -> Iterator[Told]:
    """Run a statement without holding all its rows at once."""
    streamed = statement.execution_options(yield_per=_PORTION)
    yield from map(Told._make, tx.connection.execute(streamed))


def _in_services(part: Part) -> Select[Any]:
    statement = (
        select(
            MEMBERSHIP.c.service_id, *_SAID, MEMBERSHIP.c.disposition, *_READ,
            STANDING.c.person, STANDING.c.service_date, STANDING.c.station, STANDING.c.seconds,
        )
        .join_from(MEMBERSHIP, RECORD, RECORD.c.number == MEMBERSHIP.c.record)
        .join(CLAIM, CLAIM.c.record == RECORD.c.number)
        .join(STANDING, STANDING.c.service_id == MEMBERSHIP.c.service_id, isouter=True)
        .where(MEMBERSHIP.c.service_id != "")
        .order_by(MEMBERSHIP.c.service_id)
    )  # fmt: skip
    if part == Part():
        return statement
    touched = _touched(part)
    return statement.where(MEMBERSHIP.c.service_id.in_(select(touched.c.service_id)))


def _touched(part: Part) -> Subquery:
    """Name the services of which a record, or what is booked, belongs to the part."""
    other = MEMBERSHIP.alias("of_part")
    said = (
        select(other.c.service_id)
        .join_from(CLAIM, other, other.c.record == CLAIM.c.record)
        .join(IDENTITY, IDENTITY.c.number == CLAIM.c.identity)
        .where(*_claim_in(part))
    )
    stands = select(STANDING.c.service_id).where(*_standing_in(part))
    return union(said, stands).subquery()


def _apart(part: Part) -> Select[Any]:
    """Select the records that belong to no service: out of scope, or covered by an opening."""
    return (
        select(MEMBERSHIP.c.service_id, *_SAID, MEMBERSHIP.c.disposition, *_READ, *_NOTHING_BOOKED)
        .join_from(MEMBERSHIP, RECORD, RECORD.c.number == MEMBERSHIP.c.record)
        .join(CLAIM, CLAIM.c.record == RECORD.c.number)
        .join(IDENTITY, IDENTITY.c.number == CLAIM.c.identity)
        .where(MEMBERSHIP.c.service_id == "", *_claim_in(part))
        .order_by(RECORD.c.number)
    )


def _never_planned(part: Part) -> Select[Any]:
    return (
        select(literal(""), *_SAID, null(), *_READ, *_NOTHING_BOOKED)
        .join_from(CLAIM, RECORD, RECORD.c.number == CLAIM.c.record)
        .join(IDENTITY, IDENTITY.c.number == CLAIM.c.identity)
        .where(~exists().where(MEMBERSHIP.c.record == CLAIM.c.record), *_claim_in(part))
        .order_by(RECORD.c.number)
    )


def _standing_in(part: Part) -> list[ColumnElement[bool]]:
    return _in(part, STANDING.c.station, STANDING.c.person, STANDING.c.service_date)


def _claim_in(part: Part) -> list[ColumnElement[bool]]:
    return _in(part, CLAIM.c.station, IDENTITY.c.person, CLAIM.c.service_date)


def _in(part: Part, station: Any, person: Any, day: Any) -> list[ColumnElement[bool]]:  # noqa: ANN401 - columns
    """Give the conditions by which something belongs to the part."""
    found: list[ColumnElement[bool]] = []
    if part.station is not None:
        found.append(station == part.station)
    if part.people is not None:
        found.append(or_(*(person == number for number in part.people)))
    if part.month is not None:
        found += [day >= f"{part.month}-01", day <= f"{part.month}-31"]
    return found
