"""``people import``: the roster; ``people merge``: two numbers, one person."""

from __future__ import annotations

from pathlib import Path

import click

from desk.intake import read_roster
from domain.clock import day_in_shanghai
from local_store.people import save_roster
from mapping.names import folded_name
from shiqiao.frame import json_option, verb_group
from shiqiao.front import Front
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
