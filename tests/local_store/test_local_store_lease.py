from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import update

from domain.errors import OperatorError
from local_store import runs
from local_store.lease import Lease, acquire, lease
from local_store.store import Store
from local_store.tables.runs import LEASE
from local_store.transaction import Tx
from tests.local_store.makers import Makers


def begin_checked(tx: Tx, held: Lease, make: Makers) -> None:
    make.run(tx)
    held.check(tx)


def pretend(store: Store, **facts: str) -> None:
    with store.writing() as tx:
        tx.connection.execute(update(LEASE).values(**facts))


def test_a_second_runner_is_refused_until_the_first_is_done(opened: Callable[[], Store]) -> None:
    first, second = opened(), opened()
    with lease(first, "一号"):
        with pytest.raises(OperatorError) as refusal:
            acquire(second, "二号")
        assert (refusal.value.code, refusal.value.data) == ("run_in_progress", {"holder": "一号"})
    with lease(second, "二号") as held:
        assert held.fence == 2


@pytest.mark.parametrize(
    ("facts", "waited", "is_taken"),
    [
        ({"process": "1 0"}, 0, True),
        ({"process": "999999999 5"}, 0, True),
        ({"host": "another", "process": "1 0"}, 60, False),
        ({"host": "another", "process": "1 0"}, 61, True),
        ({}, 60, False),
        ({}, 61, True),
    ],
)
def test_a_dead_holder_is_succeeded(
    store: Store,
    make: Makers,
    facts: dict[str, str],
    waited: int,
    is_taken: bool,  # noqa: FBT001
) -> None:
    acquire(store, "一号")
    pretend(store, **facts) if facts else None
    make.clock.sleep(waited)
    if is_taken:
        assert acquire(store, "二号").fence == 2
    else:
        with pytest.raises(OperatorError, match="run_in_progress"):
            acquire(store, "二号")


def test_who_lost_the_lease_writes_no_more_and_takes_nothing_from_the_next(store: Store, make: Makers) -> None:
    first = acquire(store, "一号")
    make.clock.sleep(40)
    first.beat()
    make.clock.sleep(40)
    with pytest.raises(OperatorError, match="run_in_progress"):
        acquire(store, "二号")
    make.clock.sleep(40)
    second = acquire(store, "二号")
    with pytest.raises(OperatorError, match="lease_lost"), store.writing() as tx:
        begin_checked(tx, first, make)
    first.release()
    second.beat()
    with store.reading() as tx:
        assert runs.last(tx) == []


def test_a_run_is_written_down_before_and_after(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        number = runs.begin(tx, "sync", make.clock.now(), "rules-1")
        assert runs.last(tx)[0].outcome == "running"
        make.clock.sleep(60)
        runs.finish(tx, number, "complete", '{"posted_seconds":0}')
        planned = runs.begin(tx, "plan", make.clock.now(), "rules-2")
        (last, before) = runs.last(tx, 5)
        assert (last.number, before.number, before.outcome) == (planned, number, "complete")
        assert [run.number for run in runs.last(tx, kind="sync")] == [number]
        assert before.finished_at == make.clock.now()


def test_the_rules_in_force_are_the_activated_or_else_those_that_ran(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        assert runs.rules_in_force(tx) is None
        runs.begin(tx, "plan", make.clock.now(), "rules-0")
        assert runs.rules_in_force(tx) is None
        runs.begin(tx, "sync", make.clock.now(), "rules-1")
        assert runs.rules_in_force(tx) == "rules-1"
        runs.activate_rules(tx, "rules-2", "韦科长", "新文件")
        assert runs.rules_in_force(tx) == "rules-2"
