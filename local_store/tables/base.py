"""What all tables share: one metadata with named constraints, and the kinds of columns.

``…_at`` columns hold whole seconds since 1970 in UTC, ``…_on`` and ``…_date`` columns a day as ``YYYY-MM-DD``: the
same bytes in every database, and the same order. ``sealed`` columns hold what the vault made of personal data.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Integer, LargeBinary, MetaData, Table, Text
from sqlmodel import Field, SQLModel

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

WORDS = Text().with_variant(Text(collation="C"), "postgresql")
"""Text of any length, ordered by its characters' codes, whatever language the database was made for."""


class Row(SQLModel):
    """The parent of every table class; it only lends them the metadata."""

    metadata = METADATA


def table_of(row: type[SQLModel]) -> Table:
    """Give the Core table of a table class."""
    return METADATA.tables[str(row.__tablename__)]


def number_key(target: str | None = None) -> Any:  # noqa: ANN401 - stands where the field's value will be, as Field does
    """Give a whole-number primary key that the store counts itself; ``target`` when it is another table's."""
    uncounted = {"autoincrement": False}
    if target is None:
        return Field(primary_key=True, sa_type=Integer, sa_column_kwargs=uncounted)
    return Field(primary_key=True, sa_type=Integer, sa_column_kwargs=uncounted, foreign_key=target)


def link(target: str, *, optional: bool = False, index: bool = False, primary: bool = False) -> Any:  # noqa: ANN401
    """Give a column that names a row of another table by its number."""
    uncounted = {"autoincrement": False}
    return Field(
        foreign_key=target,
        nullable=optional,
        index=index,
        primary_key=primary,
        sa_type=Integer,
        sa_column_kwargs=uncounted,
    )


def whole_seconds(*, optional: bool = False) -> Any:  # noqa: ANN401
    """Give a column for a duration or an instant in whole seconds."""
    return Field(sa_type=BigInteger, nullable=optional)


def sealed() -> Any:  # noqa: ANN401
    """Give a column for what the vault sealed."""
    return Field(sa_type=LargeBinary, nullable=False)


def words(*, optional: bool = False, index: bool = False, primary: bool = False, unique: bool = False) -> Any:  # noqa: ANN401
    """Give a column for text of any length."""
    return Field(sa_type=WORDS, nullable=optional, index=index, primary_key=primary, unique=unique)


def words_link(target: str, *, index: bool = False, primary: bool = False) -> Any:  # noqa: ANN401
    """Give a column that names a row of another table by its words."""
    return Field(sa_type=WORDS, nullable=False, index=index, primary_key=primary, foreign_key=target)


def check(name: str, rule: str) -> CheckConstraint:
    """Give a named CHECK."""
    return CheckConstraint(rule, name=name)
