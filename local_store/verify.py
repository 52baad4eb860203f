"""Verify the promises on the store as it is: the book's sums, its chain, its guards, and that nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ForeignKey, func, literal, select, text, union_all

from domain.errors import ShiqiaoError
from local_store import decision_check, rulebook
from local_store.guards import missing_guards
from local_store.ledger import chained
from local_store.proofs import conflict_faults, number_faults, said_faults, seal_faults
from local_store.replay import Replay, account_faults, reason_faults, standing_faults
from local_store.store import FIRST_HASH
from local_store.tables.ledger import ACCOUNT, BALANCE, CHAIN_HEAD, STANDING, TRANSFER, VOUCHER
from local_store.tables.people import IDENTITY, SUBJECT
from local_store.tables.records import CLAIM, MEMBERSHIP, RECORD
from local_store.tables.schema import TABLES
from local_store.transaction import Tx

_SHOWN = 5
_SAID_MAX = 200
_SENSELESS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, ShiqiaoError)


@dataclass(frozen=True, slots=True)
class Check:
    """One promise: its name, whether it holds, and what breaks it or how much was looked at."""

    name: str
    ok: bool
    detail: str


def verify(tx: Tx) -> list[Check]:
    """Look at every promise that the store alone can prove."""
    book = cache(lambda: Replay(tx))
    replayed = {"accounts": account_faults, "standings": standing_faults}
    return [checked(name, replayed[name](tx, book) if find is None else find(tx)) for name, find in _CHECKS.items()]


def checked(name: str, found: Iterator[str]) -> Check:
    """Make the outcome of one promise out of what breaks it; rows that make no sense at all break it as well."""
    faults: list[str] = []
    try:
        faults.extend(found)
    except _SENSELESS as error:
        faults.append(f"{type(error).__name__}: {error}"[:_SAID_MAX])
    shown = "; ".join(faults[:_SHOWN]) + (f" … ({len(faults)})" if len(faults) > _SHOWN else "")
    return Check(name, not faults, shown)


def _guards(tx: Tx) -> Iterator[str]:
    yield from missing_guards(tx.connection)


def _chain(tx: Tx) -> Iterator[str]:
    """Walk the chain from the first voucher; a gap, another body or a moved instant breaks it there."""
    previous, expected = FIRST_HASH, 1
    statement = select(VOUCHER.c.number, VOUCHER.c.recorded_at, VOUCHER.c.run, VOUCHER.c.body, VOUCHER.c.hash)
    for row in tx.connection.execute(statement.order_by(VOUCHER.c.number)):
        if row.number != expected:
            yield f"voucher {expected}: missing"
        if chained(previous, row.number, row.recorded_at, row.run, row.body) != row.hash:
            yield f"voucher {row.number}: hash"
        previous, expected = row.hash, row.number + 1
    head = tx.connection.execute(select(CHAIN_HEAD)).one_or_none()
    if head is None or (head.number, head.hash) != (expected - 1, previous):
        yield f"head: {None if head is None else head.number} instead of {expected - 1}"


def _bodies(tx: Tx) -> Iterator[str]:
    """Compare every voucher's columns and transfers with its body."""
    lines = _lines(tx)
    for row in tx.connection.execute(select(VOUCHER).order_by(VOUCHER.c.number)):
        body = json.loads(row.body)
        columns = [name for name in body if name not in {"transfers", "records"} and body[name] != getattr(row, name)]
        said = [tuple(line) for line in body["transfers"]]
        if columns or said != lines.get(row.number, []) or len(said) != row.n_lines:
            yield f"voucher {row.number}: {' '.join(columns) or 'transfers'}"
    booked = {number for (number,) in tx.rows(select(VOUCHER.c.number))}
    yield from (f"voucher {number}: missing" for number in sorted(lines.keys() - booked))


def _lines(tx: Tx) -> dict[int, list[tuple[str, str, int]]]:
    codes: dict[int, str] = {row.number: row.code for row in tx.rows(select(ACCOUNT.c.number, ACCOUNT.c.code))}
    lines: dict[int, list[tuple[str, str, int]]] = {}
    for row in tx.connection.execute(select(TRANSFER).order_by(TRANSFER.c.voucher, TRANSFER.c.line)):
        there = lines.setdefault(row.voucher, [])
        code = codes.get(row.debit, "?") if row.line == len(there) + 1 else "?"
        there.append((code, codes.get(row.credit, "?"), row.seconds))
    return lines


def _balances(tx: Tx) -> Iterator[str]:
    """Compare every balance with the transfers of its account."""
    moves = union_all(
        select(TRANSFER.c.credit.label("account"), TRANSFER.c.seconds),
        select(TRANSFER.c.debit, -TRANSFER.c.seconds),
    ).subquery()
    sums = select(moves.c.account, func.sum(moves.c.seconds).label("moved")).group_by(moves.c.account).subquery()
    statement = (
        select(ACCOUNT.c.code, BALANCE.c.seconds, func.coalesce(sums.c.moved, 0).label("moved"))
        .join_from(ACCOUNT, BALANCE, BALANCE.c.account == ACCOUNT.c.number, isouter=True)
        .join(sums, sums.c.account == ACCOUNT.c.number, isouter=True)
        .order_by(ACCOUNT.c.code)
    )
    for row in tx.rows(statement):
        if row.seconds is None or row.seconds != row.moved:
            yield f"{row.code}: {row.seconds} instead of {row.moved}"


def _sum_zero(tx: Tx) -> Iterator[str]:
    total = tx.connection.execute(select(func.coalesce(func.sum(BALANCE.c.seconds), 0))).scalar_one()
    if total:
        yield f"sum {total}"


def _bounds(tx: Tx) -> Iterator[str]:
    """Look at floors and caps again: a file edited elsewhere may have been spared the CHECKs."""
    seconds, kind = BALANCE.c.seconds, BALANCE.c.kind
    below = kind.in_(("available", "held", "surplus")) & (seconds < 0)
    above = (kind == "available") & (BALANCE.c.cap_seconds.is_(None) | (seconds > BALANCE.c.cap_seconds))
    broken = below | above | ((kind == "deficit") & (seconds > 0))
    statement = select(ACCOUNT.c.code, seconds).join_from(ACCOUNT, BALANCE, BALANCE.c.account == ACCOUNT.c.number)
    for row in tx.rows(statement.where(broken).order_by(ACCOUNT.c.code)):
        yield f"{row.code}: {row.seconds}"


def _reversals(tx: Tx) -> Iterator[str]:
    """Find reversals that do not mirror, in sum, the voucher that they take back."""
    back = VOUCHER.alias("taken_back")
    sums = select(TRANSFER.c.voucher, func.sum(TRANSFER.c.seconds).label("seconds")).group_by(TRANSFER.c.voucher)
    one, other = sums.subquery(), sums.subquery()
    statement = (
        select(VOUCHER.c.number)
        .join_from(VOUCHER, back, back.c.number == VOUCHER.c.reverses)
        .join(one, one.c.voucher == VOUCHER.c.number)
        .join(other, other.c.voucher == back.c.number)
        .where((one.c.seconds != other.c.seconds) | (VOUCHER.c.person != back.c.person))
    )
    yield from (f"voucher {row.number}" for row in tx.rows(statement))


def _records(tx: Tx) -> Iterator[str]:
    """Find records without a claim, or without a place though their subject was planned (P1)."""
    bare = select(RECORD.c.number).where(RECORD.c.number.not_in(select(CLAIM.c.record)))
    yield from (f"record {row.number}: no claim" for row in tx.rows(bare))
    placeless = (
        select(CLAIM.c.record)
        .join_from(CLAIM, IDENTITY, IDENTITY.c.number == CLAIM.c.identity)
        .join(SUBJECT, SUBJECT.c.number == IDENTITY.c.subject)
        .join(MEMBERSHIP, MEMBERSHIP.c.record == CLAIM.c.record, isouter=True)
        .where(SUBJECT.c.revision == SUBJECT.c.planned_revision, MEMBERSHIP.c.record.is_(None))
    )
    yield from (f"record {row.record}: no place" for row in tx.rows(placeless))


def _booked(tx: Tx) -> Iterator[str]:
    """Find records said to be booked whose service the book does not hold."""
    statement = (
        select(MEMBERSHIP.c.record)
        .join_from(MEMBERSHIP, STANDING, STANDING.c.service_id == MEMBERSHIP.c.service_id, isouter=True)
        .where(MEMBERSHIP.c.disposition == literal("booked"), STANDING.c.seconds.is_(None))
    )
    yield from (f"record {row.record}" for row in tx.rows(statement))


def _whole_file(tx: Tx) -> Iterator[str]:
    """Look whether references lead somewhere, and ask SQLite whether its file is whole."""
    if tx.connection.dialect.name != "sqlite":
        yield from (f"foreign_key_check: {key.parent.table.name}" for key in _foreign_keys() if _is_dangling(tx, key))
        return
    for pragma in ("integrity_check", "foreign_key_check"):
        found = tx.connection.execute(text(f"PRAGMA {pragma}")).all()
        yield from (f"{pragma}: {row[0]}" for row in found if row[0] != "ok")


def _foreign_keys() -> Iterator[ForeignKey]:
    for table in TABLES:
        yield from sorted(table.foreign_keys, key=lambda key: key.parent.name)


def _is_dangling(tx: Tx, key: ForeignKey) -> bool:
    target = key.column.table.alias("target")
    there = target.c[key.column.name]
    astray = select(key.parent).join_from(key.parent.table, target, there == key.parent, isouter=True)
    return bool(tx.rows(astray.where(key.parent.is_not(None), there.is_(None)).limit(1)))


_CHECKS: dict[str, Callable[[Tx], Iterator[str]] | None] = {
    "file": _whole_file,
    "guards": _guards,
    "chain": _chain,
    "bodies": _bodies,
    "balances": _balances,
    "sum_zero": _sum_zero,
    "bounds": _bounds,
    "reversals": _reversals,
    "accounts": None,  # these two go through the book once, together
    "standings": None,
    "reasons": reason_faults,
    "numbers": number_faults,
    "seals": seal_faults,
    "said": said_faults,
    "rules": rulebook.faults,
    "decisions": decision_check.faults,
    "conflicts": conflict_faults,
    "records": _records,
    "booked": _booked,
}
