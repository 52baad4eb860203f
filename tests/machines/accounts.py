"""A second book, in a dictionary: what every account must hold, by the design and by none of the code."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

Leg = tuple[str, str, int]


@dataclass(slots=True)
class Accounts:
    """Balances in whole seconds by account, the legs of what stands, and the cap of each available account."""

    cap: int
    balances: Counter[str] = field(default_factory=Counter)
    caps: dict[str, int] = field(default_factory=dict)
    standing: dict[str, tuple[int, list[Leg]]] = field(default_factory=dict)

    def deposit(self, service: str, person: int, source: str, seconds: int) -> None:
        """Repay what is owed first, fill what is available up to the cap, then the surplus."""
        repaid = min(seconds, -self.balances[f"deficit:{person}"])
        room = max(0, self.cap - self.balances[f"available:{person}"] - self.balances[f"held:{person}"])
        filled = min(seconds - repaid, room)
        parts = {"deficit": repaid, "available": filled, "surplus": seconds - repaid - filled}
        legs = [(source, f"{kind}:{person}", part) for kind, part in parts.items() if part]
        self._move(legs)
        self.standing[service] = (person, legs)

    def take_back(self, service: str) -> int:
        """Mirror a deposit; what is no longer there is owed, and nothing flows back from the surplus. Give the rest."""
        person, legs = self.standing.pop(service)
        owing = f"deficit:{person}"
        short = 0
        for source, there, seconds in legs:
            found = 0 if there == owing else min(seconds, self.balances[there])
            short += seconds - found
            self._move([(there, source, found), (owing, source, seconds - found)])
        return short

    def move(self, debit: str, credit: str, seconds: int) -> None:
        """Let seconds go from one account to another."""
        self._move([(debit, credit, seconds)])

    def set_cap(self, cap: int) -> None:
        """Let another cap stand; who has more keeps what they have, and their cap."""
        self.cap = cap
        for account, seconds in self.balances.items():
            if account.startswith("available:") and seconds <= cap:
                self.caps[account] = cap

    def has(self, kind: str, person: int) -> int:
        """Give one of a person's balances."""
        return self.balances[f"{kind}:{person}"]

    def _move(self, legs: list[Leg]) -> None:
        for debit, credit, seconds in legs:
            if seconds:
                self._open(debit)
                self._open(credit)
                self.balances[debit] -= seconds
                self.balances[credit] += seconds

    def _open(self, account: str) -> None:
        if account not in self.balances:
            self.balances[account] = 0
            if account.startswith("available:"):
                self.caps[account] = self.cap
