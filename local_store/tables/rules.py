"""Tables of the rule sets that bookings were made under."""

from __future__ import annotations

from local_store.tables.base import Row, number_key, table_of, whole_seconds, words


class RuleTextRow(Row, table=True):
    """The text of a rule set as it was published, so that a booking can be read beside its rules for ever.

    ``token`` is a keyed hash over the other columns.
    """

    __tablename__ = "rule_text"

    number: int = number_key()
    rules_version: str = words(unique=True)
    document: str = words()
    first_on: str = words()
    last_on: str | None = words(optional=True)
    text: str = words()
    kept_at: int = whole_seconds()
    token: str = words()


RULE_TEXT = table_of(RuleTextRow)
