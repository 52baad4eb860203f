"""Book what was planned: the only writer of the ledger, one transaction for each portion of subjects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from domain.actions import Correct, Hold, Leave, Plan, PlanLine, Post, Reverse, Wait
from domain.conflicts import Conflict
from domain.ledger import PersonBalances
from domain.services import Standing
from domain.subjects import CoveredThrough, Subject
from local_store import conflicts, ledger, services, subjects
from local_store.transaction import Tx
from mapping.rules import RuleSet
from sync.attribution import attributed
from sync.draft import Drafting, book_order
from sync.finding import balance_short
from sync.guard import Place, held_back, under_release
from sync.plan import plan

ACTION_NAMES = {Post: "post", Correct: "correct", Reverse: "reverse", Leave: "leave", Wait: "wait", Hold: "hold"}


@dataclass(slots=True)
class ApplyTally:
    """What was done: services by action, conflicts opened and closed, the net of what was booked in seconds."""

    actions: Counter[str] = field(default_factory=Counter)
    opened: int = 0
    closed: int = 0
    posted_seconds: int = 0

    def count(self, lines: Iterable[PlanLine]) -> None:
        """Count the actions of a plan and what they move."""
        for line in lines:
            self.actions[ACTION_NAMES[type(line.action)]] += 1
            booked = line.standing.booking.seconds if line.standing and line.standing.booking else 0
            match line.action:
                case Post(booking) | Correct(booking):
                    self.posted_seconds += booking.seconds - booked
                case Reverse():
                    self.posted_seconds -= booked
                case _:
                    pass


@dataclass(frozen=True, slots=True)
class Applier:
    """One run's way of booking: under which rules, as of which day, with what kept waiting by a safety stop.

    ``done`` are the subjects that this run has planned already. ``doubted`` are the stopped places whose platform
    suddenly showed far fewer rows, ``released`` the numbers of the decisions under which a stop lets through.
    """

    rules: RuleSet
    covered: CoveredThrough
    today: date
    run: int
    stopped: frozenset[Place]
    tally: ApplyTally
    done: set[int] = field(default_factory=set)
    doubted: frozenset[Place] = frozenset()
    released: Mapping[Place, int] = field(default_factory=dict)

    def plan(self, subject: Subject) -> Plan:
        """Plan one subject, with what a safety stop keeps waiting."""
        free = attributed(self._free(subject), subject, self._free)
        return under_release(held_back(free, self.stopped, self.today, self.doubted), self.released)

    def _free(self, subject: Subject) -> Plan:
        return plan(subject, self.rules, self.covered, self.today)

    def apply(self, tx: Tx, numbers: Sequence[int]) -> None:
        """Plan and book these subjects within one transaction, so that no fact can move in between."""
        loaded = load_once(tx, numbers, self.done)
        plans = self.plans(tx, loaded)
        lines = sorted((line for one in plans for line in one.lines), key=book_order)
        short = self._book(tx, lines)
        found = [conflict for one in plans for conflict in one.conflicts]
        subjects.settle(tx, plans, self.run, self.rules.version, self.today)
        planned = {number for subject in loaded for number in (*subject.stands_for, subject.number)}
        kept = conflicts.save(tx, sorted(planned), [*found, *short], self.run)
        self.tally.count(lines)
        self.tally.opened += kept.opened
        self.tally.closed += kept.closed

    def plans(self, tx: Tx, loaded: Sequence[Subject]) -> list[Plan]:
        """Plan these subjects; one that calls a new service by a name that the book knows of another's is told so."""
        plans = [self.plan(subject) for subject in loaded]
        used = set(services.known(tx, {name for one in plans for name in _new_names(one)}))
        for place, subject in enumerate(loaded):
            foreign = subject.foreign_services
            while clash := used & _new_names(plans[place]):
                foreign |= clash
                plans[place] = self.plan(replace(subject, foreign_services=foreign))
                used |= services.known(tx, _new_names(plans[place]))
            used |= _new_names(plans[place])
        return plans

    def _book(self, tx: Tx, lines: list[PlanLine]) -> list[Conflict]:
        """Post what the lines ask for; give the notes of reversals that found too little."""
        moving = [line for line in lines if isinstance(line.action, Post | Correct | Reverse)]
        if not moving:
            return []
        drafting = self.draft(tx, moving, ledger.balances(tx, people_of(moving)))
        numbers = ledger.post(tx, drafting.drafts, self.run, cap_seconds=self.rules.cap_seconds)
        after = drafting.numbered(numbers)
        services.save_standings(tx, after)
        return short_notes(moving, drafting.standings)

    def draft(self, tx: Tx, moving: Sequence[PlanLine], balances: Mapping[int, PersonBalances]) -> Drafting:
        """Draft what lines that move the book ask for; ``balances`` of everybody concerned move with it."""
        drafting = Drafting(
            balances=balances,
            transfers=ledger.transfers_of(tx, [line.standing.voucher for line in moving if line.standing]),
            cap_seconds=self.rules.cap_seconds,
            rules_version=self.rules.version,
        )
        for line in moving:
            drafting.draft(line)
        return drafting


def load_once(tx: Tx, numbers: Sequence[int], done: set[int]) -> list[Subject]:
    """Load subjects that are not ``done`` yet, and add them: one that was joined is asked for under each number."""
    loaded = subjects.load(tx, [number for number in numbers if number not in done])
    done.update(number for subject in loaded for number in (*subject.stands_for, subject.number))
    return loaded


def _new_names(planned: Plan) -> set[str]:
    """Give the names of the services that a plan would book for the first time."""
    return {line.service.service_id for line in planned.lines if isinstance(line.action, Post) and not line.standing}


def people_of(lines: Sequence[PlanLine]) -> set[int]:
    """Give everybody whose balances lines would move."""
    people = {line.action.booking.person for line in lines if isinstance(line.action, Post | Correct)}
    return people | {line.standing.person for line in lines if line.standing}


def short_notes(lines: Sequence[PlanLine], drafted: Sequence[Standing]) -> list[Conflict]:
    """Give the notes of reversals that found too little; of a correction, what its new booking has not repaid."""
    short = {(standing.service_id, standing.person): standing.short_seconds for standing in drafted}
    return [
        balance_short(line.service, line.standing, seconds)
        for line in lines
        if line.standing and (seconds := short.get((line.service.service_id, line.standing.person)))
    ]
