"""``entries import``: hours typed at the station."""

from __future__ import annotations

from pathlib import Path

import click

from desk.intake import read_entries
from domain.claims import Claim
from domain.clock import day_in_shanghai
from domain.entries import Entry, business_key
from domain.refusals import RefusedRow
from local_store import runs
from local_store.entries import save_entries
from mapping.read import Who, read_entry
from shiqiao.frame import json_option, verb_group
from shiqiao.front import Front
from shiqiao.house import open_house
from shiqiao.imported import Imported, tell_import

PERSON_COLUMN = "本地编号"


@verb_group("entries")
def command() -> None:
    """Hold the verbs below."""


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def import_(front: Front, file: Path, *, as_json: bool) -> int:
    """Take in a file of entries: good rows go in, each bad one is told."""
    house = open_house(front)
    rules, now = house.rules(), house.clock.now()
    listed = read_entries(file, rules, day_in_shanghai(now))

    def read(entry: Entry, identity: int, name_token: str, revision: int) -> Claim:
        key = business_key(entry.station, entry.entry_id, revision)
        return read_entry(entry, Who(identity, name_token), day_in_shanghai(now), rules, key)

    with house.store() as store, store.writing() as tx:
        run = runs.begin(tx, "entries", now, rules.version)
        saved = save_entries(tx, listed.rows, read, now, run)
        runs.finish(tx, run, "complete", "{}")
    unknown = tuple(RefusedRow(listed.lines[one.place], PERSON_COLUMN, one.code) for one in saved.refused)
    imported = Imported(saved.added, saved.changed, saved.unchanged, (*listed.refused, *unknown), listed.skipped)
    return tell_import(front, imported, as_json=as_json)
