"""Every claim stands under the rules in force after a night, whoever read it before and under which rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from domain.claims import Claim
from domain.clock import SHANGHAI
from local_store import readings, revisions, runs
from local_store.lease import lease
from local_store.transaction import Tx
from sync.reread import reread
from tests.nights import Bank, Town, shipped_rules

EVENING = datetime(2023, 3, 14, 22, tzinfo=SHANGHAI)


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    town = Town()
    town.set_clock(EVENING)
    bank = Bank(town, tmp_path, shipped_rules())
    bank.take_in(town.people)
    with bank.store.writing() as tx:
        runs.activate_rules(tx, bank.rules.version, "莫主任", "试点开始")
    yield bank
    bank.close()


def type_entry(bank: Bank, name: str) -> None:
    who = bank.town.people[0]
    served = ("emotional_support", "2023-03-13", "09:00", "09:30", "", who.station)
    bank.type_entry(name, who.local_number, *served, "莫奶奶", "韦站长", "覃社区", "")


def versions(bank: Bank) -> list[str]:
    return [version for (version,) in bank._rows("SELECT DISTINCT rules_version FROM claim")]  # noqa: SLF001


def test_what_was_typed_under_other_rules_is_read_anew_by_the_next_night(bank: Bank) -> None:
    bank.night()
    in_force, bank.rules = bank.rules, replace(bank.rules, version="另一份#00000000")
    type_entry(bank, "E1")
    assert versions(bank) == ["另一份#00000000"]
    bank.rules = in_force
    bank.town.set_clock(EVENING + timedelta(days=1))
    bank.night()
    assert versions(bank) == [in_force.version]


def test_nothing_is_read_anew_where_nothing_can_have_been_read_otherwise(bank: Bank) -> None:
    bank.night()
    type_entry(bank, "E1")
    with lease(bank.store, "test/1") as held:
        assert reread(held, bank.rules) == 0
        assert reread(held, replace(bank.rules, version="另一份#00000000")) == 1
    with bank.store.reading() as tx:
        assert readings.are_all_read_under(tx, "另一份#00000000")
        assert not readings.are_all_read_under(tx, bank.rules.version)


class BrokenOffError(Exception):
    """Stands for whatever ends a process in the midst of its work."""


def test_rules_that_return_read_anew_what_a_reading_that_broke_off_had_reached(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank.night()
    type_entry(bank, "E1")
    type_entry(bank, "E2")
    put = revisions.reread
    reached: list[tuple[int, Claim]] = []

    def put_once(tx: Tx, claims: Sequence[tuple[int, Claim]]) -> None:
        if reached:
            raise BrokenOffError
        reached.extend(claims)
        put(tx, claims)

    with lease(bank.store, "test/1") as held:
        with monkeypatch.context() as broken:
            broken.setattr("sync.reread.PORTION", 1)
            broken.setattr(revisions, "reread", put_once)
            with pytest.raises(BrokenOffError):
                reread(held, replace(bank.rules, version="另一份#00000000"))
        assert len(versions(bank)) == 2
        assert reread(held, bank.rules) == 1
    assert versions(bank) == [bank.rules.version]
