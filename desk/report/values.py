"""What the report is made of: plain values, filled from the store, with names already masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from desk.report.seal import RowSeal
from domain.conflicts import ConflictKind, ConflictState
from domain.records import RecordState
from mapping.rules import RuleSet


@dataclass(frozen=True, slots=True)
class PlatformState:
    """How far one platform has been read.

    ``platform`` is its name in the settings, ``outcome`` a run's outcome code. ``problem`` is "" or a code of the word
    list's ``problems``; ``catches_up_itself`` says that nobody needs to do anything about it.
    """

    platform: str
    covered_through: datetime | None
    outcome: str
    problem: str = ""
    catches_up_itself: bool = True


@dataclass(frozen=True, slots=True)
class StationState:
    """One station of the rules; ``consents_missing_count`` of its volunteers agreed to no platform."""

    code: str
    name: str
    consents_missing_count: int = 0


@dataclass(frozen=True, slots=True)
class NightFigures:
    """What last night's run did to the book; ``posted_seconds`` is net."""

    posted_count: int = 0
    posted_seconds: int = 0
    corrected_count: int = 0
    reversed_count: int = 0


@dataclass(frozen=True, slots=True)
class Side:
    """What one record, or the station's entry, says; names as the rules have them, "" or None where it says nothing.

    ``seconds`` is the platform's own figure. ``person_masked`` matters where the names differ.
    """

    platform: str
    external_id: str
    seconds: int
    service_date: date
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    category_name: str = ""
    station_name: str = ""
    activity_name: str = ""
    person_masked: str = ""
    state: RecordState = RecordState.EFFECTIVE


@dataclass(frozen=True, slots=True)
class ReportConflict:
    """One conflict with its evidence.

    ``cause`` is shared by those which one act would solve; ``reason``, ``details`` and ``suggestion`` are those of
    ``domain.conflicts.Conflict``, ``decision`` is ``code:argument`` or None. ``what`` names the project or activity.
    ``local_number`` is 本地编号, "" for somebody whom the roster does not know. ``version`` changes once anybody has
    judged the conflict or its evidence has changed. ``evidence`` are the facts as they are, ``judged_on`` those of the
    last decision, by ``decided_by``, ``asked_until`` the day until which it asks the station.
    """

    conflict_id: str
    kind: ConflictKind
    is_blocking: bool
    state: ConflictState
    person_masked: str
    local_number: str
    station: str
    station_name: str
    service_date: date | None
    since: date
    seconds_at_stake: int
    cause: str
    reason: str
    details: tuple[tuple[str, str], ...] = ()
    suggestion: str = ""
    what: str = ""
    sides: tuple[Side, ...] = ()
    decision: str | None = None
    version: str = ""
    evidence: tuple[str, ...] = ()
    judged_on: tuple[str, ...] = ()
    asked_until: date | None = None
    decided_by: str = ""


@dataclass(frozen=True, slots=True)
class UnreadableRows:
    """Quarantined rows of one platform with one reason; ``external_ids`` are a few of them."""

    platform: str
    reason: str
    count: int
    external_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything that a report shows.

    ``run_outcome`` is a code of the word list's ``run_outcomes``; ``generated_at`` is aware. ``conflicts`` may hold
    settled ones: they are not shown. ``seal`` seals the workbook's rows. ``waiting_until`` is the first day on which a
    wait ends. Without ``rules``, what changed after a decision is not told fact by fact.
    """

    bank: str
    run_number: int
    run_outcome: str
    generated_at: datetime
    rules_version: str
    night: NightFigures
    platforms: tuple[PlatformState, ...]
    stations: tuple[StationState, ...]
    conflicts: tuple[ReportConflict, ...]
    seal: RowSeal
    waiting_count: int = 0
    waiting_until: date | None = None
    unreadable: tuple[UnreadableRows, ...] = ()
    rules: RuleSet | None = None
