"""The book: vouchers are only ever added, their transfers move the balances, a chain of hashes holds them together."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from domain.errors import StoreError
from domain.ledger import PERSON_KINDS, Account, AccountKind, PersonBalances, Transfer, VoucherDraft, VoucherKind
from local_store.dialects import insert_rows
from local_store.faults import rule_of
from local_store.tables.ledger import ACCOUNT, BALANCE, CHAIN_HEAD, TRANSFER, VOUCHER
from local_store.transaction import Tx, instant_of, portions

DEFAULT_CAP_SECONDS = 1500 * 3600
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher as it stands in the book; ``body`` is its canonical text, ``hash`` its link in the chain."""

    number: int
    key: str
    kind: VoucherKind
    service_date: date
    recorded_at: datetime
    person: int
    service_id: str
    revision: int
    prepared_by: str
    rules_version: str
    reason: str
    decision: int | None
    reverses: int | None
    run: int
    records: tuple[str, ...]
    transfers: tuple[Transfer, ...]
    body: str
    hash: str


def body_of(draft: VoucherDraft) -> str:
    """Give a draft's canonical text: JSON in a fixed order, everything that the voucher says."""
    return _ENCODE({
        "key": draft.key, "kind": draft.kind.value, "person": draft.person, "service_id": draft.service_id,
        "revision": draft.revision, "service_date": draft.service_date.isoformat(), "prepared_by": draft.prepared_by,
        "rules_version": draft.rules_version, "reason": draft.reason, "decision": draft.decision,
        "reverses": draft.reverses, "records": draft.records,
        "transfers": [(one.debit.code, one.credit.code, one.seconds) for one in draft.transfers],
    })  # fmt: skip


def chained(previous: str, number: int, recorded_at: int, run: int, body: str) -> str:
    """Give a voucher's hash: over the hash before it, where and when it was recorded, and its body."""
    return hashlib.sha256(f"{previous}\n{number}\n{recorded_at}\n{run}\n{body}".encode()).hexdigest()


def post(tx: Tx, drafts: Sequence[VoucherDraft], run: int, *, cap_seconds: int = DEFAULT_CAP_SECONDS) -> list[int]:
    """Book drafts in their order and give their numbers; a draft booked before has the number it has.

    ``cap_seconds`` is the cap of available accounts that are opened by this call.

    Raises:
        StoreError: ``voucher_without_transfers``; ``voucher_key_reused`` (same key, other content);
            ``book_refused`` (a balance would leave its bounds, a voucher be reversed twice). Nothing is booked.
    """
    bodies = _bodies(drafts)
    known = _known(tx, bodies)
    new = list({draft.key: draft for draft in drafts if draft.key not in known}.values())
    if new:
        try:
            known |= _book(tx, new, bodies, run, cap_seconds)
        except IntegrityError as error:
            raise StoreError("book_refused", rule=rule_of(error)) from None
    return [known[draft.key] for draft in drafts]


def set_cap(tx: Tx, cap_seconds: int) -> None:
    """Let another cap stand for all available accounts; one that holds more keeps the cap it has."""
    available = (BALANCE.c.kind == AccountKind.AVAILABLE.value, BALANCE.c.seconds <= cap_seconds)
    tx.connection.execute(update(BALANCE).where(*available).values(cap_seconds=cap_seconds))


def balances(tx: Tx, people: Iterable[int]) -> dict[int, PersonBalances]:
    """Give each person's balances in seconds; somebody without a booking has none of anything."""
    result = {person: PersonBalances() for person in people}
    for portion in portions(result):
        statement = select(ACCOUNT.c.person, BALANCE.c.kind, BALANCE.c.seconds).join_from(
            ACCOUNT, BALANCE, BALANCE.c.account == ACCOUNT.c.number
        )
        for row in tx.rows(statement.where(ACCOUNT.c.person.in_(portion))):
            _put(result[row.person], AccountKind(row.kind), row.seconds)
    return result


def all_balances(tx: Tx) -> dict[str, int]:
    """Give the balance in seconds of every account, by code."""
    statement = select(ACCOUNT.c.code, BALANCE.c.seconds).join_from(
        ACCOUNT, BALANCE, BALANCE.c.account == ACCOUNT.c.number
    )
    return {row.code: row.seconds for row in tx.rows(statement.order_by(ACCOUNT.c.code))}


def transfers_of(tx: Tx, voucher_numbers: Iterable[int]) -> dict[int, tuple[Transfer, ...]]:
    """Give the transfers of each voucher, in their order."""
    found: dict[int, list[Transfer]] = defaultdict(list)
    debit, credit = ACCOUNT.alias("debited"), ACCOUNT.alias("credited")
    statement = (
        select(
            TRANSFER.c.voucher, TRANSFER.c.seconds, debit.c.kind.label("from_kind"), debit.c.owner.label("from_owner"),
            credit.c.kind.label("to_kind"), credit.c.owner.label("to_owner"),
        )
        .join_from(TRANSFER, debit, debit.c.number == TRANSFER.c.debit)
        .join(credit, credit.c.number == TRANSFER.c.credit)
        .order_by(TRANSFER.c.voucher, TRANSFER.c.line)
    )  # fmt: skip
    for portion in portions(sorted(set(voucher_numbers))):
        for row in tx.rows(statement.where(TRANSFER.c.voucher.in_(portion))):
            source = Account(AccountKind(row.from_kind), row.from_owner)
            found[row.voucher].append(Transfer(source, Account(AccountKind(row.to_kind), row.to_owner), row.seconds))
    return {number: tuple(lines) for number, lines in found.items()}


def vouchers_of(tx: Tx, person: int) -> list[Voucher]:
    """Give a person's vouchers in the order in which they were booked."""
    return _vouchers(tx, select(VOUCHER).where(VOUCHER.c.person == person).order_by(VOUCHER.c.number))


def vouchers_of_service(tx: Tx, service_id: str) -> list[Voucher]:
    """Give the vouchers of a service in the order in which they were booked."""
    return _vouchers(tx, select(VOUCHER).where(VOUCHER.c.service_id == service_id).order_by(VOUCHER.c.number))


def voucher(tx: Tx, number: int) -> Voucher | None:
    """Give one voucher, or None where there is none of that number."""
    found = _vouchers(tx, select(VOUCHER).where(VOUCHER.c.number == number))
    return found[0] if found else None


def _bodies(drafts: Sequence[VoucherDraft]) -> dict[str, str]:
    """Give the body of each key; refuse drafts that cannot be booked at all."""
    bodies: dict[str, str] = {}
    for draft in drafts:
        if not draft.transfers:
            raise StoreError("voucher_without_transfers", key=draft.key)
        body = body_of(draft)
        if bodies.setdefault(draft.key, body) != body:
            raise StoreError("voucher_key_reused", key=draft.key)
    return bodies


def _known(tx: Tx, bodies: dict[str, str]) -> dict[str, int]:
    """Give the numbers of drafts that are booked already."""
    known: dict[str, int] = {}
    for portion in portions(bodies):
        statement = select(VOUCHER.c.key, VOUCHER.c.number, VOUCHER.c.body).where(VOUCHER.c.key.in_(portion))
        for row in tx.rows(statement):
            if row.body != bodies[row.key]:
                raise StoreError("voucher_key_reused", key=row.key)
            known[row.key] = row.number
    return known


def _book(tx: Tx, drafts: list[VoucherDraft], bodies: dict[str, str], run: int, cap_seconds: int) -> dict[str, int]:
    accounts = _accounts(tx, drafts, cap_seconds)
    head = tx.connection.execute(select(CHAIN_HEAD).with_for_update()).one()
    number, previous, recorded_at = head.number, head.hash, tx.now
    vouchers: list[dict[str, Any]] = []
    transfers: list[dict[str, Any]] = []
    for draft in drafts:
        number += 1
        previous = chained(previous, number, recorded_at, run, bodies[draft.key])
        place = {"number": number, "recorded_at": recorded_at, "run": run, "hash": previous}
        vouchers.append(place | _voucher_row(draft, bodies[draft.key]))
        transfers += [
            {"voucher": number, "line": line, "debit": accounts[one.debit.code], "credit": accounts[one.credit.code],
             "seconds": one.seconds}
            for line, one in enumerate(draft.transfers, 1)
        ]  # fmt: skip
    insert_rows(tx.connection, VOUCHER, vouchers)
    insert_rows(tx.connection, TRANSFER, transfers)
    tx.connection.execute(update(CHAIN_HEAD).values(number=number, hash=previous))
    return {row["key"]: row["number"] for row in vouchers}


def _voucher_row(draft: VoucherDraft, body: str) -> dict[str, Any]:
    return {
        "key": draft.key, "kind": draft.kind.value, "service_date": draft.service_date.isoformat(),
        "person": draft.person, "service_id": draft.service_id, "revision": draft.revision,
        "prepared_by": draft.prepared_by, "rules_version": draft.rules_version, "reason": draft.reason,
        "decision": draft.decision, "reverses": draft.reverses, "n_lines": len(draft.transfers), "body": body,
    }  # fmt: skip


def _accounts(tx: Tx, drafts: list[VoucherDraft], cap_seconds: int) -> dict[str, int]:
    """Give the number of every account that the drafts name, opening new ones; lock them in their order."""
    sides = {account for draft in drafts for one in draft.transfers for account in (one.debit, one.credit)}
    named = {account.code: account for account in sides}
    numbers: dict[str, int] = {}
    for codes in portions(sorted(named)):
        found = select(ACCOUNT.c.code, ACCOUNT.c.number).where(ACCOUNT.c.code.in_(codes))
        numbers |= {row.code: row.number for row in tx.rows(found)}
    for portion in portions(sorted(numbers.values())):
        locked = select(BALANCE.c.account).where(BALANCE.c.account.in_(portion)).order_by(BALANCE.c.account)
        tx.connection.execute(locked.with_for_update())
    new = [named[code] for code in sorted(named.keys() - numbers.keys())]
    return numbers | _open_accounts(tx, new, cap_seconds)


def _open_accounts(tx: Tx, new: list[Account], cap_seconds: int) -> dict[str, int]:
    if not new:
        return {}
    first = tx.take_numbers("account", len(new))
    rows = [
        {
            "number": number, "code": one.code, "kind": one.kind.value, "owner": one.owner,
            "person": int(one.owner) if one.kind in PERSON_KINDS else None, "opened_at": tx.now,
        }
        for number, one in enumerate(new, first)
    ]  # fmt: skip
    insert_rows(tx.connection, ACCOUNT, rows)
    insert_rows(tx.connection, BALANCE, [
        {
            "account": row["number"], "kind": row["kind"], "seconds": 0,
            "cap_seconds": cap_seconds if row["kind"] == AccountKind.AVAILABLE.value else None,
        }
        for row in rows
    ])  # fmt: skip
    return {one.code: number for number, one in enumerate(new, first)}


def _put(balances_of_person: PersonBalances, kind: AccountKind, seconds: int) -> None:
    match kind:
        case AccountKind.DEFICIT:
            balances_of_person.owed = -seconds
        case AccountKind.AVAILABLE | AccountKind.HELD | AccountKind.SURPLUS:
            setattr(balances_of_person, kind.value, seconds)


def _vouchers(tx: Tx, statement: Any) -> list[Voucher]:  # noqa: ANN401 - a select
    rows = tx.rows(statement)
    transfers = transfers_of(tx, [row.number for row in rows])
    return [_voucher(row, transfers.get(row.number, ())) for row in rows]


def _voucher(row: Any, transfers: tuple[Transfer, ...]) -> Voucher:  # noqa: ANN401 - a row
    return Voucher(
        row.number, row.key, VoucherKind(row.kind), date.fromisoformat(row.service_date), instant_of(row.recorded_at),
        row.person, row.service_id, row.revision, row.prepared_by, row.rules_version, row.reason, row.decision,
        row.reverses, row.run, tuple(json.loads(row.body)["records"]), transfers, row.body, row.hash,
    )  # fmt: skip
