"""Triggers that keep the book: they move balances, close vouchers, and refuse to change what was written."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import CheckConstraint, Connection

from domain.errors import StoreError
from local_store.dialects import are_checks_verbatim, checks_in, evened, guards_in
from local_store.tables.base import METADATA

_NEVER_DELETED = (
    "voucher",
    "transfer",
    "account",
    "record_version",
    "person_merge",
    "voucher_reason",
    "balance",
    "chain_head",
)
_NEVER_CHANGED = ("voucher", "transfer", "account", "record_version", "person_merge", "voucher_reason")


@dataclass(frozen=True, slots=True)
class Guard:
    """One trigger: ``when`` it fires on ``table``, and what it does in either database's words."""

    name: str
    when: str
    table: str
    sqlite: str
    postgresql: str

    def statements(self, dialect: str) -> tuple[str, ...]:
        """Give what creates it anew."""
        if dialect == "sqlite":
            return (f"DROP TRIGGER IF EXISTS {self.name}", self.sqlite_text)
        each = "STATEMENT" if "TRUNCATE" in self.when else "ROW"
        return (
            f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}",
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $${self.postgresql}$$",
            f"CREATE TRIGGER {self.name} {self.when} ON {self.table} FOR EACH {each} EXECUTE FUNCTION {self.name}()",
        )

    @property
    def sqlite_text(self) -> str:
        """Give the trigger as SQLite keeps it."""
        return f"CREATE TRIGGER {self.name} {self.when} ON {self.table} BEGIN {self.sqlite} END"


def _refusing(name: str, when: str, table: str, condition: str = "") -> Guard:
    """Make a guard that refuses, always or where ``condition`` holds, and says its own name."""
    where = f" WHERE {condition}" if condition else ""
    refusal = f"RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation';"
    test = f"IF {condition} THEN {refusal} END IF; RETURN NEW;" if condition else refusal
    return Guard(name, when, table, f"SELECT RAISE(ABORT, '{name}'){where};", f"BEGIN {test} END")


_MOVE = (
    "UPDATE balance SET seconds = seconds - NEW.seconds WHERE account = NEW.debit; "
    "UPDATE balance SET seconds = seconds + NEW.seconds WHERE account = NEW.credit;"
)
_OPEN_END = (
    "NEW.number <= OLD.number "
    "OR (SELECT count(*) FROM voucher WHERE number > OLD.number) <> NEW.number - OLD.number "
    "OR (SELECT max(number) FROM voucher) <> NEW.number "
    "OR (SELECT hash FROM voucher WHERE number = NEW.number) <> NEW.hash "
    "OR (SELECT sum(n_lines) FROM voucher WHERE number > OLD.number) "
    "<> (SELECT count(*) FROM transfer WHERE voucher > OLD.number)"
)

_BOTH = (
    *(_refusing(f"{table}_never_updated", "BEFORE UPDATE", table) for table in _NEVER_CHANGED),
    *(_refusing(f"{table}_never_deleted", "BEFORE DELETE", table) for table in _NEVER_DELETED),
    _refusing(
        "voucher_only_at_the_end", "BEFORE INSERT", "voucher",
        "NEW.number <= (SELECT number FROM chain_head) OR EXISTS (SELECT 1 FROM voucher WHERE key = NEW.key)",
    ),
    _refusing(
        "transfer_only_with_its_voucher", "BEFORE INSERT", "transfer",
        "NEW.voucher <= (SELECT number FROM chain_head) "
        "OR NEW.line > (SELECT n_lines FROM voucher WHERE number = NEW.voucher)",
    ),
    Guard("transfer_moves_balances", "AFTER INSERT", "transfer", _MOVE, f"BEGIN {_MOVE} RETURN NULL; END"),
    _refusing("balance_begins_empty", "BEFORE INSERT", "balance", "NEW.seconds <> 0"),
    _refusing(
        "balance_keeps_its_kind", "BEFORE UPDATE", "balance", "NEW.kind <> OLD.kind OR NEW.account <> OLD.account",
    ),
    _refusing("chain_head_closes_vouchers", "BEFORE UPDATE", "chain_head", _OPEN_END),
)  # fmt: skip
_POSTGRESQL_ONLY = tuple(_refusing(f"{table}_never_emptied", "BEFORE TRUNCATE", table) for table in _NEVER_DELETED)


def guards_of(dialect: str) -> tuple[Guard, ...]:
    """Give all guards that a database must have."""
    return _BOTH if dialect == "sqlite" else _BOTH + _POSTGRESQL_ONLY


def set_guards(connection: Connection) -> None:
    """Create all guards anew, as after every migration."""
    for guard in guards_of(connection.dialect.name):
        for statement in guard.statements(connection.dialect.name):
            connection.exec_driver_sql(statement)


def missing_guards(connection: Connection) -> list[str]:
    """Give the names of triggers and CHECKs that are missing or differ from what they should be."""
    dialect = connection.dialect.name
    there = guards_in(connection)
    wanted = {
        guard.name: guard.sqlite_text if dialect == "sqlite" else guard.postgresql for guard in guards_of(dialect)
    }
    triggers = [name for name, body in wanted.items() if there.get(name) != evened(body)]
    return triggers + [name for table in METADATA.tables for name in _missing_checks(connection, table)]


def check_guards(connection: Connection) -> None:
    """Refuse a store whose guards are not whole.

    Raises:
        StoreError: ``store_guards_missing``, with their names.
    """
    missing = missing_guards(connection)
    if missing:
        raise StoreError("store_guards_missing", names=" ".join(missing))


def _missing_checks(connection: Connection, table: str) -> list[str]:
    there = checks_in(connection, table)
    checks = [one for one in METADATA.tables[table].constraints if isinstance(one, CheckConstraint)]
    wanted = {str(one.name): evened(str(one.sqltext)) for one in checks}
    is_verbatim = are_checks_verbatim(connection)
    return [name for name, rule in wanted.items() if name not in there or (is_verbatim and there[name] != rule)]
