"""``verify``: the promises, on the store as it is."""

from __future__ import annotations

from pathlib import Path

import click

from desk.auditor.export import compare_head, read_head, write_export
from desk.impact.foreseen import in_force
from desk.verify import verify
from domain.clock import day_in_shanghai
from shiqiao.frame import json_option, option, verb
from shiqiao.front import DONE, FAILED, Front
from shiqiao.house import open_house


@verb("verify")
@option("--head", "head", type=click.Path(path_type=Path), metavar="FILE", help="option_head")
@option("--export", "folder", type=click.Path(path_type=Path), metavar="DIR", help="option_export")
@json_option
@click.pass_obj
def command(front: Front, *, head: Path | None, folder: Path | None, as_json: bool) -> int:
    """Check the store, beside an earlier head if one is given, and write the book for an auditor if asked to."""
    earlier = None if head is None else read_head(head)
    house = open_house(front)
    with house.store() as store, store.reading() as tx:
        checks = verify(tx, in_force(tx, house.rules_or_none()).rules, day_in_shanghai(house.clock.now()))
        checks += [] if earlier is None else [compare_head(tx, earlier)]
        written = [] if folder is None else write_export(tx, folder)
    is_ok = all(check.ok for check in checks)
    if as_json:
        found = [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in checks]
        front.give({"ok": is_ok, "checks": found})
    else:
        for check in checks:
            said = "check_fine" if check.ok else "check_failed"
            front.show(said, name=front.words.say(f"check_{check.name}"), detail=check.detail)
    for file in written:
        front.tell("verify_written", file=str(file))
    return DONE if is_ok else FAILED
