"""The one thing that matching remembers: which service is which."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from domain.claims import Claim
from domain.records import RecordKey
from domain.services import Service
from domain.subjects import Subject
from sync.bundle import Bundle, is_alive


def name_services(bundles: Sequence[Bundle], subject: Subject) -> list[Service]:
    """Give each bundle its service id.

    It follows the booked claim (of two booked services the older one), else most of the old members, else the least
    key. An id is used once; those that another subject owns are left alone.
    """
    ids = _booked_ids(bundles, subject) if subject.standings else {}
    if subject.membership:
        taken = {*ids.values(), *_become_another(bundles, subject)}
        ids |= _remembered_ids([p for p in range(len(bundles)) if p not in ids], bundles, subject, taken)
    known = {*ids.values(), *subject.membership.values(), *(standing.service_id for standing in subject.standings)}
    known |= subject.foreign_services
    for position, bundle in enumerate(bundles):
        if position not in ids:
            ids[position] = new_service_id(bundle.claims[0].key, known)
            known.add(ids[position])
    return [_service(ids[position], bundle) for position, bundle in enumerate(bundles)]


def new_service_id(key: RecordKey, known: set[str] | frozenset[str]) -> str:
    """Make an id of ``S`` and sixteen hex digits from a record's key, unlike any that is known."""
    attempt = 0
    while True:
        said = f"{key.platform}\n{key.stream}\n{key.external_id}\n{attempt}"
        made = "S" + hashlib.sha256(said.encode()).hexdigest()[:16].upper()
        if made not in known:
            return made
        attempt += 1


def _booked_ids(bundles: Sequence[Bundle], subject: Subject) -> dict[int, str]:
    """Let a bundle with a booked claim keep its service; of several, what is still booked, then the older one.

    Of several that are no longer booked, the one goes before that the claim was last judged to speak of.
    """
    ids: dict[int, str] = {}
    kept = set(subject.membership.items())
    standings = sorted(
        subject.standings,
        key=lambda said: (
            said.booking is None,
            (said.record, said.service_id) not in kept,
            said.voucher,
            said.service_id,
        ),
    )
    position_of = {claim.key: position for position, bundle in enumerate(bundles) for claim in bundle.claims}
    for standing in standings:
        if standing.record in position_of:
            ids.setdefault(position_of[standing.record], standing.service_id)
    return ids


def _become_another(bundles: Sequence[Bundle], subject: Subject) -> set[str]:
    """Give the booked services whose claim is in a bundle: it keeps its name or loses it to an older one, for good."""
    keys = {claim.key for bundle in bundles for claim in bundle.claims}
    return {said.service_id for said in subject.standings if said.booking is not None and said.record in keys}


def _remembered_ids(
    positions: Sequence[int], bundles: Sequence[Bundle], subject: Subject, taken: set[str]
) -> dict[int, str]:
    """Let the bundle with most of a service's old members keep its id; among equals the one with the least key."""
    claims_to: Counter[tuple[str, int]] = Counter(
        (subject.membership[claim.key], position)
        for position in positions
        for claim in bundles[position].claims
        if claim.key in subject.membership
    )
    ids: dict[int, str] = {}
    used = taken | subject.foreign_services
    for service_id, position in sorted(claims_to, key=lambda pair: (-claims_to[pair], bundles[pair[1]].claims[0].key)):
        if service_id not in used and position not in ids:
            ids[position] = service_id
            used = used | {service_id}
    return ids


def _service(service_id: str, bundle: Bundle) -> Service:
    """Part a bundle into members, one effective claim per platform, and duplicates."""
    if len(bundle.platforms) == len(bundle.claims):
        return Service(service_id, tuple(bundle.claims), (), tuple(bundle.ties))
    members: list[Claim] = []
    duplicates: list[Claim] = []
    spoken: set[str] = set()
    for claim in sorted(bundle.claims, key=_rank):
        if is_alive(claim) and claim.key.platform in spoken:
            duplicates.append(claim)
        else:
            members.append(claim)
            spoken |= {claim.key.platform} if is_alive(claim) else set()
    by_key = sorted(members, key=lambda claim: claim.key)
    return Service(service_id, tuple(by_key), tuple(duplicates), tuple(bundle.ties))


def _rank(claim: Claim) -> tuple[bool, bool, RecordKey]:
    """Put what stands before what does not, effective before pending, then in key order."""
    return (not is_alive(claim), claim.state != "effective", claim.key)
