from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.conflicts import Conflict, ConflictKind, ConflictState
from domain.decisions import DecisionCode
from domain.errors import OperatorError
from local_store import conflicts, decisions
from local_store.conflicts import ConflictTally
from local_store.decisions import Terms
from local_store.store import Store
from local_store.transaction import Tx
from tests.local_store.makers import Makers

OPEN, CLOSED, DECIDED = ConflictState.OPEN, ConflictState.CLOSED, ConflictState.DECIDED


@pytest.fixture
def tx(store: Store, make: Makers) -> Iterator[Tx]:
    with store.writing() as tx:
        make.pull(tx, [make.record("a", make.person(1)), make.record("b", make.person(2))])
        yield tx


@pytest.fixture
def differing(make: Makers) -> Conflict:
    key = make.record("a", make.person(1)).key
    return Conflict(
        kind=ConflictKind.HOURS_DIFFER, about="service/S1", is_blocking=True, person=None, identity=None,
        station="CZ01", service_date=None, records=(key,), seconds_at_stake=1800, cause="service/S1",
        evidence=("2520", "1800"),
        reason="hours_differ", details=(("national", "0.70"),), suggestion="accept:guangxi",
    )  # fmt: skip


def state_of(tx: Tx, conflict: Conflict) -> ConflictState | None:
    found = conflicts.one(tx, conflict.conflict_id)
    return None if found is None else found.state


def decide(tx: Tx, conflict: Conflict, code: DecisionCode = DecisionCode.VOID, *, is_proposed: bool = False) -> None:
    decisions.add(tx, conflict.conflict_id, code, "", "查了签到表", "韦站长", terms=Terms(is_proposed=is_proposed))


def test_a_conflict_comes_back_as_it_was_said_with_its_records(tx: Tx, make: Makers, differing: Conflict) -> None:
    assert conflicts.save(tx, [1, 2], [differing, differing], make.run(tx)) == ConflictTally(1, 0)
    (found,) = conflicts.listing(tx)
    record = make.record("a", make.person(1))
    assert found.conflict == differing
    assert (found.state, found.since, found.decision) == (OPEN, make.clock.now(), None)
    (shown,) = found.records
    assert (shown.key, shown.reported_seconds, shown.starts_at, shown.activity_name) == (
        record.key, 2520, record.starts_at, "暖心陪聊",
    )  # fmt: skip


def test_the_same_finding_is_opened_once_and_keeps_its_day(tx: Tx, make: Makers, differing: Conflict) -> None:
    conflicts.save(tx, [1], [differing], make.run(tx))
    since = make.clock.now()
    make.clock.sleep(86_400)
    assert conflicts.save(tx, [1], [replace(differing, seconds_at_stake=60)], make.run(tx)) == ConflictTally(0, 0)
    (found,) = conflicts.listing(tx)
    assert (found.since, found.conflict.seconds_at_stake) == (since, 60)


def test_it_closes_when_its_cause_is_gone_and_opens_when_it_is_back(tx: Tx, make: Makers, differing: Conflict) -> None:
    conflicts.save(tx, [1], [differing], make.run(tx))
    assert conflicts.save(tx, [2], [], make.run(tx)) == ConflictTally(0, 0)
    assert conflicts.save(tx, [1], [], make.run(tx)) == ConflictTally(0, 1)
    assert state_of(tx, differing) == CLOSED
    assert conflicts.save(tx, [1], [], make.run(tx)) == ConflictTally(0, 0)
    make.clock.sleep(86_400)
    assert conflicts.save(tx, [1], [differing], make.run(tx)) == ConflictTally(1, 0)
    (found,) = conflicts.listing(tx)
    assert found.since == make.clock.now()


def test_a_decided_one_comes_back_only_on_other_evidence(tx: Tx, make: Makers, differing: Conflict) -> None:
    conflicts.save(tx, [1], [differing], make.run(tx))
    decide(tx, differing)
    assert conflicts.save(tx, [1], [differing], make.run(tx)) == ConflictTally(0, 0)
    assert conflicts.save(tx, [1], [], make.run(tx)) == ConflictTally(0, 0)
    assert state_of(tx, differing) == DECIDED
    other = replace(differing, evidence=("2520", "3600"))
    assert conflicts.save(tx, [1], [other], make.run(tx)) == ConflictTally(1, 0)
    assert state_of(tx, differing) == OPEN


@pytest.mark.parametrize(
    ("code", "is_proposed", "state"),
    [
        (DecisionCode.VOID, False, DECIDED),
        (DecisionCode.VOID, True, ConflictState.PROPOSED),
        (DecisionCode.RETURN, False, ConflictState.RETURNED),
    ],
)
def test_each_decision_leads_to_its_state_and_undoing_leads_back(  # noqa: PLR0917 - three are fixtures
    tx: Tx,
    make: Makers,
    differing: Conflict,
    code: DecisionCode,
    is_proposed: bool,  # noqa: FBT001 - one of the case's facts
    state: ConflictState,
) -> None:
    conflicts.save(tx, [1], [differing], make.run(tx))
    decide(tx, differing, code, is_proposed=is_proposed)
    assert state_of(tx, differing) == state
    found = conflicts.one(tx, differing.conflict_id)
    assert found is not None
    assert found.decision is not None
    assert (found.decision.code, found.decision.reason) == (code, "查了签到表")
    assert conflicts.save(tx, [1], [differing], make.run(tx)) == ConflictTally(0, 0)
    decisions.undo(tx, differing.conflict_id, "韦站长")
    assert state_of(tx, differing) == OPEN


def test_a_proposal_needs_a_second_person(tx: Tx, make: Makers, differing: Conflict) -> None:
    conflicts.save(tx, [1], [differing], make.run(tx))
    for act, code in (
        (lambda: decisions.agree(tx, differing.conflict_id, "覃"), "nothing_proposed"),
        (lambda: decisions.undo(tx, differing.conflict_id, "覃"), "nothing_decided"),
        (lambda: decisions.add(tx, "C0", DecisionCode.VOID, "", "", "覃"), "conflict_unknown"),
    ):
        with pytest.raises(OperatorError, match=code):
            act()
    decide(tx, differing, is_proposed=True)
    with pytest.raises(OperatorError, match="second_person_needed"):
        decisions.agree(tx, differing.conflict_id, "韦站长")
    assert decisions.agree(tx, differing.conflict_id, "覃主任").code == "void"
    assert state_of(tx, differing) == DECIDED


def test_safety_stops_are_a_matter_of_runs_not_of_subjects(tx: Tx, make: Makers, differing: Conflict) -> None:
    stop = replace(differing, kind=ConflictKind.GUARD, about="guard/national/CZ01", records=())
    conflicts.save(tx, [1], [differing], make.run(tx))
    assert conflicts.save_stops(tx, [stop], make.run(tx)) == ConflictTally(1, 0)
    assert conflicts.count_open(tx) == 2
    conflicts.save(tx, [1, 2], [differing], make.run(tx))
    assert state_of(tx, stop) == OPEN
    assert conflicts.save_stops(tx, [], make.run(tx)) == ConflictTally(0, 1)
    assert conflicts.count_open(tx) == 1


def test_the_list_is_asked_by_kind_state_and_station(tx: Tx, make: Makers, differing: Conflict) -> None:
    other = replace(differing, kind=ConflictKind.UNMAPPED, about="service/S2", station="CZ02")
    conflicts.save(tx, [1], [differing], make.run(tx))
    make.clock.sleep(timedelta(days=1).total_seconds())
    conflicts.save(tx, [1], [differing, other], make.run(tx))
    decide(tx, differing)

    def listed(*asked: Any) -> list[str]:  # noqa: ANN401 - what the list takes
        return [one.conflict.about for one in conflicts.listing(tx, *asked)]

    assert listed() == ["service/S2"]
    assert listed((), ()) == ["service/S1", "service/S2"]
    assert listed((), (), "CZ01") == ["service/S1"]
    assert listed([ConflictKind.UNMAPPED], (DECIDED,)) == []
