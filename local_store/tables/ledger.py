"""Tables of the book: vouchers, transfers, balances, and where it stands on each service."""

from __future__ import annotations

from sqlalchemy import Index, text
from sqlmodel import Field

from local_store.tables.base import Row, check, link, number_key, sealed, table_of, whole_seconds, words

_IS_REVERSAL = text("reverses IS NOT NULL")
_IS_DECIDED = text("decision IS NOT NULL")


class AccountRow(Row, table=True):
    """One account; ``code`` is its one spelling, ``person`` whose it is where it is a person's."""

    __tablename__ = "account"

    number: int = number_key()
    code: str = words(unique=True)
    kind: str = words()
    owner: str = words()
    person: int | None = link("person.number", optional=True, index=True)
    opened_at: int = whole_seconds()


class BalanceRow(Row, table=True):
    """What an account holds: credits minus debits, moved by the transfers themselves and by nothing else."""

    __tablename__ = "balance"
    __table_args__ = (
        check("seconds_whole", "seconds = CAST(seconds AS BIGINT)"),
        check("available_floor", "kind <> 'available' OR seconds >= 0"),
        check("available_cap", "kind <> 'available' OR (cap_seconds IS NOT NULL AND seconds <= cap_seconds)"),
        check("held_floor", "kind <> 'held' OR seconds >= 0"),
        check("surplus_floor", "kind <> 'surplus' OR seconds >= 0"),
        check("deficit_ceiling", "kind <> 'deficit' OR seconds <= 0"),
    )

    account: int = number_key("account.number")
    kind: str = words()
    seconds: int = whole_seconds()
    cap_seconds: int | None = whole_seconds(optional=True)


class VoucherRow(Row, table=True):
    """One booking. ``body`` is its canonical text, ``hash`` chains it to the voucher before.

    A service's vouchers are found by their key, which begins with its id.
    """

    __tablename__ = "voucher"
    __table_args__ = (
        check("number_positive", "number > 0"),
        check("lines_positive", "n_lines > 0"),
        check("kind", "kind IN ('post', 'reverse', 'redeem', 'merge', 'opening')"),
        check("reverses_earlier", "reverses IS NULL OR reverses < number"),
        Index("uq_voucher_reverses", "reverses", unique=True, sqlite_where=_IS_REVERSAL, postgresql_where=_IS_REVERSAL),
        Index("ix_voucher_decision", "decision", sqlite_where=_IS_DECIDED, postgresql_where=_IS_DECIDED),
    )

    number: int = number_key()
    key: str = words(unique=True)
    kind: str = words()
    service_date: str = words()
    recorded_at: int = whole_seconds()
    person: int = link("person.number", index=True)
    service_id: str = words()
    revision: int
    prepared_by: str = words()
    rules_version: str = words()
    reason: str = words()
    decision: int | None = link("decision.number", optional=True)
    reverses: int | None = link("voucher.number", optional=True)
    run: int = link("run.number")
    n_lines: int
    body: str = words()
    hash: str = words()


class TransferRow(Row, table=True):
    """One debit, one credit, one positive whole number of seconds.

    That voucher and accounts are there is seen to by the guards, which look them up in any case.
    """

    __tablename__ = "transfer"
    __table_args__ = (
        check("seconds_positive", "seconds > 0"),
        check("seconds_whole", "seconds = CAST(seconds AS BIGINT)"),
        check("two_accounts", "debit <> credit"),
        check("line_positive", "line > 0"),
        {"sqlite_with_rowid": False},
    )

    voucher: int = number_key()
    line: int = number_key()
    debit: int = Field(sa_column_kwargs={"autoincrement": False})
    credit: int = Field(sa_column_kwargs={"autoincrement": False})
    seconds: int = whole_seconds()


class VoucherReasonRow(Row, table=True):
    """Why a person booked a voucher, in their words; sealed, since they may name somebody."""

    __tablename__ = "voucher_reason"

    voucher: int = number_key("voucher.number")
    sealed: bytes = sealed()


class ChainHeadRow(Row, table=True):
    """The last voucher of the book; its move closes all vouchers up to it."""

    __tablename__ = "chain_head"
    __table_args__ = (check("only_one", "book = 1"),)

    book: int = number_key()
    number: int
    hash: str = words()


class StandingRow(Row, table=True):
    """Where the book stands on one service; no seconds once it is reversed.

    ``short_seconds`` is what the last reversal put into the person's deficit.
    """

    __tablename__ = "standing"
    __table_args__ = (
        check("booked_whole", "(service_date IS NULL) = (seconds IS NULL)"),
        check("seconds_positive", "seconds IS NULL OR seconds > 0"),
    )

    service_id: str = words(primary=True)
    revision: int
    person: int = link("person.number", index=True)
    service_date: str | None = words(optional=True)
    category: str | None = words(optional=True)
    station: str | None = words(optional=True)
    seconds: int | None = whole_seconds(optional=True)
    record: int | None = link("record.number", optional=True, index=True)
    voucher: int = link("voucher.number")
    short_seconds: int = whole_seconds()


ACCOUNT = table_of(AccountRow)
BALANCE = table_of(BalanceRow)
VOUCHER = table_of(VoucherRow)
TRANSFER = table_of(TransferRow)
VOUCHER_REASON = table_of(VoucherReasonRow)
CHAIN_HEAD = table_of(ChainHeadRow)
STANDING = table_of(StandingRow)
