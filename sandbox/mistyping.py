"""What staff do to one record when they mistype it, and which visits that can happen to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.guangxi_rows import PENDING, REVOKED
from sandbox.national_rows import hours_text
from sandbox.streets import KINDS, SPECIAL_REMARK
from sandbox.visits import GUANGXI_DECIDES, PROFESSIONAL, Clerk, Visit, activity_id, project_id

_FLAT_HALF_HOUR = ("emotional_support", "assistance", "escort")
_RECREATION = KINDS[3]

# --- which visits a mistake fits -------------------------------------------------------------------------------------


def on_both(visit: Visit) -> bool:
    """Say whether both platforms tell of it once, each on its own."""
    return len(visit.national) == 1 and len(visit.guangxi) == 1 and not visit.guangxi[0].source_ref


def on_national(visit: Visit) -> bool:
    """Say whether the national platform tells of it once."""
    return len(visit.national) == 1


def is_flat_on_both(visit: Visit) -> bool:
    """Say whether it is worth half an hour, whatever its length."""
    return on_both(visit) and visit.kind.category in _FLAT_HALF_HOUR and not visit.is_special


def is_actual_on_both(visit: Visit) -> bool:
    """Say whether its true length counts."""
    return on_both(visit) and (visit.kind is PROFESSIONAL or visit.is_special)


def is_forgettable(visit: Visit) -> bool:
    """Say whether it would be missed if Guangxi had forgotten it."""
    return on_both(visit) and visit.served_on >= GUANGXI_DECIDES


def has_times_on_both(visit: Visit) -> bool:
    """Say whether both platforms know its times."""
    return on_both(visit) and visit.guangxi[0].start_time is not None


# --- what it does ----------------------------------------------------------------------------------------------------


def save_national_twice(visit: Visit, clerk: Clerk) -> None:
    """Save it again after a hang."""
    visit.national.append(clerk.type_again(visit.national[0]))


def save_guangxi_twice(visit: Visit, clerk: Clerk) -> None:
    """Save it again after a hang."""
    visit.guangxi.append(replace(visit.guangxi[0], record_id=clerk.next_id()))


def shift_day(visit: Visit, _clerk: Clerk) -> None:
    """Type it a day late."""
    visit.guangxi[0] = replace(visit.guangxi[0], service_date=visit.served_on + timedelta(days=1))


def mistype_hours(visit: Visit, _clerk: Clerk) -> None:
    """Type an hour and a half too much, without times."""
    figure = visit.guangxi[0].duration_minutes or 0
    visit.guangxi[0] = replace(visit.guangxi[0], duration_minutes=figure + 90, start_time=None, end_time=None)


def mistype_flat_hours(visit: Visit, _clerk: Clerk) -> None:
    """Type 5 where 0.5 was meant."""
    visit.national[0] = replace(visit.national[0], hours="5.00")


def mistake_category(visit: Visit, _clerk: Clerk) -> None:
    """Leave the project of the time before in the form."""
    activity = activity_id(visit.station, _RECREATION.projects[0])
    visit.guangxi[0] = replace(visit.guangxi[0], service_type=_RECREATION.service_type, activity_id=activity)


def swap_surname(visit: Visit, _clerk: Clerk) -> None:
    """Type a surname that sounds alike."""
    surname = "谭" if visit.person.name[0] != "谭" else "覃"
    visit.guangxi[0] = replace(visit.guangxi[0], name=surname + visit.person.name[1:])


def vary_dot(visit: Visit, _clerk: Clerk) -> None:
    """Type the dot as each keyboard has it."""
    visit.national[0] = replace(visit.national[0], name=visit.person.name.replace("·", "・"))
    visit.guangxi[0] = replace(visit.guangxi[0], name=visit.person.name.replace("·", " • "))


def correct_national(visit: Visit, clerk: Clerk) -> None:
    """Delete it and add it again: there is no update."""
    wrong = visit.national[0]
    visit.national[0] = replace(wrong, status="3", hours="0.05", ends_at=wrong.starts_at + timedelta(minutes=3))
    visit.national.append(clerk.type_again(wrong))


def correct_guangxi(visit: Visit, clerk: Clerk) -> None:
    """Revoke it and add it again."""
    right = visit.guangxi[0]
    visit.guangxi[0] = replace(right, state=REVOKED, duration_minutes=(right.duration_minutes or 0) + 30)
    visit.guangxi.append(replace(right, record_id=clerk.next_id()))


def withdraw_both(visit: Visit, _clerk: Clerk) -> None:
    """Withdraw it everywhere."""
    visit.national[0] = replace(visit.national[0], status="3")
    visit.guangxi[0] = replace(visit.guangxi[0], state=REVOKED)


def withdraw_national(visit: Visit, _clerk: Clerk) -> None:
    """Let the national platform refuse it afterwards."""
    visit.national[0] = replace(visit.national[0], status="4")


def break_id_number(visit: Visit, _clerk: Clerk) -> None:
    """Get the last digit of the id number wrong."""
    digits = visit.person.id_number
    wrong = "0" if digits[-1] != "0" else "1"
    visit.national[0] = replace(visit.national[0], id_number=digits[:-1] + wrong)


def lose_national_hours(visit: Visit, _clerk: Clerk) -> None:
    """Leave the hours null."""
    visit.national[0] = replace(visit.national[0], hours=None)


def lose_guangxi_minutes(visit: Visit, _clerk: Clerk) -> None:
    """Leave the minutes null."""
    visit.guangxi[0] = replace(visit.guangxi[0], duration_minutes=None)


def type_thirty_hours(visit: Visit, _clerk: Clerk) -> None:
    """Type 30 minutes into a field of hours."""
    visit.national[0] = replace(visit.national[0], hours="30.00")


def lose_end(visit: Visit, _clerk: Clerk) -> None:
    """Store an end that no clock shows."""
    visit.national[0] = replace(visit.national[0], ends_text=f"{visit.served_on} 59:59:59")


def name_area(visit: Visit, _clerk: Clerk) -> None:
    """Store the area's name in place of its code."""
    visit.national[0] = replace(visit.national[0], area="广西柳州市城中区")


def forget_guangxi(visit: Visit, _clerk: Clerk) -> None:
    """Never type it into Guangxi's."""
    visit.guangxi.clear()


def stretch_to_thirteen_hours(visit: Visit, _clerk: Clerk) -> None:
    """Forget to sign out."""
    _move(visit, visit.starts_at.replace(hour=7, minute=0), 13 * 60)


def move_to_next_year(visit: Visit, _clerk: Clerk) -> None:
    """Pick the wrong year."""
    _move(visit, visit.starts_at.replace(year=2023, month=9, day=9), visit.minutes)


def _move(visit: Visit, start: datetime, minutes: int) -> None:
    """Tell of the visit at another time, on both platforms."""
    end = start + timedelta(minutes=minutes)
    visit.national[0] = replace(visit.national[0], starts_at=start, ends_at=end, hours=hours_text(start, end))
    visit.guangxi[0] = replace(
        visit.guangxi[0], service_date=start.date(), duration_minutes=minutes // 30 * 30, start_time=None, end_time=None
    )


def claim_licence(visit: Visit, _clerk: Clerk) -> None:
    """Book it as professional service."""
    name = PROFESSIONAL.projects[0]
    visit.national[0] = replace(visit.national[0], project_id=project_id(visit.station, name))
    visit.guangxi[0] = replace(
        visit.guangxi[0], service_type=PROFESSIONAL.service_type, activity_id=activity_id(visit.station, name)
    )


def send_unknown_status(visit: Visit, _clerk: Clerk) -> None:
    """Show a status that nobody has documented."""
    visit.national[0] = replace(visit.national[0], status="7")


def remark_special(visit: Visit, _clerk: Clerk) -> None:
    """Note that it took longer than usual."""
    visit.guangxi[0] = replace(visit.guangxi[0], remark=SPECIAL_REMARK)
    visit.national[0] = replace(visit.national[0], remark=SPECIAL_REMARK)


def leave_national_pending(visit: Visit, _clerk: Clerk) -> None:
    """Leave it applied for."""
    visit.national[0] = replace(visit.national[0], status="0")
    visit.guangxi.clear()


def leave_guangxi_pending(visit: Visit, _clerk: Clerk) -> None:
    """Leave it to be approved."""
    visit.guangxi[0] = replace(visit.guangxi[0], state=PENDING)


def has_dot(visit: Visit) -> bool:
    """Say whether the volunteer's name has a dot."""
    return on_both(visit) and "·" in visit.person.name


def has_no_licence(visit: Visit) -> bool:
    """Say whether the volunteer may not do professional service."""
    return is_flat_on_both(visit) and not visit.person.licence
