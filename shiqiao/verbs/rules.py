"""``rules check``: look for mistakes in a rule file; ``rules activate``: put one in force."""

from __future__ import annotations

from pathlib import Path

import click

from domain.errors import UsageError
from local_store import runs
from mapping.load import load_rules
from shiqiao.frame import SOME_TEXT, option, verb_group
from shiqiao.front import DONE, Front
from shiqiao.house import open_house
from shiqiao.settings.load import load_settings


@verb_group("rules")
def command() -> None:
    """Hold the verbs below."""


@command.command("check")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def check(front: Front, file: Path | None) -> int:
    """Check ``file``, or the rule file that the settings name."""
    path = file or load_settings(front.config).bank.rules
    rules = load_rules(path)
    front.show(
        "rules_fine", file=str(path), document=rules.document, version=rules.version,
        stations=len(rules.station_names), categories=len(rules.categories), periods=len(rules.periods),
    )  # fmt: skip
    return DONE


@command.command("activate")
@click.argument("file", type=click.Path(path_type=Path))
@option("--by", required=True, type=SOME_TEXT, metavar="NAME", help="option_by")
@option("--reason", required=True, type=SOME_TEXT, metavar="TEXT", help="option_reason")
@click.pass_obj
def activate(front: Front, *, file: Path, by: str, reason: str) -> int:
    """Put ``file`` in the place of the rule file; the next run reads every record under it and books what differs."""
    house = open_house(front)
    rules = load_rules(file)
    with house.store() as store, store.writing() as tx:
        runs.activate_rules(tx, rules.version, by, reason)
        _put(file, house.settings.bank.rules)
    front.show("rules_activated", document=rules.document, version=rules.version)
    return DONE


def _put(file: Path, place: Path) -> None:
    """Replace the rule file in one step, so that no run ever reads half of it."""
    if file.resolve() == place.resolve():
        return
    waiting = place.with_suffix(".new")
    try:
        waiting.write_bytes(file.read_bytes())
        waiting.replace(place)
    except OSError:
        raise UsageError("rules_not_writable", file=str(place)) from None
