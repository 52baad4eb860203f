"""Rows without times that one platform says twice: joined as far as no other source shows as many visits."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from domain.claims import Claim
from domain.services import Tie
from sync.bundle import SAID_TWICE, Bindings, Bundle
from sync.weighing import Weigh, speaks_for, weighed


def join_said_twice(bundles: list[Bundle], weigh: Weigh, bindings: Bindings) -> list[Bundle]:
    """Join one platform's rows without times that say the same, as far as no other source shows as many visits."""
    alike: dict[tuple[str, date, str, int], list[Bundle]] = defaultdict(list)
    for bundle in bundles:
        for claim in _one_a_platform(bundle):
            if claim.starts_at is None:
                said = (claim.key.platform, claim.service_date, claim.activity_id, claim.reported_seconds)
                alike[said].append(bundle)
    for (platform, day, *_), several in alike.items():
        group = sorted((bundle for bundle in several if bundle.claims), key=lambda bundle: len(bundle.platforms) == 1)
        if len(group) > 1:
            todays = [b for b in bundles if any(claim.service_date == day for claim in b.claims)]
            _keep(group, max(1, _visits(platform, group, todays, weigh, bindings)), bindings)
    return [bundle for bundle in bundles if bundle.claims]


def _one_a_platform(bundle: Bundle) -> list[Claim]:
    if len(bundle.claims) == 1:
        return bundle.claims
    return list({claim.key.platform: claim for claim in bundle.claims}.values())


def _visits(platform: str, group: list[Bundle], todays: list[Bundle], weigh: Weigh, bindings: Bindings) -> int:
    """Count the bundles of a group that another source speaks for too, or would if all of that day were paired."""
    speaking = sum(len(bundle.platforms) > 1 for bundle in group)
    alone = {id(bundle) for bundle in group if len(bundle.platforms) == 1}
    found = 0
    for other in {name for bundle in todays for name in bundle.platforms} - {platform}:
        left = [bundle for bundle in todays if speaks_for(bundle, platform, other)]
        right = [bundle for bundle in todays if speaks_for(bundle, other, platform)]
        pairing, _ = weighed(left, right, weigh, bindings)
        mine = {i for i, bundle in enumerate(left) if id(bundle) in alone}
        in_doubt = sum(min(len(mine & rows), len(columns)) for rows, columns in pairing.ties)
        found = max(found, sum(i in mine for i, _ in pairing.pairs) + in_doubt)
    return speaking + found


def _keep(group: list[Bundle], count: int, bindings: Bindings) -> None:
    """Leave ``count`` bundles of a group and fold the rest into the last of them; emptied bundles drop out."""
    kept = group[count - 1]
    for extra in group[count:]:
        if not bindings.part(kept, extra):
            kept.absorb(extra, Tie(kept.claims[0].key, extra.claims[0].key, ((SAID_TWICE, 0),)))
            extra.claims = []
