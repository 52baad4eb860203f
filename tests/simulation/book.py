"""The book kept a second time, by hand: how each voucher had to be split over its person's accounts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of a voucher; accounts by their codes, ``kind:owner``."""

    voucher: int
    kind: str
    reason: str
    debit: str
    credit: str
    seconds: int
    reverses: int


def replay(postings: Iterable[Posting], cap_seconds: int) -> None:
    """Keep the book once more: deficits first, then up to the cap, then surplus; what cannot be taken back is owed."""
    vouchers: dict[int, list[Posting]] = defaultdict(list)
    for posting in postings:
        vouchers[posting.voucher].append(posting)
    balance: Counter[str] = Counter()
    for number, lines in vouchers.items():
        if lines[0].kind == "post" and lines[0].reason != "undone":  # that goes back to where it was taken from
            _hold_deposit(lines, balance, cap_seconds)
        elif lines[0].kind == "reverse":
            _hold_reversal(lines, vouchers[lines[0].reverses], balance)
        for line in lines:
            balance[line.debit] -= line.seconds
            balance[line.credit] += line.seconds
        assert sum(balance.values()) == 0, number


def _hold_deposit(lines: list[Posting], balance: Counter[str], cap_seconds: int) -> None:
    owner = lines[0].credit.partition(":")[2]
    seconds = sum(line.seconds for line in lines)
    repaid = min(seconds, -balance[f"deficit:{owner}"])
    filled = min(seconds - repaid, max(0, cap_seconds - balance[f"available:{owner}"]))
    parts = {"deficit": repaid, "available": filled, "surplus": seconds - repaid - filled}
    assert {line.credit: line.seconds for line in lines} == {
        f"{kind}:{owner}": part for kind, part in parts.items() if part
    }


def _hold_reversal(lines: list[Posting], taken_back: list[Posting], balance: Counter[str]) -> None:
    owner = taken_back[0].credit.partition(":")[2]
    back: Counter[str] = Counter()
    for line in taken_back:
        is_there = line.credit != f"deficit:{owner}"
        found = min(line.seconds, balance[line.credit]) if is_there else 0
        back[line.credit] += found
        back[f"deficit:{owner}"] += line.seconds - found
    told: Counter[str] = Counter()
    for line in lines:
        told[line.debit] += line.seconds
        assert line.credit == taken_back[0].debit
    assert told == +back
