from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from domain.claims import Claim
from domain.clock import SHANGHAI
from domain.entries import Entry, business_key
from domain.hours import DurationRange
from domain.records import RecordKey, RecordState
from local_store import entries, subjects
from local_store.entries import RefusedEntry
from local_store.store import Store
from local_store.transaction import Tx
from tests.local_store.makers import Makers

AT = datetime(2022, 10, 1, 9, tzinfo=SHANGHAI)
ENTRY = Entry(
    entry_id="E1", local_number="CZ-0001", station="CZ01", category="escort", service_date=AT.date(), starts_at=AT,
    ends_at=AT + timedelta(hours=1), is_special=False, station_by="韦站长", community_by="", beneficiary="陆奶奶",
    remark="陪同买菜",
)  # fmt: skip


def read(entry: Entry, identity: int, name_token: str, revision: int) -> Claim:
    is_confirmed = bool(entry.station_by and entry.community_by)
    return Claim(
        key=entries.entry_key(entry), revision=revision,
        state=RecordState.EFFECTIVE if is_confirmed else RecordState.PENDING, identity=identity, name_token=name_token,
        service_date=entry.service_date, starts_at=entry.starts_at, ends_at=entry.ends_at, reported_seconds=3600,
        duration=DurationRange(3600, 3600), category=entry.category, station=entry.station, is_special=False,
        out_of_scope="", is_type_unknown=False, activity_id="", activity_name="", carried_from=None,
        business_key=business_key(entry.station, entry.entry_id, revision), entered_on=date(2022, 10, 21),
        is_gone=False, is_flagged=False, rule="entry", rules_version="rules-1",
    )  # fmt: skip


@pytest.fixture
def tx(store: Store, make: Makers) -> Iterator[Tx]:
    with store.writing() as tx:
        make.roster(tx, make.roster_row(1), make.roster_row(2))
        make.settle_all(tx)
        yield tx


def saved(tx: Tx, make: Makers, *several: Entry) -> tuple[int, int, int, tuple[RefusedEntry, ...]]:
    outcome = entries.save_entries(tx, several, read, make.clock.now(), make.run(tx))
    return outcome.added, outcome.changed, outcome.unchanged, outcome.refused


def claim_of(tx: Tx) -> Claim:
    (claim,) = [claim for one in subjects.load(tx, [1, 2]) for claim in one.claims]
    return claim


def test_the_same_entries_twice_change_nothing(tx: Tx, make: Makers) -> None:
    several = (ENTRY, replace(ENTRY, entry_id="E2"), replace(ENTRY, station="CZ02"))
    assert saved(tx, make, *several) == (3, 0, 0, ())
    make.settle_all(tx)
    make.clock.sleep(60)
    assert saved(tx, make, *several) == (0, 0, 3, ())
    assert subjects.changed(tx, date(2022, 10, 21), make.rules) == []


def test_an_unknown_number_is_refused_alone(tx: Tx, make: Makers) -> None:
    stranger = replace(ENTRY, entry_id="E2", local_number="CZ-0077")
    assert saved(tx, make, stranger, ENTRY) == (1, 0, 0, (RefusedEntry(0, "number_unknown"),))


def test_a_confirmation_is_another_reading_of_the_same_revision(tx: Tx, make: Makers) -> None:
    saved(tx, make, ENTRY)
    assert claim_of(tx).state == RecordState.PENDING
    make.settle_all(tx)
    assert saved(tx, make, replace(ENTRY, community_by="覃主任")) == (0, 1, 0, ())
    claim = claim_of(tx)
    assert (claim.state, claim.revision, claim.business_key) == (
        RecordState.EFFECTIVE, 1, business_key("CZ01", "E1", 1),
    )  # fmt: skip
    assert len(subjects.changed(tx, date(2022, 10, 21), make.rules)) == 1
    (stored,) = entries.stored(tx, [claim.key])
    assert stored.entry.community_by == "覃主任"


def test_other_words_are_a_new_revision_with_a_new_business_key(tx: Tx, make: Makers) -> None:
    saved(tx, make, ENTRY)
    other = replace(ENTRY, local_number="CZ-0002", remark="")
    assert saved(tx, make, other) == (0, 1, 0, ())
    claim = claim_of(tx)
    assert (claim.revision, claim.business_key) == (2, business_key("CZ01", "E1", 2))
    (stored,) = entries.stored(tx, [claim.key, RecordKey("station", "E9", "CZ01")])
    assert (stored.entry, stored.revision) == (other, 2)


def test_entries_are_found_for_reading_under_other_rules(tx: Tx, make: Makers) -> None:
    saved(tx, make, ENTRY, replace(ENTRY, entry_id="E2"))
    first, second = entries.read_otherwise(tx, "rules-2", 0, 10)
    assert (first.entry, second.entry.entry_id) == (ENTRY, "E2")
    assert [one.entry.entry_id for one in entries.read_otherwise(tx, "rules-2", first.number, 10)] == ["E2"]
    assert entries.read_otherwise(tx, "rules-1", 0, 10) == []
