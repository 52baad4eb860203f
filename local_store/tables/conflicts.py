"""Tables of what a person must judge, and of what was judged."""

from __future__ import annotations

from local_store.tables.base import Row, check, link, number_key, sealed, table_of, whole_seconds, words, words_link


class ConflictRow(Row, table=True):
    """One conflict in its present state; ``evidence`` and ``details`` are JSON and hold no personal data."""

    __tablename__ = "conflict"
    __table_args__ = (check("state", "state IN ('open', 'proposed', 'returned', 'decided', 'closed')"),)

    conflict_id: str = words(primary=True)
    kind: str = words(index=True)
    about: str = words()
    state: str = words(index=True)
    is_blocking: bool
    person: int | None = link("person.number", optional=True, index=True)
    identity: int | None = link("identity.number", optional=True, index=True)
    station: str = words()
    service_date: str | None = words(optional=True)
    seconds_at_stake: int = whole_seconds()
    cause: str = words()
    evidence: str = words()
    evidence_fingerprint: str = words()
    reason: str = words()
    details: str = words()
    suggestion: str = words()
    keys_said: str = words()
    since_at: int = whole_seconds()
    opened_run: int = link("run.number")
    closed_run: int | None = link("run.number", optional=True)


class ConflictRecordRow(Row, table=True):
    """A record that a conflict is about, in the order in which it is shown."""

    __tablename__ = "conflict_record"

    conflict_id: str = words_link("conflict.conflict_id", primary=True)
    record: int = link("record.number", primary=True, index=True)
    place: int


class DecisionRow(Row, table=True):
    """What was judged; undone ones stay. The reason may name people and is sealed.

    ``evidence`` is JSON, the facts it was judged on. ``due_on`` is the day until which a station is asked.
    ``moved_seconds`` is what it was found to move.
    """

    __tablename__ = "decision"

    number: int = number_key()
    conflict_id: str = words_link("conflict.conflict_id", index=True)
    kind: str = words()
    about: str = words()
    code: str = words()
    argument: str = words()
    evidence_fingerprint: str = words()
    decided_by: str = words()
    decided_at: int = whole_seconds()
    is_proposed: bool
    agreed_by: str | None = words(optional=True)
    undone_by: str | None = words(optional=True)
    undone_at: int | None = whole_seconds(optional=True)
    sealed: bytes = sealed()
    evidence: str = words()
    cause: str = words(index=True)
    moved_seconds: int = whole_seconds()
    due_on: str | None = words(optional=True)
    agreed_at: int | None = whole_seconds(optional=True)


class DecisionLogRow(Row, table=True):
    """One step of a decision's life; ``body`` is its canonical text, ``hash`` chains it to the step before."""

    __tablename__ = "decision_log"
    __table_args__ = (check("step", "step IN ('said', 'agreed', 'undone')"),)

    number: int = number_key()
    decision: int = link("decision.number", index=True)
    step: str = words()
    by: str = words()
    at: int = whole_seconds()
    body: str = words()
    hash: str = words()


class PairBindingRow(Row, table=True):
    """Two records, bound by a decision as one service or as two."""

    __tablename__ = "pair_binding"

    decision: int = link("decision.number", primary=True)
    first: int = link("record.number", primary=True, index=True)
    second: int = link("record.number", primary=True, index=True)
    is_same: bool


class PersonBindingRow(Row, table=True):
    """An identity under one folded name, bound by a decision to a person."""

    __tablename__ = "person_binding"

    decision: int = link("decision.number", primary=True)
    identity: int = link("identity.number", primary=True, index=True)
    name_token: str = words(primary=True)
    person: int = link("person.number", index=True)


class OutsideBindingRow(Row, table=True):
    """An identity, or an activity of a platform, that a decision put out of scope; ``place`` counts those of one."""

    __tablename__ = "outside_binding"
    __table_args__ = (check("one_of_both", "(identity IS NULL) <> (activity_id IS NULL)"),)

    decision: int = link("decision.number", primary=True)
    place: int = number_key()
    identity: int | None = link("identity.number", optional=True, index=True)
    platform: str | None = words(optional=True)
    activity_id: str | None = words(optional=True)


CONFLICT = table_of(ConflictRow)
CONFLICT_RECORD = table_of(ConflictRecordRow)
DECISION = table_of(DecisionRow)
DECISION_LOG = table_of(DecisionLogRow)
PAIR_BINDING = table_of(PairBindingRow)
PERSON_BINDING = table_of(PersonBindingRow)
OUTSIDE_BINDING = table_of(OutsideBindingRow)
