from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import event, select

from domain.actions import Disposition
from domain.conflicts import Conflict, ConflictKind, PairBinding
from domain.decisions import DecisionCode
from domain.ledger import AccountKind
from domain.people import PersonBinding
from domain.records import RecordKey
from domain.subjects import Subject
from local_store import conflicts, decisions, ledger, people, services, subjects
from local_store.store import Store
from local_store.tables.records import MEMBERSHIP
from local_store.transaction import Tx
from tests.local_store.makers import Makers

TODAY = date(2022, 10, 21)
PROPOSED = decisions.Terms(is_proposed=True)


def asked(tx: Tx, make: Makers) -> list[int]:
    return subjects.changed(tx, TODAY, make.rules)


def one_conflict(about: str, *keys: RecordKey, identity: int | None = None) -> Conflict:
    return Conflict(
        kind=ConflictKind.UNKNOWN_PERSON if identity else ConflictKind.AMBIGUOUS_MATCH, about=about, is_blocking=True,
        person=None, identity=identity, station="CZ01", service_date=None, records=keys, seconds_at_stake=1800,
        cause=about, evidence=("x",), reason="r",
    )  # fmt: skip


def external_ids(subject: Subject) -> list[str]:
    return [claim.key.external_id for claim in subject.claims]


def test_subjects_are_asked_for_in_the_order_of_people_and_identities(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        make.pull(tx, [make.record(str(number), make.person(number)) for number in (5, 3, 1, 4)])
        make.roster(tx, make.roster_row(1), make.roster_row(3))
        loaded = subjects.load(tx, asked(tx, make))
    assert [external_ids(one) for one in loaded] == [["1"], ["3"], ["5"], ["4"]]


def test_a_subject_is_planned_again_when_changed_due_or_read_by_other_rules(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        make.pull(tx, [make.record("a", make.person(1)), make.record("b", make.person(2))])
        first, second = subjects.load(tx, asked(tx, make))
        plans = [make.plan(first, due_on=TODAY + timedelta(days=3)), make.plan(second)]
        subjects.settle(tx, plans, make.run(tx), make.rules, TODAY)
        assert subjects.changed(tx, TODAY + timedelta(days=2), make.rules) == []
        assert subjects.changed(tx, TODAY + timedelta(days=3), make.rules) == [first.number]
        assert subjects.changed(tx, TODAY, "rules-2") == [first.number, second.number]
        make.pull(tx, [replace(make.record("b", make.person(2)), reported_seconds=1)])
        assert asked(tx, make) == [second.number]


def test_a_plan_that_facts_have_overtaken_is_not_settled(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        make.pull(tx, [make.record("a", make.person(1))])
        (subject,) = subjects.load(tx, asked(tx, make))
        make.pull(tx, [make.record("b", make.person(1))])
        plan = make.plan(subject)
        assert subjects.moved(tx, [plan]) == [subject.number]
        assert subjects.settle(tx, [plan], make.run(tx), make.rules, TODAY) == [subject.number]
        assert asked(tx, make) == [subject.number]
        assert tx.rows(select(MEMBERSHIP)) == []


def test_settling_the_same_again_writes_no_membership(store: Store, make: Makers) -> None:
    written: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        written.extend([statement] if "membership" in statement and not statement.startswith("SELECT") else [])

    with store.writing() as tx:
        make.pull(tx, [make.record("a", make.person(1))])
        make.settle_all(tx)
        event.listen(tx.connection.engine, "before_cursor_execute", count)
        (subject,) = subjects.load(tx, [1])
        subjects.settle(tx, [make.plan(subject)], make.run(tx), make.rules, TODAY)
        assert written == []
        subjects.settle(tx, [make.plan(subject, Disposition.WAITING)], make.run(tx), make.rules, TODAY)
        assert len(written) == 1
        subjects.settle(tx, [replace(make.plan(subject), dispositions={})], make.run(tx), make.rules, TODAY)
        event.remove(tx.connection.engine, "before_cursor_execute", count)
        assert tx.rows(select(MEMBERSHIP)) == []


def test_a_carried_over_record_joins_two_subjects_whichever_is_asked_for(store: Store, make: Makers) -> None:
    original = make.record("a", make.person(1))
    copy = make.record("9", make.person(2), platform="guangxi", carried_from=original.key)
    third = make.record("c", make.person(3))
    with store.writing() as tx:
        make.pull(tx, [copy, third, original])
        numbers = asked(tx, make)
        joined, alone = subjects.load(tx, numbers)
        assert external_ids(joined) == ["9", "a"]
        assert external_ids(alone) == ["c"]
        for number in joined.stands_for:
            assert subjects.load(tx, [number]) == [joined]
        assert joined.number == min(joined.stands_for)
        assert len(joined.stands_for) == 2
        subjects.settle(tx, [make.plan(joined), make.plan(alone)], make.run(tx), make.rules, TODAY)
        assert asked(tx, make) == []


def test_decisions_join_and_undone_ones_set_free(store: Store, make: Makers) -> None:
    first, second = make.record("a", make.person(1)), make.record("b", make.person(2))
    with store.writing() as tx:
        make.pull(tx, [first, second])
        make.settle_all(tx)
        conflict = one_conflict("records/a+b", first.key, second.key)
        conflicts.save(tx, [], [conflict], make.run(tx))
        pair = PairBinding(first.key, second.key, is_same=True)
        decisions.add(
            tx, conflict.conflict_id, DecisionCode.SAME, "", "签到表一致", "韦站长", decisions.Binding(pairs=[pair])
        )
        (subject,) = subjects.load(tx, asked(tx, make))
        assert external_ids(subject) == ["a", "b"]
        assert subject.pairs == (pair,)
        assert [(one.code, one.reason) for one in subject.decisions] == [("same", "签到表一致")]
        decisions.undo(tx, conflict.conflict_id, "韦站长")
        loaded = subjects.load(tx, asked(tx, make))
    assert [external_ids(one) for one in loaded] == [["a"], ["b"]]
    assert all((one.pairs, one.decisions) == ((), ()) for one in loaded)


def test_an_identity_bound_to_a_person_is_planned_with_that_person(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        make.roster(tx, make.roster_row(1))
        make.pull(tx, [make.record("a", make.person(1)), make.record("b", make.person(2))])
        make.settle_all(tx)
        person = people.find(tx, "CZ-0001")
        assert person is not None
        (stranger,) = [one for one in subjects.load(tx, [1, 2, 3, 4][:2]) if not one.people]
        claim = stranger.claims[0]
        conflict = one_conflict(f"identity/{claim.identity}", claim.key, identity=claim.identity)
        conflicts.save(tx, [], [conflict], make.run(tx))
        bound = PersonBinding(claim.identity, claim.name_token, person.number)
        binding = decisions.Binding(people=[bound])
        decisions.add(tx, conflict.conflict_id, DecisionCode.PERSON, "CZ-0001", "换证", "韦站长", binding)
        (subject,) = subjects.load(tx, asked(tx, make))
    assert external_ids(subject) == ["a", "b"]
    assert subject.person_bindings == (bound,)
    assert set(subject.people.values()) == {person}


def test_what_is_outside_for_good_is_told(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        make.pull(tx, [make.record("a", make.person(1)), make.record("b", make.person(2), activity_id="P2")])
        make.settle_all(tx)
        first, second = subjects.load(tx, [1, 2])
        identity = first.claims[0].identity
        stranger = one_conflict(f"identity/{identity}", first.claims[0].key, identity=identity)
        project = one_conflict("project/national/P2", second.claims[0].key)
        conflicts.save(tx, [], [stranger, project], make.run(tx))
        outside = decisions.Binding(outside_identity=identity)
        decisions.add(tx, stranger.conflict_id, DecisionCode.OUTSIDE, "", "外地", "韦", outside)
        outside = decisions.Binding(outside_activities=[("national", "P2")])
        decisions.add(tx, project.conflict_id, DecisionCode.OUTSIDE, "", "别的", "韦", outside, PROPOSED)
        first, second = subjects.load(tx, [1, 2])
        assert first.outside_identities == frozenset({identity})
        assert second.outside_activities == frozenset()
        decisions.agree(tx, project.conflict_id, "覃")
        (second,) = subjects.load(tx, [2])
        assert second.outside_activities == frozenset({("national", "P2")})
        assert asked(tx, make) == [1, 2]


def test_a_service_remembered_by_two_subjects_belongs_to_the_booked_record(store: Store, make: Makers) -> None:
    first = make.record("a", make.person(1))
    second = make.record("z", make.person(1), platform="guangxi")
    with store.writing() as tx:
        make.roster(tx, make.roster_row(1), make.roster_row(2))
        make.pull(tx, [first, second])
        (subject,) = [one for one in subjects.load(tx, asked(tx, make)) if one.claims]
        member = make.plan(subject).lines[0].service
        service = replace(member, service_id="S-national:a", members=subject.claims)
        plan = make.plan(subject)
        plan = replace(plan, lines=(replace(plan.lines[0], service=service),))
        make.book(tx, first, 1)
        subjects.settle(tx, [plan], make.run(tx), make.rules, TODAY)
        make.pull(tx, [replace(second, person=make.person(2))])
        loaded = {one.number: one for one in subjects.load(tx, [1, 2])}
        keeps, loses = (next(one for one in loaded.values() if external_ids(one) == [key]) for key in "az")
        assert [standing.service_id for standing in keeps.standings] == ["S-national:a"]
        assert (keeps.foreign_services, loses.foreign_services) == (frozenset(), frozenset({"S-national:a"}))
        assert loses.standings == ()
        assert loses.membership == {second.key: "S-national:a"}


def test_standings_and_debts_come_with_the_subject(store: Store, make: Makers) -> None:
    record = make.record("a", make.person(1))
    with store.writing() as tx:
        make.roster(tx, make.roster_row(1))
        make.pull(tx, [record])
        make.book(tx, record, 1)
        standing = services.standing(tx, "S-national:a")
        (subject,) = subjects.load(tx, [1])
        assert standing is not None
        assert standing.booking is not None
        assert subject.standings == (standing,)
        assert subject.owed == {}
        assert services.booked_figures(tx) == {("national", "CZ01"): (1, standing.booking.seconds)}
        assert services.standings_of(tx, 1) == [standing]
        taken = ledger.transfers_of(tx, [1])[1][0]
        spent = replace(taken, debit=taken.credit, credit=taken.debit)
        owed = replace(taken, debit=replace(taken.credit, kind=AccountKind.DEFICIT), credit=taken.debit, seconds=60)
        ledger.post(tx, [make.draft(1, 1, "S9#1", transfers=(spent, owed))], make.run(tx))
        (subject,) = subjects.load(tx, [1])
        assert subject.owed == {1: 60}


def test_loading_takes_the_same_statements_for_one_and_for_many(store: Store, make: Makers) -> None:
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    with store.writing() as tx:
        make.roster(tx, *(make.roster_row(number) for number in range(1, 301)))
        make.pull(tx, [make.record(f"{number}", make.person(number % 300 + 1)) for number in range(900)])
        numbers = asked(tx, make)
        counts = []
        for several in (numbers[:1], numbers):
            event.listen(tx.connection.engine, "before_cursor_execute", count)
            assert len(subjects.load(tx, several)) == len(several)
            event.remove(tx.connection.engine, "before_cursor_execute", count)
            counts.append(len(statements))
            statements.clear()
    assert counts[0] == counts[1] <= 30
