"""From plan lines to vouchers: how each booking is split over a person's accounts, in the book's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from domain.actions import Correct, PlanLine, Post, Reverse
from domain.ledger import (
    AccountKind,
    PersonBalances,
    Transfer,
    VoucherDraft,
    VoucherKind,
    deposit,
    reversal,
    service_account,
)
from domain.records import RecordKey
from domain.services import Booking, Standing
from sync.bundle import is_alive

PREPARED_BY = "sync"


@dataclass(slots=True)
class Drafting:
    """Vouchers in the making. ``balances`` moves with each of them; ``transfers`` are those of the vouchers that stand.

    ``drafts`` and ``standings`` run side by side; the voucher numbers are filled in when the book has given them.
    """

    balances: Mapping[int, PersonBalances]
    transfers: Mapping[int, tuple[Transfer, ...]]
    cap_seconds: int
    rules_version: str
    drafts: list[VoucherDraft] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)

    def draft(self, line: PlanLine) -> None:
        """Draft what one plan line books; a line that leaves the book alone drafts nothing."""
        match line.action:
            case Post(booking):
                self._post(line, booking, line.standing)
            case Reverse():
                self._reverse(line)
            case Correct(booking):
                self._post(line, booking, self._reverse(line))
            case _:
                pass

    def _post(self, line: PlanLine, booking: Booking, standing: Standing | None) -> None:
        source = service_account(AccountKind.DEPOSITED, booking.station, booking.category)
        balances = self.balances[booking.person]
        transfers = deposit(booking.person, source, booking.seconds, balances, self.cap_seconds)
        revision = 1 + (standing.revision if standing else 0)
        record = line.deciding or line.service.claims[0].key
        self._add(line, VoucherKind.POST, booking, revision, transfers, by=record)
        is_same = standing is not None and isinstance(line.action, Correct) and standing.person == booking.person
        short = min(standing.short_seconds, balances.owed) if standing and is_same else 0
        self.standings.append(Standing(line.service.service_id, revision, booking, record, 0, booking.person, short))

    def _reverse(self, line: PlanLine) -> Standing | None:
        standing = line.standing
        if standing is None or standing.booking is None:
            return standing
        booked, balances = standing.booking, self.balances[standing.person]
        transfers = reversal(self.transfers[standing.voucher], standing.person, balances)
        short = sum(leg.seconds for leg in transfers if leg.debit.kind is AccountKind.DEFICIT)
        self._add(line, VoucherKind.REVERSE, booked, standing.revision + 1, transfers, reverses=standing.voucher)
        after = replace(standing, revision=standing.revision + 1, booking=None, voucher=0, short_seconds=short)
        self.standings.append(after)
        return after

    def _add(  # noqa: PLR0913, PLR0917 - a voucher has as many facts
        self,
        line: PlanLine,
        kind: VoucherKind,
        booking: Booking,
        revision: int,
        transfers: tuple[Transfer, ...],
        reverses: int | None = None,
        by: RecordKey | None = None,
    ) -> None:
        self.drafts.append(
            VoucherDraft(
                key=f"{line.service.service_id}#{revision}",
                kind=kind,
                service_date=booking.service_date,
                transfers=transfers,
                prepared_by=PREPARED_BY,
                rules_version=self.rules_version,
                reason=line.reason,
                person=booking.person,
                service_id=line.service.service_id,
                revision=revision,
                decision=line.decision,
                reverses=reverses,
                records=tuple(str(key) for key in _records(line, by)),
            )
        )

    def numbered(self, numbers: Sequence[int]) -> list[Standing]:
        """Give the last standing of each service with the voucher that it rests on."""
        return numbered(self.standings, numbers)


def numbered(standings: Sequence[Standing], numbers: Sequence[int]) -> list[Standing]:
    """Give the last standing of each service with the voucher that it rests on; one for each voucher came in."""
    pairs = zip(standings, numbers, strict=True)
    return list({standing.service_id: replace(standing, voucher=number) for standing, number in pairs}.values())


def _records(line: PlanLine, by: RecordKey | None) -> list[RecordKey]:
    """Name the records that a voucher rests on: those that still speak and the one it is booked ``by``.

    A reversal names what still speaks, else what the service was booked by.
    """
    alive = [claim.key for claim in line.service.claims if is_alive(claim)]
    if by is not None:
        return alive if by in alive else [*alive, by]
    booked_by = line.standing.record if line.standing else None
    return alive or ([booked_by] if booked_by else [])


def book_order(line: PlanLine) -> tuple[int, date, str]:
    """Give the order in which lines are booked: person, day, service."""
    booking = line.action.booking if isinstance(line.action, Post | Correct) else None
    if booking is None and line.standing is not None:
        booking = line.standing.booking
    if booking is None:
        return (0, date.min, line.service.service_id)
    return (booking.person, booking.service_date, line.service.service_id)
