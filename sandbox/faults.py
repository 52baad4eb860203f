"""What goes wrong with the platforms: faults asked for one by one, or drawn by a seeded plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict, Unpack

from sandbox.cipher import chance
from sandbox.wire import Call

WIRE_FAULTS = frozenset({"reset", "stall", "drip", "cut_body", "cut_silent", "lost_answer"})
"""Faults of the connection: the answer is made, but does not arrive, or not whole, or not in time."""

ANSWER_FAULTS = frozenset({
    "server_error", "cut_json", "error_code", "html", "empty_body", "gb18030",
    "throttle_seconds", "throttle_date", "throttle_bare", "maintenance",
})  # fmt: skip
"""Faults of the whole answer: it arrives, but is not the answer asked for."""

SESSION_FAULTS = frozenset({"token_expired", "secret_expired"})
"""Faults of the session: it ends before its time; with the secret, new ones are refused too."""

LISTING_FAULTS = frozenset({
    "rows_moved", "repeated_page", "repeated_token", "counts_disagree", "suddenly_empty", "suddenly_half",
    "everything_changed", "rows_vanish",
})  # fmt: skip
"""Faults of a listing; ``rows_moved``, ``everything_changed`` and ``rows_vanish`` change what the platform holds."""

ROW_FAULTS = frozenset({
    "future_update", "absurd_hours", "negative_hours", "null_hours", "unknown_code", "broken_id_number",
    "full_width", "name_dots",
})  # fmt: skip
"""Faults of single rows, on the wire only."""

SHOWN_FAULTS = LISTING_FAULTS | ROW_FAULTS
"""Faults that a platform itself has to show."""

FAULT_KINDS = WIRE_FAULTS | ANSWER_FAULTS | SESSION_FAULTS | LISTING_FAULTS | ROW_FAULTS


class How(TypedDict, total=False):
    """Where and how a fault is injected; see ``Fault``."""

    on: str
    page: int
    seconds: float
    status: int
    rows: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault to inject.

    ``on`` is the method or interface ("" for any), ``page`` the page from 1 (None for any). ``seconds`` is how long a
    stall lasts, or what Retry-After says. ``status`` serves ``server_error``; ``rows`` is how many rows are hit.
    """

    kind: str
    on: str = ""
    page: int | None = None
    seconds: float = 1
    status: int = 502
    rows: int = 1

    def __post_init__(self) -> None:
        """Refuse a kind that does not exist, which would never be injected."""
        if self.kind not in FAULT_KINDS:
            raise ValueError(self.kind)

    def fits(self, call: Call) -> bool:
        """Say whether this call is one that the fault waits for, and one that it can befall."""
        return self.on in ("", call.method) and self.page in (None, call.page) and can_befall(self.kind, call)


def can_befall(kind: str, call: Call) -> bool:
    """Say whether a fault of this kind would be seen by this call."""
    if kind == "lost_answer":
        return call.is_write
    if kind in SESSION_FAULTS:
        return not call.is_login or kind == "secret_expired"
    if kind in SHOWN_FAULTS and not call.page:
        return False
    if kind in ("repeated_page", "repeated_token", "rows_moved") and call.page == 1:
        return False
    if kind == "repeated_token":
        return call.has_cursor
    return call.is_of_hours or kind not in ROW_FAULTS | {"rows_moved", "everything_changed", "rows_vanish"}


class FaultPlan:
    """Draws faults by chance: the same seed and the same calls give the same faults."""

    def __init__(self, seed: int, rates: Mapping[str, float], *, seconds: float = 1) -> None:
        """Take per kind its rate per call; the rates may add up to at most 1."""
        self._templates = [Fault(kind, seconds=seconds) for kind in sorted(rates)]
        self._rates = [rates[fault.kind] for fault in self._templates]
        if sum(self._rates) > 1:
            raise ValueError(rates)
        self._source = chance("faults", seed)

    def draw(self) -> Fault | None:
        """Draw the fault of the next call, mostly none."""
        mark = self._source.random()
        for fault, rate in zip(self._templates, self._rates, strict=True):
            if mark < rate:
                return fault
            mark -= rate
        return None


@dataclass(slots=True)
class Faults:
    """The faults of one server: asked for first, lasting ones next, then what the plan draws."""

    plan: FaultPlan | None = None
    injected: Counter[str] = field(default_factory=Counter)
    history: list[tuple[str, str, int]] = field(default_factory=list)
    _asked: list[Fault] = field(default_factory=list)
    _lasting: list[Fault] = field(default_factory=list)

    def next(self, kind: str, *, times: int = 1, **how: Unpack[How]) -> None:
        """Inject a fault into the next call that fits, ``times`` times over."""
        self._asked += [Fault(kind, **how)] * times

    def always(self, kind: str, **how: Unpack[How]) -> None:
        """Inject a fault into every call that fits, until ``clear``."""
        self._lasting.append(Fault(kind, **how))

    def clear(self) -> None:
        """Forget what was asked for, what lasts and the plan; the counts stay."""
        self._asked.clear()
        self._lasting.clear()
        self.plan = None

    def draw(self, call: Call) -> Fault | None:
        """Give the fault for this call, if any; one that was asked for is used up."""
        for fault in self._asked:
            if fault.fits(call):
                self._asked.remove(fault)
                return fault
        for fault in self._lasting:
            if fault.fits(call):
                return fault
        drawn = self.plan.draw() if self.plan else None
        return drawn if drawn is not None and drawn.fits(call) else None

    def count(self, fault: Fault, call: Call) -> None:
        """Note that a fault was really injected."""
        self.injected[fault.kind] += 1
        self.history.append((fault.kind, call.method, call.page))
