"""From plan lines to vouchers: what each says, in which order, and what stands when they are booked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.actions import Action, Correct, Hold, Leave, PlanLine, Post, Reverse, Wait
from domain.claims import Claim
from domain.ledger import (
    AccountKind,
    PersonBalances,
    Transfer,
    VoucherDraft,
    VoucherKind,
    person_account,
    service_account,
)
from domain.records import RecordKey
from domain.services import Booking, Service, Standing
from sync.draft import Drafting, book_order
from tests.planning import HALF_HOUR, HOUR, LATER, STATION, gone, guangxi, national, withdrawn

ME, OTHER = 101, 102
NAME = "S0123456789ABCDEF"
BOOKED = Booking(ME, LATER, "escort", STATION, HOUR)
HALF = replace(BOOKED, seconds=HALF_HOUR)
SOURCE = service_account(AccountKind.DEPOSITED, STATION, "escort")
AVAILABLE, DEFICIT = person_account(AccountKind.AVAILABLE, ME), person_account(AccountKind.DEFICIT, ME)
STANDS = Standing(NAME, 3, BOOKED, RecordKey("guangxi", "G1"), 40, ME)


def line(action: Action, standing: Standing | None = None, claims: tuple[Claim, ...] = ()) -> PlanLine:
    service = Service(NAME, claims or (guangxi("G1"), national("N1")))
    return PlanLine(service, standing, action, "both_agree", RecordKey("guangxi", "G1"), 5)


def drafting(**said: int) -> Drafting:
    """Begin with what one person has, and the voucher that stands."""
    balances = {ME: PersonBalances(**said), OTHER: PersonBalances()}
    return Drafting(balances, {40: (Transfer(SOURCE, AVAILABLE, HOUR),)}, 5_400_000, "rules-1")


def voucher(kind: VoucherKind, revision: int, *transfers: Transfer, reverses: int | None = None) -> VoucherDraft:
    return VoucherDraft(
        key=f"{NAME}#{revision}",
        kind=kind,
        service_date=LATER,
        transfers=transfers,
        prepared_by="sync",
        rules_version="rules-1",
        reason="both_agree",
        person=ME,
        service_id=NAME,
        revision=revision,
        decision=5,
        reverses=reverses,
        records=("guangxi:G1", "national:N1"),
    )


def test_a_first_booking_is_one_voucher() -> None:
    made = drafting()
    made.draft(line(Post(BOOKED)))

    assert made.drafts == [voucher(VoucherKind.POST, 1, Transfer(SOURCE, AVAILABLE, HOUR))]
    assert made.standings == [Standing(NAME, 1, BOOKED, RecordKey("guangxi", "G1"), 0, ME)]
    assert made.balances[ME] == PersonBalances(available=HOUR)


def test_a_booking_after_a_reversal_counts_on() -> None:
    made = drafting()
    made.draft(line(Post(BOOKED), replace(STANDS, booking=None, short_seconds=60)))

    assert [one.key for one in made.drafts] == [f"{NAME}#4"]
    assert made.standings == [Standing(NAME, 4, BOOKED, RecordKey("guangxi", "G1"), 0, ME)]


def test_a_reversal_names_the_voucher_that_it_takes_back() -> None:
    made = drafting(available=HOUR)
    made.draft(line(Reverse(), STANDS))

    assert made.drafts == [voucher(VoucherKind.REVERSE, 4, Transfer(AVAILABLE, SOURCE, HOUR), reverses=40)]
    assert made.standings == [replace(STANDS, revision=4, booking=None, voucher=0, short_seconds=0)]
    assert made.balances[ME] == PersonBalances()


def test_a_reversal_remembers_what_it_could_not_find() -> None:
    made = drafting(available=HALF_HOUR)
    made.draft(line(Reverse(), STANDS))

    legs = (Transfer(AVAILABLE, SOURCE, HALF_HOUR), Transfer(DEFICIT, SOURCE, HALF_HOUR))
    assert made.drafts == [voucher(VoucherKind.REVERSE, 4, *legs, reverses=40)]
    assert [one.short_seconds for one in made.standings] == [HALF_HOUR]
    assert made.balances[ME] == PersonBalances(owed=HALF_HOUR)


@pytest.mark.parametrize("standing", [None, replace(STANDS, booking=None)])
def test_where_nothing_is_booked_nothing_is_taken_back(standing: Standing | None) -> None:
    made = drafting()
    made.draft(line(Reverse(), standing))

    assert (made.drafts, made.standings) == ([], [])


def test_a_correction_takes_back_and_books_anew() -> None:
    made = drafting(available=HOUR)
    made.draft(line(Correct(HALF), STANDS))

    assert made.drafts == [
        voucher(VoucherKind.REVERSE, 4, Transfer(AVAILABLE, SOURCE, HOUR), reverses=40),
        voucher(VoucherKind.POST, 5, Transfer(SOURCE, AVAILABLE, HALF_HOUR)),
    ]
    assert made.numbered([41, 42]) == [Standing(NAME, 5, HALF, RecordKey("guangxi", "G1"), 42, ME)]


def test_a_correction_remembers_only_what_its_new_booking_did_not_repay() -> None:
    made = drafting()
    made.draft(line(Correct(HALF), STANDS))

    assert made.drafts[1].transfers == (Transfer(SOURCE, DEFICIT, HALF_HOUR),)
    assert [one.short_seconds for one in made.standings] == [HOUR, HALF_HOUR]
    assert made.balances[ME] == PersonBalances(owed=HALF_HOUR)


def test_a_debt_from_elsewhere_is_not_this_services() -> None:
    made = drafting(owed=3 * HOUR, available=HOUR)
    made.draft(line(Correct(HALF), STANDS))

    assert [one.short_seconds for one in made.standings] == [0, 0]


def test_a_correction_to_somebody_else_leaves_the_debt_where_it_is() -> None:
    made = drafting()
    made.draft(line(Correct(replace(BOOKED, person=OTHER)), STANDS))

    assert [(one.person, one.short_seconds) for one in made.standings] == [(ME, HOUR), (OTHER, 0)]
    assert (made.balances[ME], made.balances[OTHER]) == (PersonBalances(owed=HOUR), PersonBalances(available=HOUR))


@pytest.mark.parametrize("action", [Leave(), Hold(), Wait(LATER)])
def test_what_leaves_the_book_alone_drafts_nothing(action: Action) -> None:
    made = drafting()
    made.draft(line(action, STANDS))

    assert (made.drafts, made.standings) == ([], [])


def test_a_booking_without_a_deciding_record_rests_on_the_first() -> None:
    made = drafting()
    made.draft(replace(line(Post(BOOKED), claims=(national("N1"), national("N2"))), deciding=None))

    assert made.standings[0].record == RecordKey("national", "N1")


def test_a_voucher_rests_on_what_still_speaks_else_on_what_it_was_booked_by() -> None:
    made = drafting(available=HOUR)
    made.draft(line(Reverse(), STANDS, (withdrawn(guangxi("G1")), national("N1"))))
    made.draft(line(Reverse(), STANDS, (withdrawn(guangxi("G1")), withdrawn(national("N1")))))
    made.draft(line(Reverse(), replace(STANDS, record=None), (withdrawn(guangxi("G1")),)))
    made.draft(line(Post(BOOKED), None, (withdrawn(guangxi("G1")),)))

    assert [one.records for one in made.drafts] == [("national:N1",), ("guangxi:G1",), (), ("guangxi:G1",)]


def test_what_a_person_books_by_a_record_that_is_gone_names_that_record_beside_those_that_speak() -> None:
    made = drafting()
    made.draft(line(Post(BOOKED), claims=(gone(guangxi("G1")), national("N1"))))
    assert made.drafts[0].records == ("national:N1", "guangxi:G1")
    assert made.standings[0].record == RecordKey("guangxi", "G1")


def test_numbers_go_to_the_vouchers_in_their_order() -> None:
    made = drafting()
    made.draft(line(Post(BOOKED)))
    other = replace(line(Post(HALF)), service=Service("S2", (guangxi("G2"),)))
    made.draft(other)

    assert [(one.service_id, one.voucher) for one in made.numbered([7, 8])] == [(NAME, 7), ("S2", 8)]
    with pytest.raises(ValueError, match="zip"):
        made.numbered([7])


def test_lines_are_booked_by_person_day_and_service() -> None:
    early = replace(BOOKED, service_date=LATER - timedelta(days=1))
    assert book_order(line(Post(BOOKED))) == (ME, LATER, NAME)
    assert book_order(line(Correct(early), STANDS)) == (ME, LATER - timedelta(days=1), NAME)
    assert book_order(line(Reverse(), STANDS)) == (ME, LATER, NAME)
    assert book_order(line(Reverse(), None)) == (0, date.min, NAME)
    assert book_order(line(Leave(), replace(STANDS, booking=None))) == (0, date.min, NAME)


def test_a_debt_that_an_earlier_reversal_left_is_no_longer_this_services_once_it_is_booked_again() -> None:
    made = drafting(owed=2 * HOUR)
    made.draft(line(Post(BOOKED), replace(STANDS, booking=None, short_seconds=HOUR)))

    assert [one.short_seconds for one in made.standings] == [0]
    assert made.balances[ME] == PersonBalances(owed=HOUR)
