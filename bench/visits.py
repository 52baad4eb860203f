"""Visits in truth, the rows that tell of them, and the mistakes that staff make on the way: one function for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sandbox.streets import KINDS, MEETINGS, UNNAMED

ALL_KINDS = (*KINDS, MEETINGS, UNNAMED)
RECREATION, TRAINING, PROFESSIONAL, MEETING, NAMELESS = 3, 4, 5, 6, 7
NIGHT, HALF_YEAR = 293, 181  # in days after FIRST_DAY: the first night (2022-10-21), the day guangxi alone suffices
_GRACE_DAYS, _DAY_MINUTES, _HALF_HOUR = 14, 1440, 30
_FIVE_HOURS, _THREE_MINUTES = 500, 5  # in hundredths of an hour
_FIRST_RECORD = 2**53 + 450_202_000_001


class Told(NamedTuple):
    """A row as a platform holds it; its first two fields are the order in which the platform shows it.

    ``updated`` is in seconds and ``day`` in days after FIRST_DAY, ``start`` and ``end`` in minutes of that day;
    ``figure`` in hundredths of an hour (national) or minutes (guangxi), None where it was left out. ``flaw`` names
    what else is wrong with it; ``carried`` is the national row that a guangxi row was carried over from.
    """

    updated: int
    number: int
    visit: int
    person: int
    station: int
    kind: int
    project: int
    day: int
    start: int
    end: int
    figure: int | None
    state: str
    is_special: bool
    flaw: str = ""
    carried: int = 0


@dataclass(slots=True)
class Visit:
    """One spell of service in truth.

    ``case`` is what became of it on the way, ``label`` the kind of conflict that a person must see ("" for none; with
    `` (note)`` where it holds no booking), ``seconds`` what must stand in the book. Visits of one ``group`` are told
    of in the same words and cannot be told apart; of one that ``is_doubtful`` nobody could say what happened.
    """

    number: int
    person: int
    station: int
    kind: int
    project: int
    day: int
    start: int
    minutes: int
    entered: int
    is_special: bool
    case: str
    group: int
    label: str = ""
    seconds: int = 0
    is_doubtful: bool = False


class Press:
    """Where rows are made: each gets the next number of its platform."""

    def __init__(self, *, has_times: bool) -> None:
        """Start with empty platforms; ``has_times``: guangxi's staff type the times too."""
        self.has_times = has_times
        self.national: list[Told] = []
        self.guangxi: list[Told] = []

    def tell_national(self, visit: Visit, **changes: Any) -> Told:  # noqa: ANN401 - any of its fields
        """Let the national platform hold a visit, with the changes to it."""
        hundredths = (visit.minutes * 10 + 3) // 6  # rounded half up
        row = Told(
            visit.entered, len(self.national) + 1, visit.number, visit.person, visit.station, visit.kind, visit.project,
            visit.day, visit.start, visit.start + visit.minutes, hundredths, "2", visit.is_special,
        )  # fmt: skip
        self.national.append(row._replace(**changes) if changes else row)
        return self.national[-1]

    def tell_guangxi(self, visit: Visit, **changes: Any) -> Told:  # noqa: ANN401 - any of its fields
        """Let the Guangxi platform hold a visit in whole half hours, with the changes to it."""
        row = Told(
            visit.entered + 600, _FIRST_RECORD + 7 * len(self.guangxi), visit.number, visit.person, visit.station,
            visit.kind, visit.project, visit.day, visit.start, visit.start + visit.minutes,
            visit.minutes // _HALF_HOUR * _HALF_HOUR, "VALID", visit.is_special,
        )  # fmt: skip
        self.guangxi.append(row._replace(**changes) if changes else row)
        return self.guangxi[-1]

    def tell_both(self, visit: Visit) -> None:
        """Let both platforms hold a visit."""
        self.tell_national(visit)
        self.tell_guangxi(visit)

    def book(self, visit: Visit, *, by_guangxi: bool = True) -> None:
        """Say in truth that the visit must be booked, by the word of one platform."""
        flat = ALL_KINDS[visit.kind].credits_half_hours * 1800
        if flat and not visit.is_special:
            visit.seconds = flat
        elif by_guangxi and not self.has_times:
            visit.seconds = visit.minutes // _HALF_HOUR * _HALF_HOUR * 60
        else:
            visit.seconds = visit.minutes * 60


Tell = Callable[[Press, Visit], None]


def agree(press: Press, visit: Visit) -> None:
    """Type it into both."""
    press.tell_both(visit)
    press.book(visit)


def shifted(press: Press, visit: Visit) -> None:
    """Type the times from memory into one of them, up to a quarter of an hour off."""
    press.tell_national(visit)
    apart = 5 * (visit.number % 3 + 1) * (1 if visit.number % 2 else -1)
    press.tell_guangxi(visit, start=visit.start + apart, end=visit.start + visit.minutes + apart)
    press.book(visit)


def special(press: Press, visit: Visit) -> None:
    """Type it into both, with the remark that asks for the true duration."""
    visit.is_special = True
    agree(press, visit)


def carried(press: Press, visit: Visit) -> None:
    """Carry it over from the national platform."""
    row = press.tell_national(visit)
    press.tell_guangxi(visit, carried=row.number)
    press.book(visit)


def only_guangxi(press: Press, visit: Visit) -> None:
    """Type it into one, which suffices."""
    press.tell_guangxi(visit)
    press.book(visit)


def only_national(press: Press, visit: Visit) -> None:
    """Forget the platform that decides: since July nothing else is enough."""
    press.tell_national(visit)
    if visit.day < HALF_YEAR:
        press.book(visit, by_guangxi=False)
    else:
        _wait_or_hold(visit)


def pending(press: Press, visit: Visit) -> None:
    """Leave it applied for."""
    press.tell_national(visit, state="0")
    _wait_or_hold(visit)


def _wait_or_hold(visit: Visit) -> None:
    since = max(visit.day, visit.entered // 86_400)
    visit.label = "uncorroborated" if NIGHT - since > _GRACE_DAYS else ""


def hours_differ(press: Press, visit: Visit) -> None:
    """Type an hour and a half too much where the true duration counts."""
    visit.is_special = True
    longer = visit.minutes // _HALF_HOUR * _HALF_HOUR + 90
    press.tell_national(visit)
    press.tell_guangxi(visit, figure=longer, end=visit.start + visit.minutes + 90)
    visit.label = "hours_differ"


def hours_noted(press: Press, visit: Visit) -> None:
    """Type 5 where 0.5 was meant; the credit is flat."""
    press.tell_national(visit, figure=_FIVE_HOURS)
    press.tell_guangxi(visit)
    press.book(visit)
    visit.label = "hours_differ (note)"


def category_differs(press: Press, visit: Visit) -> None:
    """Leave the project of the time before in the form: it earns an hour."""
    press.tell_national(visit)
    press.tell_guangxi(visit, kind=RECREATION, project=0)
    visit.label = "category_differs"


def category_noted(press: Press, visit: Visit) -> None:
    """Leave another project in the form, which earns the same."""
    press.tell_national(visit)
    press.tell_guangxi(visit, kind=(visit.kind + 1) % RECREATION, project=0)
    press.book(visit)
    visit.label = "category_differs (note)"


def date_differs(press: Press, visit: Visit) -> None:
    """Type it a day late."""
    press.tell_national(visit)
    press.tell_guangxi(visit, day=visit.day + 1)
    visit.label = "date_differs"


def person_differs(press: Press, visit: Visit) -> None:
    """Type a surname that sounds alike."""
    press.tell_national(visit)
    press.tell_guangxi(visit, flaw="misnamed")
    visit.label = "person_differs"


def twice_national(press: Press, visit: Visit) -> None:
    """Save it again after a hang."""
    press.tell_both(visit)
    press.tell_national(visit, updated=visit.entered + 60)
    press.book(visit)
    visit.label = "duplicate (note)"


def twice_guangxi(press: Press, visit: Visit) -> None:
    """Save it again after a hang."""
    press.tell_both(visit)
    press.tell_guangxi(visit)
    press.book(visit)
    visit.label = "duplicate (note)"


def withdrawn_both(press: Press, visit: Visit) -> None:
    """Withdraw it everywhere."""
    press.tell_national(visit, state="3")
    press.tell_guangxi(visit, state="REVOKED")


def withdrawn_decider(press: Press, visit: Visit) -> None:
    """Withdraw it where it counts; the other platform still claims it."""
    press.tell_national(visit)
    press.tell_guangxi(visit, state="REVOKED")
    visit.label = "uncorroborated (note)"


def refused_national(press: Press, visit: Visit) -> None:
    """Let the national platform refuse it afterwards."""
    press.tell_national(visit, state="4")
    press.tell_guangxi(visit)
    press.book(visit)


def corrected_national(press: Press, visit: Visit) -> None:
    """Delete it and add it again: there is no update."""
    press.tell_national(visit, state="3", figure=_THREE_MINUTES, end=visit.start + 3)
    press.tell_national(visit, updated=visit.entered + 120)
    press.tell_guangxi(visit)
    press.book(visit)


def corrected_guangxi(press: Press, visit: Visit) -> None:
    """Revoke it and add it again."""
    press.tell_national(visit)
    press.tell_guangxi(visit, state="REVOKED", figure=visit.minutes // _HALF_HOUR * _HALF_HOUR + _HALF_HOUR)
    press.tell_guangxi(visit, updated=visit.entered + 900)
    press.book(visit)


def hours_missing(press: Press, visit: Visit) -> None:
    """Leave the hours out: that row is set aside, the other one counts."""
    press.tell_national(visit, figure=None)
    only_guangxi(press, visit)


def card_broken(press: Press, visit: Visit) -> None:
    """Get the last digit of the id number wrong: that row is set aside, the other one counts."""
    press.tell_national(visit, flaw="broken_card")
    only_guangxi(press, visit)


def end_lost(press: Press, visit: Visit) -> None:
    """Store an end that no clock shows."""
    press.tell_national(visit, flaw="end_lost")
    only_guangxi(press, visit)


def unmapped(press: Press, visit: Visit) -> None:
    """Type a project that nobody has assigned to a category."""
    visit.kind, visit.project = NAMELESS, 0
    press.tell_both(visit)
    visit.label = "unmapped"


def ineligible(press: Press, visit: Visit) -> None:
    """Book it as professional service without a licence."""
    visit.kind, visit.project = PROFESSIONAL, 0
    press.tell_both(visit)
    visit.label = "ineligible"


def no_service(press: Press, visit: Visit) -> None:
    """Type a meeting: volunteering, but no service."""
    visit.kind, visit.project = MEETING, visit.number % len(MEETINGS.projects)
    press.tell_both(visit)


def honours(press: Press, visit: Visit) -> None:
    """Give honour hours, which are never service."""
    press.tell_national(visit, flaw="honour")


def too_long(press: Press, visit: Visit) -> None:
    """Forget to sign out."""
    visit.start, visit.minutes = 7 * 60, 13 * 60
    press.tell_both(visit)
    visit.label = "implausible"


def in_future(press: Press, visit: Visit) -> None:
    """Pick the wrong year."""
    visit.day += 365
    press.tell_both(visit)
    visit.label = "implausible"
