"""Triggers that keep the book: they move balances, close vouchers, and refuse to change what was written."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import CheckConstraint, Connection, Table

from domain.errors import StoreError
from local_store.dialects import checks_in, evened, guards_in, is_same_check, own_schema
from local_store.tables.schema import TABLES

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
NEVER_CHANGED = ("voucher", "transfer", "account", "record_version", "person_merge", "voucher_reason")


@dataclass(frozen=True, slots=True)
class Guard:
    """One trigger: ``when`` it fires on ``table``, and what it does in either database's words.

    ``is_owners``: on PostgreSQL it acts with the rights of the store's owner, whoever set it off.
    """

    name: str
    when: str
    table: str
    sqlite: str
    postgresql: str
    is_owners: bool = False

    def statements(self, dialect: str) -> tuple[str, ...]:
        """Give what creates it anew."""
        if dialect == "sqlite":
            return (f"DROP TRIGGER IF EXISTS {self.name}", self.sqlite_text)
        return (
            f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}",
            self._postgresql_function,
            self._postgresql_trigger,
        )

    @property
    def sqlite_text(self) -> str:
        """Give the trigger as SQLite keeps it."""
        return f"CREATE TRIGGER {self.name} {self.when} ON {self.table} BEGIN {self.sqlite} END"

    def postgresql_text(self, search_path: str) -> str:
        """Give the trigger and its function as PostgreSQL tells them."""
        return f"{self._postgresql_trigger} {self._rights}SET search_path={search_path} {self.postgresql}"

    @property
    def _rights(self) -> str:
        return "SECURITY DEFINER " if self.is_owners else ""

    @property
    def _postgresql_function(self) -> str:
        head = f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql {self._rights}"
        return f"{head}SET search_path FROM CURRENT AS $${self.postgresql}$$"

    @property
    def _postgresql_trigger(self) -> str:
        each = "STATEMENT" if "TRUNCATE" in self.when else "ROW"
        return f"CREATE TRIGGER {self.name} {self.when} ON {self.table} FOR EACH {each} EXECUTE FUNCTION {self.name}()"


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
    *(_refusing(f"{table}_never_updated", "BEFORE UPDATE", table) for table in NEVER_CHANGED),
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
    Guard(
        "transfer_moves_balances", "AFTER INSERT", "transfer", _MOVE, f"BEGIN {_MOVE} RETURN NULL; END", is_owners=True,
    ),
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
    dialect = connection.dialect.name
    if dialect != "sqlite":
        connection.exec_driver_sql(f"SET LOCAL search_path = {_search_path(connection)}")
    for guard in guards_of(dialect):
        for statement in guard.statements(dialect):
            connection.exec_driver_sql(statement)


def _search_path(connection: Connection) -> str:
    """Give where guards look for tables: a passing table of somebody's own comes last, or it would hide ours."""
    return f"{own_schema(connection)}, pg_temp"


def missing_guards(connection: Connection) -> list[str]:
    """Give the names of triggers and CHECKs that are missing or differ from what they should be."""
    there = guards_in(connection)
    triggers = [name for name, body in _wanted(connection).items() if there.get(name) != evened(body)]
    return triggers + [name for table in TABLES for name in _missing_checks(connection, table)]


def _wanted(connection: Connection) -> dict[str, str]:
    if connection.dialect.name == "sqlite":
        return {guard.name: guard.sqlite_text for guard in guards_of("sqlite")}
    search_path = _search_path(connection)
    return {guard.name: guard.postgresql_text(search_path) for guard in guards_of("postgresql")}


def check_guards(connection: Connection) -> None:
    """Refuse a store whose guards are not whole.

    Raises:
        StoreError: ``store_guards_missing``, with their names.
    """
    missing = missing_guards(connection)
    if missing:
        raise StoreError("store_guards_missing", names=" ".join(missing))


def _missing_checks(connection: Connection, table: Table) -> list[str]:
    there, dialect = checks_in(connection, table.name), connection.dialect.name
    checks = [one for one in table.constraints if isinstance(one, CheckConstraint)]
    wanted = {str(one.name): str(one.sqltext) for one in checks}
    return [name for name, rule in wanted.items() if name not in there or not is_same_check(dialect, there[name], rule)]
