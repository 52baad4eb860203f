"""The made-up volunteers of a small Liuzhou; region 459900 is assigned to nobody."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sandbox.streets import STATIONS

_REGION = "459900"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_SURNAMES = "覃韦黄莫蒙罗梁陆潘蓝农谭甘廖邓吴石杨"
_GIVEN = ("素兰", "秀英", "桂香", "美玉", "凤莲", "春柳", "月娥", "小燕", "丽萍", "彩云", "玉珍", "金莲",
          "志强", "建国", "文海", "永福", "振华", "德明", "家旺", "立新", "大山", "国庆", "少峰", "锦程")  # fmt: skip
DOTTED_NAME = "蓝·达努"
_ELDEST_BORN, _YOUNGEST_BORN = date(1937, 1, 5), date(2003, 9, 20)  # 18 before the first visit, 85 after the last
_MINOR_BORN = date(2005, 3, 14)
_LICENSED_EVERY, _UNSIGNED_EVERY, _HALF_SIGNED_EVERY = 12, 17, 11
_MINOR, _WIFE, _HUSBAND = 2, 4, 11  # by index; the couple is of one station
STRANGERS = 2


@dataclass(frozen=True, slots=True)
class Volunteer:
    """One volunteer in truth. ``consents`` names the platforms; ``is_on_roster`` is false for strangers."""

    local_number: str
    name: str
    id_number: str
    phone: str
    station: str
    born_on: date
    registered_on: date
    licence: str
    national_number: str
    guangxi_number: str
    consents: tuple[str, ...]
    is_on_roster: bool = True

    @property
    def is_minor(self) -> bool:
        """Say whether they are under 18 in the year of the city's visits."""
        return self.born_on >= _MINOR_BORN

    def __repr__(self) -> str:
        """Show nothing of the person."""
        return f"Volunteer({self.local_number})"


def resident_number(born_on: date, serial: int) -> str:
    """Give an 18-digit number of the unassigned region, with a valid check digit."""
    body = f"{_REGION}{born_on:%Y%m%d}{serial:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + _CHECK_DIGITS[total % 11]


def draw_volunteers(count: int, source: random.Random) -> list[Volunteer]:
    """Draw the roster (one dotted name, one couple with one phone, one minor), and then the strangers to it."""
    id_numbers = _draw_id_numbers(count + STRANGERS, source)
    people = [_draw(index, id_number, source) for index, id_number in enumerate(id_numbers)]
    strangers = [replace(person, is_on_roster=False, local_number="") for person in people[count:]]
    return people[:count] + strangers


def _draw_id_numbers(count: int, source: random.Random) -> list[str]:
    """Draw numbers, no two alike."""
    drawn: dict[str, None] = {}
    while len(drawn) < count:
        index = len(drawn)
        drawn[resident_number(_birth(index, source), index % 1000)] = None
    return list(drawn)


def _draw(index: int, id_number: str, source: random.Random) -> Volunteer:
    station = STATIONS[index % len(STATIONS)]
    name = DOTTED_NAME if index == 1 else source.choice(_SURNAMES) + source.choice(_GIVEN)
    phone_index = _WIFE if index == _HUSBAND else index
    return Volunteer(
        local_number=f"{station.code}-{index + 1:04d}",
        name=name,
        id_number=id_number,
        phone=f"100{10_000_000 + phone_index * 37:08d}",
        station=station.code,
        born_on=date.fromisoformat(id_number[6:14]),
        registered_on=date(2021, 9, 1) + timedelta(days=source.randrange(28)),
        licence="护士执业证书" if index % _LICENSED_EVERY == 0 else "",
        national_number=source.randbytes(14).hex().upper(),
        guangxi_number=f"GXZ{45_020_000_000 + index * 13:012d}",
        consents=_consents(index),
    )


def _birth(index: int, source: random.Random) -> date:
    if index == _MINOR:
        return _MINOR_BORN
    return _ELDEST_BORN + timedelta(days=source.randrange((_YOUNGEST_BORN - _ELDEST_BORN).days))


def _consents(index: int) -> tuple[str, ...]:
    """Give the platforms that a volunteer has signed for: most both, some one, some none yet."""
    if index % _UNSIGNED_EVERY == _MINOR:
        return ()
    return ("national",) if index % _HALF_SIGNED_EVERY == _MINOR else ("national", "guangxi")
