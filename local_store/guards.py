"""Triggers that keep the book: they move balances, close vouchers, and refuse to change what was written."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import CheckConstraint, Connection, Table

from domain.errors import StoreError
from local_store.dialects import checks_in, evened, guards_in, is_same_check, own_schema
from local_store.tables.schema import TABLES

_BINDINGS = ("decision_log", "pair_binding", "person_binding", "outside_binding")
_NEVER_DELETED = (
    "voucher",
    "transfer",
    "account",
    "record_version",
    "person_merge",
    "voucher_reason",
    "decision",
    *_BINDINGS,
    "rule_text",
    "rules_activation",
    "balance",
    "chain_head",
)
NEVER_CHANGED = (
    "voucher",
    "transfer",
    "account",
    "record_version",
    "person_merge",
    "voucher_reason",
    *_BINDINGS,
    "rule_text",
    "rules_activation",
)


@dataclass(frozen=True, slots=True)
class Guard:
    """One trigger: ``when`` it fires on ``table``, and what it does in either database's words.

    ``is_owners``: on PostgreSQL it acts with the rights of the store's owner, whoever set it off. ``is_of_statement``:
    there it fires once after a statement, and finds all of its new rows as ``added``; on SQLite it fires for each.
    """

    name: str
    when: str
    table: str
    sqlite: str
    postgresql: str
    is_owners: bool = False
    is_of_statement: bool = False

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
        when, each = self.when, "STATEMENT" if "TRUNCATE" in self.when else "ROW"
        if self.is_of_statement:
            when, each = "AFTER INSERT", "STATEMENT"
        seen = " REFERENCING NEW TABLE AS added" if self.is_of_statement else ""
        head = f"CREATE TRIGGER {self.name} {when} ON {self.table}{seen}"
        return f"{head} FOR EACH {each} EXECUTE FUNCTION {self.name}()"


_MOVE_EACH = """
    UPDATE balance SET seconds = seconds - NEW.seconds WHERE account = NEW.debit;
    UPDATE balance SET seconds = seconds + NEW.seconds WHERE account = NEW.credit;
    SELECT RAISE(ABORT, 'REFUSED') WHERE NOT EXISTS (SELECT 1 FROM balance WHERE account = NEW.debit)
    OR NOT EXISTS (SELECT 1 FROM balance WHERE account = NEW.credit);
"""
_MOVE_ALL = """
    DECLARE both_ways integer[]; leg record; moved bigint;
    BEGIN
        EXECUTE $both$
            SELECT coalesce(array_agg(account), '{}') FROM balance
            WHERE account IN (SELECT debit FROM added INTERSECT SELECT credit FROM added)
            AND kind IN ('available', 'held', 'surplus', 'deficit')
        $both$ INTO both_ways;
        IF cardinality(both_ways) > 0 THEN
            FOR leg IN
                SELECT voucher, line, debit AS account, -seconds AS step FROM added WHERE debit = ANY (both_ways)
                UNION ALL
                SELECT voucher, line, credit, seconds FROM added WHERE credit = ANY (both_ways)
                ORDER BY voucher, line
            LOOP
                UPDATE balance SET seconds = seconds + leg.step WHERE account = leg.account;
            END LOOP;
        END IF;
        EXECUTE $once$
            UPDATE balance SET seconds = balance.seconds + sums.step
            FROM (
                SELECT account, sum(step) AS step FROM (
                    SELECT debit AS account, -seconds AS step FROM added UNION ALL SELECT credit, seconds FROM added
                ) AS legs GROUP BY account
            ) AS sums
            WHERE balance.account = sums.account AND sums.account <> ALL ($1)
        $once$ USING both_ways;
        GET DIAGNOSTICS moved = ROW_COUNT;
        IF moved + cardinality(both_ways) <> (
            SELECT count(*) FROM (SELECT debit FROM added UNION SELECT credit FROM added) AS named
        ) THEN REFUSED END IF;
        RETURN NULL;
    END
"""


def _refusal(name: str) -> str:
    return f"RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation';"


def _refusing(name: str, when: str, table: str, condition: str = "") -> Guard:
    """Make a guard that refuses, always or where ``condition`` holds, and says its own name."""
    where = f" WHERE {condition}" if condition else ""
    test = f"IF {condition} THEN {_refusal(name)} END IF; RETURN NEW;" if condition else _refusal(name)
    return Guard(name, when, table, f"SELECT RAISE(ABORT, '{name}'){where};", f"BEGIN {test} END")


def _refusing_added(name: str, table: str, condition: str, found: str) -> Guard:
    """Make a guard against new rows: SQLite tests each by ``condition``, PostgreSQL all together by what is ``found``.

    What is found is looked for with a plan of its own each time: one made over a table that was empty then would read
    the whole of it for ever.
    """
    look = f"DECLARE is_found boolean; BEGIN EXECUTE $look$SELECT EXISTS ({found})$look$ INTO is_found;"
    test = f"{look} IF is_found THEN {_refusal(name)} END IF; RETURN NULL; END"
    one = f"SELECT RAISE(ABORT, '{name}') WHERE {condition};"
    return Guard(name, "BEFORE INSERT", table, one, test, is_of_statement=True)


def _moving(name: str) -> Guard:
    """Make the guard that moves balances by new transfers, and refuses one that names an account without a balance.

    SQLite moves them transfer by transfer. PostgreSQL moves each account once, by its sum; only one that has a floor or
    a cap and goes both ways is moved step by step, so that its bounds hold after every transfer there as well.
    """
    each, all_of_them = _MOVE_EACH.replace("REFUSED", name), _MOVE_ALL.replace("REFUSED", _refusal(name))
    return Guard(
        name, "AFTER INSERT", "transfer", evened(each), evened(all_of_them), is_owners=True, is_of_statement=True
    )


_OPEN_END = (
    "NEW.number <= OLD.number "
    "OR (SELECT count(*) FROM voucher WHERE number > OLD.number) <> NEW.number - OLD.number "
    "OR (SELECT max(number) FROM voucher) <> NEW.number "
    "OR (SELECT hash FROM voucher WHERE number = NEW.number) <> NEW.hash "
    "OR (SELECT sum(n_lines) FROM voucher WHERE number > OLD.number) "
    "<> (SELECT count(*) FROM transfer WHERE voucher > OLD.number)"
)

_SAID_FOR_GOOD = (
    "number", "conflict_id", "kind", "about", "code", "argument", "evidence_fingerprint", "evidence", "cause",
    "moved_seconds", "due_on", "decided_by", "decided_at",
)  # fmt: skip
_TAKEN_BACK_ONCE = (
    "OLD.undone_at IS NOT NULL OR (OLD.agreed_at IS NOT NULL AND NEW.agreed_at <> OLD.agreed_at) "
    "OR (NEW.is_proposed AND NOT OLD.is_proposed)"
)

_BOTH = (
    *(_refusing(f"{table}_never_updated", "BEFORE UPDATE", table) for table in NEVER_CHANGED),
    *(_refusing(f"{table}_never_deleted", "BEFORE DELETE", table) for table in _NEVER_DELETED),
    _refusing_added(
        "voucher_only_at_the_end", "voucher",
        "NEW.number <= (SELECT number FROM chain_head) OR EXISTS (SELECT 1 FROM voucher WHERE key = NEW.key)",
        "SELECT 1 FROM added WHERE number <= (SELECT number FROM chain_head)",
    ),
    _refusing_added(
        "transfer_only_with_its_voucher", "transfer",
        "NEW.voucher <= (SELECT number FROM chain_head) "
        "OR NEW.line > coalesce((SELECT n_lines FROM voucher WHERE number = NEW.voucher), 0)",
        "SELECT 1 FROM added LEFT JOIN voucher ON voucher.number = added.voucher "
        "WHERE added.voucher <= (SELECT number FROM chain_head) OR added.line > coalesce(voucher.n_lines, 0)",
    ),
    _moving("transfer_moves_balances"),
    _refusing("balance_begins_empty", "BEFORE INSERT", "balance", "NEW.seconds <> 0"),
    _refusing("balance_keeps_its_kind", "BEFORE UPDATE OF account, kind", "balance"),
    _refusing("decision_keeps_what_was_said", f"BEFORE UPDATE OF {', '.join(_SAID_FOR_GOOD)}", "decision"),
    _refusing("decision_taken_back_once", "BEFORE UPDATE", "decision", _TAKEN_BACK_ONCE),
    _refusing("key_check_never_updated", "BEFORE UPDATE", "store_fact", "OLD.name = 'key_check'"),
    _refusing("chain_head_closes_vouchers", "BEFORE UPDATE", "chain_head", _OPEN_END),
)  # fmt: skip
_SQLITE_ONLY = (_refusing("balance_keeps_its_number", "BEFORE UPDATE OF rowid, oid, _rowid_", "balance"),)
_POSTGRESQL_ONLY = tuple(_refusing(f"{table}_never_emptied", "BEFORE TRUNCATE", table) for table in _NEVER_DELETED)


def guards_of(dialect: str) -> tuple[Guard, ...]:
    """Give all guards that a database must have."""
    return _BOTH + (_SQLITE_ONLY if dialect == "sqlite" else _POSTGRESQL_ONLY)


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
