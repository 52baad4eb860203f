"""Accounts as people read them: everyone's balances, one person's statement (对账单)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.errors import UsageError
from domain.ledger import AccountKind, VoucherKind
from domain.masking import shown_reference
from domain.people import Person
from local_store import ledger, people
from local_store.ledger import Voucher
from local_store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Balance:
    """What one person of the roster has, in seconds; ``deficit_seconds`` is what is owed, as a positive figure."""

    person: str
    available_seconds: int
    held_seconds: int
    surplus_seconds: int
    deficit_seconds: int


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One voucher as its person sees it; ``seconds`` is what it adds, negative where it takes away."""

    voucher: int
    service_date: date
    category: str
    station: str
    seconds: int
    what: str
    records: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A person's statement; ``name`` is masked by whoever shows it."""

    person: Person
    lines: tuple[StatementLine, ...]
    available_seconds: int


def balances(tx: Tx) -> list[Balance]:
    """Give the balances of everyone on the roster, by 本地编号."""
    everyone = people.all_people(tx)
    found = ledger.balances(tx, [person.number for person in everyone])
    return [
        Balance(person.local_number, one.available, one.held, one.surplus, one.owed)
        for person in sorted(everyone, key=lambda person: person.local_number)
        for one in [found[person.number]]
    ]


def known_person(tx: Tx, local_number: str) -> Person:
    """Give the person with a 本地编号.

    Raises:
        UsageError: ``person_unknown``.
    """
    person = people.find(tx, local_number)
    if person is None:
        raise UsageError("person_unknown", person=shown_reference(local_number))
    return person


def statement(tx: Tx, local_number: str) -> Statement:
    """Give a person's statement: every voucher in the order in which it was booked.

    Raises:
        UsageError: ``person_unknown``.
    """
    person = known_person(tx, local_number)
    lines = tuple(_line(voucher, person) for voucher in ledger.vouchers_of(tx, person.number))
    return Statement(person, lines, ledger.balances(tx, [person.number])[person.number].available)


def _line(voucher: Voucher, person: Person) -> StatementLine:
    own = str(person.number)
    sides = [(leg.credit, leg.seconds) for leg in voucher.transfers]
    sides += [(leg.debit, -leg.seconds) for leg in voucher.transfers]
    station, _, category = _service_side(voucher).partition("/")
    return StatementLine(
        voucher=voucher.number,
        service_date=voucher.service_date,
        category=category,
        station=station,
        seconds=sum(seconds for account, seconds in sides if account.owner == own and _is_persons(account.kind)),
        what=voucher.kind.value,
        records=tuple(_key(record) for record in voucher.records) if voucher.kind is not VoucherKind.REDEEM else (),
    )


def _is_persons(kind: AccountKind) -> bool:
    return kind in (AccountKind.AVAILABLE, AccountKind.HELD, AccountKind.SURPLUS, AccountKind.DEFICIT)


def _service_side(voucher: Voucher) -> str:
    """Give ``station/category`` of the account on the other side."""
    for leg in voucher.transfers:
        for account in (leg.debit, leg.credit):
            if account.kind in (AccountKind.DEPOSITED, AccountKind.REDEEMED):
                return account.owner
    return "/"


def _key(record: str) -> tuple[str, str]:
    platform, _, external_id = record.partition(":")
    return platform, external_id
