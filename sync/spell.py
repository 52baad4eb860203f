"""A service as the decision table sees it: who, which members stand, who decides, what it would earn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from domain.claims import Claim
from domain.making import maker
from domain.people import Person
from domain.records import STATION_PLATFORM, RecordState
from domain.services import Booking, Service, Standing
from domain.subjects import Subject
from mapping.rules import Period, RuleSet
from sync.bundle import is_alive
from sync.credit import actual_seconds, credit_seconds


@dataclass(frozen=True, slots=True)
class Spell:
    """One service with everything that its row of the decision table depends on.

    ``effective`` holds the members that are effective and still there, in key order; ``alive`` also the pending ones.
    ``deciding`` is the claim whose word counts: the deciding platform's, else that of one which suffices, else the
    first. ``decider`` is the platform that decides: where several suffice and the first of them says nothing, another
    that does. ``person`` is the roster's by the deciding claim, else by the first. ``is_plain``: every claim is
    effective and still there.
    """

    service: Service
    subject: Subject
    standing: Standing | None
    period: Period | None
    alive: tuple[Claim, ...]
    effective: tuple[Claim, ...]
    deciding: Claim | None
    decider: str
    person: Person | None
    is_special: bool
    is_plain: bool

    @property
    def booking(self) -> Booking | None:
        """Give what is booked now."""
        return None if self.standing is None else self.standing.booking

    @property
    def day(self) -> date:
        """Give the service date by the deciding claim, else by the first."""
        return (self.deciding or self.service.claims[0]).service_date

    def person_of(self, claim: Claim) -> Person | None:
        """Give the person of the roster that a claim speaks of."""
        return self.subject.person_of(claim)

    def suffices(self, claim: Claim) -> bool:
        """Say whether a claim's platform is enough for a booking on that day."""
        return self.period is not None and claim.key.platform in self.period.suffices

    def actual_seconds(self) -> int:
        """Give the true duration in seconds, by the deciding claim; 0 where nothing is effective."""
        return 0 if self.deciding is None else actual_seconds(self.deciding)

    def booking_by(self, claim: Claim, rules: RuleSet) -> Booking | None:
        """Give the booking that a claim's word would make, or None where it earns nothing or belongs to nobody."""
        person = self.person if claim is self.deciding else self.person_of(claim)
        if person is None or claim.category is None:
            return None
        seconds = credit_seconds(claim, claim.category, rules, is_special=self.is_special)
        return self.booking_of(claim, person, seconds)

    def booking_of(self, claim: Claim, person: Person, seconds: int) -> Booking | None:
        """Give the booking of a claim's day, category and station with ``seconds`` of credit."""
        if seconds <= 0 or claim.category is None:
            return None
        return Booking(person.number, claim.service_date, claim.category, claim.station, seconds)

    def grace_ends_on(self, grace_days: int) -> date:
        """Give the last day on which the service may wait for another platform; saying it twice gives no more time.

        Somebody must still speak for it: without that there is nothing to wait for.
        """
        starts = [max(claim.service_date, claim.entered_on) for claim in self.service.claims if is_alive(claim)]
        return min(starts) + timedelta(days=grace_days)


_made = maker(Spell)


def spell_of(service: Service, subject: Subject, standing: Standing | None, rules: RuleSet) -> Spell:
    """Lay a service out for the decision table."""
    claims = service.claims
    alive = tuple([claim for claim in service.members if is_alive(claim)])
    effective = tuple([claim for claim in alive if claim.state is RecordState.EFFECTIVE])
    first = (effective or alive or claims)[0] if claims else None
    period = rules.period(first.service_date) if first else None
    deciding = _deciding(effective, period)
    speaker = deciding or (claims[0] if claims else None)
    return _made(
        service=service,
        subject=subject,
        standing=standing,
        period=period,
        alive=alive,
        effective=effective,
        deciding=deciding,
        decider=_decider(claims, period, deciding),
        person=None if speaker is None else subject.person_of(speaker),
        is_special=any(claim.is_special for claim in effective),
        is_plain=len(effective) == len(claims),
    )


def _decider(claims: tuple[Claim, ...], period: Period | None, deciding: Claim | None) -> str:
    """Give the platform that decides: a withdrawn claim is still a claim of its platform."""
    if period is None:
        return ""
    if deciding is not None and deciding.key.platform == period.decides:
        return period.decides
    said = {claim.key.platform for claim in claims}
    return period.decides if period.decides in said else min(period.suffices & said, default=period.decides)


def _deciding(effective: tuple[Claim, ...], period: Period | None) -> Claim | None:
    """Pick the claim whose word counts; where neither side suffices, the bank's own entry speaks last."""
    if len(effective) <= 1:
        return effective[0] if effective else None
    if period is None:
        return min(effective, key=_is_own_entry)

    def rank(claim: Claim) -> tuple[bool, bool, bool]:
        platform = claim.key.platform
        return (platform != period.decides, platform not in period.suffices, _is_own_entry(claim))

    return min(effective, key=rank)


def _is_own_entry(claim: Claim) -> bool:
    return claim.key.platform == STATION_PLATFORM
