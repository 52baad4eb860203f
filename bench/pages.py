"""What both platforms say of a town, call by call: the answers of a night, written to a tape without any server."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import chain
from pathlib import Path

import orjson

from bench.population import Inhabitant, broken_card
from bench.tape import Tape, TapeWriter
from bench.town import FIRST_DAY, Town, midnight
from bench.visits import ALL_KINDS, Told
from sandbox.cipher import sm3
from sandbox.streets import AREA, SPECIAL_REMARK, STATIONS
from sandbox.visits import activity_id, project_id

NATIONAL_ROWS, GUANGXI_ROWS = 100, 500
_REMARK = (
    "站点值班员当日登记，志愿者签到、签退齐全，服务对象已在纸质派单上签字，派单按月装订，存站点档案柜备查；"
    "次月五日前由社区值班员抽查两成，抽查结果记入站点月报，电话回访由街道统一安排，时间另行通知，请站点提前准备。"
    "本条由站点统一录入，如有出入，以派单原件为准。"
)
_LIFETIME_SECONDS = 10_000_000
_WIDTH = 32
_MIX, _ALL = 0x9E3779B97F4A7C15F39CC0605CEDC835, (1 << 128) - 1


def write_night(
    town: Town, folder: Path, night: datetime, since: datetime | None = None, months: Sequence[str] = ()
) -> dict[str, Tape]:
    """Write what the platforms answer on ``night`` about what changed ``since`` (None: ever); a tape by platform.

    After its pages, guangxi is asked for the sums of ``months`` (``YYYY-MM``) of each organisation.
    """
    folder.mkdir(parents=True, exist_ok=True)
    earliest = 0 if since is None else int((since - midnight(0)).total_seconds())
    tapes = {
        "national": (_national_log_in(), _national_pages(town, earliest)),
        "guangxi": (_guangxi_log_in(), chain(_guangxi_pages(town, earliest), _guangxi_sums(town, months))),
    }
    written = {}
    for platform, (log_in, pages) in tapes.items():
        with TapeWriter(folder / f"{platform}.tape", night) as writer:
            writer.add(log_in)
            for page in pages:
                writer.add(page)
        written[platform] = writer.tape()
    return written


def national_id(number: int) -> str:
    """Give the national platform's id of its row ``number``: 32 hex digits in no order."""
    return f"{number * _MIX & _ALL:032x}"


def record_id(platform: str, row: Told) -> str:
    """Give the id under which a platform shows a row."""
    return national_id(row.number) if platform == "national" else str(row.number)


def _by_station(rows: Iterable[Told], earliest: int) -> list[list[Told]]:
    """Part the rows by station, each in the order in which a platform shows them."""
    parted: dict[int, list[Told]] = defaultdict(list)
    for row in rows:
        if row.updated >= earliest:
            parted[row.station].append(row)
    return [sorted(parted[station]) for station in range(len(STATIONS))]


# --- the national platform -------------------------------------------------------------------------------------------


def _national_log_in() -> bytes:
    return orjson.dumps({"code": 0, "message": "", "data": {"token": "bench", "expiresIn": _LIFETIME_SECONDS}})


def _national_pages(town: Town, earliest: int) -> Iterator[bytes]:
    for rows in _by_station(town.national, earliest):
        pages = max(1, -(-len(rows) // NATIONAL_ROWS))
        for page in range(pages):
            shown = rows[page * NATIONAL_ROWS : (page + 1) * NATIONAL_ROWS]
            listed = ",".join([_national_row(row, town.people[row.person]) for row in shown])
            yield (
                f'{{"code":"0","message":"","totalCount":"{len(rows)}","pageCount":{pages},"pageNo":{page + 1},'
                f'"data":[{listed}]}}'
            ).encode()


def _national_row(row: Told, person: Inhabitant) -> str:
    station = STATIONS[row.station]
    day, kind = _day(row.day), ALL_KINDS[row.kind]
    hours = "null" if row.figure is None else f'"{row.figure // 100}.{row.figure % 100:02d}"'
    card = broken_card(person) if row.flaw == "broken_card" else person.national_card
    end = "59:59:59" if row.flaw == "end_lost" else f"{_clock(row.end)}:00.0"
    updated = _instant(row.updated)
    remark = SPECIAL_REMARK if row.is_special else _REMARK
    return (
        f'{{"id":"{national_id(row.number)}","albx0172":{hours},"albx0173":"1","albx0174":"{row.state}",'
        f'"albx0175":"{person.national_number:<{_WIDTH}}","albx0176":"{_project(row.station, row.kind, row.project)}",'
        f'"projectName":"{kind.projects[row.project]}","albx0009":"{kind.national_category}","albx0014":"03",'
        f'"albx0177":"{station.team}","albx0062":"{station.street}时间银行志愿服务队","name":"{person.national_name}",'
        f'"albp0004":"01","cardno":"{card}","albx0178":"{updated}.0",'
        f'"albx0181":"{day} {_clock(row.start)}:00.0","albx0182":"{day} {end}",'
        f'"albx0187":"{2 if row.flaw == "honour" else 1}","albx0021":"{AREA}","updateTime":"{updated}",'
        f'"bz":"{remark}"}}'
    )


@lru_cache(maxsize=256)
def _project(station: int, kind: int, project: int) -> str:
    return project_id(STATIONS[station], ALL_KINDS[kind].projects[project])


# --- the Guangxi platform --------------------------------------------------------------------------------------------


def _guangxi_log_in() -> bytes:
    return _layered(f'{{"accessToken":"bench","expiresIn":{_LIFETIME_SECONDS}}}')


def _guangxi_pages(town: Town, earliest: int) -> Iterator[bytes]:
    for rows in _by_station(town.guangxi, earliest):
        pages = max(1, -(-len(rows) // GUANGXI_ROWS))
        for page in range(pages):
            shown = rows[page * GUANGXI_ROWS : (page + 1) * GUANGXI_ROWS]
            listed = ",".join([_guangxi_row(row, town.people[row.person], has_times=town.has_times) for row in shown])
            following = f'"{page + 1}"' if page + 1 < pages else "null"
            yield _layered(f'{{"records":[{listed}],"nextCursor":{following},"total":{len(rows)}}}')


def _guangxi_sums(town: Town, months: Sequence[str]) -> Iterator[bytes]:
    for station in range(len(STATIONS)):
        for month in months:
            days: dict[str, list[Told]] = defaultdict(list)
            for row in town.guangxi:
                if row.station == station and _day(row.day)[:7] == month:
                    days[_day(row.day)].append(row)
            yield _layered(f'{{"days":[{",".join(_summed(day, rows) for day, rows in sorted(days.items()))}]}}')


def _summed(day: str, rows: list[Told]) -> str:
    lines = [f"{row.number}:{row.figure}:{row.state}\n" for row in sorted(rows, key=lambda row: row.number)]
    minutes = sum(row.figure or 0 for row in rows)
    return f'{{"date":"{day}","count":{len(rows)},"minutes":{minutes},"checksum":"{sm3("".join(lines).encode())}"}}'


def _layered(data: str) -> bytes:
    """Put data into the gateway's two layers: the outer one holds the inner one's JSON as text."""
    inner = f'{{"code":200,"success":true,"message":"","data":{data}}}'
    return orjson.dumps({"code": "200", "success": True, "message": "", "data": inner})


def _guangxi_row(row: Told, person: Inhabitant, *, has_times: bool) -> str:
    station = STATIONS[row.station]
    kind = ALL_KINDS[row.kind]
    times = f'"{_clock(row.start)}","endTime":"{_clock(row.end)}"' if has_times else 'null,"endTime":null'
    source = f'"NATIONAL","sourceRef":"{national_id(row.carried)}"' if row.carried else '"GX","sourceRef":null'
    name = person.misnamed if row.flaw == "misnamed" else person.guangxi_name
    updated = f"{_instant(row.updated, 'T')}+08:00"
    remark = SPECIAL_REMARK if row.is_special else _REMARK
    return (
        f'{{"recordId":{row.number},"volunteerNo":"{person.guangxi_number}","volunteerName":"{name}",'
        f'"idType":"01","idNoEnc":"{person.guangxi_card}","orgCode":"{station.organisation}",'
        f'"activityId":"{_activity(row.station, row.kind, row.project)}","activityName":"{kind.projects[row.project]}",'
        f'"serviceType":"{kind.service_type}","serviceDate":"{_day(row.day)}","startTime":{times},'
        f'"durationMinutes":{row.figure},"state":"{row.state}","sourceSystem":{source},'
        f'"createdAt":"{updated}","updatedAt":"{updated}","remark":"{remark}"}}'
    )


@lru_cache(maxsize=256)
def _activity(station: int, kind: int, project: int) -> str:
    return activity_id(STATIONS[station], ALL_KINDS[kind].projects[project])


# --- days and times, which are few -----------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _day(day: int) -> str:
    return (FIRST_DAY + timedelta(days=day)).isoformat()


@lru_cache(maxsize=2048)
def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _instant(seconds: int, between: str = " ") -> str:
    """Spell an instant, in seconds after the first midnight, as the clocks of Shanghai show it."""
    day, second = divmod(seconds, 86_400)
    return f"{_day(day)}{between}{_clock(second // 60)}:{second % 60:02d}"


def service_day(row: Told) -> date:
    """Give the day that a row names."""
    return FIRST_DAY + timedelta(days=row.day)
