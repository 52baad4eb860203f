"""The book's shape: accounts, transfers, vouchers, and how one booking is split over a person's accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache


class AccountKind(StrEnum):
    """What an account is for. The first four belong to a person, the next two to a station and category."""

    __hash__ = str.__hash__  # as equality; an enum's own is Python, and every booking looks accounts up

    AVAILABLE = "available"
    HELD = "held"
    SURPLUS = "surplus"
    DEFICIT = "deficit"
    DEPOSITED = "deposited"
    REDEEMED = "redeemed"
    DONATED = "donated"
    HONOURS = "honours"
    OPENING = "opening"
    CLEARING = "clearing"


PERSON_KINDS = (AccountKind.AVAILABLE, AccountKind.HELD, AccountKind.SURPLUS, AccountKind.DEFICIT)


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """One account: its kind and whose it is (a person's number, ``station/category``, or a body's name).

    A balance is credits minus debits in seconds: what a person has is positive, what a person owes (deficit) negative.
    ``code`` is the account's one spelling, ``kind:owner``.
    """

    kind: AccountKind
    owner: str
    code: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Spell the code once: a booking asks for it again and again."""
        object.__setattr__(self, "code", f"{self.kind}:{self.owner}")

    @classmethod
    def spelt(cls, code: str) -> Account:
        """Give the account of this code."""
        kind, _, owner = code.partition(":")
        return cls(AccountKind(kind), owner)


@lru_cache(maxsize=4096)
def person_account(kind: AccountKind, person: int) -> Account:
    """Give one of a person's accounts."""
    return Account(kind, str(person))


@lru_cache(maxsize=1024)
def service_account(kind: AccountKind, station: str, category: str) -> Account:
    """Give a station's account for one category (deposited 服务存入, redeemed 已兑)."""
    return Account(kind, f"{station}/{category}")


@dataclass(frozen=True, slots=True)
class Transfer:
    """One debit, one credit, one positive whole number of seconds (分录): it balances by its shape."""

    debit: Account
    credit: Account
    seconds: int

    def __post_init__(self) -> None:
        """Refuse what would not be a transfer."""
        if self.seconds <= 0 or self.debit.code == self.credit.code:
            raise ValueError((self.debit.code, self.credit.code, self.seconds))


class VoucherKind(StrEnum):
    """What a voucher books."""

    POST = "post"
    REVERSE = "reverse"
    REDEEM = "redeem"
    MERGE = "merge"
    OPENING = "opening"


@dataclass(frozen=True, slots=True)
class VoucherDraft:
    """One booking (凭证) before the store gives it its number, time and place in the chain.

    ``key`` is the idempotency key: for a service ``<service id>#<revision>``. ``records`` names the platform records
    it rests on. ``reverses`` is the number of the voucher that it takes back.
    """

    key: str
    kind: VoucherKind
    service_date: date
    transfers: tuple[Transfer, ...]
    prepared_by: str
    rules_version: str
    reason: str
    person: int
    service_id: str = ""
    revision: int = 0
    decision: int | None = None
    reverses: int | None = None
    records: tuple[str, ...] = ()


@dataclass(slots=True)
class PersonBalances:
    """A person's balances in seconds while a batch is being drafted; ``owed`` is the deficit as a positive figure."""

    available: int = 0
    held: int = 0
    surplus: int = 0
    owed: int = 0


def deposit(
    person: int, source: Account, seconds: int, balances: PersonBalances, cap_seconds: int
) -> tuple[Transfer, ...]:
    """Split a deposit: it repays the deficit first, then fills available up to the cap, then surplus.

    ``balances`` moves with it. The parts sum to ``seconds``.
    """
    repaid = min(seconds, balances.owed)
    filled = min(seconds - repaid, max(0, cap_seconds - balances.available - balances.held))
    beyond = seconds - repaid - filled
    balances.owed -= repaid
    balances.available += filled
    balances.surplus += beyond
    parts = ((AccountKind.DEFICIT, repaid), (AccountKind.AVAILABLE, filled), (AccountKind.SURPLUS, beyond))
    return tuple([Transfer(source, person_account(kind, person), part) for kind, part in parts if part])


def reversal(transfers: tuple[Transfer, ...], person: int, balances: PersonBalances) -> tuple[Transfer, ...]:
    """Mirror a deposit's legs; what is no longer there goes to the deficit, and freed room never refills.

    ``balances`` moves with it. The parts sum to the deposit.
    """
    mirrored: list[Transfer] = []
    for leg in transfers:
        taken = _take(leg, balances)
        balances.owed += leg.seconds - taken
        if taken:
            mirrored.append(Transfer(leg.credit, leg.debit, taken))
        if leg.seconds > taken:
            mirrored.append(Transfer(person_account(AccountKind.DEFICIT, person), leg.debit, leg.seconds - taken))
    return tuple(mirrored)


def restored(
    taken_back: tuple[Transfer, ...], person: int, balances: PersonBalances, cap_seconds: int
) -> tuple[Transfer, ...]:
    """Put a deposit back where a reversal took it from: the reversal's legs, mirrored.

    What no longer fits there (the debt is paid, the cap is full) is deposited as ever. ``balances`` moves with it.
    """
    source = taken_back[0].credit
    taken: dict[AccountKind, int] = {}
    for leg in taken_back:
        taken[leg.debit.kind] = taken.get(leg.debit.kind, 0) + leg.seconds
    room = max(0, cap_seconds - balances.available - balances.held)
    repaid = min(taken.get(AccountKind.DEFICIT, 0), balances.owed)
    filled = min(taken.get(AccountKind.AVAILABLE, 0), room)
    beyond = taken.get(AccountKind.SURPLUS, 0)
    balances.owed -= repaid
    balances.available += filled
    balances.surplus += beyond
    parts = ((AccountKind.DEFICIT, repaid), (AccountKind.AVAILABLE, filled), (AccountKind.SURPLUS, beyond))
    back = [Transfer(source, person_account(kind, person), part) for kind, part in parts if part]
    rest = sum(taken.values()) - repaid - filled - beyond
    return (*back, *(deposit(person, source, rest, balances, cap_seconds) if rest else ()))


def _take(leg: Transfer, balances: PersonBalances) -> int:
    """Take a leg back from where it went, as far as it is still there; give the seconds taken."""
    match leg.credit.kind:
        case AccountKind.AVAILABLE:
            taken = min(leg.seconds, balances.available)
            balances.available -= taken
        case AccountKind.SURPLUS:
            taken = min(leg.seconds, balances.surplus)
            balances.surplus -= taken
        case _:
            taken = 0
    return taken
