"""Go through the book voucher by voucher and say what must stand behind it: accounts, and where each service stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from local_store.tables.ledger import ACCOUNT, BALANCE, STANDING, TRANSFER, VOUCHER, VOUCHER_REASON
from local_store.tables.records import RECORD
from local_store.transaction import Tx

_OF_SERVICES = {"post", "reverse", "opening"}
_PERSONAL = ("available", "held", "surplus", "deficit")


@dataclass(slots=True)
class _Service:
    """What the vouchers of one service leave."""

    row: Any
    seconds: int | None
    place: str | None
    short_seconds: int
    records: set[str] = field(default_factory=set)


class Replay:
    """The book so far; ``opened_at`` is when each account was first moved, ``services`` where each service stands."""

    def __init__(self, tx: Tx) -> None:
        """Go through the whole book."""
        self.opened_at: dict[int, int] = {}
        self.services: dict[str, _Service] = {}
        self._codes: dict[int, str] = {
            row.number: row.code for row in tx.rows(select(ACCOUNT.c.number, ACCOUNT.c.code))
        }
        self._owed: dict[str, int] = {}
        self._before: Any = None
        lines: dict[int, list[Any]] = {}
        for row in tx.connection.execute(select(TRANSFER).order_by(TRANSFER.c.voucher, TRANSFER.c.line)):
            lines.setdefault(row.voucher, []).append(row)
        for row in tx.connection.execute(select(VOUCHER).order_by(VOUCHER.c.number)):
            self._take(row, lines.get(row.number, []))

    def _take(self, row: Any, lines: list[Any]) -> None:  # noqa: ANN401 - rows
        legs = [(self._codes.get(one.debit, "?"), self._codes.get(one.credit, "?"), one.seconds) for one in lines]
        for one in lines:
            for account in (one.debit, one.credit):
                self.opened_at.setdefault(account, row.recorded_at)
        short = sum(seconds for debit, _, seconds in legs if debit.startswith("deficit:"))
        for debit, credit, seconds in legs:
            for code, step in ((debit, seconds), (credit, -seconds)):
                if code.startswith("deficit:"):
                    self._owed[code] = self._owed.get(code, 0) + step
        if row.service_id and row.kind in _OF_SERVICES:
            self._stand(row, legs, short)
        self._before = row

    def _stand(self, row: Any, legs: list[tuple[str, str, int]], short: int) -> None:  # noqa: ANN401
        before = self.services.get(row.service_id)
        if row.kind == "reverse":
            after = _Service(row, None, None, short)
        else:
            kind, _, owner = next((debit for debit, _, _ in legs), "").partition(":")
            kept = 0
            if before is not None and self._is_correction(row) and before.row.person == row.person:
                kept = min(before.short_seconds, self._owed.get(f"deficit:{row.person}", 0))
            place = owner if kind == "deposited" else None
            after = _Service(row, sum(seconds for _, _, seconds in legs), place, kept)
        after.records = (before.records if before else set()) | set(json.loads(row.body)["records"])
        self.services[row.service_id] = after

    def _is_correction(self, row: Any) -> bool:  # noqa: ANN401
        """Say whether a posting follows the reversal of the same service at once."""
        last = self._before
        return (last.kind, last.service_id, last.run) == ("reverse", row.service_id, row.run)


def account_faults(tx: Tx, book: Callable[[], Replay]) -> Iterator[str]:
    """Compare every account with its code, its balance's kind, and the first voucher that moved it."""
    joined = select(ACCOUNT, BALANCE.c.kind.label("balance_kind"), BALANCE.c.cap_seconds).join_from(
        ACCOUNT, BALANCE, BALANCE.c.account == ACCOUNT.c.number, isouter=True
    )
    for row in tx.connection.execute(joined.order_by(ACCOUNT.c.number)):
        person = int(row.owner) if row.kind in _PERSONAL and row.owner.isdecimal() else None
        kinds = (row.kind, row.kind == "available")
        fits = row.code == f"{row.kind}:{row.owner}" and row.person == person
        if not fits or kinds != (row.balance_kind, row.cap_seconds is not None):
            yield f"account {row.number}"
        elif row.opened_at != book().opened_at.get(row.number):
            yield f"account {row.number}: opened_at"


def standing_faults(tx: Tx, book: Callable[[], Replay]) -> Iterator[str]:
    """Compare every standing with what the vouchers of its service leave."""
    joined = select(STANDING, RECORD.c.platform, RECORD.c.external_id).join_from(
        STANDING, RECORD, RECORD.c.number == STANDING.c.record, isouter=True
    )
    there = set()
    for row in tx.connection.execute(joined.order_by(STANDING.c.service_id)):
        there.add(row.service_id)
        found = book().services.get(row.service_id)
        if found is None:
            yield f"service {row.service_id}: no voucher"
        elif wrong := _differing(row, found):
            yield f"service {row.service_id}: {' '.join(wrong)}"
    yield from (f"service {service_id}: no standing" for service_id in sorted(book().services.keys() - there))


def _differing(row: Any, found: _Service) -> list[str]:  # noqa: ANN401 - a row
    """Name the columns of a standing that are not what the vouchers say."""
    last, is_booked = found.row, found.seconds is not None
    place = None if row.station is None else f"{row.station}/{row.category}"
    record = None if row.platform is None else f"{row.platform}:{row.external_id}"
    pairs = {
        "voucher": (row.voucher, last.number), "person": (row.person, last.person),
        "revision": (row.revision, last.revision), "seconds": (row.seconds, found.seconds),
        "service_date": (row.service_date, last.service_date if is_booked else None),
        "place": (place, found.place if found.place or not is_booked else place),
    }  # fmt: skip
    wrong = [name for name, (said, must) in pairs.items() if said != must]
    shorts = {0, found.short_seconds} if is_booked else {found.short_seconds}  # a correction may leave none of it
    wrong += [] if row.short_seconds in shorts else ["short_seconds"]
    return wrong + (["record"] if record is not None and record not in found.records else [])


def reason_faults(tx: Tx) -> Iterator[str]:
    """Find drawings whose reason is not there."""
    bare = (
        select(VOUCHER.c.number)
        .join_from(VOUCHER, VOUCHER_REASON, VOUCHER_REASON.c.voucher == VOUCHER.c.number, isouter=True)
        .where(VOUCHER.c.kind == "redeem", VOUCHER_REASON.c.voucher.is_(None))
    )
    yield from (f"voucher {row.number}: no reason" for row in tx.rows(bare))
