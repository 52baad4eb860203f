"""Claims that no longer stand: each joins the service that it speaks of, or stands alone."""

from __future__ import annotations

from domain.claims import Claim
from domain.services import Tie
from domain.subjects import Subject
from sync.bundle import Bundle, is_alive
from sync.evidence import MARGIN, Evidence, points
from sync.weighing import Weigh


def whose(claim: Claim, subject: Subject) -> tuple[str, int]:
    """Give whom a claim speaks of: the roster's person, else the identity."""
    person = subject.person_of(claim)
    return ("identity", claim.identity) if person is None else ("person", person.number)


def set_beside(bundles: list[Bundle], aside: list[Claim], weigh: Weigh, subject: Subject) -> None:
    """Let each withdrawn or gone claim join the service it speaks of, or stand alone.

    What a booking rests or rested on stays out of another booked service that has its platform's word already.
    """
    if not aside:
        return
    booked = {said.service_id for said in subject.standings if said.booking is not None}
    rested_on = {said.record for said in subject.standings}
    for claim in aside:
        best: tuple[tuple[int, bool], Bundle, Tie] | None = None
        for bundle in bundles:
            is_free = not _is_spoken_for(claim, bundle)
            if not is_free and claim.key in rested_on and _is_another_booked(claim, bundle, subject, booked):
                continue
            tie = _tie_beside(claim, bundle, weigh, subject)
            if tie is None:
                continue
            rank = (points(tie.evidence) + MARGIN * is_free, is_free)  # a free place outweighs where it stood before
            if best is None or rank > best[0]:
                best = (rank, bundle, tie)
        if best is None:
            bundles.append(Bundle([claim]))
        else:
            best[1].absorb(Bundle([claim]), best[2])


def _is_spoken_for(claim: Claim, bundle: Bundle) -> bool:
    """Say whether the claim's platform still speaks in a bundle, so that its place there is taken."""
    return any(is_alive(other) and other.key.platform == claim.key.platform for other in bundle.claims)


def _is_another_booked(claim: Claim, bundle: Bundle, subject: Subject, booked: set[str]) -> bool:
    """Say whether a bundle speaks of booked services, and none of them is the claim's."""
    theirs = {subject.membership.get(other.key) for other in bundle.claims}
    return bool(theirs & booked) and subject.membership.get(claim.key) not in theirs


def _tie_beside(claim: Claim, bundle: Bundle, weigh: Weigh, subject: Subject) -> Tie | None:
    """Tie a claim that no longer stands to the one of a service that it fits best."""
    own = subject.membership.get(claim.key)
    best: Tie | None = None
    for other in bundle.claims:
        is_own = own is not None and subject.membership.get(other.key) == own
        may_weigh = whose(claim, subject) == whose(other, subject) and (
            is_alive(other) or is_own or other.key.platform != claim.key.platform
        )
        evidence = _reference(claim, other) or (weigh(claim, other) if may_weigh else ())
        if evidence and is_own:
            evidence = (*evidence, ("same_service_before", MARGIN))
        if evidence and (best is None or points(evidence) > points(best.evidence)):
            best = Tie(other.key, claim.key, evidence)
    return best


def _reference(claim: Claim, other: Claim) -> Evidence:
    if claim.carried_from == other.key or other.carried_from == claim.key:
        return (("reference", 1000),)
    if claim.business_key and claim.business_key == other.business_key:
        return (("business_key", 1000),)
    return ()
