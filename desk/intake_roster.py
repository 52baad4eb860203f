"""Read one row of a roster file as a person of the bank."""

from __future__ import annotations

from datetime import date

from desk.intake_row import Row
from desk.intake_words import station_named
from domain.people import RosterRow
from domain.records import PersonAsSaid
from mapping.rules import RuleSet
from mapping.typed import TypedProblem, is_nothing, plain, typed_optional
from mapping.typed_people import (
    parts_of_list,
    typed_id_number,
    typed_id_type,
    typed_local_number,
    typed_name,
    typed_phone,
    typed_platform_number,
)
from mapping.typed_times import typed_date

_NO_CONSENT = {"不同意", "未同意", "未签"}


def read_roster_row(row: Row, rules: RuleSet, today: date | None) -> RosterRow:
    """Read one person; raises ``RowRefused``. Age and the like are judged later, on the day of a service."""
    local_number = row.read("本地编号", typed_local_number)
    name = row.read("姓名", typed_name)
    id_type = row.read("证件类型", lambda text: typed_id_type(text, row.text("证件号码")))
    id_number = row.read("证件号码", lambda text: typed_id_number(text, id_type))
    numbers = {platform: row.read(platform, typed_platform_number) for platform in rules.platforms()}
    return RosterRow(
        line=row.line,
        local_number=local_number,
        person=PersonAsSaid(name=name, id_type=id_type, id_number=id_number),
        phone=row.read("手机号", typed_phone),
        station=row.read("服务站", lambda text: station_named(text, rules)),
        registered_on=row.read("登记日期", lambda text: _registered_on(text, today)),
        licence=row.read("执业证书", typed_optional),
        platform_numbers={platform: number for platform, number in numbers.items() if number},
        consents=row.read("同意上报", lambda text: _consents(text, rules)),
    )


def _registered_on(text: str, today: date | None) -> date | TypedProblem | None:
    if is_nothing(text):
        return None
    day = typed_date(text)
    if isinstance(day, date) and today is not None and day > today:
        return TypedProblem("date_in_future")
    return day


def _consents(text: str, rules: RuleSet) -> frozenset[str] | TypedProblem:
    """Read the platforms that a person agreed to; a bare 是 names none, and consent is never inferred."""
    if is_nothing(text) or plain(text) in _NO_CONSENT:
        return frozenset()
    aliases = {plain(name).casefold(): platform for name, platform in rules.platform_aliases.items()}
    named = [aliases.get(part.casefold()) for part in parts_of_list(text)]
    known = frozenset(platform for platform in named if platform is not None)
    return known if named and None not in named else TypedProblem("consent_unknown")
