"""``people import``: the roster; ``people merge``: two numbers, one person."""

from __future__ import annotations

from pathlib import Path

import click

from desk.intake import read_roster
from desk.merge import merge_people
from domain.clock import day_in_shanghai
from local_store import runs
from local_store.people import save_roster
from mapping.names import folded_name
from shiqiao.frame import SOME_TEXT, json_option, option, verb_group
from shiqiao.front import DONE, Front
from shiqiao.house import open_house
from shiqiao.imported import Imported, tell_import


@verb_group("people")
def command() -> None:
    """Hold the verbs below."""


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def import_(front: Front, file: Path, *, as_json: bool) -> int:
    """Take in a roster file: good rows go in, each bad one is told."""
    house = open_house(front)
    read = read_roster(file, house.rules(), day_in_shanghai(house.clock.now()))
    with house.store() as store, store.writing() as tx:
        saved = save_roster(tx, read.rows, folded_name)
    refused = (*read.refused, *saved.refused)
    return tell_import(
        front, Imported(saved.added, saved.changed, saved.unchanged, refused, read.skipped), as_json=as_json
    )


@command.command("merge")
@click.argument("old")
@click.argument("new")
@option("--reason", required=True, type=SOME_TEXT, metavar="TEXT", help="option_reason")
@option("--by", required=True, type=SOME_TEXT, metavar="NAME", help="option_by")
@click.pass_obj
def merge(front: Front, old: str, new: str, *, reason: str, by: str) -> int:
    """Let one 本地编号 stand for another."""
    house = open_house(front)
    rules, now = house.rules(), house.clock.now()
    with house.store() as store, store.writing() as tx:
        run = runs.begin(tx, "merge", now, rules.version)
        merge_people(tx, old, new, reason=reason, by=by, on=day_in_shanghai(now), run=run, rules=rules)
        runs.finish(tx, run, "complete", "{}")
    front.show("people_merged", old=old, new=new)
    return DONE
