"""Conflicts (待核事项), what a person must judge, and decisions (处理意见), what was judged."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from domain.records import RecordKey


class ConflictKind(StrEnum):
    """All kinds; which of them hold a booking is said per conflict by ``is_blocking``."""

    HOURS_DIFFER = "hours_differ"
    CATEGORY_DIFFERS = "category_differs"
    DATE_DIFFERS = "date_differs"
    PERSON_DIFFERS = "person_differs"
    UNKNOWN_PERSON = "unknown_person"
    INELIGIBLE = "ineligible"
    IMPLAUSIBLE = "implausible"
    OVERLAP = "overlap"
    AMBIGUOUS_MATCH = "ambiguous_match"
    UNMAPPED = "unmapped"
    UNCORROBORATED = "uncorroborated"
    MISSING_ON_PLATFORM = "missing_on_platform"
    VANISHED = "vanished"
    DUPLICATE = "duplicate"
    BALANCE_SHORT = "balance_short"
    REFUSED_BY_PLATFORM = "refused_by_platform"
    UNKNOWN_OUTCOME = "unknown_outcome"
    GUARD = "guard"
    CONTRACT = "contract"


class ConflictState(StrEnum):
    """Where a conflict is in its life."""

    OPEN = "open"
    PROPOSED = "proposed"
    RETURNED = "returned"
    DECIDED = "decided"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Conflict:
    """One thing that a person must judge, known by ``kind`` and ``about`` (its subject).

    ``about`` is a path such as ``service/<id>``, ``records/<key>+<key>``, ``identity/<number>``,
    ``day/<person>/<date>``, ``project/<platform>/<id>``. ``evidence`` holds only the facts that this kind judges.
    ``cause`` groups conflicts that one act would solve. ``reason`` is a sentence's code and ``details`` fills its
    gaps. ``suggestion`` is a decision's code, or "". Nothing in it is personal data.
    """

    kind: ConflictKind
    about: str
    is_blocking: bool
    person: int | None
    identity: int | None
    station: str
    service_date: date | None
    records: tuple[RecordKey, ...]
    seconds_at_stake: int
    cause: str
    evidence: tuple[str, ...]
    reason: str
    details: tuple[tuple[str, str], ...] = ()
    suggestion: str = ""

    @property
    def conflict_id(self) -> str:
        """Give the id people type: ``C`` and ten letters or digits, the same for the same kind and subject."""
        digest = hashlib.sha256(f"{self.kind}\n{self.about}".encode()).digest()
        return "C" + base64.b32encode(digest[:8]).decode()[:10]

    @property
    def evidence_fingerprint(self) -> str:
        """Give what changes exactly when the facts that this kind judges change."""
        return hashlib.sha256("\n".join(self.evidence).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Decision:
    """What was judged of one conflict: the code and its argument, by whom, why, on which evidence.

    ``evidence`` are the facts themselves, () where nobody kept them.
    """

    number: int
    kind: ConflictKind
    about: str
    code: str
    argument: str
    evidence_fingerprint: str
    reason: str
    decided_by: str
    decided_at: datetime
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PairBinding:
    """A decision ``same`` or ``distinct``: two record keys, bound for good by the decision of that number."""

    first: RecordKey
    second: RecordKey
    is_same: bool
    decision: int = field(default=0, compare=False)
