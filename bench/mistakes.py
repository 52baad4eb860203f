"""What staff make of a visit when they type it, one function for each way; the first ones are right."""

from __future__ import annotations

from collections.abc import Callable

from bench.visits import MEETING, NAMELESS, PROFESSIONAL, RECREATION, Press, Visit
from sandbox.streets import MEETINGS

NIGHT, HALF_YEAR = 293, 181  # in days after FIRST_DAY: the first night (2022-10-21), the day guangxi alone suffices
_GRACE_DAYS, _HALF_HOUR = 14, 30
_FIVE_HOURS, _THREE_MINUTES = 500, 5  # in hundredths of an hour

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
