"""Which service is which: the one thing that matching remembers, and in which order it is asked."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from domain.claims import Claim
from domain.records import RecordKey
from domain.services import Booking, Service, Standing, Tie
from domain.subjects import Subject
from sync.bundle import Bundle
from sync.naming import name_services, new_service_id
from tests.planning import HALF_HOUR, LATER, STATION, entry, gone, guangxi, national, pending, subject, withdrawn

G1, G2, N1, E1 = guangxi("G1"), guangxi("G2"), national("N1"), entry("E1")
BOOKING = Booking(101, LATER, "emotional_support", STATION, HALF_HOUR)
TIE = Tie(G1.key, N1.key, (("same_day", 80),))


def stands(service_id: str, claim: Claim, voucher: int, booking: Booking | None = BOOKING) -> Standing:
    return Standing(service_id, 1, booking, claim.key, voucher, 101)


def named(facts: Subject, *bundles: Bundle) -> list[str]:
    return [service.service_id for service in name_services(bundles, facts)]


def test_a_new_id_is_sixteen_digits_of_the_least_key_and_the_same_everywhere() -> None:
    assert new_service_id(RecordKey("guangxi", "G1"), set()) == "S12FC8F3535782306"
    assert named(subject(G1, N1), Bundle([G1, N1])) == ["S12FC8F3535782306"]
    assert new_service_id(RecordKey("guangxi", "G1"), {"S12FC8F3535782306"}) not in {"", "S12FC8F3535782306"}
    assert new_service_id(RecordKey("guangxi", "G1", "entries"), set()) != "S12FC8F3535782306"


def test_the_booked_claim_goes_before_all_others() -> None:
    membership = {G1.key: "SOLD", N1.key: "SOLD", E1.key: "SNEW"}

    assert named(subject(G1, N1, E1, membership=membership, standings=(stands("SBOOK", E1, 1),)),
                 Bundle([G1, N1, E1])) == ["SBOOK"]  # fmt: skip
    assert named(subject(G1, N1, E1, membership=membership), Bundle([G1, N1, E1])) == ["SOLD"]
    assert named(subject(G1, standings=(stands("SBOOK", G1, 1),)), Bundle([G1])) == ["SBOOK"]


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (stands("SA", G1, 5), stands("SB", N1, 4), "SB"),
        (stands("SB", G1, 4), stands("SA", N1, 4), "SA"),
        (stands("SA", G1, 1, None), stands("SB", N1, 9), "SB"),
        (stands("SA", G1, 3, None), stands("SB", N1, 2, None), "SB"),
    ],
)
def test_of_two_booked_services_what_is_still_booked_and_older_keeps_its_id(
    first: Standing, second: Standing, kept: str
) -> None:
    for order in ((first, second), (second, first)):
        assert named(subject(G1, N1, standings=order), Bundle([G1, N1])) == [kept]


def test_most_of_the_old_members_keep_the_id_wherever_they_stand() -> None:
    facts = subject(G1, N1, E1, membership={G1.key: "SOLD", N1.key: "SOLD", E1.key: "SOLD"})

    assert named(facts, Bundle([G1]), Bundle([N1, E1]))[1] == "SOLD"
    assert named(facts, Bundle([G1, N1]), Bundle([E1]))[0] == "SOLD"
    assert named(facts, Bundle([G1]), Bundle([N1]))[0] == "SOLD"


def test_one_service_has_one_id_though_two_were_remembered() -> None:
    facts = subject(G1, G2, N1, membership={G1.key: "SA", G2.key: "SA", N1.key: "SB"})
    assert named(facts, Bundle([G1, G2, N1])) == ["SA"]
    assert named(facts, Bundle([G1, G2]), Bundle([N1])) == ["SA", "SB"]


def test_an_id_that_the_book_gave_away_is_not_remembered_for_another() -> None:
    facts = subject(G1, N1, membership={G1.key: "SA", N1.key: "SA"}, standings=(stands("SA", N1, 1),))

    names = named(facts, Bundle([G1]), Bundle([N1]))
    assert names[1] == "SA"
    assert names[0] not in {"SA", ""}


def test_ids_of_other_subjects_are_never_used() -> None:
    fresh = named(subject(G1), Bundle([G1]))[0]

    assert named(subject(G1, foreign_services=frozenset({fresh})), Bundle([G1])) != [fresh]
    assert named(subject(G1, membership={N1.key: fresh}), Bundle([G1])) != [fresh]
    taken = subject(G1, N1, membership={G1.key: "SX", N1.key: "SX"}, foreign_services=frozenset({"SX"}))
    assert "SX" not in named(taken, Bundle([G1]), Bundle([N1]))


def test_two_new_services_never_share_an_id() -> None:
    twin = replace(G1, service_date=LATER)
    first, second = named(subject(G1), Bundle([G1]), Bundle([twin]))

    assert first != second


@pytest.mark.parametrize(
    ("claims", "members", "duplicates"),
    [
        ([G1, N1], [G1, N1], []),
        ([G1, G2, N1], [G1, N1], [G2]),
        ([withdrawn(G1), G2, N1], [withdrawn(G1), G2, N1], []),
        ([gone(G1), G2], [gone(G1), G2], []),
        ([pending(G1), G2], [G2], [pending(G1)]),
        ([withdrawn(G1), withdrawn(G2)], [withdrawn(G1), withdrawn(G2)], []),
    ],
)
def test_a_service_has_one_living_member_of_a_platform_and_the_rest_say_it_again(
    claims: list[Claim], members: list[Claim], duplicates: list[Claim]
) -> None:
    bundle = Bundle(claims, [TIE])

    (service,) = name_services([bundle], subject(*claims, membership={claims[0].key: "SA"}))
    assert service == Service("SA", tuple(members), tuple(duplicates), (TIE,))


def test_of_two_that_are_no_longer_booked_the_one_last_spoken_of_goes_before_the_older() -> None:
    gone_ones = (stands("SOLDER", G1, 1, None), stands("SLAST", N1, 9, None))

    assert named(subject(G1, N1, standings=gone_ones), Bundle([G1, N1])) == ["SOLDER"]
    spoken_of = subject(G1, N1, standings=gone_ones, membership={N1.key: "SLAST"})
    assert named(spoken_of, Bundle([G1, N1])) == ["SLAST"]


def test_a_booked_name_that_went_to_an_older_one_is_not_remembered_by_the_other_members() -> None:
    booked = (stands("SOLDER", G1, 1), stands("SYOUNG", N1, 2))
    facts = subject(G1, N1, E1, standings=booked, membership={G1.key: "SOLDER", E1.key: "SYOUNG", N1.key: "SYOUNG"})

    joined = named(facts, Bundle([G1, N1]), Bundle([E1]))
    assert joined[0] == "SOLDER"
    assert joined[1] not in {"SOLDER", "SYOUNG"}


def test_a_name_whose_booking_was_taken_back_may_be_remembered() -> None:
    taken_back = (stands("SOLDER", G1, 1), stands("SYOUNG", N1, 2, None))
    facts = subject(G1, N1, E1, standings=taken_back, membership={E1.key: "SYOUNG"})

    assert named(facts, Bundle([G1, N1]), Bundle([E1])) == ["SOLDER", "SYOUNG"]


def test_a_booked_name_whose_claim_is_nowhere_is_remembered_by_its_members() -> None:
    facts = subject(E1, standings=(stands("SBOOK", G1, 1),), membership={E1.key: "SBOOK"})

    assert named(facts, Bundle([E1])) == ["SBOOK"]


def test_an_id_that_is_known_is_passed_over_as_often_as_need_be() -> None:
    made = ["S" + _digest(f"guangxi\nhours\nG1\n{n}")[:16].upper() for n in range(4)]

    assert [new_service_id(G1.key, set(made[:count])) for count in range(4)] == made


def test_a_pending_row_says_again_what_its_platform_says_whoever_else_speaks() -> None:
    (service,) = name_services([Bundle([G1, pending(G2), N1])], subject(G1, G2, N1))

    assert (service.members, service.duplicates) == ((G1, N1), (pending(G2),))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
