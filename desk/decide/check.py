"""Say whether a decision is possible for a conflict now, and what it would bind for good."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta
from itertools import combinations

from desk.decide.said import Said
from domain.conflicts import ConflictKind, ConflictState, PairBinding
from domain.decisions import DecisionCode, is_possible, possible_decisions
from domain.errors import OperatorError, UsageError
from domain.masking import shown_reference
from domain.people import Person, PersonBinding
from domain.records import RecordState
from local_store import conflicts, owners, people
from local_store.decisions import Binding
from local_store.open_conflicts import ConflictRecord, OpenConflict
from local_store.row_versions import row_versions
from local_store.transaction import Tx

ASKED_WORKING_DAYS = 5
_FRIDAY = 5
_BOOKING = frozenset({DecisionCode.ACCEPT, DecisionCode.CREDIT})


def open_to_decide(tx: Tx, said: Said) -> OpenConflict:
    """Give the conflict that is spoken of, if this can be said of it now.

    Raises:
        UsageError: ``conflict_unknown``; ``decision_impossible``, with what is possible; ``decision_platform_silent``.
        OperatorError: ``conflict_closed``; ``proposal_waits`` for a second person; ``person_comes_first``.
    """
    found = conflicts.one(tx, said.conflict_id)
    if found is None:
        raise UsageError("conflict_unknown", conflict=said.conflict_id)
    conflict = found.conflict
    if not is_possible(said.code, conflict.kind, is_blocking=conflict.is_blocking):
        possible = possible_decisions(conflict.kind, is_blocking=conflict.is_blocking)
        raise UsageError("decision_impossible", conflict=said.conflict_id, decisions=" ".join(possible))
    if found.state is ConflictState.CLOSED:
        raise OperatorError("conflict_closed", conflict=said.conflict_id)
    if found.state is ConflictState.PROPOSED:
        raise OperatorError("proposal_waits", conflict=said.conflict_id)
    if said.code is DecisionCode.ACCEPT and said.argument not in {key.platform for key in conflict.records}:
        raise UsageError("decision_platform_silent", conflict=said.conflict_id, platform=said.argument)
    if said.code in _BOOKING and _is_nobodys(tx, said, found):
        raise OperatorError("person_comes_first", conflict=said.conflict_id)
    return found


def _is_nobodys(tx: Tx, said: Said, found: OpenConflict) -> bool:
    """Say whether a figure could not be booked since nobody knows whose it is; what was withdrawn books nothing."""
    told = [record for record in found.records if record.state is not RecordState.WITHDRAWN]
    if said.code is DecisionCode.ACCEPT:
        told = [record for record in told if record.key.platform == said.argument]
    if not told or found.conflict.person is not None:
        return False
    return not owners.by_identity(tx, {record.identity for record in told})


def check_seen(tx: Tx, said: Said) -> None:
    """Refuse what was said of a conflict that is no longer as its author saw it.

    Raises:
        OperatorError: ``decision_overtaken``.
    """
    if said.seen_version and row_versions(tx, [said.conflict_id]).get(said.conflict_id) != said.seen_version:
        raise OperatorError("decision_overtaken", conflict=said.conflict_id)


def check_known(tx: Tx, conflict_id: str) -> None:
    """Refuse to speak of a conflict that there is not.

    Raises:
        UsageError: ``conflict_unknown``.
    """
    if conflicts.one(tx, conflict_id) is None:
        raise UsageError("conflict_unknown", conflict=conflict_id)


def check_once(said: Said, met: Container[str]) -> None:
    """Refuse a conflict that the same command has spoken of before.

    Raises:
        UsageError: ``decision_twice``.
    """
    if said.conflict_id in met:
        raise UsageError("decision_twice", conflict=said.conflict_id)


def binding_of(tx: Tx, said: Said, found: OpenConflict) -> Binding:
    """Give what a decision binds for good, beside the conflict itself.

    Raises:
        UsageError: ``person_unknown``.
        OperatorError: ``decision_binds_nothing``: nothing in the conflict could be bound so.
    """
    match said.code:
        case DecisionCode.SAME | DecisionCode.DISTINCT:
            return Binding(pairs=_pairs(found, is_same=said.code is DecisionCode.SAME))
        case DecisionCode.PERSON:
            return Binding(people=_people(tx, said, found))
        case DecisionCode.OUTSIDE if found.conflict.kind is ConflictKind.UNMAPPED:
            unmapped = [record for record in found.records if record.category is None]
            return Binding(outside_activities=[(record.key.platform, record.activity_id) for record in unmapped])
        case DecisionCode.OUTSIDE:
            return Binding(outside_identity=found.conflict.identity)
        case _:
            return Binding()


def due_day(said: Said, today: date) -> date | None:
    """Give the day until which a station is asked: as said, else so many working days from today.

    Raises:
        UsageError: ``decision_day_past``.
    """
    if said.code is not DecisionCode.RETURN:
        return None
    if said.argument:
        day = date.fromisoformat(said.argument)
        if day < today:
            raise UsageError("decision_day_past", day=said.argument)
        return day
    days = (today + timedelta(days=ahead) for ahead in range(1, 2 * ASKED_WORKING_DAYS + 1))
    working = [day for day in days if day.isoweekday() <= _FRIDAY]
    return working[ASKED_WORKING_DAYS - 1]


def _pairs(found: OpenConflict, *, is_same: bool) -> tuple[PairBinding, ...]:
    """Give the pairs of records that are bound; what is one service beyond doubt is not parted."""
    pairs = [
        (one, other) for one, other in combinations(found.records, 2) if is_same or _is_in_doubt(found, one, other)
    ]
    if not pairs:
        raise OperatorError("decision_binds_nothing", conflict=found.conflict.conflict_id)
    return tuple(PairBinding(one.key, other.key, is_same) for one, other in pairs)


def _is_in_doubt(found: OpenConflict, one: ConflictRecord, other: ConflictRecord) -> bool:
    """Say whether a conflict doubts that two of its records are one service: by day, said twice, or as matched."""
    match found.conflict.kind:
        case ConflictKind.DATE_DIFFERS:
            return one.service_date != other.service_date
        case ConflictKind.DUPLICATE:
            return True
        case _:
            return one.service_id != other.service_id


def _people(tx: Tx, said: Said, found: OpenConflict) -> tuple[PersonBinding, ...]:
    """Give the identities and names that are bound; somebody's own number under their own name is never given away."""
    person = people.find(tx, said.argument)
    if person is None:
        raise UsageError("person_unknown", person=shown_reference(said.argument))
    known = owners.by_identity(tx, {record.identity for record in found.records})
    bound = [
        PersonBinding(record.identity, record.name_token, person.number)
        for record in found.records
        if not _is_own(record, known.get(record.identity))
    ]
    if not bound:
        raise OperatorError("decision_binds_nothing", conflict=found.conflict.conflict_id)
    return tuple(dict.fromkeys(bound))


def _is_own(record: ConflictRecord, owner: Person | None) -> bool:
    return owner is not None and owner.name_token == record.name_token
