from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.errors import OperatorError
from domain.records import PersonAsSaid
from local_store import people, subjects
from local_store.store import Store
from tests.local_store.makers import Makers


def today(make: Makers) -> date:
    return make.clock.now().date()


def test_the_same_roster_twice_changes_nothing(store: Store, make: Makers) -> None:
    rows = [make.roster_row(number) for number in (1, 2, 3)]
    with store.writing() as tx:
        first = make.roster(tx, *rows)
        make.settle_all(tx)
        second = make.roster(tx, *rows)
        assert subjects.changed(tx, today(make), make.rules) == []
    assert (first.added, first.changed, first.unchanged) == (3, 0, 0)
    assert (second.added, second.changed, second.unchanged, second.refused) == (0, 0, 3, ())


def test_a_roster_row_plans_its_person_anew(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        make.pull(tx, [make.record("a", make.person(1))])
        make.settle_all(tx)
        make.roster(tx, make.roster_row(1))
        (number,) = subjects.changed(tx, today(make), make.rules)
        make.settle_all(tx)
        outcome = make.roster(tx, make.roster_row(1, station="CZ02", licence="护士"))
        assert subjects.changed(tx, today(make), make.rules) == [number]
        person = people.find(tx, "CZ-0001")
    assert outcome.changed == 1
    assert person is not None
    assert (person.station, person.has_licence, person.consents) == ("CZ02", True, frozenset({"national"}))
    assert str(person.born_on) == "1960-01-01"


def test_rows_that_would_mix_people_are_refused_alone(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        make.roster(tx, make.roster_row(1), make.roster_row(2))
        person = people.find(tx, "CZ-0001")
        assert person is not None
        make.pull(tx, [make.record("a", make.person(1))])
        make.book(tx, make.record("a", make.person(1)), person.number)
        outcome = make.roster(
            tx,
            make.roster_row(3),
            make.roster_row(1, "CZ-0009"),
            make.roster_row(4, "CZ-0001"),
            make.roster_row(5),
            make.roster_row(6, "CZ-0005"),
            make.roster_row(5, "CZ-0006"),
            replace(make.roster_row(7), person=PersonAsSaid("覃小溪")),
            make.roster_row(8, "CZ-0002"),
        )
    assert outcome.added == 2
    assert outcome.changed == 1
    assert {(row.line, row.code) for row in outcome.refused} == {
        (2, "identity_has_another_number"),
        (5, "number_has_bookings_of_another"),
        (7, "number_twice_in_file"),
        (6, "identity_twice_in_file"),
        (8, "id_number_missing"),
    }


def test_a_mistyped_document_is_replaced_while_nothing_is_booked(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        make.pull(tx, [make.record("a", make.person(2))])
        make.roster(tx, make.roster_row(1, "CZ-0001"))
        make.roster(tx, make.roster_row(2, "CZ-0001"))
        person = people.find(tx, "CZ-0001")
        assert person is not None
        loaded = subjects.load(tx, subjects.changed(tx, today(make), make.rules))
    (subject,) = [one for one in loaded if one.claims]
    assert [one.number for one in subject.people.values()] == [person.number]
    assert sum(len(one.people) for one in loaded) == 1


def test_two_numbers_of_one_person_become_one_subject(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        make.roster(tx, make.roster_row(1), make.roster_row(2))
        make.pull(tx, [make.record("a", make.person(1)), make.record("b", make.person(2))])
        make.settle_all(tx)
        old, new = people.find(tx, "CZ-0001"), people.find(tx, "CZ-0002")
        assert old is not None
        assert new is not None
        people.merge(tx, old.number, new.number, "同一人两张证", "韦站长")
        changed = subjects.changed(tx, today(make), make.rules)
        (subject,) = subjects.load(tx, changed)
        assert people.find(tx, "CZ-0001") == new
        assert people.find_all(tx, ["CZ-0001", "CZ-0002", "CZ-0003"]) == {"CZ-0001": new, "CZ-0002": new}
        assert people.all_people(tx) == [new]
        with pytest.raises(OperatorError, match="merge_impossible"):
            people.merge(tx, new.number, old.number, "又", "韦站长")
    assert [claim.key.external_id for claim in subject.claims] == ["a", "b"]
    assert set(subject.people.values()) == {new}


def test_both_documents_of_merged_numbers_stay_one_person_whatever_the_roster_says_next(
    store: Store, make: Makers
) -> None:
    with store.writing() as tx:
        make.roster(tx, make.roster_row(1), make.roster_row(2))
        old, new = people.find(tx, "CZ-0001"), people.find(tx, "CZ-0002")
        assert old is not None
        assert new is not None
        people.merge(tx, old.number, new.number, "同一人两张证", "韦站长")
        both = people.identities_of(tx, new.number)
        assert len(both) == 2
        make.roster(tx, make.roster_row(2, licence="护士"))
        assert people.identities_of(tx, new.number) == both
        outcome = make.roster(tx, make.roster_row(1, "CZ-0002"))
        assert (outcome.changed, outcome.refused) == (1, ())
        assert people.identities_of(tx, new.number) == both


def test_a_document_that_was_typed_wrongly_is_let_go(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        make.roster(tx, make.roster_row(1))
        person = people.find(tx, "CZ-0001")
        assert person is not None
        wrong = people.identities_of(tx, person.number)
        make.roster(tx, make.roster_row(7, "CZ-0001"))
        (right,) = people.identities_of(tx, person.number)
        assert [right] != wrong
        make.pull(tx, [make.record("a", make.person(1))])
        (subject,) = subjects.load(tx, wrong)
        assert subject.people == {}


def test_names_are_given_by_number(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        make.roster(tx, make.roster_row(1), make.roster_row(2, name="韦大山"))
        numbers = [person.number for person in people.all_people(tx)]
        assert list(people.names(tx, numbers).values()) == ["覃小溪", "韦大山"]
        assert people.by_number(tx, numbers).keys() == set(numbers)
