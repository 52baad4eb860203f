"""A book of one page for the planner's machine: it books what a plan says, by the words of the design alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date

from domain.actions import Correct, Plan, PlanLine, Post, Reverse
from domain.services import Booking, Standing


@dataclass(slots=True)
class SmallBook:
    """Where it stands on each service, and what each person has, owes and has drawn, in seconds."""

    standings: dict[str, Standing] = field(default_factory=dict)
    available: Counter[int] = field(default_factory=Counter)
    owed: Counter[int] = field(default_factory=Counter)
    drawn: Counter[int] = field(default_factory=Counter)
    vouchers: int = 0

    def copy(self) -> SmallBook:
        return SmallBook(
            dict(self.standings), Counter(self.available), Counter(self.owed), Counter(self.drawn), self.vouchers
        )

    def apply(self, plan: Plan) -> int:
        """Book a plan in the order of person, day and service; give how many vouchers that made."""
        before = self.vouchers
        for line in sorted(plan.lines, key=_place):
            assert line.standing == self.standings.get(line.service.service_id), "the plan saw another book"
            match line.action:
                case Post(booking):
                    assert line.standing is None or line.standing.booking is None
                    self._post(line, booking)
                case Correct(booking):
                    assert line.standing is not None
                    assert line.standing.booking not in {None, booking}
                    self._reverse(line.standing)
                    self._post(line, booking)
                case Reverse():
                    assert line.standing is not None
                    self._reverse(line.standing)
                case _:
                    pass
        self._tie_out()
        return self.vouchers - before

    def draw(self, person: int, seconds: int) -> None:
        """Let a person draw hours."""
        self.available[person] -= seconds
        self.drawn[person] += seconds

    def booked(self) -> list[tuple[str, Booking]]:
        """Give what stands, by service."""
        return sorted((name, one.booking) for name, one in self.standings.items() if one.booking is not None)

    def _post(self, line: PlanLine, booking: Booking) -> None:
        assert booking.seconds > 0
        repaid = min(booking.seconds, self.owed[booking.person])
        self.owed[booking.person] -= repaid
        self.available[booking.person] += booking.seconds - repaid
        name = line.service.service_id
        before = self.standings.get(name)
        is_same = before is not None and isinstance(line.action, Correct) and before.person == booking.person
        short = min(before.short_seconds, self.owed[booking.person]) if before is not None and is_same else 0
        self.vouchers += 1
        revision = 1 if before is None else before.revision + 1
        self.standings[name] = Standing(
            name, revision, booking, line.deciding or line.service.claims[0].key, self.vouchers, booking.person, short
        )

    def _reverse(self, standing: Standing) -> None:
        assert standing.booking is not None, "nothing is taken back that does not stand"
        found = min(standing.booking.seconds, self.available[standing.person])
        self.available[standing.person] -= found
        short = standing.booking.seconds - found
        self.owed[standing.person] += short
        self.vouchers += 1
        self.standings[standing.service_id] = replace(
            standing, revision=standing.revision + 1, booking=None, voucher=self.vouchers, short_seconds=short
        )

    def _tie_out(self) -> None:
        """Hold what each person has against what stands in their name."""
        credited: Counter[int] = Counter()
        for one in self.standings.values():
            if one.booking is not None:
                credited[one.booking.person] += one.booking.seconds
        for person in {*credited, *self.available, *self.owed}:
            has = self.available[person] - self.owed[person]
            assert has == credited[person] - self.drawn[person]
            assert self.available[person] >= 0
            assert self.owed[person] >= 0


def _place(line: PlanLine) -> tuple[int, date, str]:
    """Give where a line is booked: what it books, else what it takes back."""
    booking = line.action.booking if isinstance(line.action, Post | Correct) else None
    if booking is None and line.standing is not None:
        booking = line.standing.booking
    if booking is None:
        return (0, date.min, line.service.service_id)
    return (booking.person, booking.service_date, line.service.service_id)
