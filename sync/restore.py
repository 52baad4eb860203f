"""Take back what a decision booked: its vouchers are reversed, and what stood before stands again where it stood."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from domain.ledger import (
    AccountKind,
    PersonBalances,
    Transfer,
    VoucherDraft,
    VoucherKind,
    deposit,
    restored,
    reversal,
)
from domain.records import RecordKey
from domain.services import Booking, Standing
from local_store.ledger import Voucher
from sync.draft import numbered

UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class TakingBack:
    """What there is to take back of one service: the vouchers of the decision, and the one that stood before them.

    ``before`` is None where nothing was booked. ``taken`` are the legs of the reversal that took it from the book.
    """

    standing: Standing
    last: Voucher
    before: Voucher | None
    taken: tuple[Transfer, ...]


def taking_back(history: Sequence[Voucher], standing: Standing, decision: int) -> TakingBack | None:
    """Find what a decision made of a service, if the book stands there still; what was booked since stays.

    ``history`` are the service's vouchers in their order. What other decisions booked and was taken back is left out.
    """
    states: list[tuple[int | None, Voucher | None]] = [(None, None)]
    for voucher in history:
        stands = voucher if voucher.kind is VoucherKind.POST else None
        if voucher.reason != UNDONE:
            states.append((voucher.decision, stands))
            continue
        while len(states) > 1 and states[-1][0] == voucher.decision:
            states.pop()
        states[-1] = (states[-1][0], stands)
    if states[-1][0] != decision:
        return None
    while states[-1][0] == decision:
        states.pop()
    before = states[-1][1]
    taken = next((one.transfers for one in history if before is not None and one.reverses == before.number), ())
    return TakingBack(standing, history[-1], before, taken)


@dataclass(slots=True)
class Restoring:
    """Vouchers in the making; ``balances`` of everybody concerned move with each.

    ``survivor`` follows a person who was merged into another, ``key_of`` finds a record by its name in a voucher.
    """

    decision: int
    by: str
    balances: Mapping[int, PersonBalances]
    cap_seconds: int
    rules_version: str
    survivor: Callable[[int], int]
    key_of: Callable[[str], RecordKey | None]
    drafts: list[VoucherDraft] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)

    def draft(self, one: TakingBack) -> None:
        """Draft what brings one service back to where it stood."""
        standing = one.standing
        if standing.booking is not None:
            standing = self._reverse(one, standing, standing.booking)
        if one.before is not None:
            self._post(one.before, one.taken, standing)

    def _reverse(self, one: TakingBack, standing: Standing, booked: Booking) -> Standing:
        transfers = reversal(one.last.transfers, standing.person, self.balances[standing.person])
        short = sum(leg.seconds for leg in transfers if leg.debit.kind is AccountKind.DEFICIT)
        self._add(
            VoucherKind.REVERSE, standing, (booked.service_date, standing.person), transfers, one.last.records,
            reverses=standing.voucher,
        )  # fmt: skip
        after = Standing(standing.service_id, standing.revision + 1, None, standing.record, 0, standing.person, short)
        self.standings.append(after)
        return after

    def _post(self, before: Voucher, taken: tuple[Transfer, ...], standing: Standing) -> None:
        person = self.survivor(before.person)
        balances, seconds = self.balances[person], sum(leg.seconds for leg in before.transfers)
        source = before.transfers[0].debit
        if person == before.person and taken:
            transfers = restored(taken, person, balances, self.cap_seconds)
        else:
            transfers = deposit(person, source, seconds, balances, self.cap_seconds)
        self._add(VoucherKind.POST, standing, (before.service_date, person), transfers, before.records)
        station, _, category = source.owner.partition("/")
        booking = Booking(person, before.service_date, category, station, seconds)
        record = standing.record
        if before.records and str(record) not in before.records:
            record = self.key_of(before.records[0]) or record
        short = min(standing.short_seconds, balances.owed) if standing.person == person else 0
        self.standings.append(Standing(standing.service_id, standing.revision + 1, booking, record, 0, person, short))

    def _add(  # noqa: PLR0913, PLR0917 - a voucher has as many facts
        self,
        kind: VoucherKind,
        standing: Standing,
        of: tuple[date, int],
        transfers: tuple[Transfer, ...],
        records: tuple[str, ...],
        reverses: int | None = None,
    ) -> None:
        service_date, person = of
        revision = standing.revision + 1
        self.drafts.append(
            VoucherDraft(
                key=f"{standing.service_id}#{revision}",
                kind=kind,
                service_date=service_date,
                transfers=transfers,
                prepared_by=self.by,
                rules_version=self.rules_version,
                reason=UNDONE,
                person=person,
                service_id=standing.service_id,
                revision=revision,
                decision=self.decision,
                reverses=reverses,
                records=records,
            )
        )

    def numbered(self, numbers: Sequence[int]) -> list[Standing]:
        """Give the last standing of each service with the voucher that it rests on."""
        return numbered(self.standings, numbers)
