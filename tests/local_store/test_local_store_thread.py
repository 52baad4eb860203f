from __future__ import annotations

from datetime import date

from domain.actions import Disposition
from domain.ledger import PersonBalances
from local_store import ledger, people, services, subjects
from local_store.store import Store
from tests.local_store.makers import Makers


def test_a_page_becomes_a_subject_and_a_subject_a_voucher(store: Store, make: Makers) -> None:
    record = make.record("r1", make.person(1))
    with store.writing() as tx:
        make.roster(tx, make.roster_row(1))
        assert make.pull(tx, [record]).changed == 1
    with store.reading() as tx:
        (subject,) = subjects.load(tx, subjects.changed(tx, date(2022, 10, 21), make.rules))
        person = people.find(tx, "CZ-0001")
    assert person is not None
    assert [claim.key for claim in subject.claims] == [record.key]
    assert subject.people == {subject.claims[0].identity: person}
    with store.writing() as tx:
        number = make.book(tx, record, person.number)
        plan = make.plan(subject, Disposition.BOOKED)
        assert subjects.settle(tx, [plan], make.run(tx), make.rules, date(2022, 10, 21)) == []
    with store.reading() as tx:
        assert number == 1
        assert ledger.balances(tx, [person.number]) == {person.number: PersonBalances(available=1800)}
        assert ledger.all_balances(tx)["deposited:CZ01/emotional_support"] == -1800
        assert subjects.changed(tx, date(2022, 10, 21), make.rules) == []
        (again,) = subjects.load(tx, [subject.number])
        assert again.membership == {record.key: "S-national:r1"}
        assert again.standings == (services.standing(tx, "S-national:r1"),)
        (voucher,) = ledger.vouchers_of(tx, person.number)
        assert voucher.records == ("national:r1",)
        assert sum(one.seconds for one in voucher.transfers) == 1800
