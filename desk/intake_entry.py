"""Read one row of an entries file as an hour typed at the station."""

from __future__ import annotations

from datetime import date, datetime

from desk.intake_row import Row, RowRefused
from desk.intake_words import category_named, station_named
from domain.entries import Entry
from mapping.rules import RuleSet
from mapping.typed import TypedProblem, typed_yes
from mapping.typed_people import typed_confirmer, typed_entry_id, typed_local_number
from mapping.typed_remarks import typed_remark
from mapping.typed_times import typed_date, typed_span

_COLUMN_OF_TIME = {"start": "开始时间", "end": "结束时间"}


def read_entry_row(row: Row, rules: RuleSet, today: date | None) -> Entry:
    """Read one typed visit; raises ``RowRefused``."""
    entry_id = row.read("录入编号", typed_entry_id)
    local_number = row.read("本地编号", typed_local_number)
    category = row.read("服务类别", lambda text: category_named(text, rules))
    day = row.read("服务日期", lambda text: _service_date(text, rules, today))
    starts_at, ends_at = _span(row, day)
    station_by = row.read("站点确认", typed_confirmer)
    return Entry(
        entry_id=entry_id,
        local_number=local_number,
        station=row.read("服务站", lambda text: station_named(text, rules)),
        category=category,
        service_date=day,
        starts_at=starts_at,
        ends_at=ends_at,
        is_special=row.read("特殊情况", typed_yes),
        station_by=station_by,
        community_by=row.read("社区确认", lambda text: _second_confirmer(text, station_by)),
        beneficiary=row.read("服务对象", typed_remark),
        remark=row.read("备注", typed_remark),
    )


def _second_confirmer(text: str, first: str) -> str | TypedProblem:
    """Read the community's confirmer: somebody other than the station's."""
    confirmer = typed_confirmer(text)
    return TypedProblem("confirmer_twice") if confirmer and confirmer == first else confirmer


def _service_date(text: str, rules: RuleSet, today: date | None) -> date | TypedProblem:
    day = typed_date(text)
    if isinstance(day, TypedProblem):
        return day
    if today is not None and day > today:
        return TypedProblem("date_in_future")
    if day < rules.valid_from or (rules.valid_to is not None and day > rules.valid_to):
        return TypedProblem("date_outside_rules", (("first_day", rules.valid_from.isoformat()),))
    return day


def _span(row: Row, day: date) -> tuple[datetime, datetime] | tuple[None, None]:
    """Read both times; a problem of theirs says itself which of the two columns it means."""
    span = typed_span(row.text("开始时间"), row.text("结束时间"), day)
    if isinstance(span, TypedProblem):
        raise RowRefused(row.refused(_COLUMN_OF_TIME[dict(span.data)["column"]], span.code))
    return span or (None, None)
