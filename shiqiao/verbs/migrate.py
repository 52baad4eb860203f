"""``migrate``: bring the store up to date, and give a role what running the nights takes."""

from __future__ import annotations

from contextlib import closing

import click

from local_store.dialects import url_as
from local_store.grants import grant
from local_store.store import open_store
from shiqiao.frame import SOME_TEXT, option, verb
from shiqiao.front import DONE, Front
from shiqiao.house import open_house


@verb("migrate")
@option("--owner", type=SOME_TEXT, metavar="ROLE", help="option_owner")
@option("--grant", "role", type=SOME_TEXT, metavar="ROLE", help="option_grant")
@click.pass_obj
def command(front: Front, *, owner: str | None, role: str | None) -> int:
    """Create or migrate the store as ``owner`` (else as the settings say), and let ``role`` run the nights."""
    house = open_house(front)
    stored = house.settings.store
    url = stored.url if owner is None else url_as(stored.url, owner)
    with closing(open_store(url, stored.key_file, house.clock)) as store:
        if role is not None:
            with store.writing() as tx:
                grant(tx, role)
            front.show("migrate_granted", role=role)
    front.show("migrate_done")
    return DONE
