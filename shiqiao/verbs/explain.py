"""``explain``: why a figure is what it is, from what each platform said to what was booked."""

from __future__ import annotations

import click

from desk.explain import explain
from desk.explain_json import as_document
from desk.words.words import words
from domain.clock import day_in_shanghai
from shiqiao.frame import json_option, verb
from shiqiao.front import DONE, Front
from shiqiao.house import open_house
from shiqiao.telling import Telling


@verb("explain")
@click.argument("reference", metavar="REF")
@json_option
@click.pass_obj
def command(front: Front, *, reference: str, as_json: bool) -> int:
    """Tell the story behind a person, service, record, conflict or voucher."""
    house = open_house(front)
    rules = house.rules()
    with house.store() as store, store.reading() as tx:
        story = explain(tx, reference, rules, day_in_shanghai(house.clock.now()))
    if as_json:
        front.give(as_document(story))
    else:
        Telling(front, words(front.words.language).knowing(rules.platform_names()), rules).tell(story)
    return DONE
