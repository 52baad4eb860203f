"""``balances``: what everyone on the roster has."""

from __future__ import annotations

from dataclasses import asdict

import click

from desk.balances import balances
from domain.hours import show_hours
from shiqiao.frame import json_option, verb
from shiqiao.front import DONE, Front
from shiqiao.house import open_house


@verb("balances")
@json_option
@click.pass_obj
def command(front: Front, *, as_json: bool) -> int:
    """Show the accounts of everyone on the roster."""
    with open_house(front).store() as store, store.reading() as tx:
        found = balances(tx)
    if as_json:
        front.give([asdict(one) for one in found])
        return DONE
    for one in found:
        front.show(
            "balance_line", person=one.person, available=show_hours(one.available_seconds),
            held=show_hours(one.held_seconds), surplus=show_hours(one.surplus_seconds),
            deficit=show_hours(one.deficit_seconds),
        )  # fmt: skip
    return DONE
