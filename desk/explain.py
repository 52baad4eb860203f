"""Why the figure is what it is: what was said, how it was read and joined, what was planned and booked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.actions import Disposition, Plan, PlanLine
from domain.claims import Claim
from domain.errors import UsageError
from domain.masking import shown_reference
from domain.records import RecordKey
from domain.subjects import Subject
from local_store import cases, conflicts, coverage, ledger, lookup, people, subjects, voucher_reasons
from local_store.cases import Case, Merging, UnreadRow
from local_store.ledger import Voucher
from local_store.lookup import SaidVersion
from local_store.open_conflicts import OpenConflict
from local_store.transaction import Tx
from mapping.rules import RuleSet
from sync import stops
from sync.apply import ACTION_NAMES
from sync.guard import held_back
from sync.plan import plan

_SERVICE = re.compile(r"S[0-9A-F]{16}")


@dataclass(frozen=True, slots=True)
class Said:
    """What one record said, revision by revision, and how its last readable revision was read.

    ``unread`` are the rows of the same number that could not be read.
    """

    claim: Claim
    versions: tuple[SaidVersion, ...]
    disposition: Disposition
    unread: tuple[UnreadRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceStory:
    """One service: its records, the plan line that the facts give today, what was judged of it, and what was booked.

    ``cases`` are all conflicts that ever named it, with every decision.
    """

    line: PlanLine
    action: str
    said: tuple[Said, ...]
    vouchers: tuple[Voucher, ...]
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """The answer: services in order of their day, records that belong to none, vouchers of no service.

    ``reasons`` holds, by voucher number, what a person gave as the reason; it may name somebody. ``case`` is the
    conflict that was asked for, ``cases`` what else was judged of the records of no service. ``mergings`` are those of
    its persons. ``unread`` are rows that could not be read, where nothing else bears the number that was asked for.
    """

    reference: str
    persons: tuple[str, ...]
    services: tuple[ServiceStory, ...]
    apart: tuple[Said, ...]
    other_vouchers: tuple[Voucher, ...]
    reasons: dict[int, str]
    case: Case | None = None
    cases: tuple[Case, ...] = ()
    mergings: tuple[Merging, ...] = ()
    unread: tuple[UnreadRow, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """What a reference points to: subjects, and which of their services or records are meant (None: all)."""

    subjects: tuple[int, ...]
    service_id: str | None = None
    records: frozenset[RecordKey] = frozenset()
    voucher: int | None = None
    person: int | None = None
    conflict: str | None = None
    unread: tuple[UnreadRow, ...] = ()


def explain(tx: Tx, reference: str, rules: RuleSet, today: date) -> Story:
    """Tell the story behind a person (本地编号), service, conflict, record (``platform:id`` or its id) or voucher.

    Raises:
        UsageError: ``reference_unknown``.
    """
    place = _find(tx, reference.strip())
    covered = coverage.covered_through(tx)
    loaded = subjects.load(tx, place.subjects)
    stopped = stops.standing(tx)
    told = [
        (subject, held_back(plan(subject, rules, covered, today), stopped.places, today, stopped.doubted))
        for subject in loaded
    ]
    stories = [story for _, made in told for story in _services(tx, made, place)]
    apart = [said for subject, made in told for said in _apart(tx, subject, made, place)]
    others = tuple(_other_vouchers(tx, place))
    asked = cases.cases(tx, [place.conflict]) if place.conflict else []
    people_of = {person.number: person.local_number for subject in loaded for person in subject.people.values()}
    return Story(
        reference=reference,
        persons=tuple(sorted(set(people_of.values()))),
        services=tuple(sorted(stories, key=lambda story: (_day(story.line), story.line.service.service_id))),
        apart=tuple(sorted(apart, key=lambda said: (said.claim.service_date, said.claim.key))),
        other_vouchers=others,
        reasons={voucher.number: voucher_reasons.reason_of(tx, voucher.number) for voucher in others},
        case=asked[0] if asked else None,
        cases=tuple(cases.cases_about(tx, [said.claim.key for said in apart])) if apart else (),
        mergings=tuple(cases.mergings(tx, people_of)) if people_of else (),
        unread=place.unread,
    )


def _find(tx: Tx, reference: str) -> _Place:
    """Find what is meant; a 本地编号 goes before a record's id, and that before a voucher's number."""
    if _SERVICE.fullmatch(reference):
        owners = lookup.subjects_of_service(tx, reference)
        if owners:
            return _Place(owners, service_id=reference)
    person = people.find(tx, reference)
    if person is not None:
        return _Place(lookup.subjects_of_person(tx, person.number), person=person.number)
    conflict = conflicts.one(tx, reference.upper())
    if conflict is not None:
        return _of_conflict(tx, conflict)
    named = lookup.records_named(tx, reference)
    if named:
        key, subject = named[0]
        return _Place((subject,), records=frozenset({key}))
    return _unread_or_voucher(tx, reference)


def _unread_or_voucher(tx: Tx, reference: str) -> _Place:
    unread = cases.unread_named(tx, reference)
    if unread:
        return _Place((), unread=tuple(unread))
    voucher = ledger.voucher(tx, int(reference)) if reference.isascii() and reference.isdigit() else None
    if voucher is None:
        raise UsageError("reference_unknown", reference=shown_reference(reference))
    if voucher.service_id:
        return _Place(lookup.subjects_of_service(tx, voucher.service_id), service_id=voucher.service_id)
    return _Place((), voucher=voucher.number)


def _of_conflict(tx: Tx, found: OpenConflict) -> _Place:
    """Find the services that a conflict is about."""
    keys = [record.key for record in found.records]
    owners = {subject for key in keys for named, subject in lookup.records_named(tx, str(key)) if named == key}
    return _Place(tuple(sorted(owners)), records=frozenset(keys), conflict=found.conflict.conflict_id)


def _services(tx: Tx, made: Plan, place: _Place) -> Iterable[ServiceStory]:
    for line in made.lines:
        keys = {claim.key for claim in line.service.claims}
        if place.service_id not in (None, line.service.service_id) or (place.records and not place.records & keys):
            continue
        said = tuple(_said(tx, claim, made.dispositions[claim.key]) for claim in line.service.claims)
        vouchers = tuple(ledger.vouchers_of_service(tx, line.service.service_id))
        judged = tuple(cases.cases_about(tx, keys, [line.service.service_id]))
        yield ServiceStory(line, ACTION_NAMES[type(line.action)], said, vouchers, judged)


def _apart(tx: Tx, subject: Subject, made: Plan, place: _Place) -> Iterable[Said]:
    """Give the records that belong to no service: out of scope, or covered by an opening."""
    inside = {claim.key for line in made.lines for claim in line.service.claims}
    for claim in subject.claims:
        if claim.key not in inside and place.service_id is None and (not place.records or claim.key in place.records):
            yield _said(tx, claim, made.dispositions[claim.key])


def _other_vouchers(tx: Tx, place: _Place) -> Iterable[Voucher]:
    if place.voucher is not None:
        found = ledger.voucher(tx, place.voucher)
        return [] if found is None else [found]
    if place.person is None:
        return []
    return [voucher for voucher in ledger.vouchers_of(tx, place.person) if not voucher.service_id]


def _said(tx: Tx, claim: Claim, disposition: Disposition) -> Said:
    return Said(claim, tuple(lookup.versions(tx, claim.key)), disposition, tuple(cases.unread_rows(tx, [claim.key])))


def _day(line: PlanLine) -> date:
    return min((claim.service_date for claim in line.service.claims), default=date.min)
