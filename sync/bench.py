"""What the judging of one subject's services rests on, beside the services themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.conflicts import Conflict
from domain.records import RecordKey
from domain.subjects import CoveredThrough
from mapping.rules import RuleSet
from sync.verdict import Decisions


@dataclass(frozen=True, slots=True)
class Bench:
    """Rules, coverage, the day and what was decided.

    ``crossings`` holds, by service id, the conflicts between services (ambiguous, overlap, long day), ``identities``,
    by record, those of an identity; ``owed`` each person's deficit in seconds.
    """

    rules: RuleSet
    covered: CoveredThrough
    today: date
    decisions: Decisions
    crossings: dict[str, list[Conflict]]
    identities: dict[RecordKey, Conflict]
    owed: dict[int, int]
