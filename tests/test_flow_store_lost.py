"""A night whose store goes away in the middle: one sentence is said, and the next run ends as if nothing had been."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from sandbox.city import build_city
from sandbox.serve import start
from tests.keyboard import Keyboard, Said
from tests.postgresql import OWNER, Server, running
from tests.relay import Relay, Side, relay
from tests.story import Desk, Rows, contents, open_bank, stop_clocks

SHARES = tuple(range(0, 101, 4)) if os.environ.get("SOAK") else (0, 75)
"""Where in a night the wire is cut, in hundredths of its commits."""

RUN_BY_RUN = {
    "voucher": {"run", "hash", "recorded_at"},
    "conflict": {"opened_run", "closed_run"},
    "membership": set[str](),
    "transfer": set[str](),
    "balance": set[str](),
    "account": set[str](),
    "standing": set[str](),
    "claim": set[str](),
}
"""The tables that a broken-off run must not be seen in, and the columns in which it may."""


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank with its roster, a wire to its server, and what an undisturbed night leaves."""

    desk: Desk
    keyboard: Keyboard
    server: Server
    wire: Relay
    roster: str
    commits: int
    end: dict[str, Rows]

    def moved(self) -> str:
        """Let the bank live in a new copy of the store that only has the roster; give its name."""
        name = self.server.create(self.roster)
        self.desk.move_to(self.wire.url(name, OWNER))
        return name

    def found(self, database: str) -> dict[str, Rows]:
        """Give what a store holds, as far as it may not depend on how often a night broke off."""
        return {
            name: rows
            for name, rows in contents(self.desk, self.server.url(database), **RUN_BY_RUN).items()
            if name in RUN_BY_RUN
        }


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, postgresql: Server) -> Iterator[Bank]:
    """Set up a bank and let it have a night that nothing disturbs."""
    yield from _bank(tmp_path_factory, postgresql)


def _bank(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Iterator[Bank]:
    folder, city, roster = tmp_path_factory.mktemp("lost"), build_city(people=8, seed=4), server.create()
    with start(city) as sandbox, relay(server) as wire:
        stop_clocks(sandbox, city.first_night)
        desk = open_bank(folder / "bank", city, sandbox, server.url(roster))
        imported = desk.do("people", "import", str(folder / "lists" / "roster.csv"), now=city.first_night)
        assert imported == 0
        keyboard = Keyboard(desk.folder, dict(desk.environ)).at(city.first_night)
        undisturbed = Bank(desk, keyboard, server, wire, roster, 0, {})
        name = undisturbed.moved()
        wire.cut(0, "unsent")
        assert keyboard.type("sync", "--json").code == 0
        yield Bank(desk, keyboard, server, wire, roster, wire.commits, undisturbed.found(name))


def is_one_sentence(said: Said) -> bool:
    return said.out == "" and said.err.count("\n") == 1 and "Traceback" not in said.err


@pytest.mark.parametrize("side", ["unsent", "unanswered"])
@pytest.mark.parametrize("share", SHARES)
def test_a_night_cut_off_at_a_commit_is_made_up_for_by_the_next(bank: Bank, share: int, side: Side) -> None:
    database = bank.moved()
    bank.wire.cut(1 + share * (bank.commits - 1) // 100, side)
    broken = bank.keyboard.type("sync", "--json")
    assert (broken.code, is_one_sentence(broken)) == (3, True)
    assert "不知道记下没有" in broken.err
    assert bank.keyboard.type("sync", "--json").document()["outcome"] == "complete"
    checks = bank.keyboard.type("verify", "--json").document()["checks"]
    assert [check["name"] for check in checks if not check["ok"]] == []
    assert bank.found(database) == bank.end
    bank.server.drop(database)


def test_a_night_is_more_than_a_handful_of_commits(bank: Bank) -> None:
    assert bank.commits > 15
    assert len(bank.end["voucher"]) > 30


def test_a_server_killed_three_times_under_a_night_loses_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running() as server:
        server.say("CREATE DATABASE made")
        for bank in _bank(tmp_path_factory, server):
            database = bank.moved()
            for commit in (3, 7, bank.commits // 2):
                bank.wire.cut(commit, "unsent", then=server.kill)
                broken = bank.keyboard.type("sync", "--json")
                assert (broken.code, is_one_sentence(broken)) == (3, True)
                server.start()
            bank.wire.cut(0, "unsent")
            assert bank.keyboard.type("sync", "--json").document()["outcome"] == "complete"
            assert bank.keyboard.type("verify", "--json").code == 0
            assert bank.found(database) == bank.end
