"""What a rule file must obey beyond its shape: names that exist, days that fit, nothing twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from mapping.lines import Place
from mapping.rulefile import RuleFile

Fault = tuple[Place, str]


def broken_law(read: RuleFile) -> Fault | None:
    """Give the place and the problem (a code) of the first law that the file breaks, or None."""
    return next(_faults(read), None)


def _faults(read: RuleFile) -> Iterator[Fault]:
    yield from _days_reversed((), read.valid_from, read.valid_to, "valid_to")
    if read.limits.day_hold_hours < read.limits.day_note_hours:
        yield ("limits", "day_hold_hours"), "hold_below_note"
    yield from _twice(
        (("categories", n, "aliases"), alias)
        for n, part in enumerate(read.categories)
        for alias in (part.code, part.name, *part.aliases)
    )
    yield from _twice(
        (("platforms", name, "names"), alias) for name, part in read.platforms.items() for alias in (name, *part.names)
    )
    yield from _twice(
        (("platforms", name, "number_headings"), heading)
        for name, part in read.platforms.items()
        for heading in part.number_headings
    )
    yield from _twice(
        (("stations", n, "aliases"), alias)
        for n, part in enumerate(read.stations)
        for alias in (part.code, part.name, *part.aliases)
    )
    yield from _platform_names(read)
    yield from _periods(read)
    yield from _category_faults(read)
    yield from _team_faults(read)


def _days_reversed(place: Place, first: date, last: date | None, key: str) -> Iterator[Fault]:
    if last is not None and last < first:
        yield (*place, key), "days_reversed"


def _twice(named: Iterable[tuple[Place, str]]) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, name in named:
        if name in seen:
            yield place, "twice"
        seen.add(name)


def _platform_names(read: RuleFile) -> Iterator[Fault]:
    named: list[tuple[Place, str]] = []
    for n, period in enumerate(read.periods):
        named += [(("periods", n, "suffices"), name) for name in period.suffices]
        named.append((("periods", n, "decides"), period.decides))
    for n, kind in enumerate(read.categories):
        named += [(("categories", n, "codes", name), name) for name in kind.codes]
        named += [(("categories", n, "words", name), name) for name in kind.words]
    for n, station in enumerate(read.stations):
        named += [(("stations", n, "teams", m, "platform"), team.platform) for m, team in enumerate(station.teams)]
        named += [
            (("stations", n, "projects", m, "platform"), part.platform) for m, part in enumerate(station.projects)
        ]
    for place, name in named:
        if name not in read.platforms:
            yield place, "unknown_platform"


def _periods(read: RuleFile) -> Iterator[Fault]:
    """Want the periods to follow one another without a gap from the first day of the rules to their last."""
    expected: date | None = read.valid_from
    for n, period in enumerate(read.periods):
        yield from _days_reversed(("periods", n), period.first_day, period.last_day, "last_day")
        if expected is None or period.first_day < expected:
            yield ("periods", n, "first_day"), "days_overlap"
        elif period.first_day > expected:
            yield ("periods", n, "first_day"), "days_missing"
        if period.decides not in period.suffices:
            yield ("periods", n, "decides"), "decides_not_sufficient"
        expected = None if period.last_day is None else period.last_day + timedelta(days=1)
    if expected is not None and (read.valid_to is None or expected <= read.valid_to):
        yield ("periods", len(read.periods) - 1, "last_day"), "days_missing"


def _category_faults(read: RuleFile) -> Iterator[Fault]:
    for platform in read.platforms:
        for kind in ("codes", "words"):
            yield from _twice(
                (("categories", n, kind, platform), word)
                for n, part in enumerate(read.categories)
                for word in getattr(part, kind).get(platform, ())
            )
    codes = {part.code for part in read.categories}
    for n, station in enumerate(read.stations):
        for m, part in enumerate(station.projects):
            if part.category not in codes:
                yield ("stations", n, "projects", m, "category"), "unknown_category"


def _team_faults(read: RuleFile) -> Iterator[Fault]:
    """Want an organisation to be at most one station's on any day, or an hour would stand at two."""
    held: dict[tuple[str, str], list[tuple[date, date]]] = {}
    for n, station in enumerate(read.stations):
        for m, team in enumerate(station.teams):
            first, last = team.first_day or read.valid_from, team.last_day or date.max
            yield from _days_reversed(("stations", n, "teams", m), first, last, "last_day")
            spans = held.setdefault((team.platform, team.organisation), [])
            if any(first <= other_last and other_first <= last for other_first, other_last in spans):
                yield ("stations", n, "teams", m, "organisation"), "team_of_two_stations"
            spans.append((first, last))
