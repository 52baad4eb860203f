"""Tables of what platforms and stations said, and how it was read."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint

from local_store.tables.base import Row, check, link, number_key, sealed, table_of, whole_seconds, words


class RecordRow(Row, table=True):
    """One record in its present revision; all that was said is sealed, what planning needs stands in the claim."""

    __tablename__ = "record"
    __table_args__ = (
        UniqueConstraint("platform", "external_id", "stream"),
        Index("ix_record_scope", "platform", "organisation", "updated_at"),
        check("state", "state IN ('effective', 'pending', 'withdrawn')"),
    )

    number: int = number_key()
    platform: str = words()
    stream: str = words()
    external_id: str = words()
    revision: int
    fingerprint: str = words()
    state: str = words()
    organisation: str = words()
    updated_at: int = whole_seconds()
    first_run: int = link("run.number")
    last_run: int = link("run.number")
    raw_page: int | None = link("raw_page.number", optional=True)
    gone_on: str | None = words(optional=True)
    sealed: bytes = sealed()


class RecordVersionRow(Row, table=True):
    """What a record said before."""

    __tablename__ = "record_version"

    record: int = number_key("record.number")
    revision: int = number_key()
    fingerprint: str = words()
    state: str = words()
    updated_at: int = whole_seconds()
    last_run: int = link("run.number")
    raw_page: int | None = link("raw_page.number", optional=True)
    sealed: bytes = sealed()


class ClaimRow(Row, table=True):
    """A record read under the rules; holds no personal data."""

    __tablename__ = "claim"
    __table_args__ = (Index("ix_claim_carried", "carried_platform", "carried_id"),)

    record: int = number_key("record.number")
    revision: int
    state: str = words()
    identity: int = link("identity.number", index=True)
    name_token: str = words()
    service_date: str = words()
    starts_at: int | None = whole_seconds(optional=True)
    ends_at: int | None = whole_seconds(optional=True)
    reported_seconds: int = whole_seconds()
    low_seconds: int = whole_seconds()
    high_seconds: int = whole_seconds()
    category: str | None = words(optional=True)
    station: str = words()
    is_special: bool
    out_of_scope: str = words()
    is_type_unknown: bool
    activity_id: str = words()
    activity_name: str = words()
    carried_platform: str | None = words(optional=True)
    carried_id: str | None = words(optional=True)
    carried_stream: str | None = words(optional=True)
    business_key: str = words()
    entered_on: str = words()
    is_gone: bool
    is_flagged: bool
    rule: str = words()
    rules_version: str = words()


class MembershipRow(Row, table=True):
    """Which service a record was last judged to speak of, and where the record ended up."""

    __tablename__ = "membership"

    record: int = number_key("record.number")
    service_id: str = words(index=True)
    disposition: str = words()


class EntryRow(Row, table=True):
    """What only a station's own entry has; the confirmers' names and the beneficiary are sealed with the record."""

    __tablename__ = "entry"

    record: int = number_key("record.number")
    person: int = link("person.number", index=True)
    confirmed_token: str = words()
    is_station_confirmed: bool
    is_community_confirmed: bool
    entered_at: int = whole_seconds()


class QuarantineRow(Row, table=True):
    """A row that could not be read, once per content. ``record`` is the readable record that it flags."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("platform", "external_id", "content_token"),)

    number: int = number_key()
    platform: str = words()
    organisation: str = words()
    external_id: str = words()
    content_token: str = words()
    reason: str = words()
    field: str = words()
    first_run: int = link("run.number")
    last_run: int = link("run.number")
    is_lifted: bool
    sealed: bytes = sealed()


RECORD = table_of(RecordRow)
RECORD_VERSION = table_of(RecordVersionRow)
CLAIM = table_of(ClaimRow)
MEMBERSHIP = table_of(MembershipRow)
ENTRY = table_of(EntryRow)
QUARANTINE = table_of(QuarantineRow)
