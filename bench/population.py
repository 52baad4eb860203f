"""The people of a made-up town of any size; region 459900 is assigned to nobody."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sandbox.cipher import KeyPair
from sandbox.clock import SHANGHAI
from sandbox.people import resident_number
from sandbox.streets import STATIONS

FIRST_NIGHT = datetime(2022, 10, 21, 2, 30, tzinfo=SHANGHAI)
RESPONSE_KEY = KeyPair("00112233445566778899aabbccddeeff", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")
DATA_KEY = KeyPair("ffeeddccbbaa99887766554433221100", "f0e1d2c3b4a5968778695a4b3c2d1e0f")
_SURNAMES = "覃韦黄莫蒙罗梁陆潘蓝农谭甘廖邓吴石杨"
_GIVEN = (
    "素兰",
    "秀英",
    "桂香",
    "美玉",
    "凤莲",
    "春柳",
    "月娥",
    "丽萍",
    "志强",
    "建国",
    "文海",
    "永福",
    "国庆",
    "锦程",
)
_DOTTED_EVERY, _LICENSED_EVERY, _STRANGER_EVERY, _UNBOUND_EVERY = 40, 12, 150, 5
_FIRST_BORN, _BIRTH_DAYS, _STEP = date(1937, 1, 5), 24_000, 7_919  # the step is prime: every day comes before one twice


class Inhabitant(NamedTuple):
    """One person in truth, with what each platform is told of them.

    ``national_name``, ``guangxi_name``: as each platform spells it; ``misnamed``: with a surname that sounds alike.
    ``national_card``, ``guangxi_card``: the id number as each platform encrypts it.
    """

    name: str
    national_name: str
    guangxi_name: str
    misnamed: str
    id_number: str
    national_card: str
    guangxi_card: str
    national_number: str
    guangxi_number: str
    station: int
    is_licensed: bool
    is_on_roster: bool
    is_bound: bool


def inhabitants(seed: int) -> Iterator[Inhabitant]:
    """Give one person after the other, without end; most are on the roster, every 150th is a stranger to it."""
    source = random.Random(f"people/{seed}")  # noqa: S311 - must repeat; protects nothing
    index = 0
    while True:
        yield _inhabitant(index, source)
        index += 1


def broken_card(person: Inhabitant) -> str:
    """Give the encrypted id number with its last digit wrong."""
    digits = person.id_number
    return RESPONSE_KEY.seal(digits[:-1] + ("0" if digits[-1] != "0" else "1"))


def _inhabitant(index: int, source: random.Random) -> Inhabitant:
    surname, given = _SURNAMES[int(source.random() * len(_SURNAMES))], _GIVEN[int(source.random() * len(_GIVEN))]
    dot = "·" if index % _DOTTED_EVERY == 1 else ""
    born_on = _FIRST_BORN + timedelta(days=index * _STEP % _BIRTH_DAYS)
    id_number = resident_number(born_on, index // _BIRTH_DAYS % 1000)
    return Inhabitant(
        name=surname + dot + given,
        national_name=surname + dot.replace("·", "・") + given,
        guangxi_name=surname + dot.replace("·", " • ") + given,
        misnamed=("谭" if surname != "谭" else "覃") + dot + given,
        id_number=id_number,
        national_card=RESPONSE_KEY.seal(id_number),
        guangxi_card=DATA_KEY.seal(id_number),
        national_number=f"{source.getrandbits(112):028X}",
        guangxi_number=f"GXZ{45_020_000_000 + index * 13:012d}",
        station=index % len(STATIONS),
        is_licensed=index % _LICENSED_EVERY == 0,
        is_on_roster=index % _STRANGER_EVERY != _STRANGER_EVERY - 1,
        is_bound=index % _UNBOUND_EVERY != 0,
    )
