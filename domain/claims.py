"""A claim (折算记录): one record, or one entry of the station, read under the bank's rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.hours import DurationRange
from domain.records import RecordKey, RecordState


@dataclass(frozen=True, slots=True)
class Claim:
    """What one record claims, in the bank's terms; holds no personal data.

    ``identity`` is the store's own number for the keyed identity, ``name_token`` the keyed hash of the folded name.
    ``category`` is None where no rule fits (``unmapped``); ``station`` is "" where the organisation is nobody's.
    ``is_special`` asks for actual credit (特殊情况). ``out_of_scope`` is "" or the reason why the record is counted
    but never booked. ``is_type_unknown``: an older export did not say whether these are honour hours.
    ``entered_on`` is the Shanghai day from which the grace may run; ``is_gone`` that a complete sweep no longer
    showed the record; ``is_flagged`` that a later revision could not be read and this is the last readable one.
    ``rule`` names the first rule that fitted, ``rules_version`` the set.
    """

    key: RecordKey
    revision: int
    state: RecordState
    identity: int
    name_token: str
    service_date: date
    starts_at: datetime | None
    ends_at: datetime | None
    reported_seconds: int
    duration: DurationRange
    category: str | None
    station: str
    is_special: bool
    out_of_scope: str
    is_type_unknown: bool
    activity_id: str
    activity_name: str
    carried_from: RecordKey | None
    business_key: str
    entered_on: date
    is_gone: bool
    is_flagged: bool
    rule: str
    rules_version: str

    @property
    def span_seconds(self) -> int | None:
        """Give the length of the span in seconds, or None where a time is missing."""
        if self.starts_at is None or self.ends_at is None:
            return None
        return int((self.ends_at - self.starts_at).total_seconds())
