"""Every table, column by column: one value is changed past the program and its guards, and verify names it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Integer, LargeBinary, Table

from desk.verify import verify
from domain.clock import day_in_shanghai
from domain.decisions import DecisionCode
from local_store import decisions
from local_store.guards import set_guards
from local_store.tables.schema import TABLES
from local_store.transaction import Tx
from tests.test_desk_impact import HANDCRAFT, Office, changed

pytestmark = pytest.mark.store_file  # the edits are the same, the ways past the guards are not

FAR = 1_000_000  # where no other row lies
UNPROVEN = {  # docs/decisions/0020 says why; whatever else is changed must be found
    "chain_head": {"book"},
    "claim": {"carried_id", "carried_stream", "is_flagged", "rules_version"},
    "conflict": {"since_at", "opened_run"},
    "coverage": {
        "platform", "scope", "kind", "window_start_at", "window_end_at", "run", "settings_fingerprint", "recorded_at",
    },
    "entry": {"entered_at"},
    "identity": {"kind", "bound_to", "subject"},
    "identity_sighting": {"number_token"},
    "lease": {"name", "fence", "holder", "host", "process", "beat_at"},
    "month_summed": {"platform", "scope", "month", "asked_on", "digest", "agreed_on"},
    "person": {"opening_through_on"},
    "raw_page": {"run", "platform", "scope", "kept_at"},
    "record": {"updated_at", "first_run", "last_run", "raw_page"},
    "run": {"kind", "started_at", "finished_at", "rules_version", "outcome", "tally"},
    "store_fact": {"name", "value"},
    "subject": {"revision", "planned_revision", "planned_rules", "planned_on", "due_on"},
}  # fmt: skip
EMPTY_HERE = {
    "outside_binding", "pair_binding", "person_binding", "person_merge", "quarantine", "record_version", "release_use",
    "sweep_asked",
}  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give a bank with something in every table that a night can fill."""
    office = Office(tmp_path_factory.mktemp("bank"))
    town, bank = office.town, office.bank
    stranger = replace(town.people[3], station=office.station.code)
    for day in (10, 11, 12):
        office.visit(office.one, date(2022, 5, day))
    office.visit(office.other, date(2022, 5, 12), HANDCRAFT.projects[1])
    office.visit(stranger, date(2022, 5, 13))
    office.night()
    told = (office.other.local_number, "emotional_support", "2022-05-14", "09:00", "09:30", "", office.station.code)
    bank.type_entry("E1", *told, "莫奶奶", "韦站长", "覃社区", "")
    bank.redeem(office.one.local_number, 1800)
    office.night()
    with bank.store.writing() as tx:
        conflict = bank._rows("SELECT conflict_id FROM conflict WHERE is_blocking")[0][0]  # noqa: SLF001
        decisions.add(tx, conflict, DecisionCode.IGNORE, "", "另行处理", "韦站长")
    office.publish(*changed(("credit_hours = 1\n", "credit_hours = 1.5\n")))
    town.set_clock(town.clock.at + timedelta(hours=1))
    assert bank.faults_found() == []
    yield office
    bank.close()


def found_by(office: Office, statement: str, *values: Any) -> set[str]:  # noqa: ANN401 - values of the database
    """Run a statement past all guards, in a transaction that is taken back; give the checks that fail."""
    with office.bank.store.reading() as tx:
        connection = tx.connection
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        try:
            for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql(statement, values)
            set_guards(connection)
            return _failing(office, tx)
        finally:
            connection.rollback()
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")


def found_after(office: Office, table: Table, column: Column[Any]) -> set[str] | None:
    """Change one value of a column; give the checks that fail, or None where there is no row."""
    names = ", ".join(f'"{key.name}"' for key in table.primary_key)
    asked = f'SELECT {names}, "{column.name}" FROM "{table.name}" ORDER BY "{column.name}" IS NULL, 1'  # noqa: S608
    rows = office.bank._rows(asked)  # noqa: SLF001
    if not rows:
        return None
    *key, value = rows[0]
    where = " AND ".join(f'"{one.name}" IS ?' for one in table.primary_key)
    other = None if column.name == "reverses" else _other(column, value)  # any other number is taken
    return found_by(office, f'UPDATE "{table.name}" SET "{column.name}" = ? WHERE {where}', other, *key)  # noqa: S608


def _failing(office: Office, tx: Tx) -> set[str]:
    today = day_in_shanghai(office.town.clock.now())
    return {check.name for check in verify(tx, office.bank.rules, today) if not check.ok}


def _other(column: Column[Any], value: Any) -> Any:  # noqa: ANN401 - a value of the database
    match column.type:
        case Boolean():
            return not value
        case LargeBinary():
            return bytes(value[:-1]) + bytes([value[-1] ^ 1])
        case Integer():
            return 1 if value is None else value + (FAR if column.primary_key else 1)
        case _:
            return _other_words(column.name, value)


def _other_words(name: str, value: str | None) -> str:
    if name.endswith(("_on", "_date")):
        return "2022-05-02" if value != "2022-05-02" else "2022-05-03"
    return f"{value or ''}x"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_changed_value_is_found_but_those_that_are_named(table: Table, office: Office) -> None:
    found = {column.name: found_after(office, table, column) for column in table.columns}
    assert all(checks is None for checks in found.values()) == (table.name in EMPTY_HERE)
    if table.name not in EMPTY_HERE:
        assert {name for name, checks in found.items() if not checks} == UNPROVEN.get(table.name, set())


GONE = {
    "a voucher": ("DELETE FROM voucher WHERE number = 2", {"chain", "bodies"}),
    "the last voucher": ("DELETE FROM voucher WHERE number = (SELECT max(number) FROM voucher)", {"chain", "bodies"}),
    "a transfer": ("DELETE FROM transfer WHERE voucher = 2", {"bodies", "balances"}),
    "a standing": ("DELETE FROM standing WHERE service_id = (SELECT min(service_id) FROM standing)", {"standings"}),
    "a reason": ("DELETE FROM voucher_reason", {"reasons"}),
    "a rule set": ("DELETE FROM rule_text WHERE number = 1", {"rules"}),
    "a publishing": ("DELETE FROM rules_activation", {"rules"}),
    "a record's claim": ("DELETE FROM claim WHERE record = 1", {"records"}),
    "a place": ("DELETE FROM membership WHERE record = 1", {"records", "plans"}),
    "a conflict's end": ("UPDATE conflict SET state = 'closed', closed_run = 1 WHERE state = 'decided'", {"plans"}),
    "a withdrawal that never was": ("UPDATE claim SET state = 'withdrawn' WHERE record = 1", {"claims"}),
    "two vouchers swapped": (
        "UPDATE voucher SET body = (SELECT body FROM voucher v WHERE v.number = 3 - voucher.number) WHERE number < 3",
        {"chain", "bodies"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GONE)
def test_what_is_gone_or_put_elsewhere_is_found(name: str, office: Office) -> None:
    statement, expected = GONE[name]
    assert expected <= found_by(office, statement)


def test_nothing_is_found_where_nothing_was_done(office: Office) -> None:
    assert found_by(office, "SELECT 1") == set()
