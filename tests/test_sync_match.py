"""Which claims are the same visit: the written examples, and what must hold of any facts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.claims import Claim
from domain.conflicts import PairBinding
from domain.records import RecordKey, RecordState
from domain.services import Booking, Standing
from domain.subjects import Subject
from sync.match import match
from sync.naming import name_services
from tests.drawing import subjects
from tests.planning import (
    HOUR,
    LATER,
    STATION,
    booked,
    books,
    entry,
    gone,
    guangxi,
    moves,
    national,
    pending,
    planned,
    subject,
    withdrawn,
)  # fmt: skip

NEXT_DAY = LATER + timedelta(days=1)


def _grouped(facts: Subject) -> set[frozenset[str]]:
    """Give the services as sets of record ids."""
    services = name_services(match(facts, 0).bundles, facts)
    return {frozenset(said.key.external_id for said in service.claims) for service in services}


def _sets(text: str) -> set[frozenset[str]]:
    return {frozenset(group.split("+")) for group in text.split()}


@pytest.mark.parametrize(
    ("claims", "services"),
    [
        pytest.param([guangxi(), national()], "G1+N1", id="one-visit-a-day"),
        pytest.param(
            [guangxi("G1"), guangxi("G2", seconds=HOUR), national("N1"), national("N2", seconds=HOUR)],
            "G1+N1 G2+N2",
            id="two-visits-by-their-figures",
        ),
        pytest.param(
            [
                guangxi("G1", span="09:00-09:30"),
                guangxi("G2", span="14:00-14:30"),
                national("N1", span="14:00-14:30"),
                national("N2", span="09:00-09:30"),
            ],
            "G1+N2 G2+N1",
            id="two-visits-by-their-times",
        ),
        pytest.param(
            [guangxi("G1", span="09:00-09:30"), national("N1", span="09:30-10:00")], "G1 N1", id="spans-that-only-touch"
        ),
        pytest.param(
            [guangxi("G1", span="09:00-12:00"), national("N1", span="11:50-13:00")], "G1+N1", id="whatever-their-ends"
        ),
        pytest.param(
            [guangxi("G1", span="09:00-10:00"), guangxi("G2", span="09:30-10:30")], "G1 G2", id="one-platforms-overlap"
        ),
        pytest.param([guangxi("G1"), national("N1"), entry("E1", span="09:00-09:30")], "G1+N1+E1", id="three-sources"),
        pytest.param(
            [
                guangxi("G1"),
                guangxi("G2", seconds=HOUR, category="recreation"),
                national("N1", span="09:00-09:30"),
                national("N2", span="14:00-15:00", category="recreation"),
            ],
            "G1+N1 G2+N2",
            id="timed-and-untimed",
        ),
        pytest.param(
            [guangxi("G1", category="escort", seconds=9000), national("N1", category="recreation")],
            "G1 N1",
            id="nothing-but-the-day-in-common",
        ),
        pytest.param(
            [guangxi("G1", category="escort"), national("N1", category="recreation")], "G1+N1", id="figures-that-meet"
        ),
        pytest.param(
            [guangxi("G1", category="escort", seconds=9000), national("N1", category="escort")],
            "G1+N1",
            id="the-same-category",
        ),
        pytest.param([guangxi("G1"), national("N1", day=NEXT_DAY)], "G1+N1", id="a-lone-pair-a-day-apart"),
        pytest.param(
            [guangxi("G1"), national("N1", day=NEXT_DAY), national("N2", day=LATER - timedelta(days=1))],
            "G1 N1 N2",
            id="two-suitors-a-day-apart",
        ),
        pytest.param(
            [guangxi("G1"), national("N1", day=NEXT_DAY, category="escort")], "G1 N1", id="another-category-a-day-apart"
        ),
        pytest.param(
            [guangxi("G1"), national("N1", day=NEXT_DAY, station="CZ01")], "G1 N1", id="another-station-a-day-apart"
        ),
        pytest.param(
            [guangxi("G1"), national("N1"), national("N2", day=NEXT_DAY)], "G1+N1 N2", id="the-same-day-goes-first"
        ),
        pytest.param([guangxi("G1"), national("N1", day=NEXT_DAY + timedelta(days=1))], "G1 N1", id="two-days-apart"),
        pytest.param(
            [
                guangxi(
                    "G1", day=NEXT_DAY + timedelta(days=3), span="15:00-15:30", carried_from=RecordKey("national", "N1")
                ),
                national("N1", span="09:00-09:30", category="escort"),
            ],
            "G1+N1",
            id="a-reference-is-certain",
        ),
        pytest.param(
            [
                guangxi("G1", span="15:00-15:30", business_key="SQX"),
                entry("E1", span="09:00-09:30", business_key="SQX"),
            ],
            "G1+E1",
            id="our-business-key-is-certain",
        ),
        pytest.param(
            [guangxi("G1", carried_from=RecordKey("national", "N2")), national("N1"), national("N2", activity_id="b")],
            "G1+N2 N1",
            id="a-reference-goes-before-likeness",
        ),
        pytest.param([guangxi("G1"), pending(national("N1"))], "G1+N1", id="a-pending-claim-is-matched"),
        pytest.param(
            [withdrawn(guangxi("G1", span="09:00-09:30")), guangxi("G2", span="14:00-14:30")],
            "G1 G2",
            id="a-withdrawn-visit-of-another-hour-stays-alone",
        ),
        pytest.param(
            [withdrawn(guangxi("G1")), guangxi("G2"), national("N1")],
            "G1+G2+N1",
            id="a-withdrawn-claim-frees-its-place",
        ),
        pytest.param(
            [
                *(guangxi(name) for name in ("G1", "G2")),
                *(guangxi(name, span="15:00-15:30") for name in ("G3", "G4")),
                national("N1", span="09:00-09:30"),
                national("N2", span="15:00-15:30"),
            ],
            "G1+G2+N1 G3+G4+N2",
            id="a-visit-spoken-for-by-a-row-with-times-is-no-second-one",
        ),
        pytest.param(
            [
                *(guangxi(name) for name in ("G1", "G2")),
                *(guangxi(name, category="escort") for name in ("G3", "G4")),
                national("N1", span="09:00-09:30"),
                national("N2", span="15:00-15:30", category="escort"),
            ],
            "G1+G2+N1 G3+G4+N2",
            id="a-visit-of-another-kind-is-no-second-one",
        ),
        pytest.param(
            [guangxi("G1", carried_from=RecordKey("national", "N1")), guangxi("G2"), national("N1")],
            "G1+G2+N1",
            id="what-was-carried-over-and-typed-once-more",
        ),
    ],
)
def test_claims_are_grouped_as_the_specification_says(claims: list[Claim], services: str) -> None:
    assert _grouped(subject(*claims)) == _sets(services)
    assert _grouped(subject(*reversed(claims))) == _sets(services)


def test_a_night_over_midnight_is_matched_by_its_overlap() -> None:
    late = replace(guangxi("G1", span="23:00-23:30"), ends_at=national(day=NEXT_DAY, span="01:00-02:00").starts_at)
    assert _grouped(subject(late, national("N1", day=NEXT_DAY, span="00:00-01:00"))) == _sets("G1+N1")


@pytest.mark.parametrize("is_same", [True, False], ids=["same", "distinct"])
def test_a_decision_goes_before_all_likeness(*, is_same: bool) -> None:
    first, second = guangxi("G1", span="09:00-09:30"), national("N1", span="14:00-14:30" if is_same else "09:00-09:30")
    facts = subject(first, second, pairs=(PairBinding(second.key, first.key, is_same=is_same),))
    assert _grouped(facts) == _sets("G1+N1" if is_same else "G1 N1")


def test_distinct_parts_what_a_reference_joins() -> None:
    first = national("N1")
    second = guangxi("G1", carried_from=first.key)
    facts = subject(first, second, pairs=(PairBinding(first.key, second.key, is_same=False),))
    assert _grouped(facts) == _sets("G1 N1")


@given(subjects(), st.randoms(use_true_random=False))
def test_the_order_in_which_claims_stand_changes_nothing(facts: Subject, chance: object) -> None:
    shuffled = list(facts.claims)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert planned(replace(facts, claims=tuple(shuffled))) == planned(facts)


@given(subjects())
def test_no_claim_is_lost_and_none_is_in_two_services(facts: Subject) -> None:
    made = planned(facts)
    seen = Counter(said.key for line in made.lines for said in line.service.claims)
    assert seen == Counter(said.key for said in facts.claims)
    assert made.dispositions.keys() == seen.keys()


@given(subjects())
def test_a_service_has_at_most_one_effective_member_of_a_platform(facts: Subject) -> None:
    for line in planned(facts).lines:
        speaking = [
            said.key.platform
            for said in line.service.members
            if said.state is RecordState.EFFECTIVE and not said.is_gone
        ]
        assert len(set(speaking)) == len(speaking)
        assert list(line.service.members) == sorted(line.service.members, key=lambda said: said.key)


@given(subjects())
def test_every_service_has_an_id_of_its_own(facts: Subject) -> None:
    names = [line.service.service_id for line in planned(facts).lines]
    assert len(set(names)) == len(names)
    assert all(len(name) == 17 and name.startswith("S") for name in names)


@given(subjects())
def test_services_of_two_persons_share_no_claim_but_by_a_certain_tie(facts: Subject) -> None:
    plain = tuple(replace(said, carried_from=None, business_key="") for said in facts.claims)
    for line in planned(replace(facts, claims=plain)).lines:
        assert len({said.identity for said in line.service.claims}) == 1


@given(subjects(), st.data())
def test_what_was_seen_first_does_not_change_what_is_one_service(facts: Subject, data: st.DataObject) -> None:
    standing = [replace(said, state=RecordState.EFFECTIVE, is_gone=False) for said in facts.claims]
    first = data.draw(st.lists(st.sampled_from(standing), unique_by=lambda said: said.key))
    whole = replace(facts, claims=tuple(standing))
    staged = replace(booked(replace(facts, claims=tuple(first))), claims=tuple(standing))
    assert _grouped(staged) == _grouped(whole)


# Names ------------------------------------------------------------------------------------------------------------


def test_a_service_keeps_its_id_while_members_come_and_go() -> None:
    facts = booked(subject(guangxi("G5")))
    name = facts.standings[0].service_id
    for claims in ([guangxi("G5"), national("N1")], [guangxi("G5"), national("A0"), entry("E1")], [guangxi("G5")]):
        facts = booked(replace(facts, claims=tuple(claims)))
        assert [line.service.service_id for line in planned(facts).lines] == [name]


def test_two_booked_services_that_become_one_keep_the_older_id_and_reverse_the_other() -> None:
    first, second = guangxi("G1", span="09:00-10:00"), guangxi("G2", span="14:00-15:00")
    facts = booked(subject(first, second))
    older, younger = (replace(said, voucher=number) for number, said in enumerate(facts.standings, start=1))
    bound = (PairBinding(first.key, second.key, is_same=True),)
    for order in ((older, younger), (younger, older)):
        made = planned(replace(facts, standings=order, pairs=bound))
        done = {line.service.service_id: type(line.action).__name__ for line in made.lines}
        assert done == {older.service_id: "Leave", younger.service_id: "Reverse"}


def test_a_service_that_is_parted_leaves_its_id_with_the_booked_claim() -> None:
    first, second = guangxi("G1", span="09:00-10:00"), guangxi("G2", span="09:00-10:00")
    facts = booked(subject(first, second))
    parted = replace(facts, pairs=(PairBinding(first.key, second.key, is_same=False),))
    made = planned(parted)
    (posted,) = moves(made)
    assert posted.service.claims[0].key.external_id == "G2"
    assert posted.service.service_id != facts.standings[0].service_id
    assert len(books(booked(parted))) == 2


def test_an_id_goes_with_most_of_the_old_members_where_nothing_is_booked() -> None:
    said = [national("N1", span="09:00-10:00"), entry("E1", span="09:00-10:00"), entry("E2", span="14:00-15:00")]
    facts = subject(*said, membership={said[0].key: "SOLDONE", said[1].key: "SOLDONE", said[2].key: "SOLDONE"})
    names = {line.service.claims[0].key.external_id: line.service.service_id for line in planned(facts).lines}
    assert "SOLDONE" in (names.get("N1"), names.get("E1"))
    assert names["E2"] != "SOLDONE"


def test_an_id_that_another_subject_owns_is_left_alone() -> None:
    facts = subject(guangxi(), membership={guangxi().key: "SOTHERS"}, foreign_services=frozenset({"SOTHERS"}))
    assert [line.service.service_id for line in planned(facts).lines] != ["SOTHERS"]


def test_an_id_made_anew_is_none_that_was_ever_used() -> None:
    fresh = planned(subject(guangxi())).lines[0].service.service_id
    spent = Standing(fresh, 2, None, RecordKey("guangxi", "OTHER"), 7, 101)
    again = planned(subject(guangxi(), standings=(spent,))).lines[0].service.service_id
    assert again != fresh
    assert again == planned(subject(guangxi(), standings=(spent,))).lines[0].service.service_id


def test_a_claim_that_left_the_scope_leaves_its_booking_behind_to_be_reversed() -> None:
    stands = Standing("SLEFT", 1, Booking(101, LATER, "escort", STATION, HOUR), guangxi().key, 1, 101)
    made = planned(subject(replace(guangxi(), out_of_scope="excluded"), standings=(stands,)))
    assert [(line.service.service_id, type(line.action).__name__) for line in made.lines] == [("SLEFT", "Reverse")]


def test_a_gone_claim_joins_the_service_it_spoke_of() -> None:
    assert _grouped(subject(gone(guangxi("G1")), national("N1"))) == _sets("G1+N1")


def test_of_two_like_visits_the_one_that_the_decider_withdrew_is_reversed() -> None:
    said = (guangxi("G1"), guangxi("G2", activity_id="b"), national("N1"), national("N2", activity_id="c"))
    facts = booked(subject(*said))
    assert len(books(facts)) == 2
    after = booked(replace(facts, claims=(withdrawn(said[0]), *said[1:])))
    assert len(books(after)) == 1
    assert moves(planned(after)) == []
