from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest

from domain.records import PersonAsSaid
from local_store import identities, subjects
from local_store.store import Store
from tests.local_store.makers import Makers


def numbered(make: Makers, number: int, volunteer: str) -> PersonAsSaid:
    person: PersonAsSaid = make.person(number, volunteer_number=volunteer)
    return person


def told_apart(store: Store, make: Makers, said: Sequence[tuple[str, PersonAsSaid]]) -> set[frozenset[str]]:
    """Pull one record each and give the groups of records that speak of the same person."""
    with store.writing() as tx:
        for external_id, person in said:
            make.pull(tx, [make.record(external_id, person)])
    with store.reading() as tx:
        loaded = subjects.load(tx, subjects.changed(tx, make.clock.now().date(), make.rules))
    groups: dict[int, set[str]] = {}
    for subject in loaded:
        for claim in subject.claims:
            groups.setdefault(claim.identity, set()).add(claim.key.external_id)
        assert len({claim.identity for claim in subject.claims}) <= 1
    return {frozenset(group) for group in groups.values()}


def stories(make: Makers) -> dict[str, list[tuple[str, PersonAsSaid]]]:
    unnamed = PersonAsSaid("覃小溪", volunteer_number="V7")
    return {
        "one document": [("a", numbered(make, 1, "V7")), ("b", unnamed), ("c", numbered(make, 1, "V8"))],
        "two documents": [("a", numbered(make, 1, "V7")), ("b", unnamed), ("c", numbered(make, 2, "V7"))],
    }


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize(
    ("story", "groups"),
    [
        ("one document", {frozenset("abc")}),
        ("two documents", {frozenset("a"), frozenset("b"), frozenset("c")}),
    ],
)
def test_the_order_in_which_a_number_and_its_document_came_does_not_matter(
    store: Store, make: Makers, order: tuple[int, ...], story: str, groups: set[frozenset[str]]
) -> None:
    said = stories(make)[story]
    assert told_apart(store, make, [said[at] for at in order]) == groups


def test_the_roster_too_says_which_number_is_whose(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        make.pull(tx, [make.record("a", PersonAsSaid("覃小溪", volunteer_number="V9"))])
        make.settle_all(tx)
        make.roster(tx, make.roster_row(1, platform_numbers={"national": "V9"}))
    with store.reading() as tx:
        loaded = subjects.load(tx, subjects.changed(tx, make.clock.now().date(), make.rules))
    (subject,) = [one for one in loaded if one.claims]
    assert subject.people[subject.claims[0].identity].local_number == "CZ-0001"


def test_a_number_of_one_platform_is_not_that_of_another(store: Store) -> None:
    person = PersonAsSaid("覃小溪", volunteer_number="V7")
    with store.writing() as tx:
        ((national, name),) = identities.register(tx, "national", [person], ["覃小溪"])
        ((guangxi, same_name),) = identities.register(tx, "guangxi", [person], ["覃小溪"])
        again = identities.register(tx, "national", [person, person], ["覃小溪", "覃小西"])
    assert national != guangxi
    assert name == same_name
    assert [identity for identity, _ in again] == [national, national]
    assert again[0][1] != again[1][1]


def test_the_classes_of_documents_are_kept_apart(store: Store) -> None:
    people = [PersonAsSaid("覃小溪", kind, "A1234567") for kind in ("passport", "officer")]
    with store.writing() as tx:
        (one, _), (other, _) = identities.register(tx, "national", people, ["覃小溪", "覃小溪"])
    assert one != other


def test_names_come_back_in_clear_only_on_request(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        ((identity, _),) = identities.register(tx, "national", [make.person(1, "覃·小溪")], ["覃小溪"])
        assert identities.clear_names(tx, [identity, 99]) == {identity: "覃·小溪"}
