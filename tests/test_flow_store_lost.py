"""A night whose store goes away in the middle: one sentence is said, and the next run ends as if nothing had been."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pytest

from domain.errors import StoreError
from local_store import runs
from local_store.store import Store, open_store
from mapping.load import load_rules
from sandbox.cipher import chance
from sandbox.city import build_city
from sandbox.serve import start
from shiqiao.clock import open_clock
from tests.keyboard import Keyboard, Said
from tests.postgresql import OWNER, Server, running
from tests.relay import Mark, Relay, Side, relay
from tests.story import Desk, Rows, contents, open_bank, stop_clocks

SHARES = tuple(range(0, 101, 4)) if os.environ.get("SOAK") else (0, 75)
"""Where in a night the wire is cut, in hundredths of its commits."""

SEEDS = range(20 if os.environ.get("SOAK") else 1)
"""Of what is drawn when in a night its server is killed."""

BOOK_SUM = "SELECT COALESCE(SUM(seconds), 0) FROM balance"

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
    words: int
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
        undisturbed = Bank(desk, keyboard, server, wire, roster, 0, 0, {})
        name = undisturbed.moved()
        wire.cut(0, "unsent")
        assert keyboard.type("sync", "--json").code == 0
        yield Bank(desk, keyboard, server, wire, roster, wire.commits, wire.words, undisturbed.found(name))


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


class Others:
    """Others who write and read all the while, in a store of many; ``kept`` is what they were told to be kept."""

    def __init__(self, store: Store, rules_version: str) -> None:
        self.kept: set[int] = set()
        self.sums: set[int] = set()
        self.troubles: set[str] = set()
        self.is_up = threading.Event()
        self.is_up.set()
        self._is_over = False
        self._store = store
        self._rules_version = rules_version
        self._at_work = ThreadPoolExecutor(2)
        self._done = [self._at_work.submit(self._again_and_again, deed) for deed in (self._write, self._look)]

    def end(self) -> None:
        """Let them come to an end; what went wrong with them is raised."""
        self._is_over = True
        self.is_up.set()
        for done in self._done:
            done.result()
        self._at_work.shutdown()

    def _again_and_again(self, deed: Callable[[], None]) -> None:
        while not self._is_over:
            self.is_up.wait()
            try:
                deed()
            except StoreError as trouble:
                self.troubles.add(trouble.code)

    def _write(self) -> None:
        with self._store.writing() as tx:
            number = runs.begin(tx, "entries", tx.clock.now(), self._rules_version)
            runs.finish(tx, number, "complete", "{}")
        self.kept.add(number)

    def _look(self) -> None:
        with self._store.reading() as tx:
            self.sums.add(int(tx.connection.exec_driver_sql(BOOK_SUM).scalar_one()))


@contextmanager
def others_at_work(bank: Bank, url: str) -> Iterator[Others]:
    key_file, clock = bank.desk.folder / "shiqiao.key", open_clock(bank.keyboard.environ)
    rules = load_rules(bank.desk.folder / "rulesets" / "liuzhou-chengzhong.toml")
    with closing(open_store(url, key_file, clock, create=False)) as store:
        others = Others(store, rules.version)
        try:
            yield others
        finally:
            others.end()


def night_under_a_falling_server(bank: Bank, database: str, falls: list[tuple[Mark, int]]) -> Others:
    """Begin a night anew each time that the server is killed in it, until it is done; give who else was at work."""
    with others_at_work(bank, bank.server.url(database)) as others:

        def fall() -> None:
            others.is_up.clear()
            bank.server.kill()

        for mark, number in falls:
            bank.wire.cut(number, "unsent", fall, mark=mark)
            broken = bank.keyboard.type("sync", "--json")
            assert (broken.code, is_one_sentence(broken)) == (3, True), broken
            bank.server.start()
            others.is_up.set()
        bank.wire.cut(0, "unsent")
        assert bank.keyboard.type("sync", "--json").document()["outcome"] == "complete"
    return others


@pytest.mark.parametrize("seed", SEEDS)
def test_a_server_killed_three_times_under_a_night_and_under_others_loses_nothing(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    source = chance("falls", seed)
    with running() as server:
        server.say("CREATE DATABASE made")
        for bank in _bank(tmp_path_factory, server):
            database = bank.moved()
            falls: list[tuple[Mark, int]] = [
                ("word", source.randint(1, bank.words // 3)),
                ("commit", source.randint(1, bank.commits // 3)),
                ("word", source.randint(1, bank.words // 4)),
            ]
            others = night_under_a_falling_server(bank, database, falls)
            assert bank.keyboard.type("verify", "--json").code == 0
            assert bank.found(database) == bank.end
            assert others.kept <= {row[0] for row in contents(bank.desk, server.url(database))["run"]}
            assert others.kept
            assert others.sums == {0}
            assert others.troubles <= {"store_lost", "store_unreachable", "store_commit_unknown"}
