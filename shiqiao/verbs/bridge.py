"""``bridge``: the 时长调节表, what the book holds against what each platform reports, item by item."""

from __future__ import annotations

import click

from desk.bridge.draw import draw_bridge
from desk.bridge.items import Item, Piece
from desk.bridge.json import to_json
from desk.bridge.values import Bridge, Column
from desk.words.words import Words, words
from domain.hours import show_hours
from mapping.rules import RuleSet
from shiqiao.frame import json_option, option, verb
from shiqiao.front import ACT, DONE, Front
from shiqiao.house import open_house


@verb("bridge")
@option("--station", metavar="S", help="option_bridge_station")
@option("--person", metavar="P", help="option_bridge_person")
@option("--month", metavar="YYYY-MM", help="option_bridge_month")
@option("--services", "with_services", is_flag=True, help="option_bridge_services")
@json_option
@click.pass_obj
def command(  # noqa: PLR0913 - each is an option
    front: Front, *, station: str | None, person: str | None, month: str | None, with_services: bool, as_json: bool
) -> int:
    """Draw the bridge of a station, a person and a month, or of all of them."""
    house = open_house(front)
    rules = house.rules()
    with house.store() as store, store.reading() as tx:
        kept_max = None if with_services else 0
        bridge = draw_bridge(tx, rules, station=station, person=person, month=month, kept_max=kept_max)
    if as_json:
        front.give(to_json(bridge, with_services=with_services))
    else:
        _tell(front, bridge, rules)
    if not bridge.is_closed:
        front.tell("bridge_open")
    return DONE if bridge.is_closed else ACT


def _tell(front: Front, bridge: Bridge, rules: RuleSet) -> None:
    said = words(front.words.language).knowing(rules.platform_names())
    station = "" if bridge.station is None else rules.station_names[bridge.station]
    parts = [part for part in (station, bridge.person, bridge.month) if part]
    front.show("bridge_head", part="　".join(parts) or front.words.say("bridge_everything"))
    for platform, column in bridge.total().items():
        _tell_column(front, said, platform, column)
        if bridge.unreadable_rows(platform):
            front.show("bridge_unreadable", count=bridge.unreadable_rows(platform))


def _tell_column(front: Front, said: Words, platform: str, column: Column) -> None:
    front.show("bridge_reported", platform=said.platform(platform), hours=f"{show_hours(column.reported_seconds):>12}")
    for item in Item:
        opened = column.opened.get(item)
        if column.items.get(item) or opened:
            hours = _signed(column.items.get(item, 0))
            front.show("bridge_item", item=said.say("bridge_items", item.value), hours=f"{hours:>12}")
            _tell_pieces(front, opened.in_order() if opened else [])
    front.show("bridge_residual", hours=f"{show_hours(column.residual_seconds):>12}")
    _tell_pieces(front, column.opened[None].in_order() if None in column.opened else [])
    front.show("bridge_ledger", hours=f"{show_hours(column.ledger_seconds):>12}")


def _tell_pieces(front: Front, pieces: list[Piece]) -> None:
    for piece in pieces:
        record = piece.record if piece.service_id else ""
        front.show(
            "bridge_piece",
            reference=piece.reference,
            day=piece.day,
            hours=f"{_signed(piece.seconds):>8}",
            record=record,
        )


def _signed(seconds: int) -> str:
    return ("+" if seconds > 0 else "") + show_hours(seconds)
