"""Tables of who is who: keyed identities, subjects, the roster."""

from __future__ import annotations

from local_store.tables.base import Row, check, link, number_key, sealed, table_of, whole_seconds, words


class SubjectRow(Row, table=True):
    """One unit of planning; it bears the number of the identity at its root."""

    __tablename__ = "subject"

    number: int = number_key()
    revision: int
    planned_revision: int
    planned_rules: str = words()
    planned_run: int | None = link("run.number", optional=True)
    planned_on: str | None = words(optional=True)
    due_on: str | None = words(optional=True)


class PersonRow(Row, table=True):
    """One volunteer of the roster. ``content_token`` changes exactly when the roster says something else."""

    __tablename__ = "person"

    number: int = number_key()
    local_number: str = words(unique=True)
    name_token: str = words()
    station: str = words()
    registered_on: str | None = words(optional=True)
    born_on: str | None = words(optional=True)
    has_licence: bool
    consents: str = words()
    opening_through_on: str | None = words(optional=True)
    merged_into: int | None = link("person.number", optional=True)
    content_token: str = words()
    sealed: bytes = sealed()


class IdentityRow(Row, table=True):
    """One keyed identity: a document (``id``) or a platform's volunteer number (``number``).

    ``bound_to`` is the one document that was ever seen with this number, ``person`` the roster's, ``subject`` the
    identity at the root of all that are the same person.
    """

    __tablename__ = "identity"
    __table_args__ = (check("kind", "kind IN ('id', 'number')"),)

    number: int = number_key()
    kind: str = words()
    token: str = words(unique=True)
    bound_to: int | None = link("identity.number", optional=True, index=True)
    person: int | None = link("person.number", optional=True, index=True)
    subject: int = link("subject.number", index=True)
    sealed: bytes = sealed()


class IdentityNameRow(Row, table=True):
    """A name that was given with an identity, by its folded token."""

    __tablename__ = "identity_name"

    identity: int = number_key("identity.number")
    name_token: str = words(primary=True)
    sealed: bytes = sealed()


class IdentitySightingRow(Row, table=True):
    """A volunteer number and a document that were once seen together."""

    __tablename__ = "identity_sighting"
    number_token: str = words(primary=True)
    identity: int = number_key("identity.number")


class PersonMergeRow(Row, table=True):
    """Two numbers, one person: who said so and why."""

    __tablename__ = "person_merge"

    old: int = number_key("person.number")
    new: int = link("person.number")
    merged_by: str = words()
    merged_at: int = whole_seconds()
    sealed: bytes = sealed()


SUBJECT = table_of(SubjectRow)
PERSON = table_of(PersonRow)
IDENTITY = table_of(IdentityRow)
IDENTITY_NAME = table_of(IdentityNameRow)
IDENTITY_SIGHTING = table_of(IdentitySightingRow)
PERSON_MERGE = table_of(PersonMergeRow)
