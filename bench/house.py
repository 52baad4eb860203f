"""What a whole night needs of the house beside its pulls: enrol, plan, book, run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bench.pulling import PLATFORMS, StandingClock, silent
from bench.town import Town
from domain.clock import day_in_shanghai
from domain.idnumber import RESIDENT
from domain.ledger import AccountKind, PersonBalances, VoucherDraft, VoucherKind, deposit, service_account
from domain.people import RosterRow
from domain.records import PersonAsSaid
from local_store import ledger, people, runs
from local_store.store import Store
from mapping.names import folded_name
from mapping.rules import RuleSet
from sandbox.streets import STATIONS
from sync.night import Night, NightTally
from sync.source import Source

Booking = tuple[str, int, int]
"""A key, the position of a person in the town, and seconds."""

BATCH = 1000


def enrol(store: Store, town: Town) -> None:
    """Put the town's people on the roster, save for the strangers."""
    rows = [
        RosterRow(
            line=line,
            local_number=f"{STATIONS[person.station].code}-{line:06d}",
            person=PersonAsSaid(person.name, RESIDENT, person.id_number),
            phone=f"100{line:08d}",
            station=STATIONS[person.station].code,
            registered_on=date(2021, 9, 1),
            licence="护士执业证书" if person.is_licensed else "",
            platform_numbers=(
                {"national": person.national_number, "guangxi": person.guangxi_number} if person.is_bound else {}
            ),
            consents=frozenset(PLATFORMS),
        )
        for line, person in enumerate(town.people, 1)
        if person.is_on_roster
    ]
    with store.writing() as tx:
        people.save_roster(tx, rows, folded_name)


def plan_all(store: Store, rules: RuleSet, clock: StandingClock) -> NightTally:
    """Plan every subject that is due, from the store to actions, and book nothing."""
    return Night(store, [], rules, clock, silent, "bench").run(is_plan_only=True)


def night(store: Store, sources: Sequence[Source], rules: RuleSet, clock: StandingClock) -> NightTally:
    """Run a night as ``sync`` does."""
    return Night(store, sources, rules, clock, silent, "bench").run()


def book(store: Store, bookings: Sequence[Booking], rules: RuleSet, clock: StandingClock) -> int:
    """Post bookings as the ledger does, with the cap's split, a thousand a transaction; give how many."""
    with store.writing() as tx:
        run = runs.begin(tx, "sync", clock.now(), rules.version)
        enrolled = [person.number for person in people.all_people(tx)]
    balances: dict[int, PersonBalances] = {}
    debit, day = service_account(AccountKind.DEPOSITED, "CZ01", "escort"), day_in_shanghai(clock.now())
    for start in range(0, len(bookings), BATCH):
        drafts = []
        for key, place, seconds in bookings[start : start + BATCH]:
            person = enrolled[place % len(enrolled)]
            legs = deposit(person, debit, seconds, balances.setdefault(person, PersonBalances()), rules.cap_seconds)
            drafts.append(
                VoucherDraft(
                    f"{key}#1", VoucherKind.POST, day, legs, "sync", rules.version, "sufficient", person, key, 1,
                    records=(f"national/{key}",),
                )
            )  # fmt: skip
        with store.writing() as tx:
            ledger.post(tx, drafts, run, cap_seconds=rules.cap_seconds)
    return len(bookings)


def bookings_of(town: Town) -> list[Booking]:
    """Give what the truth books, as (key, person, seconds)."""
    return [(f"S{visit.number:016X}", visit.person, visit.seconds) for visit in town.visits if visit.seconds]
