"""Whole nights as a state machine, on both databases."""

from __future__ import annotations

from typing import ClassVar

import pytest

from tests.machines.nights import Nights
from tests.machines.shares import NIGHTS_ON_POSTGRESQL, NIGHTS_ON_SQLITE
from tests.machines.steps import live
from tests.postgresql import Server


class NightsOnPostgresql(Nights):
    """The same bank and the same people; only the book lives elsewhere."""

    server: ClassVar[Server]

    def choose_home(self) -> None:
        self.database = self.server.create()
        (self.folder / "store.url").write_text(self.server.url(self.database), encoding="utf-8")

    def teardown(self) -> None:
        super().teardown()
        self.server.drop(self.database)


@pytest.mark.parametrize("part", range(NIGHTS_ON_SQLITE.parts))
def test_after_every_night_the_book_says_what_the_oracle_says(part: int) -> None:
    live(Nights, NIGHTS_ON_SQLITE, part)


@pytest.mark.parametrize("part", range(NIGHTS_ON_POSTGRESQL.parts))
def test_nights_on_postgresql_say_the_same(part: int, postgresql: Server) -> None:
    NightsOnPostgresql.server = postgresql
    live(NightsOnPostgresql, NIGHTS_ON_POSTGRESQL, part)
