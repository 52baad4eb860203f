"""What a record is worth by the rules and by decisions: worked out here a second time, so that it checks the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

from domain.decisions import DecisionCode
from domain.hours import seconds_of_hours
from domain.records import STATION_PLATFORM, RecordState
from local_store.bridge_rows import Told
from local_store.grounds import Case
from mapping.rules import Period, RuleSet


class Worth:
    """Reads figures under one rule set."""

    def __init__(self, rules: RuleSet) -> None:
        """Keep the rules; days are few and asked for again and again."""
        self._rules = rules
        self._flat = {code: category.credit_seconds for code, category in rules.categories.items()}
        self.period = lru_cache(maxsize=8192)(self._period)

    def _period(self, day: str) -> Period | None:
        return self._rules.period(date.fromisoformat(day))

    def is_actual(self, one: Told, *, is_special: bool) -> bool:
        """Say whether a record earns its true duration, and not a visit's flat credit."""
        return is_special or one.category is None or self._flat.get(one.category) is None

    def credit(self, one: Told, *, is_special: bool) -> int:
        """Give what a record earns, in seconds; without a category, its figure."""
        flat = None if one.category is None or is_special else self._flat.get(one.category)
        return actual_seconds(one) if flat is None else flat

    def deciding(self, speaking: Mapping[str, Told]) -> Told | None:
        """Pick the record whose word counts: the deciding platform's, one that suffices, any, the station's own."""
        if not speaking:
            return None
        period = self.period(min(speaking.values(), key=_key).service_date)
        decides, suffices = ("", frozenset[str]()) if period is None else (period.decides, period.suffices)

        def rank(one: Told) -> tuple[bool, bool, bool, str]:
            platform = one.platform
            return (platform != decides, platform not in suffices, platform == STATION_PLATFORM, platform)

        return min(speaking.values(), key=rank)

    def suffices(self, shown: Sequence[Told]) -> bool:
        """Say whether an effective record is enough for a booking, so that there is nothing to wait for."""
        effective = [one for one in shown if one.state == RecordState.EFFECTIVE]
        period = self.period(effective[0].service_date) if effective else None
        return period is not None and any(one.platform in period.suffices for one in effective)

    def meet(self, one: Told, other: Told) -> bool:
        """Say whether one true duration could stand behind both figures."""
        apart = max(one.low_seconds, other.low_seconds) - min(one.high_seconds, other.high_seconds)
        return apart <= 2 * self._rules.tolerance_seconds

    def decided(self, case: Case, told: Sequence[Told], *, is_special: bool) -> set[int]:
        """Give what a decision may make of a service: where it is about several, it is booked with one of them."""
        match case.code:
            case DecisionCode.VOID:
                return {0}
            case DecisionCode.CREDIT:
                return {0, seconds_of_hours(case.argument)}
            case DecisionCode.ACCEPT:
                theirs = [one for one in told if one.platform == case.argument and one.state != RecordState.WITHDRAWN]
                return {self.credit(one, is_special=is_special) for one in theirs if one.category} or {0}
            case _:
                return set()


def actual_seconds(one: Told) -> int:
    """Give the true duration in seconds as far as a record tells it: its span where the figure can stand for it."""
    if one.starts_at is None or one.ends_at is None:
        return one.reported_seconds
    span = one.ends_at - one.starts_at
    return span if one.low_seconds <= span <= one.high_seconds else one.reported_seconds


def _key(one: Told) -> tuple[str, str, str]:
    return one.platform, one.external_id, one.stream
