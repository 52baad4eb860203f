"""The book: vouchers are only ever added, their transfers move the balances, a chain of hashes holds them together."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from json.encoder import encode_basestring as _quoted
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError

from domain.errors import StoreError
from domain.ledger import PERSON_KINDS, Account, AccountKind, PersonBalances, Transfer, VoucherDraft, VoucherKind
from local_store.bulk import add_rows
from local_store.dialects import among
from local_store.faults import rule_of
from local_store.tables.ledger import ACCOUNT, BALANCE, CHAIN_HEAD, TRANSFER, VOUCHER
from local_store.transaction import Tx, instant_of, portions

DEFAULT_CAP_SECONDS = 1500 * 3600
_NUMBER_MAX = 2**31 - 1
_BY_KEY = select(VOUCHER.c.key, VOUCHER.c.number, VOUCHER.c.body).where(among(VOUCHER.c.key, "keys"))
_LOCKED = (
    select(ACCOUNT.c.code, ACCOUNT.c.number)
    .join_from(BALANCE, ACCOUNT, ACCOUNT.c.number == BALANCE.c.account)
    .where(among(ACCOUNT.c.code, "codes"))
    .order_by(BALANCE.c.account)
    .with_for_update(of=BALANCE)
)
_HEAD = select(CHAIN_HEAD).with_for_update()
_CLOSE = update(CHAIN_HEAD).values(number=bindparam("last"), hash=bindparam("sealed"))
_BALANCES = (
    select(ACCOUNT.c.person, BALANCE.c.kind, BALANCE.c.seconds)
    .join_from(ACCOUNT, BALANCE, BALANCE.c.account == ACCOUNT.c.number)
    .where(among(ACCOUNT.c.person, "people"))
)
_DEBITED, _CREDITED = ACCOUNT.alias("debited"), ACCOUNT.alias("credited")
_TRANSFERS = (
    select(TRANSFER.c.voucher, TRANSFER.c.seconds, _DEBITED.c.code.label("debit"), _CREDITED.c.code.label("credit"))
    .join_from(TRANSFER, _DEBITED, _DEBITED.c.number == TRANSFER.c.debit)
    .join(_CREDITED, _CREDITED.c.number == TRANSFER.c.credit)
    .where(among(TRANSFER.c.voucher, "vouchers"))
    .order_by(TRANSFER.c.voucher, TRANSFER.c.line)
)


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
    legs = [f"[{_quoted(one.debit.code)},{_quoted(one.credit.code)},{one.seconds}]" for one in draft.transfers]
    return (
        f'{{"key":{_quoted(draft.key)},"kind":{_quoted(draft.kind)},"person":{draft.person},'
        f'"service_id":{_quoted(draft.service_id)},"revision":{draft.revision},'
        f'"service_date":"{draft.service_date.isoformat()}","prepared_by":{_quoted(draft.prepared_by)},'
        f'"rules_version":{_quoted(draft.rules_version)},"reason":{_quoted(draft.reason)},'
        f'"decision":{"null" if draft.decision is None else draft.decision},'
        f'"reverses":{"null" if draft.reverses is None else draft.reverses},'
        f'"records":[{",".join(map(_quoted, draft.records))}],"transfers":[{",".join(legs)}]}}'
    )


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
        for row in tx.rows(_BALANCES, {"people": portion}):
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
    for portion in portions(sorted(set(voucher_numbers))):
        for row in tx.rows(_TRANSFERS, {"vouchers": portion}):
            found[row.voucher].append(Transfer(Account.spelt(row.debit), Account.spelt(row.credit), row.seconds))
    return {number: tuple(lines) for number, lines in found.items()}


def vouchers_of(tx: Tx, person: int) -> list[Voucher]:
    """Give a person's vouchers in the order in which they were booked."""
    return _vouchers(tx, select(VOUCHER).where(VOUCHER.c.person == person).order_by(VOUCHER.c.number))


def vouchers_of_service(tx: Tx, service_id: str) -> list[Voucher]:
    """Give the vouchers of a service in the order in which they were booked."""
    of_service = (VOUCHER.c.key > f"{service_id}#") & (VOUCHER.c.key < f"{service_id}#\U0010ffff")
    return _vouchers(tx, select(VOUCHER).where(of_service).order_by(VOUCHER.c.number))


def services_moved_by(tx: Tx, decision: int) -> list[str]:
    """Give the services for which a voucher names a decision."""
    statement = select(VOUCHER.c.service_id).distinct().where(VOUCHER.c.decision == decision)
    return sorted(row.service_id for row in tx.rows(statement) if row.service_id)


def voucher(tx: Tx, number: int) -> Voucher | None:
    """Give one voucher, or None where there is none of that number."""
    found = _vouchers(tx, select(VOUCHER).where(VOUCHER.c.number == number)) if number <= _NUMBER_MAX else []
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
        for row in tx.rows(_BY_KEY, {"keys": portion}):
            if row.body != bodies[row.key]:
                raise StoreError("voucher_key_reused", key=row.key)
            known[row.key] = row.number
    return known


def _book(tx: Tx, drafts: list[VoucherDraft], bodies: dict[str, str], run: int, cap_seconds: int) -> dict[str, int]:
    """Write vouchers and transfers, in the order of their tables' columns, and close them by the chain's head."""
    accounts = _accounts(tx, drafts, cap_seconds)
    head = tx.connection.execute(_HEAD).one()
    number, previous, recorded_at = head.number, head.hash, tx.now
    vouchers: list[tuple[Any, ...]] = []
    transfers: list[tuple[int, ...]] = []
    numbers: dict[str, int] = {}
    for draft in drafts:
        number += 1
        body, legs = bodies[draft.key], draft.transfers
        previous = chained(previous, number, recorded_at, run, body)
        numbers[draft.key] = number
        vouchers.append((
            number, draft.key, draft.kind.value, draft.service_date.isoformat(), recorded_at, draft.person,
            draft.service_id, draft.revision, draft.prepared_by, draft.rules_version, draft.reason, draft.decision,
            draft.reverses, run, len(legs), body, previous,
        ))  # fmt: skip
        for line, one in enumerate(legs, 1):
            transfers.append((number, line, accounts[one.debit.code], accounts[one.credit.code], one.seconds))
    add_rows(tx.connection, VOUCHER, vouchers)
    add_rows(tx.connection, TRANSFER, transfers)
    tx.connection.execute(_CLOSE, {"last": number, "sealed": previous})
    return numbers


def _accounts(tx: Tx, drafts: list[VoucherDraft], cap_seconds: int) -> dict[str, int]:
    """Give the number of every account that the drafts name, opening new ones; lock them in their order."""
    named: dict[str, Account] = {}
    for draft in drafts:
        for one in draft.transfers:
            named[one.debit.code] = one.debit
            named[one.credit.code] = one.credit
    numbers: dict[str, int] = {}
    for codes in portions(sorted(named)):
        numbers |= {row.code: row.number for row in tx.rows(_LOCKED, {"codes": codes})}
    new = [named[code] for code in sorted(named.keys() - numbers.keys())]
    return numbers | _open_accounts(tx, new, cap_seconds)


def _open_accounts(tx: Tx, new: list[Account], cap_seconds: int) -> dict[str, int]:
    if not new:
        return {}
    now, caps = tx.now, {AccountKind.AVAILABLE: cap_seconds}
    numbered = list(enumerate(new, tx.take_numbers("account", len(new))))
    add_rows(tx.connection, ACCOUNT, [
        (number, one.code, one.kind.value, one.owner, int(one.owner) if one.kind in PERSON_KINDS else None, now)
        for number, one in numbered
    ])  # fmt: skip
    add_rows(tx.connection, BALANCE, [(number, one.kind.value, 0, caps.get(one.kind)) for number, one in numbered])
    return {one.code: number for number, one in numbered}


def _put(balances_of_person: PersonBalances, kind: AccountKind, seconds: int) -> None:
    if kind is AccountKind.DEFICIT:
        balances_of_person.owed = -seconds
    else:
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
