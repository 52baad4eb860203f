"""``verify``: the promises, on the store as it is."""

from __future__ import annotations

import click

from desk.impact.foreseen import in_force
from desk.verify import verify
from domain.clock import day_in_shanghai
from shiqiao.frame import json_option, verb
from shiqiao.front import DONE, FAILED, Front
from shiqiao.house import open_house


@verb("verify")
@json_option
@click.pass_obj
def command(front: Front, *, as_json: bool) -> int:
    """Check sums, chain, counts and decisions."""
    house = open_house(front)
    with house.store() as store, store.reading() as tx:
        checks = verify(tx, in_force(tx, house.rules_or_none()).rules, day_in_shanghai(house.clock.now()))
    is_ok = all(check.ok for check in checks)
    if as_json:
        found = [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in checks]
        front.give({"ok": is_ok, "checks": found})
    else:
        for check in checks:
            said = "check_fine" if check.ok else "check_failed"
            front.show(said, name=front.words.say(f"check_{check.name}"), detail=check.detail)
    return DONE if is_ok else FAILED
