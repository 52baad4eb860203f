"""``statement``: one person's 对账单, for comparing only."""

from __future__ import annotations

import click

from desk.balances import Statement, StatementLine, statement
from domain.hours import show_hours
from domain.masking import masked_name
from local_store import people
from shiqiao.frame import json_option, verb
from shiqiao.front import DONE, Front
from shiqiao.house import open_house


@verb("statement")
@click.argument("person")
@json_option
@click.pass_obj
def command(front: Front, *, person: str, as_json: bool) -> int:
    """Show what was booked for one person."""
    house = open_house(front)
    rules = house.rules()
    with house.store() as store, store.reading() as tx:
        found = statement(tx, person)
        name = masked_name(people.names(tx, [found.person.number])[found.person.number])
    if as_json:
        front.give(_document(found))
        return DONE
    front.show("statement_head", person=person, name=name)
    for line in found.lines:
        what = front.words.say(f"voucher_{line.what}")
        category = rules.categories.get(line.category)
        front.show(
            "statement_line", voucher=line.voucher, day=line.service_date.isoformat(), hours=show_hours(line.seconds),
            station=rules.station_names.get(line.station, line.station), what=what,
            category="" if category is None else category.name,
        )  # fmt: skip
    front.show("statement_foot", available=show_hours(found.available_seconds))
    return DONE


def _document(found: Statement) -> dict[str, object]:
    return {
        "person": found.person.local_number,
        "lines": [_line(line) for line in found.lines],
        "available_seconds": found.available_seconds,
    }


def _line(line: StatementLine) -> dict[str, object]:
    return {
        "voucher": line.voucher,
        "service_date": line.service_date.isoformat(),
        "category": line.category,
        "station": line.station,
        "seconds": line.seconds,
        "what": line.what,
        "records": [{"platform": platform, "external_id": external_id} for platform, external_id in line.records],
    }
