"""Draw a bridge from the store: the book's sums, the platforms' sums, and every record and booking under its item."""

from __future__ import annotations

import re

from desk.balances import known_person
from desk.bridge.items import Side
from desk.bridge.reasons import Reasons
from desk.bridge.values import Bridge, Column
from domain.errors import UsageError
from local_store import bridge as rows
from local_store.bridge_rows import Part, Told
from local_store.grounds import grounds
from local_store.transaction import Tx
from mapping.rules import RuleSet

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)


def draw_bridge(  # noqa: PLR0913 - a bridge is cut in three ways
    tx: Tx,
    rules: RuleSet,
    *,
    station: str | None = None,
    person: str | None = None,
    month: str | None = None,
    kept_max: int | None = 0,
) -> Bridge:
    """Draw the bridge of a station (its code or a name of it), a person (本地编号) and a month (``YYYY-MM``).

    Each may be left out. ``kept_max`` says how many pieces of each figure are kept to be looked at (None: all).

    Raises:
        UsageError: ``station_unknown``, ``person_unknown``, ``month_unreadable``.
    """
    code = None if station is None else _station(station, rules)
    number = None if person is None else known_person(tx, person).number
    if month is not None and not _MONTH.fullmatch(month):
        raise UsageError("month_unreadable", month=month)
    part = rows.part_of(tx, code, number, month)
    drawn = Bridge(code, person, month, rules.platforms(), {})
    for figure in rows.booked(tx, part):
        for column in _cell(drawn, figure.station, figure.month).values():
            column.take_side(Side.LEDGER, figure.seconds, figure.how_many)
    for figure in rows.reported(tx, part):
        if figure.platform in drawn.platforms:
            column = _cell(drawn, figure.station, figure.month)[figure.platform]
            column.take_side(Side.REPORTED, figure.seconds, figure.how_many)
    _put_under_items(tx, rules, part, drawn, kept_max)
    if number is None and month is None:
        _count_unreadable(tx, rules, drawn)
    return drawn


def _station(said: str, rules: RuleSet) -> str:
    code = rules.station_aliases.get(said.strip(), said.strip())
    if code not in rules.station_names:
        raise UsageError("station_unknown", known="、".join(rules.station_names))
    return code


def _cell(drawn: Bridge, station: str, month: str) -> dict[str, Column]:
    found = drawn.cells.get((station, month))
    if found is None:
        found = drawn.cells[station, month] = {platform: Column() for platform in drawn.platforms}
    return found


def _put_under_items(tx: Tx, rules: RuleSet, part: Part, drawn: Bridge, kept_max: int | None) -> None:
    reasons = Reasons(rules, grounds(tx), rows.identities(tx, rules.version), part)
    full: set[tuple[str, str]] = set()
    for told in rows.services(tx, part):
        for piece in reasons.pieces(told):
            _cell(drawn, piece.station, piece.month)[piece.platform].add(piece, kept_max)
        place = (told[0].station, told[0].service_date[:7])
        if kept_max != 0 and place not in full and not _show_sides(drawn, reasons, told, kept_max):
            full.add(place)
    for alone in rows.left_behind(tx, part, rules.version):
        for piece in reasons.of_left_behind(alone):
            _cell(drawn, piece.station, piece.month)[piece.platform].add(piece, kept_max)


def _show_sides(drawn: Bridge, reasons: Reasons, told: list[Told], kept_max: int | None) -> bool:
    """Keep what the two sums are made of, as far as there is room; say whether there was any."""
    shown = [
        _cell(drawn, piece.station, piece.month)[piece.platform].show(side, piece, kept_max)
        for side, piece in reasons.sides(told)
    ]
    return any(shown) or not shown


def _count_unreadable(tx: Tx, rules: RuleSet, drawn: Bridge) -> None:
    """Count rows that no figure can be read from under the station whose organisation they came from, if one's."""
    stations = {(tenure.platform, tenure.organisation): tenure.station for tenure in rules.tenures}
    for (platform, organisation), count in rows.unreadable(tx).items():
        station = stations.get((platform, organisation), "")
        if platform in drawn.platforms and drawn.station in {None, station}:
            key = (platform, station)
            drawn.unreadable[key] = drawn.unreadable.get(key, 0) + count
