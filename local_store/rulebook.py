"""The rule sets of the store: the text of each that anything was booked under, and who put which in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from domain.errors import StoreError
from local_store.dialects import insert_rows
from local_store.runs import activation_place
from local_store.tables.rules import RULE_TEXT
from local_store.tables.runs import NUMBER_LINE, RULES_ACTIVATION
from local_store.transaction import Tx, instant_of


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule set as it was published: its version, document number, days (None: open end) and text."""

    version: str
    document: str
    first_on: date
    last_on: date | None
    text: str


@dataclass(frozen=True, slots=True)
class Activation:
    """Who put a rule set in force, when and why."""

    version: str
    by: str
    at: datetime
    reason: str


def keep_text(tx: Tx, one: RuleText) -> None:
    """Keep the text of a rule set; a version whose text is there keeps the one that it has."""
    if text_of(tx, one.version) is not None:
        return
    row = {
        "number": tx.take_numbers("rule_text", 1), "rules_version": one.version, "document": one.document,
        "first_on": one.first_on.isoformat(), "last_on": None if one.last_on is None else one.last_on.isoformat(),
        "text": one.text, "kept_at": tx.now,
    }  # fmt: skip
    insert_rows(tx.connection, RULE_TEXT, [row | {"token": _token(tx, row)}])


def text_of(tx: Tx, version: str) -> RuleText | None:
    """Give the text of a rule set, or None where it was never kept."""
    rows = tx.rows(select(RULE_TEXT).where(RULE_TEXT.c.rules_version == version))
    return _text(rows[0]) if rows else None


def texts(tx: Tx) -> list[RuleText]:
    """Give all texts in the order in which they came."""
    return [_text(row) for row in tx.rows(_TEXTS)]


def activations(tx: Tx) -> list[Activation]:
    """Give who put which rule set in force, in their order.

    Raises:
        StoreError: ``seal_broken``: a row is not as it was written.
    """
    return [_activation(tx, row) for row in tx.rows(_ACTIVATIONS)]


def faults(tx: Tx) -> Iterator[str]:
    """Find texts and activations that are not as they were written, or not there any more."""
    for row in tx.rows(_TEXTS):
        if _token(tx, row._asdict()) != row.token:
            yield f"rule_text {row.number}"
    for row in tx.rows(_ACTIVATIONS):
        try:
            _activation(tx, row)
        except StoreError:
            yield f"rules_activation {row.number}"
    for table in (RULE_TEXT, RULES_ACTIVATION):
        given = tx.connection.execute(select(NUMBER_LINE.c.last).where(NUMBER_LINE.c.name == table.name)).scalar() or 0
        count, last = tx.connection.execute(select(func.count(), func.max(table.c.number))).one()
        if (count, last or 0) != (given, given):
            yield f"{table.name}: {count} instead of {given}"


def _token(tx: Tx, row: dict[str, Any]) -> str:
    said = [str(row[column.name]) for column in RULE_TEXT.c if column.name != "token"]
    return tx.vault.token("check", "rule_text", *said)


def _text(row: Any) -> RuleText:  # noqa: ANN401 - a row
    last = None if row.last_on is None else date.fromisoformat(row.last_on)
    return RuleText(row.rules_version, row.document, date.fromisoformat(row.first_on), last, row.text)


def _activation(tx: Tx, row: Any) -> Activation:  # noqa: ANN401 - a row
    place = activation_place(row.number, row.rules_version, row.activated_by, row.activated_at)
    reason = tx.vault.open(place, row.sealed).decode()
    return Activation(row.rules_version, row.activated_by, instant_of(row.activated_at), reason)


_TEXTS = select(RULE_TEXT).order_by(RULE_TEXT.c.number)
_ACTIVATIONS = select(RULES_ACTIVATION).order_by(RULES_ACTIVATION.c.number)
