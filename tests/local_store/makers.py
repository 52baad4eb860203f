"""What the store's tests say of platforms, people and plans."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from domain.actions import Disposition, Leave, Plan, PlanLine
from domain.claims import Claim
from domain.clock import SHANGHAI, day_in_shanghai
from domain.hours import DurationRange
from domain.idnumber import RESIDENT, check_digit
from domain.ledger import (
    AccountKind,
    PersonBalances,
    VoucherDraft,
    VoucherKind,
    deposit,
    service_account,
)
from domain.people import RosterRow
from domain.records import PersonAsSaid, Record, RecordKey, RecordState
from domain.services import Booking, Service, Standing
from domain.subjects import Subject
from local_store import identities, ledger, people, records, runs, services, subjects
from local_store.transaction import Tx

RULES = "rules-1"
NIGHT = datetime(2022, 10, 21, 2, 30, tzinfo=SHANGHAI)


@dataclass
class HandClock:
    at: datetime = NIGHT

    def now(self) -> datetime:
        return self.at

    def real_now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def resident(number: int) -> str:
    seventeen = f"45990019600101{number:03d}"
    return seventeen + check_digit(seventeen)


@dataclass
class Makers:
    """What the tests say of platforms, people and plans, with one fact changed at a time."""

    clock: HandClock = field(default_factory=HandClock)
    rules: str = RULES

    @staticmethod
    def person(number: int, name: str = "覃小溪", **more: str) -> PersonAsSaid:
        said = {"id_type": RESIDENT, "id_number": resident(number), "volunteer_number": f"V{number:06d}", **more}
        return PersonAsSaid(name, **said)

    @staticmethod
    def record(external_id: str, person: PersonAsSaid, **more: Any) -> Record:  # noqa: ANN401 - any field of the value
        starts_at = datetime(2022, 10, 1, 9, tzinfo=SHANGHAI)
        plain = Record(
            key=RecordKey(more.pop("platform", "national"), external_id),
            state=RecordState.EFFECTIVE,
            state_code="2",
            person=person,
            organisation="T1",
            organisation_name="一队",
            activity_id="P1",
            activity_name="暖心陪聊",
            category_code="0017",
            object_code="03",
            is_honour=False,
            service_date=starts_at.date(),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=42),
            reported_seconds=2520,
            duration=DurationRange(2502, 2537),
            entered_at=starts_at + timedelta(hours=2),
            updated_at=starts_at + timedelta(hours=2),
        )
        return replace(plain, **more)

    def claim(self, record: Record, identity: int, name_token: str, **more: Any) -> Claim:  # noqa: ANN401 - any field of the value
        plain = Claim(
            key=record.key,
            revision=0,
            state=record.state,
            identity=identity,
            name_token=name_token,
            service_date=record.service_date,
            starts_at=record.starts_at,
            ends_at=record.ends_at,
            reported_seconds=record.reported_seconds,
            duration=record.duration,
            category="emotional_support",
            station="CZ01",
            is_special=False,
            out_of_scope="",
            is_type_unknown=False,
            activity_id=record.activity_id,
            activity_name=record.activity_name,
            carried_from=record.carried_from,
            business_key=record.business_key,
            entered_on=day_in_shanghai(record.entered_at or record.updated_at),
            is_gone=False,
            is_flagged=False,
            rule="情感慰藉",
            rules_version=self.rules,
        )
        return replace(plain, **more)

    def pull(self, tx: Tx, said: list[Record], run: int | None = None, **more: Any) -> records.SaveTally:  # noqa: ANN401 - any field of the value
        run = run or self.run(tx)
        page = records.save_raw(tx, run, "national", "T1", b"page")
        known = [identities.register(tx, one.key.platform, [one.person], [one.person.name])[0] for one in said]
        readings = [(one, self.claim(one, *who, **more)) for one, who in zip(said, known, strict=True)]
        return records.save(tx, readings, run, page)

    def run(self, tx: Tx) -> int:
        return runs.begin(tx, "sync", self.clock.now(), self.rules)

    @staticmethod
    def roster_row(number: int, local_number: str | None = None, name: str = "覃小溪", **more: Any) -> RosterRow:  # noqa: ANN401 - any field of the value
        plain = RosterRow(
            line=number + 1,
            local_number=local_number or f"CZ-{number:04d}",
            person=PersonAsSaid(name, RESIDENT, resident(number)),
            phone=f"100{number:08d}",
            station="CZ01",
            registered_on=date(2021, 10, 1),
            licence="",
            platform_numbers={},
            consents=frozenset({"national"}),
        )
        return replace(plain, **more)

    @staticmethod
    def roster(tx: Tx, *rows: RosterRow) -> people.RosterOutcome:
        return people.save_roster(tx, rows, str)

    @staticmethod
    def draft(person: int, seconds: int, key: str = "S1#1", **more: Any) -> VoucherDraft:  # noqa: ANN401 - any field of the value
        balances = more.pop("balances", PersonBalances())
        cap = more.pop("cap_seconds", 5_400_000)
        source = service_account(AccountKind.DEPOSITED, "CZ01", "emotional_support")
        plain = VoucherDraft(
            key=key,
            kind=VoucherKind.POST,
            service_date=date(2022, 10, 1),
            transfers=deposit(person, source, seconds, balances, cap),
            prepared_by="sync",
            rules_version=RULES,
            reason="both_agree",
            person=person,
            service_id=key.partition("#")[0],
            revision=1,
            records=("national:r1",),
        )
        return replace(plain, **more)

    @staticmethod
    def plan(subject: Subject, disposition: Disposition = Disposition.BOOKED, **more: Any) -> Plan:  # noqa: ANN401 - any field of the value
        lines = tuple(
            PlanLine(Service(f"S-{claim.key}", (claim,)), None, Leave(), "as_booked") for claim in subject.claims
        )
        dispositions = {claim.key: disposition for claim in subject.claims}
        plain = Plan(subject.number, subject.revision, lines, (), dispositions, None, subject.stands_for)
        return replace(plain, **more)

    def settle_all(self, tx: Tx) -> None:
        plans = [self.plan(one) for one in subjects.load(tx, subjects.changed(tx, self.clock.now().date(), self.rules))]
        assert subjects.settle(tx, plans, self.run(tx), self.rules, self.clock.now().date()) == []

    def book(self, tx: Tx, record: Record, person: int, seconds: int = 1800) -> int:
        service_id = f"S-{record.key}"
        draft = self.draft(person, seconds, f"{service_id}#1", records=(str(record.key),))
        (number,) = ledger.post(tx, [draft], self.run(tx))
        booking = Booking(person, record.service_date, "emotional_support", "CZ01", seconds)
        services.save_standings(tx, [Standing(service_id, 1, booking, record.key, number, person)])
        return number
