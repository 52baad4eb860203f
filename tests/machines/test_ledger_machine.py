"""The store with its ledger as a state machine, on both databases, against a second book in a dictionary."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import strategies as st

from desk.redeem import redeem
from domain.errors import OperatorError, StoreError
from domain.ledger import (
    Account,
    AccountKind,
    PersonBalances,
    Transfer,
    VoucherDraft,
    VoucherKind,
    deposit,
    person_account,
    reversal,
    service_account,
)
from domain.services import Booking, Standing
from local_store import ledger, services, verify
from local_store.store import Store, open_store
from local_store.transaction import Tx
from local_store.vault import create_key_file
from tests.local_store.makers import Makers
from tests.machines.accounts import Accounts
from tests.machines.shares import LEDGER_ON_POSTGRESQL, LEDGER_ON_SQLITE, VERIFY_EVERY
from tests.machines.steps import IDLE, Machine, live, step
from tests.postgresql import Server

PEOPLE = 3
CAP = 4 * 3600
SERVED_ON = date(2022, 10, 1)
A_PERSON = st.integers(1, PEOPLE)
SECONDS = st.sampled_from([36, 1800, 3600, 5400, CAP, CAP + 1])
SERVED = [service_account(AccountKind.DEPOSITED, "CZ01", of) for of in ("emotional_support", "escort")]
SOURCES = st.sampled_from(SERVED)
PASSBOOKS = Account(AccountKind.OPENING, "passbooks")
POOL = Account(AccountKind.DONATED, "pool")


class LetGoError(Exception):
    """Somebody lets a transaction go."""


class Ledger(Machine):
    """One bank with three people, booking by the house's own words; the second book is asked after every step."""

    model: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copytree(self.model, self.folder, dirs_exist_ok=True)
        self.make = Makers()
        self.url = self.choose_home()
        self.store = self._open()
        self.accounts = Accounts(CAP)
        self.drafts: dict[str, tuple[int, VoucherDraft]] = {}
        self.standings: dict[str, Standing] = {}
        self.written: list[tuple[object, ...]] = []
        self.made = 0
        self.steps = 0
        with self.store.writing() as tx:
            self.make.roster(tx, *(self.make.roster_row(number) for number in range(1, PEOPLE + 1)))
            self.run = self.make.run(tx)
            self._post(tx, 1, 5400, service_account(AccountKind.DEPOSITED, "CZ01", "escort"))
            self._post(tx, 2, CAP + 3600, PASSBOOKS)
            self._post(tx, 3, 3600, PASSBOOKS)
            self._move(tx, Transfer(person_account(AccountKind.AVAILABLE, 3), POOL, 3600))
            self._take_back(tx, "S3")  # the third owes now, the second has hours held and none to spare
            available, held = (person_account(AccountKind(kind), 2) for kind in ("available", "held"))
            self._move(tx, Transfer(available, held, 1800))

    def choose_home(self) -> str:
        return f"sqlite:///{self.folder}/shiqiao.db"

    def teardown(self) -> None:
        self._verify()
        self.store.close()
        shutil.rmtree(self.folder)

    # --- what is booked ----------------------------------------------------------------------------------------------

    @step(who=A_PERSON, seconds=SECONDS, source=SOURCES)
    def posts(self, who: int, seconds: int, source: Account) -> None:
        self._books(lambda tx: self._post(tx, who, seconds, source))

    @step(pick=st.integers(0, 9), who=A_PERSON, seconds=SECONDS, source=SOURCES)
    def corrects(self, pick: int, who: int, seconds: int, source: Account) -> bool | None:
        """Take a service back and book it otherwise, for the same person or another, in one transaction."""
        booked = self._booked()
        if not booked:
            return IDLE
        name = booked[pick % len(booked)]

        def correct(tx: Tx) -> None:
            self._take_back(tx, name)
            self._post(tx, who, seconds, source, name)

        self._books(correct)
        return None

    @step(pick=st.integers(0, 9))
    def takes_back(self, pick: int) -> bool | None:
        booked = self._booked()
        if not booked:
            return IDLE
        self._books(lambda tx: self._take_back(tx, booked[pick % len(booked)]))
        return None

    @step(who=A_PERSON, share=st.sampled_from([1, 1, 2, 3]))
    def draws(self, who: int, share: int) -> bool | None:
        seconds = self.accounts.has("available", who) // share
        if not seconds:
            return IDLE

        def draw(tx: Tx) -> None:
            run = self.make.run(tx)
            redeem(
                tx, f"CZ-{who:04d}", seconds, beneficiary="self", reason="陪护", by="韦站长", on=SERVED_ON,
                run=run, rules_version="rules-1",
            )  # fmt: skip
            self.accounts.move(f"available:{who}", "redeemed:CZ01/self", seconds)

        self._books(draw)
        return None

    @step(who=A_PERSON, seconds=SECONDS)
    def brings_a_passbook(self, who: int, seconds: int) -> None:
        """Carry over what a paper passbook held: it is no service, and goes where a deposit goes."""
        self._books(lambda tx: self._post(tx, who, seconds, PASSBOOKS))

    @step(who=A_PERSON)
    def gives_the_surplus_away(self, who: int) -> bool | None:
        seconds = self.accounts.has("surplus", who)
        if not seconds:
            return IDLE
        self._moves(Transfer(person_account(AccountKind.SURPLUS, who), POOL, seconds))
        return None

    @step(who=A_PERSON, seconds=st.sampled_from([36, 1800]), is_back=st.booleans())
    def holds_hours_for_a_visit(self, *, who: int, seconds: int, is_back: bool) -> bool | None:
        """Move hours from what is available to what is held, or back as far as there is room."""
        kinds = ("held", "available") if is_back else ("available", "held")
        room = self.accounts.caps.get(f"available:{who}", 0) - self.accounts.has("available", who)
        if self.accounts.has(kinds[0], who) < seconds or (is_back and room < seconds):
            return IDLE
        debit, credit = (person_account(AccountKind(kind), who) for kind in kinds)
        self._moves(Transfer(debit, credit, seconds))
        return None

    @step(cap=st.sampled_from([1800, CAP, 2 * CAP]))
    def caps(self, cap: int) -> None:
        self.accounts.set_cap(cap)
        self._books(lambda tx: ledger.set_cap(tx, cap))

    # --- what happens again, or not at all ---------------------------------------------------------------------------

    @step(pick=st.integers(0, 20), how_many=st.integers(1, 4))
    def books_the_same_again(self, pick: int, how_many: int) -> bool | None:
        """Book vouchers that stand, with a new one in the same breath: they keep their numbers."""
        if not self.drafts:
            return IDLE
        keys = [sorted(self.drafts)[(pick + at) % len(self.drafts)] for at in range(how_many)]
        fresh = self._plain(1, (Transfer(PASSBOOKS, POOL, 60),))
        drafts = [*(self.drafts[key][1] for key in keys), fresh]

        def post(tx: Tx) -> None:
            *found, new = ledger.post(tx, drafts, self.run, cap_seconds=self.accounts.cap)
            assert found == [self.drafts[key][0] for key in keys]
            self.drafts[fresh.key] = (new, fresh)
            self.accounts.move(PASSBOOKS.code, POOL.code, 60)

        self._books(post)
        return None

    @step(pick=st.integers(0, 20), field=st.sampled_from(["reason", "records", "transfers", "service_date"]))
    def says_otherwise_under_a_key(self, pick: int, field: str) -> bool | None:
        if not self.drafts:
            return IDLE
        _, draft = self.drafts[sorted(self.drafts)[pick % len(self.drafts)]]
        other: dict[str, object] = {
            "reason": "else", "records": ("national:else",), "service_date": date(2022, 10, 2),
            "transfers": tuple(replace(leg, seconds=leg.seconds + 1) for leg in draft.transfers),
        }  # fmt: skip
        changed: VoucherDraft = replace(draft, **{field: other[field]})  # type: ignore[arg-type] # one of four fields
        fresh = self._plain(1, (Transfer(PASSBOOKS, POOL, 60),))
        self._refused("voucher_key_reused", lambda tx: ledger.post(tx, [fresh, changed], self.run))
        return None

    @step(who=A_PERSON, kind=st.sampled_from(["available", "held", "surplus", "deficit"]))
    def takes_more_than_there_is(self, who: int, kind: str) -> None:
        account = person_account(AccountKind(kind), who)
        seconds = abs(self.accounts.has(kind, who)) + 1
        leg = Transfer(POOL, account, seconds) if kind == "deficit" else Transfer(account, POOL, seconds)
        self._refused("book_refused", lambda tx: self._book(tx, self._plain(who, (leg,))))

    @step(who=A_PERSON)
    def fills_beyond_the_cap(self, who: int) -> None:
        account = person_account(AccountKind.AVAILABLE, who)
        cap = self.accounts.caps.get(account.code, self.accounts.cap)
        leg = Transfer(PASSBOOKS, account, cap - self.accounts.has("available", who) + 1)
        self._refused("book_refused", lambda tx: self._book(tx, self._plain(who, (leg,))))

    @step(pick=st.integers(0, 20))
    def takes_back_what_was_taken_back(self, pick: int) -> bool | None:
        undone = sorted(key for key, (_, draft) in self.drafts.items() if draft.kind is VoucherKind.REVERSE)
        if not undone:
            return IDLE
        _, draft = self.drafts[undone[pick % len(undone)]]
        again = replace(draft, key=f"{draft.key}/again")
        self._refused("book_refused", lambda tx: ledger.post(tx, [again], self.run))
        return None

    @step(who=A_PERSON, seconds=SECONDS)
    def draws_more_than_there_is(self, who: int, seconds: int) -> None:
        asked = self.accounts.has("available", who) + seconds
        with pytest.raises(OperatorError), self._left_alone(), self.store.writing() as tx:
            redeem(
                tx, f"CZ-{who:04d}", asked, beneficiary="self", reason="陪护", by="韦站长", on=SERVED_ON,
                run=self.run, rules_version="rules-1",
            )  # fmt: skip

    @step(who=A_PERSON, seconds=SECONDS)
    def breaks_off(self, who: int, seconds: int) -> None:
        """Book two vouchers, then let the transaction go: neither was ever there, nor their numbers."""
        drafts = [self._plain(who, (Transfer(PASSBOOKS, POOL, seconds + at),)) for at in range(2)]

        def let_go(tx: Tx) -> None:
            ledger.post(tx, drafts, self.run)
            raise LetGoError

        with pytest.raises(LetGoError), self._left_alone():
            self._books(let_go)

    @step(is_twice=st.booleans())
    def opens_the_store_anew(self, *, is_twice: bool) -> None:
        """Close the store and open it again; sometimes let two be open at once."""
        fresh = self._open()
        if is_twice:
            with self.store.writing() as tx:
                ledger.set_cap(tx, self.accounts.cap)
        self.store.close()
        self.store = fresh
        self._hold()

    # --- hands -------------------------------------------------------------------------------------------------------

    def _open(self) -> Store:
        return open_store(self.url, self.folder / "shiqiao.key", self.make.clock)

    def _booked(self) -> list[str]:
        return sorted(name for name, one in self.standings.items() if one.booking is not None)

    def _books(self, work: Callable[[Tx], object]) -> None:
        with self.store.writing() as tx:
            work(tx)
        self._hold()

    def _moves(self, leg: Transfer) -> None:
        self._books(lambda tx: self._move(tx, leg))

    def _move(self, tx: Tx, leg: Transfer) -> None:
        """Book one leg that is no deposit."""
        self._book(tx, self._plain(int(leg.debit.owner), (leg,)))
        self.accounts.move(leg.debit.code, leg.credit.code, leg.seconds)

    def _refused(self, code: str, work: Callable[[Tx], object]) -> None:
        with pytest.raises(StoreError, match=code), self._left_alone(), self.store.writing() as tx:
            work(tx)

    @contextmanager
    def _left_alone(self) -> Iterator[None]:
        """Make sure that what fails within leaves the book as it was, and my notes of it."""
        drafts = dict(self.drafts)
        try:
            yield
        finally:
            self.drafts = drafts
            self._hold()

    def _plain(self, who: int, transfers: tuple[Transfer, ...]) -> VoucherDraft:
        self.made += 1
        return replace(
            self.make.draft(who, 60, f"plain/{self.made}"), kind=VoucherKind.MERGE, transfers=transfers,
            service_id="", revision=0,
        )  # fmt: skip

    def _book(self, tx: Tx, draft: VoucherDraft) -> int:
        (number,) = ledger.post(tx, [draft], self.run, cap_seconds=self.accounts.cap)
        self.drafts[draft.key] = (number, draft)
        return number

    def _post(self, tx: Tx, who: int, seconds: int, source: Account, name: str = "") -> None:
        self.made += not name
        name = name or f"S{self.made}"
        before = self.standings.get(name)
        revision = 1 if before is None else before.revision + 1
        balances = ledger.balances(tx, [who])[who]
        draft = replace(
            self.make.draft(who, seconds, f"{name}#{revision}"), revision=revision,
            kind=VoucherKind.OPENING if source == PASSBOOKS else VoucherKind.POST,
            transfers=deposit(who, source, seconds, balances, self.accounts.cap),
        )  # fmt: skip
        number = self._book(tx, draft)
        station, _, category = source.owner.partition("/") if source in SERVED else ("CZ01", "", "escort")
        booking = Booking(who, SERVED_ON, category, station, seconds)
        self._stands(tx, Standing(name, revision, booking, None, number, who))
        self.accounts.deposit(name, who, source.code, seconds)
        assert balances == self._persons(who)

    def _take_back(self, tx: Tx, name: str) -> None:
        standing = self.standings[name]
        who, revision = standing.person, standing.revision + 1
        balances = ledger.balances(tx, [who])[who]
        legs = reversal(ledger.transfers_of(tx, [standing.voucher])[standing.voucher], who, balances)
        draft = replace(
            self.make.draft(who, 60, f"{name}#{revision}"), kind=VoucherKind.REVERSE, revision=revision,
            transfers=legs, reverses=standing.voucher,
        )  # fmt: skip
        number = self._book(tx, draft)
        short = self.accounts.take_back(name)
        self._stands(tx, Standing(name, revision, None, None, number, who, short))
        assert sum(leg.seconds for leg in legs if leg.debit.kind is AccountKind.DEFICIT) == short
        assert balances == self._persons(who)

    def _stands(self, tx: Tx, standing: Standing) -> None:
        services.save_standings(tx, [standing])
        self.standings[standing.service_id] = standing

    def _persons(self, who: int) -> PersonBalances:
        has = self.accounts.has
        return PersonBalances(has("available", who), has("held", who), has("surplus", who), -has("deficit", who))

    # --- what must hold ----------------------------------------------------------------------------------------------

    def _hold(self) -> None:
        """Hold the store against the second book; now and then, let it verify itself."""
        with self.store.reading() as tx:
            assert ledger.all_balances(tx) == dict(self.accounts.balances)
            rows = [
                tuple(row)
                for row in tx.connection.exec_driver_sql(
                    "SELECT number, recorded_at, run, body, hash FROM voucher ORDER BY number"
                )
            ]
        self._chain_holds(rows)
        self.steps += 1
        if self.steps % VERIFY_EVERY == 0:
            self._verify()

    def _chain_holds(self, rows: list[tuple[object, ...]]) -> None:
        """P5: numbers without a gap, every hash over the one before, and nothing that once stood has changed."""
        assert rows[: len(self.written)] == self.written
        previous = self.written[-1][4] if self.written else "0" * 64
        for place, (number, recorded_at, run, body, told) in enumerate(rows[len(self.written) :], len(self.written)):
            said = f"{previous}\n{number}\n{recorded_at}\n{run}\n{body}"
            assert number == place + 1
            assert told == hashlib.sha256(said.encode()).hexdigest()
            previous = told
        self.written = rows

    def _verify(self) -> None:
        with self.store.reading() as tx:
            assert [check for check in verify.verify(tx) if not check.ok] == []
            assert ledger.balances(tx, range(1, PEOPLE + 1)) == {
                who: self._persons(who) for who in range(1, PEOPLE + 1)
            }
        assert sum(self.accounts.balances.values()) == 0


@pytest.fixture
def a_store(tmp_path: Path) -> Path:
    """Give a folder with an empty store and its key, to be copied for each life."""
    create_key_file(tmp_path / "shiqiao.key")
    open_store(f"sqlite:///{tmp_path}/shiqiao.db", tmp_path / "shiqiao.key", Makers().clock).close()
    return tmp_path


class LedgerOnPostgresql(Ledger):
    """The same bank, on a server."""

    server: ClassVar[Server]

    def choose_home(self) -> str:
        self.database = self.server.create()
        return self.server.url(self.database)

    def teardown(self) -> None:
        super().teardown()
        self.server.drop(self.database)


@pytest.mark.parametrize("part", range(LEDGER_ON_SQLITE.parts))
def test_the_book_on_sqlite_is_the_second_book(part: int, a_store: Path) -> None:
    Ledger.model = a_store
    live(Ledger, LEDGER_ON_SQLITE, part)


@pytest.mark.parametrize("part", range(LEDGER_ON_POSTGRESQL.parts))
def test_the_book_on_postgresql_is_the_second_book(part: int, a_store: Path, postgresql: Server) -> None:
    LedgerOnPostgresql.model, LedgerOnPostgresql.server = a_store, postgresql
    live(LedgerOnPostgresql, LEDGER_ON_POSTGRESQL, part)
