"""The nights of the state machine once more, with the store on a PostgreSQL server."""

from __future__ import annotations

import os
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.postgresql import Server
from tests.test_nights_machine import Nights

LIVES = 60 if os.environ.get("SOAK") else 3


class NightsOnPostgresql(Nights):
    """The same bank and the same people; only the book lives elsewhere."""

    server: ClassVar[Server]

    def choose_home(self) -> None:
        self.database = self.server.create()
        (self.folder / "store.url").write_text(self.server.url(self.database), encoding="utf-8")

    def teardown(self) -> None:
        super().teardown()
        self.server.drop(self.database)


def test_nights_on_postgresql(postgresql: Server) -> None:
    NightsOnPostgresql.server = postgresql
    run_state_machine_as_test(
        NightsOnPostgresql,
        settings=settings(
            max_examples=LIVES, stateful_step_count=22, derandomize=True, deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        ),
    )  # fmt: skip
