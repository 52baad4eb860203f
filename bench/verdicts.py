"""What the house found, beside the truth: precision and recall of pairs, of bookings and of every kind of conflict.

It reads what stands in the store after a night (SQLite), so that nothing of the matching is asked for its own word.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.pages import record_id
from bench.town import Town
from bench.visits import Told, Visit

PAIRS, BOOKED = "pairs", "booked, with the right seconds"
_EFFECTIVE = {"2", "VALID"}
_SET_ASIDE = {"honour", "broken_card"}
_UNDECIDABLE = {"ambiguous", "no_service"}
_WITHOUT_VISIT = ("contract", "guard")

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Score:
    """How well one class was found: how many there are in truth, how many were told, how many of them are right."""

    truth: int
    told: int
    right: int

    @property
    def precision(self) -> float:
        """Give the share of what was told that is right."""
        return self.right / self.told if self.told else 1.0

    @property
    def recall(self) -> float:
        """Give the share of what is there that was told."""
        return self.right / self.truth if self.truth else 1.0


def scores(town: Town, database: Path) -> dict[str, Score]:
    """Score pairs, bookings and each kind of conflict, the last without the visits that nobody could tell.

    Raises:
        AssertionError: two visits were told of as one by a platform without a word: a pair that is not one to one.
    """
    visits = _visits_by_record(town)
    with sqlite3.connect(database) as store:
        services, duplicates = _services(store), _duplicates(store)
        _assert_one_to_one(services, duplicates)
        found = {PAIRS: _score(_true_pairs(town), _told_pairs(services, visits))}
        found[BOOKED] = _score(_true_bookings(town), _told_bookings(store, visits))
        labels = _told_labels(store, visits)
    truth: dict[str, Counter[Hashable]] = defaultdict(Counter)
    for visit in town.visits:
        if visit.label and not visit.is_doubtful:
            truth[visit.label][visit.number] = 1
    return found | {label: _score(truth[label], labels[label]) for label in sorted(truth.keys() | labels.keys())}


def _score(truth: Counter[Hashable], told: Counter[Hashable]) -> Score:
    return Score(truth.total(), told.total(), (truth & told).total())


def _visits_by_record(town: Town) -> dict[Key, Visit]:
    told = (("national", town.national), ("guangxi", town.guangxi))
    return {(name, record_id(name, row)): town.visits[row.visit] for name, rows in told for row in rows}


# --- the truth -------------------------------------------------------------------------------------------------------


def _true_pairs(town: Town) -> Counter[Hashable]:
    """Count, for each group of visits, the pairs of rows that speak of one of them, one to one."""
    sides: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
    for side, rows in zip(sides, (town.national, town.guangxi), strict=True):
        side.update({row.visit: 1 for row in rows if _speaks(row, town.visits[row.visit])})
    return Counter(town.visits[number].group for number in sides[0] if number in sides[1])


def _speaks(row: Told, visit: Visit) -> bool:
    """Say whether a row stands, can be read and is of a service whose rows belong together beyond doubt."""
    is_readable = row.figure is not None and row.flaw not in _SET_ASIDE
    return row.state in _EFFECTIVE and is_readable and visit.case not in _UNDECIDABLE


def _true_bookings(town: Town) -> Counter[Hashable]:
    return Counter((visit.group, visit.seconds) for visit in town.visits if visit.seconds)


# --- what was found --------------------------------------------------------------------------------------------------


def _services(store: sqlite3.Connection) -> Mapping[str, list[Key]]:
    """Give the effective records of each service."""
    services: dict[str, list[Key]] = defaultdict(list)
    for service, platform, external_id in store.execute(
        "SELECT m.service_id, r.platform, r.external_id FROM membership m JOIN record r ON r.number = m.record "
        "WHERE r.state = 'effective' AND r.gone_on IS NULL AND m.service_id <> ''"
    ):
        services[service].append((platform, external_id))
    return services


def _duplicates(store: sqlite3.Connection) -> set[Key]:
    """Give the records that the report calls each other's duplicate."""
    return set(
        store.execute(
            "SELECT r.platform, r.external_id FROM conflict c JOIN conflict_record l USING (conflict_id) "
            "JOIN record r ON r.number = l.record WHERE c.kind = 'duplicate' AND c.state <> 'closed'"
        )
    )


def _assert_one_to_one(services: Mapping[str, list[Key]], duplicates: set[Key]) -> None:
    for service, members in services.items():
        for platform in {platform for platform, _ in members}:
            theirs = [key for key in members if key[0] == platform]
            if len(theirs) > 1 and not duplicates.issuperset(theirs):
                raise AssertionError(service, theirs)


def _told_pairs(services: Mapping[str, list[Key]], visits: Mapping[Key, Visit]) -> Counter[Hashable]:
    """Count the pairs by the group that both sides belong to; one across two groups counts as nobody's."""
    told: Counter[Hashable] = Counter()
    for service, members in services.items():
        groups = {platform: {visits[key].group for key in members if key[0] == platform} for platform, _ in members}
        if len(groups) > 1:
            said = set.union(*groups.values())
            told[said.pop() if len(said) == 1 else service] += 1
    return told


def _told_bookings(store: sqlite3.Connection, visits: Mapping[Key, Visit]) -> Counter[Hashable]:
    booked = store.execute(
        "SELECT r.platform, r.external_id, s.seconds FROM standing s JOIN record r ON r.number = s.record "
        "WHERE s.seconds IS NOT NULL"
    )
    return Counter((visits[platform, external_id].group, seconds) for platform, external_id, seconds in booked)


def _told_labels(store: sqlite3.Connection, visits: Mapping[Key, Visit]) -> Mapping[str, Counter[Hashable]]:
    """Give, for each kind of conflict, the visits whose records it names."""
    labels: dict[str, Counter[Hashable]] = defaultdict(Counter)
    for kind, is_blocking, platform, external_id in store.execute(
        "SELECT c.kind, c.is_blocking, r.platform, r.external_id FROM conflict c "
        "JOIN conflict_record l USING (conflict_id) JOIN record r ON r.number = l.record WHERE c.state <> 'closed'"
    ):
        visit = None if kind in _WITHOUT_VISIT else visits[platform, external_id]
        if visit is not None and not visit.is_doubtful:
            labels[kind if is_blocking else f"{kind} (note)"][visit.number] = 1
    return labels
