"""The report as one self-contained page: no script, nothing from outside, made to be read and to be printed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cache, partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from desk.report import arrange
from desk.report.chart import chart
from desk.report.choices import choices
from desk.report.say import conflict_reason, life_lines
from desk.report.sides import side_table
from desk.report.values import ReportConflict, ReportData, StationState
from desk.words.words import Words, show_day
from domain.clock import SHANGHAI, day_in_shanghai
from domain.conflicts import ConflictState
from domain.decisions import DecisionCode
from domain.hours import show_hours

_WITH_HOURS = frozenset({DecisionCode.CREDIT, DecisionCode.APPROVE})


def render_html(data: ReportData, words: Words, station: str | None = None, made: dict[str, Any] | None = None) -> str:
    """Give the page for the district, or with ``station`` (its code) the one that only has that station's rows.

    ``made`` keeps what stands on several pages of the same data, so that it is made once.
    """
    today = day_in_shanghai(data.generated_at)
    unsettled = tuple(
        conflict
        for conflict in data.conflicts
        if arrange.is_unsettled(conflict) and station in {None, conflict.station}
    )
    to_do = tuple(one for one in unsettled if arrange.is_to_do(one, today))
    stations = tuple(one for one in arrange.stations(data) if station in {None, one.code})
    lines = arrange.station_lines(data) if station is None else ()  # a station sees no other
    sections = [_section(one, unsettled, words) for one in stations]
    return environment().get_template("report.html.j2").render(
        data=data,
        words=words,
        say=words.page,
        station=_name(stations[0], words) if station is not None else "",
        unsettled=unsettled,
        to_do=to_do,
        for_today=tuple(one for one in to_do if arrange.is_for_today(one, today)),
        causes=arrange.causes(to_do),
        notes=tuple(filter(arrange.is_note, unsettled)),
        lines=lines,
        chart=chart(lines),
        sections=[section for section in sections if section["causes"] or section["notes"]],
        show_day=partial(show_day, this_year=today.year),
        show_instant=partial(_show_instant, today=today),
        show_sides=partial(side_table, words=words, today=today),
        show_reason=partial(conflict_reason, words=words),
        show_choices=partial(_choices, words=words),
        show_life=partial(life_lines, words=words, rules=data.rules, this_year=today.year),
        proposed=tuple(one for one in to_do if one.state is ConflictState.PROPOSED),
        working_days=partial(arrange.working_days, until=today),
        generated_at=data.generated_at.astimezone(SHANGHAI),
        once=partial(_once, {} if made is None else made),
    )  # fmt: skip


@cache
def environment() -> Environment:
    """Give the room in which the pages are rendered."""
    made = Environment(
        loader=PackageLoader("desk.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["hours"] = _show_total
    made.filters["signed"] = show_hours
    made.filters["stake"] = arrange.seconds_at_stake
    made.globals["takes_hours"] = _takes_hours
    return made


def _once(made: dict[str, Any], place: str, make: Callable[[Any], Any], of: object) -> Any:  # noqa: ANN401 - markup
    if place not in made:
        made[place] = make(of)
    return made[place]


def _show_total(seconds: int) -> str:
    """Show a sum with as many decimals as it needs, and at least one."""
    return show_hours(seconds).removesuffix("0")


def _section(station: StationState, unsettled: tuple[ReportConflict, ...], words: Words) -> dict[str, object]:
    own = tuple(conflict for conflict in unsettled if conflict.station == station.code)
    acts = filter(arrange.asks_for_act, own)
    return {
        "code": station.code,
        "name": _name(station, words),
        "causes": arrange.causes(acts),
        "notes": arrange.in_working_order(filter(arrange.is_note, own)),
    }


def _name(station: StationState, words: Words) -> str:
    return station.name or words.page("no_station")


def _choices(conflict: ReportConflict, words: Words) -> tuple[str, ...]:
    return tuple(words.decision(choice) for choice in choices(conflict))


def _takes_hours(conflict: ReportConflict) -> bool:
    return not _WITH_HOURS.isdisjoint(choices(conflict))


def _show_instant(instant: datetime, today: date) -> str:
    local = instant.astimezone(SHANGHAI)
    return f"{show_day(local.date(), this_year=today.year)} {local:%H:%M}"
