"""A rule set: the bank's written rules as frozen values, ready to be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of service; ``credit_seconds`` is the flat credit of a visit, None where the true duration counts."""

    code: str
    name: str
    credit_seconds: int | None
    needs_licence: bool


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both ends included (None = open), on which any of ``suffices`` is enough and ``decides`` decides."""

    first_day: date
    last_day: date | None
    suffices: frozenset[str]
    decides: str

    def holds(self, day: date) -> bool:
        """Say whether ``day`` lies in this period."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, slots=True)
class Tenure:
    """The days on which an organisation of a platform is a station's team; ``area`` is its 18-digit area, or ""."""

    station: str
    platform: str
    organisation: str
    area: str
    first_day: date
    last_day: date | None

    def holds(self, day: date) -> bool:
        """Say whether the organisation is the station's on ``day``."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, slots=True)
class WordRule:
    """A word in a project's name and the category that it means; the first rule that fits is taken."""

    word: str
    category: str
    rule: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How one platform's records are read.

    ``codes`` maps its category codes to ours and ``words`` is asked in order where no code fits; codes that begin
    with one of ``general_prefixes`` are no time-bank service. ``objects`` names the service objects that are in scope
    (empty = all; a record that names none is in scope). ``tells_honours``: its records say whether they are honour
    hours.
    """

    codes: dict[str, str]
    words: tuple[WordRule, ...]
    general_prefixes: tuple[str, ...]
    objects: frozenset[str]
    tells_honours: bool


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One bank's rules, dated and versioned: ``version`` is the document's number, ``#`` and a hash of the content.

    All times are whole seconds, all days those of Asia/Shanghai. ``excluded_words`` are looked for first.
    A remark is special (特殊情况) where a word of ``special_words`` stands in it outside every word of
    ``ordinary_words``. The aliases map what people write, names and codes alike, to our codes; ``number_headings``
    maps the headings over a platform's volunteer numbers to the platform. ``projects`` maps (platform, station,
    category) to the project that deliveries go to.
    """

    version: str
    document: str
    valid_from: date
    valid_to: date | None
    cap_seconds: int
    grace_days: int
    tolerance_seconds: int
    day_note_seconds: int
    day_hold_seconds: int
    minimum_age: int
    confirmations_needed: frozenset[str]
    station_names: dict[str, str]
    station_aliases: dict[str, str] = field(repr=False)
    categories: dict[str, Category] = field(repr=False)
    category_aliases: dict[str, str] = field(repr=False)
    platform_aliases: dict[str, str] = field(repr=False)
    number_headings: dict[str, str] = field(repr=False)
    periods: tuple[Period, ...] = field(repr=False)
    tenures: tuple[Tenure, ...] = field(repr=False)
    readings: dict[str, Reading] = field(repr=False)
    excluded_words: tuple[str, ...] = field(repr=False)
    special_words: tuple[str, ...] = field(repr=False)
    ordinary_words: tuple[str, ...] = field(repr=False)
    deliver_from: dict[str, date] = field(repr=False)
    projects: dict[tuple[str, str, str], str] = field(repr=False)
    _tenures_by_organisation: dict[tuple[str, str], list[Tenure]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the tenures, so that reading a record costs one look-up."""
        index: dict[tuple[str, str], list[Tenure]] = {}
        for tenure in self.tenures:
            index.setdefault((tenure.platform, tenure.organisation), []).append(tenure)
        object.__setattr__(self, "_tenures_by_organisation", index)

    def platforms(self) -> tuple[str, ...]:
        """Give the names of the platforms that these rules read."""
        return tuple(self.readings)

    def platform_names(self) -> dict[str, str]:
        """Give what people call each platform: the first of its names."""
        names: dict[str, str] = {}
        for name, platform in self.platform_aliases.items():
            if name != platform:
                names.setdefault(platform, name)
        return names

    def category(self, code: str) -> Category:
        """Give the category with this code; KeyError where the rules have none."""
        return self.categories[code]

    def period(self, day: date) -> Period | None:
        """Give the period in which ``day`` lies, or None outside all of them."""
        for period in self.periods:
            if period.holds(day):
                return period
        return None

    def scopes(self, platform: str) -> tuple[str, ...]:
        """Give every organisation to be pulled from a platform, whenever it was a team, in station order."""
        return tuple(dict.fromkeys(tenure.organisation for tenure in self.tenures if tenure.platform == platform))

    def organisations(self, platform: str, station: str, day: date) -> tuple[str, ...]:
        """Give the organisations of a platform that were this station's on ``day``."""
        return tuple(
            tenure.organisation
            for tenure in self.tenures
            if tenure.platform == platform and tenure.station == station and tenure.holds(day)
        )

    def station_of(self, platform: str, organisation: str, day: date) -> str:
        """Give the station whose team an organisation was on ``day``, or "" where it was nobody's."""
        for tenure in self._tenures_by_organisation.get((platform, organisation), ()):
            if tenure.holds(day):
                return tenure.station
        return ""

    def area_of(self, platform: str, organisation: str) -> str:
        """Give the area of an organisation as the platform writes it, or "" where the rules name none."""
        tenures = self._tenures_by_organisation.get((platform, organisation), ())
        return next((tenure.area for tenure in tenures if tenure.area), "")

    def project(self, platform: str, station: str, category: str) -> str:
        """Give the project or activity that deliveries of this kind go to, or "" where the rules name none."""
        return self.projects.get((platform, station, category), "")
