from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, event, select

from domain.records import QuarantinedRow, Record, RecordKey, RecordState
from local_store import identities, readings, records, revisions, subjects
from local_store.store import Store
from local_store.tables.records import CLAIM, QUARANTINE, RECORD, RECORD_VERSION
from local_store.transaction import Tx
from tests.local_store.makers import Makers


def rows_of(tx: Tx, table: Table, *left_out: str) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in row.items() if name not in left_out}
        for row in tx.connection.execute(select(table)).mappings()
    ]


def is_changed(tx: Tx, make: Makers) -> bool:
    return bool(subjects.changed(tx, make.clock.now().date(), make.rules))


def bad(external_id: str, raw: bytes = b"{}") -> QuarantinedRow:
    return QuarantinedRow("national", "T1", external_id, "hours_negative", "albx0172", raw)


def test_the_same_page_twice_only_marks_it_as_seen(store: Store, make: Makers) -> None:
    page = [make.record("a", make.person(1)), make.record("b", make.person(2))]
    with store.writing() as tx:
        assert make.pull(tx, [*page, page[0]]) == records.SaveTally(2, 2)
        make.settle_all(tx)
        before = rows_of(tx, RECORD, "last_run"), rows_of(tx, CLAIM)
        run = make.run(tx)
        assert make.pull(tx, page, run) == records.SaveTally(2, 0)
        assert (rows_of(tx, RECORD, "last_run"), rows_of(tx, CLAIM)) == before
        assert {row["last_run"] for row in rows_of(tx, RECORD)} == {run}
        assert rows_of(tx, RECORD_VERSION) == []
        assert not is_changed(tx, make)


def test_other_words_are_a_new_revision_and_the_old_one_is_kept(store: Store, make: Makers) -> None:
    first = make.record("a", make.person(1))
    second = replace(first, reported_seconds=3600, updated_at=first.updated_at + timedelta(days=1))
    with store.writing() as tx:
        make.pull(tx, [first])
        make.settle_all(tx)
        assert make.pull(tx, [second]).changed == 1
        assert is_changed(tx, make)
        (claim,) = rows_of(tx, CLAIM)
        (version,) = rows_of(tx, RECORD_VERSION)
        (stored,) = records.read_otherwise(tx, "other", 0, 10)
    assert (claim["revision"], claim["reported_seconds"]) == (2, 3600)
    assert (version["revision"], version["updated_at"]) == (1, int(first.updated_at.timestamp()))
    assert stored.record == second


def test_what_was_withdrawn_and_comes_again_is_told_each_time(store: Store, make: Makers) -> None:
    first = make.record("a", make.person(1))
    withdrawn = replace(first, state=RecordState.WITHDRAWN, state_code="3")
    with store.writing() as tx:
        assert [make.pull(tx, [one]).changed for one in (first, withdrawn, first)] == [1, 1, 1]
        (stored,) = records.read_otherwise(tx, "other", 0, 10)
    assert stored.revision == 3
    assert stored.record.state == RecordState.EFFECTIVE


def test_an_older_file_never_takes_the_place_of_newer_words(store: Store, make: Makers) -> None:
    newer = make.record("a", make.person(1))
    older = replace(newer, reported_seconds=60, updated_at=newer.updated_at - timedelta(days=1))
    with store.writing() as tx:
        make.pull(tx, [newer])
        assert make.pull(tx, [older]) == records.SaveTally(1, 0)
        assert [row["reported_seconds"] for row in rows_of(tx, CLAIM)] == [newer.reported_seconds]


def test_within_a_page_the_latest_words_count(store: Store, make: Makers) -> None:
    first = make.record("a", make.person(1))
    second = replace(first, reported_seconds=3600, updated_at=first.updated_at + timedelta(hours=1))
    with store.writing() as tx:
        assert make.pull(tx, [second, first]) == records.SaveTally(1, 1)
        assert [row["reported_seconds"] for row in rows_of(tx, CLAIM)] == [3600]


def test_a_record_that_changes_its_person_plans_both(store: Store, make: Makers) -> None:
    first = make.record("a", make.person(1))
    with store.writing() as tx:
        make.pull(tx, [first])
        make.settle_all(tx)
        make.pull(tx, [replace(first, person=make.person(2))])
        assert len(subjects.changed(tx, date(2022, 10, 21), make.rules)) == 2


def test_only_a_sweep_says_that_a_record_is_gone_and_it_may_come_back(store: Store, make: Makers) -> None:
    kept, lost = make.record("a", make.person(1)), make.record("b", make.person(2))
    withdrawn = make.record("c", make.person(3), state=RecordState.WITHDRAWN)
    elsewhere = make.record("d", make.person(4), organisation="T2")
    with store.writing() as tx:
        make.pull(tx, [kept, lost, withdrawn, elsewhere])
        make.settle_all(tx)
        sweep = make.run(tx)
        make.pull(tx, [kept], sweep)
        assert records.mark_gone(tx, "national", "T1", sweep, date(2022, 10, 21)) == 1
        assert records.mark_gone(tx, "national", "T1", sweep, date(2022, 10, 21)) == 0
        (number,) = subjects.changed(tx, date(2022, 10, 21), make.rules)
        ((claim,),) = (one.claims for one in subjects.load(tx, [number]))
        assert (claim.key.external_id, claim.is_gone) == ("b", True)
        make.settle_all(tx)
        assert make.pull(tx, [lost]).changed == 1
        ((claim,),) = (one.claims for one in subjects.load(tx, [number]))
        assert not claim.is_gone
        assert is_changed(tx, make)


def test_a_gone_record_that_comes_back_with_newer_words_is_there_again_and_may_go_again(
    store: Store, make: Makers
) -> None:  # fmt: skip
    record = make.record("a", make.person(1))
    newer = replace(record, reported_seconds=60, updated_at=record.updated_at + timedelta(hours=1))
    with store.writing() as tx:
        make.pull(tx, [record])
        records.mark_gone(tx, "national", "T1", make.run(tx), date(2022, 10, 21))
        make.pull(tx, [newer])
        assert [(row["is_gone"], row["reported_seconds"]) for row in rows_of(tx, CLAIM)] == [(False, 60)]
        assert [row["gone_on"] for row in rows_of(tx, RECORD)] == [None]
        assert list(records.present_ids(tx, "national", "T1")) == ["a"]
        assert records.mark_gone(tx, "national", "T1", make.run(tx), date(2022, 10, 22)) == 1


def test_a_gone_record_that_comes_back_with_older_words_is_there_again(store: Store, make: Makers) -> None:
    record = make.record("a", make.person(1))
    older = replace(record, reported_seconds=60, updated_at=record.updated_at - timedelta(hours=1))
    with store.writing() as tx:
        make.pull(tx, [record])
        records.mark_gone(tx, "national", "T1", make.run(tx), date(2022, 10, 21))
        make.settle_all(tx)
        make.pull(tx, [older])
        said = [(row["is_gone"], row["reported_seconds"]) for row in rows_of(tx, CLAIM)]
        assert said == [(False, record.reported_seconds)]
        assert is_changed(tx, make)


def test_unreadable_rows_are_kept_once_and_flag_the_last_readable_words(store: Store, make: Makers) -> None:
    record = make.record("a", make.person(1))
    with store.writing() as tx:
        make.pull(tx, [record])
        make.settle_all(tx)
        sweep = make.run(tx)
        assert records.quarantine(tx, [bad("a"), bad("a"), bad(""), bad("z")], sweep) == 3
        assert records.quarantine(tx, [bad("a"), bad("a", b"[]")], sweep) == 1
        assert records.mark_gone(tx, "national", "T1", sweep, date(2022, 10, 21)) == 0
        assert [row["is_flagged"] for row in rows_of(tx, CLAIM)] == [True]
        assert is_changed(tx, make)
        make.settle_all(tx)
        assert make.pull(tx, [record]).changed == 1
        assert [row["is_flagged"] for row in rows_of(tx, CLAIM)] == [False]
        lifted = {(row["external_id"], row["is_lifted"]) for row in rows_of(tx, QUARANTINE)}
    assert lifted == {("a", True), ("", False), ("z", False)}


def test_a_later_good_revision_lifts_the_flag(store: Store, make: Makers) -> None:
    record = make.record("a", make.person(1))
    with store.writing() as tx:
        make.pull(tx, [record])
        records.quarantine(tx, [bad("a")], make.run(tx))
        make.pull(tx, [replace(record, reported_seconds=60)])
        assert [row["is_flagged"] for row in rows_of(tx, CLAIM)] == [False]
        assert [row["is_lifted"] for row in rows_of(tx, QUARANTINE)] == [True]


def test_a_row_that_was_unreadable_when_it_was_first_seen_is_lifted_when_it_can_be_read(
    store: Store, make: Makers
) -> None:
    with store.writing() as tx:
        records.quarantine(tx, [bad("a"), bad("z")], make.run(tx))
        make.pull(tx, [make.record("a", make.person(1))])
        assert [row["is_flagged"] for row in rows_of(tx, CLAIM)] == [False]
        assert {(row["external_id"], row["is_lifted"]) for row in rows_of(tx, QUARANTINE)} == {
            ("a", True),
            ("z", False),
        }


def test_stored_records_are_read_under_other_rules_and_marks_stay(store: Store, make: Makers) -> None:
    record = make.record("a", make.person(1), remark="陪聊", carried_from=RecordKey("guangxi", "9"), is_honour=None)
    with store.writing() as tx:
        make.pull(tx, [record])
        records.quarantine(tx, [bad("a")], make.run(tx))
        (stored,) = records.read_otherwise(tx, "rules-2", 0, 10)
        assert stored.record == record
        claim = make.claim(
            stored.record, stored.identity, stored.name_token, category="escort", rules_version="rules-2"
        )
        revisions.reread(tx, [(stored.number, replace(claim, revision=stored.revision))])
        assert records.read_otherwise(tx, "rules-2", 0, 10) == []
        (row,) = rows_of(tx, CLAIM)
    assert (row["category"], row["is_flagged"], row["revision"]) == ("escort", True, 1)


def test_a_raw_page_comes_back_as_it_came(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        number = records.save_raw(tx, make.run(tx), "national", "T1", "姓名".encode("gb18030") * 1000)
        assert records.open_raw(tx, number) == "姓名".encode("gb18030") * 1000


def test_how_many_records_a_window_should_show(store: Store, make: Makers) -> None:
    record = make.record("a", make.person(1))
    at = record.updated_at
    with store.writing() as tx:
        make.pull(tx, [record, make.record("b", make.person(2), updated_at=at + timedelta(days=1))])
        counts = [
            records.known_in_window(tx, "national", "T1", start, end)
            for start, end in ((None, at), (at, at + timedelta(seconds=1)), (None, at + timedelta(days=2)))
        ]
    assert counts == [0, 1, 2]


@pytest.mark.parametrize("size", [500, 2000])
def test_pages_are_kept_by_a_handful_of_statements_whatever_their_size(store: Store, make: Makers, size: int) -> None:
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    pages = [
        [make.record(f"{page}-{row}", make.person(row % 700, f"覃{row % 300}")) for row in range(size)]
        for page in range(20_000 // size if size == 2000 else 4)
    ]
    with store.writing() as tx:
        run = make.run(tx)
        event.listen(tx.connection.engine, "before_cursor_execute", count)
        for page in pages:
            before = len(statements)
            whos = identities_of(tx, page)
            raw = records.save_raw(tx, run, "national", "T1", b"page")
            readings = [(one, make.claim(one, *who)) for one, who in zip(page, whos, strict=True)]
            assert records.save(tx, readings, run, raw).changed == size
            assert len(statements) - before <= 25
        event.remove(tx.connection.engine, "before_cursor_execute", count)
        assert len(tx.rows(select(RECORD.c.number))) == size * len(pages)


def identities_of(tx: Tx, page: list[Record]) -> list[tuple[int, str]]:
    return identities.register(tx, "national", [one.person for one in page], [one.person.name for one in page])


def test_what_is_pulled_under_other_rules_takes_back_that_all_is_read_under_one(store: Store, make: Makers) -> None:
    with store.writing() as tx:
        readings.all_read_under(tx, make.rules)
        make.pull(tx, [make.record("a", make.person(1))])
        assert readings.are_all_read_under(tx, make.rules)
        replace(make, rules="另一份#00000000").pull(tx, [make.record("b", make.person(1))])
        assert not readings.are_all_read_under(tx, make.rules)
