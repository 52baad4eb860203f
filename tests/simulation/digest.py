"""Everything that a life leaves behind as one figure: the same seed must give the same bytes."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Table, select

from desk.gather import report_data
from desk.report.html import render_html
from desk.words.words import words
from local_store.tables.schema import TABLES
from tests.simulation.house import House

OF_THE_PROCESS = {"lease": {"holder", "host", "process"}}


def digest(house: House) -> str:
    """Give the SHA-256 of every row of every table, seals and their nonces included, and of the report."""
    told = hashlib.sha256()
    with house.store.reading() as tx:
        for table in TABLES:
            rows = [tuple(row) for row in tx.rows(_all_of(table))]
            told.update(f"{table.name} {rows!r}\n".encode())
        data = report_data(tx, house.rules, "simulated", house.town.clock.now())
    told.update(render_html(data, words("zh")).encode())
    return told.hexdigest()


def _all_of(table: Table) -> Any:  # noqa: ANN401 - SQLAlchemy's Select
    unseen = OF_THE_PROCESS.get(table.name, set())
    return select(*(column for column in table.c if column.name not in unseen)).order_by(*table.primary_key)
