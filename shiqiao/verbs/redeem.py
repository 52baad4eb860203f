"""``redeem``: draw hours as care, for oneself or the spouse."""

from __future__ import annotations

import click

from desk.redeem import Beneficiary, redeem
from domain.clock import day_in_shanghai
from domain.errors import UsageError
from domain.hours import seconds_of_hours, show_hours
from local_store import runs
from shiqiao.frame import SOME_TEXT, option, verb
from shiqiao.front import DONE, Front
from shiqiao.house import open_house


@verb("redeem")
@click.argument("person")
@option("--hours", required=True, metavar="H", help="option_hours")
@option("--for", "beneficiary", required=True, type=click.Choice(["self", "spouse"]), help="option_for")
@option("--reason", required=True, type=SOME_TEXT, metavar="TEXT", help="option_reason")
@option("--by", required=True, type=SOME_TEXT, metavar="NAME", help="option_by")
@click.pass_obj
def command(  # noqa: PLR0913 - the command has as many options
    front: Front, *, person: str, hours: str, beneficiary: Beneficiary, reason: str, by: str
) -> int:
    """Draw hours: available goes to redeemed."""
    seconds = _positive_seconds(hours)
    house = open_house(front)
    rules, now = house.rules(), house.clock.now()
    with house.store() as store, store.writing() as tx:
        run = runs.begin(tx, "redeem", now, rules.version)
        voucher = redeem(
            tx, person, seconds, beneficiary=beneficiary, reason=reason, by=by,
            on=day_in_shanghai(now), run=run, rules_version=rules.version,
        )  # fmt: skip
        runs.finish(tx, run, "complete", "{}")
    front.show("redeemed", person=person, hours=show_hours(seconds), voucher=voucher)
    return DONE


def _positive_seconds(hours: str) -> int:
    try:
        seconds = seconds_of_hours(hours)
    except ValueError:
        raise UsageError("hours_unreadable", hours=hours) from None
    if seconds <= 0:
        raise UsageError("hours_not_positive", hours=hours)
    return seconds
