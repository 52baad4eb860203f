"""Drawing hours (兑换): available goes to redeemed, never beyond what is there."""

from __future__ import annotations

from datetime import date
from typing import Literal

from desk.balances import known_person
from domain.errors import OperatorError
from domain.hours import show_hours
from domain.ledger import AccountKind, Transfer, VoucherDraft, VoucherKind, person_account, service_account
from local_store import ledger, voucher_reasons
from local_store.transaction import Tx

Beneficiary = Literal["self", "spouse"]


def redeem(  # noqa: PLR0913 - a drawing has as many facts
    tx: Tx,
    local_number: str,
    seconds: int,
    *,
    beneficiary: Beneficiary,
    reason: str,
    by: str,
    on: date,
    run: int,
    rules_version: str,
) -> int:
    """Draw ``seconds`` from a person's available hours for themself or the spouse; give the voucher's number.

    Raises:
        UsageError: ``person_unknown``.
        OperatorError: ``balance_too_small``; nothing is booked.
    """
    person = known_person(tx, local_number)
    available = ledger.balances(tx, [person.number])[person.number].available
    if seconds > available:
        raise OperatorError("balance_too_small", asked=show_hours(seconds), available=show_hours(available))
    drawn = Transfer(
        person_account(AccountKind.AVAILABLE, person.number),
        service_account(AccountKind.REDEEMED, person.station, beneficiary),
        seconds,
    )
    draft = VoucherDraft(
        key=f"redeem/{run}",
        kind=VoucherKind.REDEEM,
        service_date=on,
        transfers=(drawn,),
        prepared_by=by,
        rules_version=rules_version,
        reason=f"redeem/{beneficiary}",
        person=person.number,
    )
    voucher = ledger.post(tx, [draft], run)[0]
    voucher_reasons.keep(tx, voucher, reason)
    return voucher
