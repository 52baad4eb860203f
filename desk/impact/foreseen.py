"""What a rule set would do to the store as it stands: read in one transaction, nothing written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from desk.impact.figures import Example, Impact, Stop
from domain.actions import Correct, Plan, PlanLine, Post
from domain.conflicts import Conflict
from domain.records import RecordKey
from domain.services import Booking
from domain.subjects import CoveredThrough, Subject
from local_store import conflicts, coverage, people, readings, releases, rulebook, runs, subjects
from local_store.ledger import body_of
from local_store.outlook import booked_by_station
from local_store.transaction import Tx
from mapping.load import read_rules
from mapping.read import RecordReader
from mapping.rules import RuleSet
from sync.apply import ACTION_NAMES, Applier, ApplyTally
from sync.foresee import Foresight, Portion, portions_of
from sync.guard import Survey
from sync.pull import Progress
from sync.stops import At, Stops, find_stops

PORTION = 400
EXAMPLES = 10
_ONLY_READ_BY = {  # what these say shows in the claims; the planner itself never asks them
    "version", "document", "valid_from", "valid_to", "confirmations_needed", "station_names", "station_aliases",
    "category_aliases", "platform_aliases", "number_headings", "readings", "excluded_words", "special_words",
    "ordinary_words", "deliver_from", "projects",
}  # fmt: skip

_OF_RECORDS = (
    "readings", "tenures", "excluded_words", "special_words", "ordinary_words", "valid_from", "valid_to",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class InForce:
    """The rule set that the store goes by, "" before any, and its rules where their text is at hand."""

    version: str
    rules: RuleSet | None


def in_force(tx: Tx, file: RuleSet | None) -> InForce:
    """Give the rules in force: those of the bank's ``file`` if it is these, else as their text was kept."""
    version = runs.rules_in_force(tx) or ""
    if file is not None and version == file.version:
        return InForce(version, file)
    kept = rulebook.text_of(tx, version)
    return InForce(version, None if kept is None else read_rules(kept.text, version))


def asks_for_all(rules: RuleSet, old: RuleSet | None) -> bool:
    """Say whether a plan could differ although its claims read as before; so it is where the old rules are unknown."""
    if old is None:
        return True
    asked = [field.name for field in fields(RuleSet) if field.compare and field.name not in _ONLY_READ_BY]
    return any(getattr(rules, name) != getattr(old, name) for name in asked)


def reads_alike(tx: Tx, rules: RuleSet, old: InForce) -> bool:
    """Say whether all that platforms said reads as it stands; entries may still read otherwise."""
    if old.rules is None or not readings.are_all_read_under(tx, old.version):
        return False
    return all(getattr(rules, name) == getattr(old.rules, name) for name in _OF_RECORDS)


def impact_of(tx: Tx, rules: RuleSet, old: InForce, today: date, progress: Progress) -> Impact:
    """Give what publishing ``rules`` would do today, where ``old`` are in force."""
    is_of_all = asks_for_all(rules, old.rules)
    covered, only_entries = coverage.covered_through(tx), reads_alike(tx, rules, old)
    look = _Look(tx, rules, old.version, today, is_of_all, only_entries, covered, progress)
    impact, survey = look.through(Stops())
    next_run = max((run.number for run in runs.last(tx)), default=0) + 1
    stops = find_stops(tx, survey, releases.unused(tx), rules, At(next_run, today))
    if stops.places or stops.released:
        impact, _ = look.through(stops)
        impact.stops = tuple(Stop(*place, stops.conflicts[place].reason) for place in sorted(stops.places))
    _name_people(tx, impact)
    return impact


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at everybody, in portions as a night takes them."""

    tx: Tx
    rules: RuleSet
    in_force: str
    today: date
    is_of_all: bool
    only_entries: bool
    covered: CoveredThrough
    progress: Progress

    def through(self, stops: Stops) -> tuple[Impact, Survey]:
        """Go through all subjects, with what these safety stops keep waiting."""
        impact, survey = Impact(self.rules.version, self.in_force), Survey()
        for station, seconds in booked_by_station(self.tx).items():
            impact.at(station).before_seconds = seconds
        numbers = subjects.changed(self.tx, self.today, self.rules.version)
        pending = set(subjects.changed(self.tx, self.today, self.in_force))
        impact.subjects, impact.pending = len(numbers), len(pending)
        applier = Applier(
            self.rules, self.covered, self.today, 0, stops.places, ApplyTally(),
            doubted=stops.doubted, released=stops.released,
        )  # fmt: skip
        foresight = Foresight(applier, RecordReader(self.rules), only_entries=self.only_entries)
        for seen, portion in enumerate(portions_of(numbers, PORTION), 1):
            self.progress("progress_plan", min(seen * PORTION, len(numbers)), len(numbers))
            for one in self._portions(foresight, portion, pending, impact):
                _count(self.tx, one, impact, survey)
        impact.records = foresight.read
        return impact, survey

    def _portions(
        self, foresight: Foresight, numbers: Sequence[int], pending: set[int], impact: Impact
    ) -> Iterator[Portion]:
        otherwise = foresight.look(self.tx, numbers)
        concerned = {one.subject for one in otherwise.values()} | pending
        for one in otherwise.values():
            impact.at(one.terms.station or one.station_before).otherwise += 1
            impact.by_rule[one.rule_before, one.rule_after] += 1
        asked = [number for number in numbers if self.is_of_all or number in concerned]
        if asked:
            impact.planned += len(asked)
            yield foresight.portion(self.tx, asked)


def _count(tx: Tx, portion: Portion, impact: Impact, survey: Survey) -> None:
    for plan, subject in zip(portion.plans, portion.subjects, strict=True):
        _count_services(plan, subject, impact)
        for line in plan.lines:
            survey.count(line)
    for line in portion.moving:
        _count_move(line, impact)
    for draft in portion.drafts:
        impact.digest.add(body_of(draft))
    numbers = sorted({number for one in portion.subjects for number in (*one.stands_for, one.number)})
    _count_conflicts(tx, numbers, portion.conflicts, impact)


def _count_move(line: PlanLine, impact: Impact) -> None:
    before = line.standing.booking if line.standing else None
    after = line.action.booking if isinstance(line.action, Post | Correct) else None
    where = impact.at((after or before or _NOTHING).station)
    match line.action:
        case Post():
            where.posted += 1
        case Correct():
            where.corrected += 1
        case _:
            where.reversed += 1
    if before is not None:
        impact.at(before.station).moved_seconds -= before.seconds
    if after is not None:
        where.moved_seconds += after.seconds
    if len(impact.examples) < EXAMPLES:
        impact.examples.append(_example(line, before, after))


def _example(line: PlanLine, before: Booking | None, after: Booking | None) -> Example:
    shown = after or before or _NOTHING
    return Example(
        line.service.service_id, str(shown.person), shown.station, shown.service_date, ACTION_NAMES[type(line.action)],
        before.seconds if before else 0, after.seconds if after else 0, line.reason,
    )  # fmt: skip


def _name_people(tx: Tx, impact: Impact) -> None:
    """Call the people of the examples by their 本地编号."""
    known = people.by_number(tx, {int(one.person) for one in impact.examples})
    impact.examples = [replace(one, person=known[int(one.person)].local_number) for one in impact.examples]


def _count_services(plan: Plan, subject: Subject, impact: Impact) -> None:
    """Count the services that are made of other records than those remembered."""
    stations = {claim.key: claim.station for claim in subject.claims}
    now = {line.service.service_id: {claim.key for claim in line.service.claims} for line in plan.lines}
    before: dict[str, set[RecordKey]] = {}
    for key, service in subject.membership.items():
        if service:
            before.setdefault(service, set()).add(key)
    for service in now.keys() | before.keys():
        members, remembered = now.get(service, set()), before.get(service, set())
        if members != remembered:
            impact.at(_station(members | remembered, stations)).services += 1


def _station(keys: set[RecordKey], stations: Mapping[RecordKey, str]) -> str:
    return next((stations[key] for key in sorted(keys) if stations.get(key)), "")


def _count_conflicts(tx: Tx, numbers: Sequence[int], found: Sequence[Conflict], impact: Impact) -> None:
    opened, closed = conflicts.foreseen(tx, numbers, found)
    for conflict in opened:
        impact.at(conflict.station).opened[conflict.kind.value] += 1
    for row in closed:
        impact.at(row.station).closed[row.kind] += 1


_NOTHING = Booking(0, date.min, "", "", 0)
