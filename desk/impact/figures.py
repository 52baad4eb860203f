"""The figures of a rule set's impact: by station, and as the document that scripts read."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

_CODE_DIGITS = 12
_ALL = 2**256


@dataclass(slots=True)
class Digest:
    """One figure for any number of vouchers, whatever their order: two of them agree where every voucher does."""

    count: int = 0
    total: int = 0

    def add(self, body: str) -> None:
        """Take in one voucher's canonical text."""
        self.count += 1
        self.total = (self.total + int.from_bytes(hashlib.sha256(body.encode()).digest(), "big")) % _ALL

    @property
    def code(self) -> str:
        """Give the check code (核对码)."""
        return hashlib.sha256(f"{self.count}\n{self.total}".encode()).hexdigest()[:_CODE_DIGITS]


@dataclass(slots=True)
class StationFigures:
    """What changes at one station: services by what is booked of them, seconds booked before, and conflicts by kind.

    ``moved_seconds`` is what is added, net. ``otherwise`` counts the claims read otherwise, ``services`` the services
    that are made of other records than before.
    """

    posted: int = 0
    corrected: int = 0
    reversed: int = 0
    before_seconds: int = 0
    moved_seconds: int = 0
    otherwise: int = 0
    services: int = 0
    opened: Counter[str] = field(default_factory=Counter)
    closed: Counter[str] = field(default_factory=Counter)

    @property
    def after_seconds(self) -> int:
        """Give what stands booked after it."""
        return self.before_seconds + self.moved_seconds

    @property
    def is_touched(self) -> bool:
        """Say whether anything changes here."""
        moves = self.posted + self.corrected + self.reversed + self.otherwise + self.services
        return bool(moves or self.opened or self.closed)

    def plus(self, other: StationFigures) -> StationFigures:
        """Give the sum of two."""
        return StationFigures(
            self.posted + other.posted, self.corrected + other.corrected, self.reversed + other.reversed,
            self.before_seconds + other.before_seconds, self.moved_seconds + other.moved_seconds,
            self.otherwise + other.otherwise, self.services + other.services, self.opened + other.opened,
            self.closed + other.closed,
        )  # fmt: skip

    def as_document(self) -> dict[str, object]:
        """Give them as JSON."""
        return {
            "posted": self.posted, "corrected": self.corrected, "reversed": self.reversed,
            "before_seconds": self.before_seconds, "after_seconds": self.after_seconds,
            "claims_otherwise": self.otherwise, "services_otherwise": self.services,
            "opened": dict(sorted(self.opened.items())), "closed": dict(sorted(self.closed.items())),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """One service whose booking differs; hours before or after are 0 where nothing is booked."""

    service_id: str
    person: str
    station: str
    service_date: date
    action: str
    before_seconds: int
    after_seconds: int
    reason: str

    def as_document(self) -> dict[str, object]:
        """Give it as JSON."""
        return {
            "service": self.service_id, "person": self.person, "station": self.station,
            "service_date": self.service_date.isoformat(), "action": self.action,
            "before_seconds": self.before_seconds, "after_seconds": self.after_seconds, "reason": self.reason,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stop:
    """A safety stop that would hold removals and corrections of one platform at one station."""

    platform: str
    station: str
    reason: str


@dataclass(slots=True)
class Impact:
    """All that a rule set would do to the store as it stands.

    ``pending`` counts the subjects with news that no night has booked yet: publishing books these as well.
    ``by_rule`` counts the claims read otherwise by (rule before, rule after).
    """

    version: str
    in_force: str
    stations: dict[str, StationFigures] = field(default_factory=dict)
    subjects: int = 0
    planned: int = 0
    pending: int = 0
    records: int = 0
    by_rule: Counter[tuple[str, str]] = field(default_factory=Counter)
    stops: tuple[Stop, ...] = ()
    examples: list[Example] = field(default_factory=list)
    digest: Digest = field(default_factory=Digest)

    def at(self, station: str) -> StationFigures:
        """Give the figures of a station, to be added to."""
        return self.stations.setdefault(station, StationFigures())

    @property
    def total(self) -> StationFigures:
        """Give the sum over all stations."""
        return _sum(self.stations.values())

    @property
    def is_nothing(self) -> bool:
        """Say whether the book, the claims and the conflicts would stay as they are."""
        return not self.total.is_touched

    def as_document(self, names: Mapping[str, str]) -> dict[str, object]:
        """Give it as the JSON document that scripts rely on."""
        return {
            "rules": self.version,
            "in_force": self.in_force or None,
            "code": self.digest.code,
            "subjects": {"all": self.subjects, "planned": self.planned, "pending": self.pending},
            "records_read": self.records,
            "total": self.total.as_document(),
            "stations": [
                {"station": station, "name": names.get(station, ""), **figures.as_document()}
                for station, figures in sorted(self.stations.items())
            ],
            "claims_by_rule": [
                {"before": before, "after": after, "count": count}
                for (before, after), count in self.by_rule.most_common()
            ],
            "stops": [{"platform": one.platform, "station": one.station, "reason": one.reason} for one in self.stops],
            "examples": [one.as_document() for one in self.examples],
        }


def _sum(figures: Iterable[StationFigures]) -> StationFigures:
    total = StationFigures()
    for one in figures:
        total = total.plus(one)
    return total
