"""A small bank at whose desk decisions are taken: records are put in as read, nights plan and book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from desk.decide.act import Desk, Outcome
from desk.decide.said import Said, read_decision
from desk.redeem import redeem
from domain.clock import SHANGHAI, day_in_shanghai
from domain.conflicts import ConflictKind, ConflictState
from domain.hours import DurationRange
from domain.records import PersonAsSaid, Record, RecordState
from local_store import conflicts, coverage, ledger, people, runs, subjects
from local_store.ledger import Voucher
from local_store.open_conflicts import OpenConflict
from local_store.store import open_store
from local_store.vault import create_key_file
from local_store.verify import verify
from mapping.rules import RuleSet
from sync.apply import Applier, ApplyTally
from tests.local_store.makers import Makers
from tests.nights import shipped_rules
from tests.stores import STORES

RULES = shipped_rules()
HOUR = 3600
BOSS, SECOND = "韦站长", "覃主任"


class Bank:
    """A bank of a few people; ``make`` says what platforms say."""

    def __init__(self, folder: Path, rules: RuleSet = RULES, people_count: int = 3) -> None:
        self.rules = rules
        self.make = Makers(rules=rules.version)
        create_key_file(folder / "shiqiao.key")
        self.url = STORES.url(folder / "shiqiao.db")
        self.store = open_store(self.url, folder / "shiqiao.key", self.make.clock)
        self.desk = Desk(self.store, rules, self.make.clock, "test/1")
        with self.store.writing() as tx:
            self.make.roster(tx, *(self.make.roster_row(number) for number in range(1, people_count + 1)))

    def close(self) -> None:
        self.store.close()

    def say(self, *said: Record, **more: Any) -> None:  # noqa: ANN401 - any field of the claim
        """Let platforms say these, and a night book what they come to."""
        with self.store.writing() as tx:
            self.make.pull(tx, list(said), **more)
        self.night()

    def guangxi(self, number: int = 1, external_id: str = "G1", **more: Any) -> Record:  # noqa: ANN401 - any field of the value
        return self.record("guangxi", number, external_id, **more)

    def national(self, number: int = 1, external_id: str = "N1", **more: Any) -> Record:  # noqa: ANN401 - any field of the value
        return self.record("national", number, external_id, **more)

    def record(
        self,
        platform: str,
        number: int,
        external_id: str,
        start: int = 9,
        hours: float = 1,
        **more: Any,  # noqa: ANN401 - as above
    ) -> Record:
        """Give a visit on 1 October that begins at ``start`` and lasts ``hours``."""
        starts_at = datetime(2022, 10, more.pop("day", 1), start, tzinfo=SHANGHAI)
        seconds = int(hours * HOUR)
        person: PersonAsSaid = more.pop("person", self.make.person(number))
        return self.make.record(
            external_id, person, platform=platform, service_date=starts_at.date(), starts_at=starts_at,
            ends_at=starts_at + timedelta(seconds=seconds), reported_seconds=seconds,
            duration=DurationRange(seconds, seconds), **more,
        )  # fmt: skip

    def withdraw(self, record: Record, **more: Any) -> None:  # noqa: ANN401 - any field of the claim
        later = record.updated_at + timedelta(days=1)
        self.say(replace(record, state=RecordState.WITHDRAWN, state_code="REVOKED", updated_at=later), **more)

    def night(self) -> dict[str, int]:
        """Plan and book what has changed; give how often the book was moved."""
        today = day_in_shanghai(self.make.clock.now())
        with self.store.writing() as tx:
            run = runs.begin(tx, "sync", self.make.clock.now(), self.rules.version)
            tally = ApplyTally()
            applier = Applier(self.rules, coverage.covered_through(tx), today, run, frozenset(), tally)
            applier.apply(tx, subjects.changed(tx, today, self.rules.version))
            runs.finish(tx, run, "complete", "{}")
        return {name: tally.actions[name] for name in ("post", "correct", "reverse") if tally.actions[name]}

    def redeem(self, number: int, seconds: int) -> None:
        with self.store.writing() as tx:
            run = runs.begin(tx, "redeem", self.make.clock.now(), self.rules.version)
            redeem(
                tx, f"CZ-{number:04d}", seconds, beneficiary="self", reason="陪护", by=BOSS,
                on=day_in_shanghai(self.make.clock.now()), run=run, rules_version=self.rules.version,
            )  # fmt: skip

    def case(self, kind: str, state: ConflictState | None = ConflictState.OPEN) -> OpenConflict:
        """Give the one conflict of a kind in a state (None: whatever state)."""
        (found,) = self.cases(kind, state)
        return found

    def cases(self, kind: str, state: ConflictState | None = ConflictState.OPEN) -> list[OpenConflict]:
        with self.store.reading() as tx:
            return conflicts.listing(tx, [ConflictKind(kind)], () if state is None else (state,))

    def decide(
        self, ids: Sequence[str] | str, decision: str, by: str = BOSS, *, is_plan_only: bool = False
    ) -> list[Outcome]:
        """Say one thing of one or several conflicts, as typed."""
        code, argument = read_decision(decision, self.rules)
        several = [ids] if isinstance(ids, str) else ids
        said = [Said(one, code, argument, "查了签到表", by) for one in several]
        return self.desk.decide(said, is_plan_only=is_plan_only)

    def undo(self, *ids: str) -> list[Outcome]:
        return self.desk.undo(ids, BOSS)

    def state(self, conflict_id: str) -> ConflictState | None:
        with self.store.reading() as tx:
            found = conflicts.one(tx, conflict_id)
        return None if found is None else found.state

    def accounts(self) -> dict[str, int]:
        """Give every account that holds something."""
        with self.store.reading() as tx:
            return {code: seconds for code, seconds in ledger.all_balances(tx).items() if seconds}

    def available(self, number: int = 1) -> int:
        return self.accounts().get(f"available:{self.person(number)}", 0)

    def person(self, number: int) -> int:
        with self.store.reading() as tx:
            found = people.find(tx, f"CZ-{number:04d}")
        assert found is not None
        return found.number

    def vouchers(self, number: int = 1) -> list[Voucher]:
        with self.store.reading() as tx:
            return ledger.vouchers_of(tx, self.person(number))

    def faults(self) -> list[str]:
        with self.store.reading() as tx:
            return [f"{check.name}: {check.detail}" for check in verify(tx) if not check.ok]
