"""The bridge as one self-contained page: platform by platform, stations and months, figures opening to services."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from desk.bridge.items import Item, Piece, Side
from desk.bridge.values import Bridge, Column, Opened
from desk.report.html import environment
from desk.words.words import Words
from domain.clock import SHANGHAI

KEPT_MAX = 8
MONTHS_MAX = 12


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the page, and the services behind it; ``more`` of them are not shown."""

    seconds: int
    pieces: tuple[Piece, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: a station ("": none of ours), perhaps in a month, with the figures of the columns."""

    station: str
    month: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One platform's side: the figures of the whole, station by station, and each month of the last twelve with any."""

    platform: str
    columns: tuple[Item, ...]
    whole: Line
    stations: tuple[Line, ...]
    months: tuple[Line, ...]
    unreadable: int


def render_bridge(bridge: Bridge, words: Words, bank: str, generated_at: datetime, stations: dict[str, str]) -> str:
    """Give the page; ``stations`` are names by code. ``bridge`` should be drawn with ``KEPT_MAX`` pieces a figure."""
    names = {code: stations.get(code) or words.page("no_station") for code, _ in bridge.cells}
    return environment().get_template("bridge.html.j2").render(
        bank=bank,
        words=words,
        say=words.page,
        tell=lambda code, **gaps: words.say("bridge", code, **gaps),
        names=names,
        sheets=[_sheet(bridge, platform, [*stations, ""]) for platform in bridge.platforms],
        is_closed=bridge.is_closed,
        items=tuple(Item),
        generated_at=generated_at.astimezone(SHANGHAI),
    )  # fmt: skip


def _sheet(bridge: Bridge, platform: str, order: list[str]) -> Sheet:
    whole = bridge.total()[platform]
    columns = tuple(item for item in Item if whole.opened.get(item))
    present = sorted({code for code, _ in bridge.cells}, key=lambda code: (_place(code, order), code))
    return Sheet(
        platform=platform,
        columns=columns,
        whole=_line("", "", whole, columns),
        stations=tuple(_line(code, "", bridge.of_station(code)[platform], columns) for code in present),
        months=tuple(_months(bridge, platform, columns, present)),
        unreadable=bridge.unreadable_rows(platform),
    )


def _place(code: str, order: list[str]) -> int:
    return order.index(code) if code in order else len(order)


def _months(bridge: Bridge, platform: str, columns: tuple[Item, ...], stations: list[str]) -> Iterator[Line]:
    for month in sorted({month for _, month in bridge.cells}, reverse=True)[:MONTHS_MAX]:
        for code in stations:
            column = bridge.cells.get((code, month), {}).get(platform)
            if column is not None and (column.ledger_seconds or column.reported_seconds or column.opened):
                yield _line(code, month, column, columns)


def _line(station: str, month: str, column: Column, columns: tuple[Item, ...]) -> Line:
    figures = [_figure(column.reported_seconds, column.opened.get(Side.REPORTED))]
    figures += [_figure(column.items.get(item, 0), column.opened.get(item)) for item in columns]
    figures.append(_figure(column.residual_seconds, column.opened.get(None)))
    figures.append(_figure(column.ledger_seconds, column.opened.get(Side.LEDGER)))
    return Line(station, month, tuple(figures))


def _figure(seconds: int, opened: Opened | None) -> Figure:
    if opened is None:
        return Figure(seconds, (), 0)
    shown = tuple(opened.in_order()[:KEPT_MAX])
    return Figure(seconds, shown, opened.count - len(shown))
