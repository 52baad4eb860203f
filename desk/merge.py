"""Two numbers, one person: the roster says so, and what was drawn or opened under the old number follows."""

from __future__ import annotations

from datetime import date

from desk.balances import known_person, statement
from domain.ledger import (
    AccountKind,
    PersonBalances,
    Transfer,
    VoucherDraft,
    VoucherKind,
    deposit,
    person_account,
)
from local_store import ledger, people
from local_store.transaction import Tx
from mapping.rules import RuleSet

FOLLOW_BY_THEMSELVES = (VoucherKind.POST.value, VoucherKind.REVERSE.value)


def merge_people(  # noqa: PLR0913 - a merging has as many facts
    tx: Tx, old: str, new: str, *, reason: str, by: str, on: date, run: int, rules: RuleSet
) -> None:
    """Let the 本地编号 ``old`` stand for ``new`` from now on.

    Services follow by themselves: the next night finds them booked to the wrong person and corrects each. Everything
    else (drawings, openings) is moved by one voucher, so that the old accounts come out at nothing.

    Raises:
        UsageError: ``person_unknown``.
        OperatorError: ``merge_impossible``.
    """
    leaving, staying = known_person(tx, old), known_person(tx, new)
    left_over = sum(line.seconds for line in statement(tx, old).lines if line.what not in FOLLOW_BY_THEMSELVES)
    people.merge(tx, leaving.number, staying.number, reason, by)
    pair = (leaving.number, staying.number) if left_over > 0 else (staying.number, leaving.number)
    found = ledger.balances(tx, pair)
    transfers = _moved(pair, abs(left_over), found, rules.cap_seconds)
    if transfers:
        draft = VoucherDraft(
            key=f"merge/{leaving.number}",
            kind=VoucherKind.MERGE,
            service_date=on,
            transfers=transfers,
            prepared_by=by,
            rules_version=rules.version,
            reason="merge",
            person=staying.number,
        )
        ledger.post(tx, [draft], run, cap_seconds=rules.cap_seconds)


def _moved(
    pair: tuple[int, int], seconds: int, found: dict[int, PersonBalances], cap_seconds: int
) -> tuple[Transfer, ...]:
    """Move ``seconds`` from the first person to the second; what the first no longer has is owed."""
    giver, taker = pair
    available = min(seconds, found[giver].available)
    surplus = min(seconds - available, found[giver].surplus)
    owed = seconds - available - surplus
    parts = ((AccountKind.AVAILABLE, available), (AccountKind.SURPLUS, surplus), (AccountKind.DEFICIT, owed))
    return tuple(
        transfer
        for kind, part in parts
        for transfer in deposit(taker, person_account(kind, giver), part, found[taker], cap_seconds)
    )
