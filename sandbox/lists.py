"""The station's own lists, as files: the roster and the entries typed there."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from sandbox.city import City
from sandbox.people import Volunteer
from sandbox.streets import COMMUNITIES
from sandbox.visits import Visit

ROSTER_COLUMNS = (
    "本地编号", "姓名", "证件类型", "证件号码", "手机号", "服务站", "登记日期", "执业证书",
    "国家平台编号", "桂志愿编号", "同意上报",
)  # fmt: skip
ENTRY_COLUMNS = (
    "录入编号", "本地编号", "服务类别", "服务日期", "开始时间", "结束时间", "特殊情况", "服务站",
    "服务对象", "站点确认", "社区确认", "备注",
)  # fmt: skip
_SERVED = ("陆奶奶", "梁爷爷", "潘奶奶", "甘爷爷")
_UNCONFIRMED_EVERY = 13
_UNBOUND_EVERY = 5


def write_lists(city: City, folder: Path) -> tuple[Path, Path]:
    """Write ``roster.csv`` and ``entries.csv`` (UTF-8) into ``folder``, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    roster, entries = folder / "roster.csv", folder / "entries.csv"
    _write(roster, ROSTER_COLUMNS, roster_rows(city))
    _write(entries, ENTRY_COLUMNS, entry_rows(city))
    return roster, entries


def roster_rows(city: City) -> list[tuple[str, ...]]:
    """Give the roster's rows; some volunteers' platform numbers are left out, to be found by id number."""
    return [_roster_row(index, person) for index, person in enumerate(city.people) if person.is_on_roster]


def entry_rows(city: City) -> list[tuple[str, ...]]:
    """Give the rows of the entries; some still lack the community's confirmation."""
    typed = [visit for visit in city.visits if visit.entry]
    return [_entry_row(index, visit) for index, visit in enumerate(typed, start=1)]


def _roster_row(index: int, person: Volunteer) -> tuple[str, ...]:
    is_bound = index % _UNBOUND_EVERY != 0
    return (
        person.local_number, person.name, "01", person.id_number, person.phone, person.station,
        person.registered_on.isoformat(), person.licence,
        person.national_number if is_bound else "", person.guangxi_number if is_bound else "",
        ",".join(person.consents),
    )  # fmt: skip


def _entry_row(index: int, visit: Visit) -> tuple[str, ...]:
    community = COMMUNITIES[index % len(COMMUNITIES)]
    return (
        visit.entry, visit.person.local_number, visit.kind.category, visit.served_on.isoformat(),
        f"{visit.starts_at:%H:%M}", f"{visit.ends_at:%H:%M}", "是" if visit.is_special else "", visit.station.code,
        _SERVED[index % len(_SERVED)], f"{visit.station.street[:2]}站值班员",
        "" if index % _UNCONFIRMED_EVERY == 0 else f"{community}社区值班员", "",
    )  # fmt: skip


def _write(path: Path, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
