"""Why two records are one visit: each tie says what joined them, and weighs it as the specification does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.claims import Claim
from domain.conflicts import PairBinding
from domain.hours import DurationRange
from domain.records import RecordKey
from domain.services import Booking, Standing, Tie
from domain.subjects import Subject
from sync.evidence import evidence_day_apart, evidence_of, overlap_seconds, points, ranges_meet, spans_overlap
from sync.match import match
from tests.planning import (
    HALF_HOUR,
    HOUR,
    LATER,
    STATION,
    at,
    entry,
    gone,
    guangxi,
    national,
    person,
    subject,
    withdrawn,
)  # fmt: skip

NEXT_DAY = LATER + timedelta(days=1)
G1, G2, N1, N2 = (
    RecordKey(*key) for key in (("guangxi", "G1"), ("guangxi", "G2"), ("national", "N1"), ("national", "N2"))
)
DAY, MEET, KIND, PLACE = ("same_day", 80), ("ranges_meet", 40), ("same_category", 20), ("same_station", 10)


def bundles(facts: Subject) -> list[tuple[str, list[Tie]]]:
    """Give the services as their record ids in order, each with its ties."""
    found = match(facts, 0).bundles
    return [("+".join(claim.key.external_id for claim in one.claims), one.ties) for one in found]


def names(*claims: Claim, **said: object) -> set[frozenset[str]]:
    return {frozenset(name.split("+")) for name, _ in bundles(subject(*claims, **said))}


def sets(*services: str) -> set[frozenset[str]]:
    return {frozenset(name.split("+")) for name in services}


# What speaks for one visit ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "evidence"),
    [
        (guangxi(), national(), (DAY, MEET, KIND, PLACE)),
        (guangxi(), national(category="escort", station="CZ01"), (DAY, MEET)),
        (guangxi(), national(category=None), (DAY, MEET, PLACE)),
        (guangxi(category=None), national(category=None), (DAY, MEET, PLACE)),
        (guangxi(), national(seconds=9000, station="CZ01"), (DAY, KIND)),
        (guangxi(seconds=HALF_HOUR), national(seconds=3600), (DAY, ("ranges_meet", 30), KIND, PLACE)),
        (guangxi(span="09:00-10:00"), national(span="09:00-10:00"),
         (("overlap", 160), ("overlap_share", 80), DAY, MEET, KIND, PLACE)),
        (guangxi(span="09:00-10:00"), national(span="09:20-10:20", category="escort", station="CZ01"),
         (("overlap", 160), ("overlap_share", 40), DAY, MEET)),
        (guangxi(span="09:00-12:00"), national(span="11:59-15:00", category="escort", station="CZ01"),
         (("overlap", 160), ("overlap_share", 0), DAY, MEET)),
        (guangxi(span="09:00-10:00"), national(seconds=HOUR), (DAY, MEET, KIND, PLACE)),
    ],
)  # fmt: skip
def test_each_piece_of_evidence_has_its_weight(
    first: Claim, second: Claim, evidence: tuple[tuple[str, int], ...]
) -> None:
    assert evidence_of(first, second, 0) == evidence
    assert evidence_of(second, first, 0) == evidence
    assert points(evidence_of(first, second, 0)) == sum(weight for _, weight in evidence)


def test_a_night_is_weighed_by_its_overlap_without_a_common_day() -> None:
    late = replace(guangxi(span="23:00-23:30"), ends_at=at(NEXT_DAY, "01:00"))
    found = evidence_of(late, national(day=NEXT_DAY, span="00:00-01:00", category="escort", station="CZ01"), 0)

    assert found[:2] == (("overlap", 160), ("overlap_share", 40))
    assert DAY not in found


def test_one_day_apart_the_day_has_no_weight() -> None:
    assert evidence_day_apart(guangxi(), national(day=NEXT_DAY), 0) == (("day_apart", 0), MEET, KIND, PLACE)
    assert evidence_day_apart(national(day=NEXT_DAY), guangxi(), 0) == (("day_apart", 0), MEET, KIND, PLACE)


@pytest.mark.parametrize(("first", "second"), [("09:00-10:00", "09:30-10:30"), ("09:30-10:30", "09:00-10:00")])
def test_clock_times_are_compared_as_if_on_one_day(first: str, second: str) -> None:
    one, other = guangxi(span=first), national(day=NEXT_DAY, span=second, seconds=HOUR)

    assert evidence_day_apart(one, other, 0) == evidence_day_apart(other, one, 0) != ()


@pytest.mark.parametrize(
    "second",
    [
        national(day=NEXT_DAY, seconds=9000),
        national(day=NEXT_DAY, category=None),
        national(day=NEXT_DAY, span="10:00-11:00", seconds=HOUR),
    ],
    ids=["other hours", "no category", "clocks that only touch"],
)
def test_one_day_apart_everything_must_agree(second: Claim) -> None:
    first = guangxi(span="09:00-10:00", category=second.category)

    assert evidence_day_apart(first, second, 0) == evidence_day_apart(second, first, 0) == ()


@pytest.mark.parametrize("lost", ["starts_at", "ends_at"])
def test_one_day_apart_a_time_that_is_not_known_parts_nobody(lost: str) -> None:
    first, second = guangxi(span="09:00-10:00"), national(day=NEXT_DAY, span="14:00-15:00", seconds=HOUR)
    blurred: dict[str, Any] = {lost: None}

    assert evidence_day_apart(first, second, 0) == ()
    assert evidence_day_apart(replace(first, **blurred), second, 0) != ()
    assert evidence_day_apart(first, replace(second, **blurred), 0) != ()


def test_a_second_is_an_overlap() -> None:
    first, second = guangxi(span="09:00-10:00"), national(span="10:00-11:00")
    longer = replace(first, ends_at=at(LATER, "10:00:01"))

    assert (spans_overlap(first, second), spans_overlap(longer, second)) == (False, True)


@pytest.mark.parametrize(
    ("low", "high", "tolerance", "meets"),
    [(1800, 1899, 0, True), (1801, 1900, 0, False), (1860, 1900, 30, True), (1861, 1900, 30, False)],
)
def test_ranges_meet_where_one_duration_fits_both_within_the_tolerance(
    low: int, high: int, tolerance: int, *, meets: bool
) -> None:
    first = replace(guangxi(), duration=DurationRange(1700, 1800))
    second = replace(national(), duration=DurationRange(low, high))

    assert ranges_meet(first, second, tolerance) is ranges_meet(second, first, tolerance) is meets


@pytest.mark.parametrize(
    ("reported", "tolerance", "weight"),
    [(1800, 0, 40), (1900, 0, 40), (1799, 0, 30), (1901, 0, 30), (1790, 10, 40), (1910, 10, 40), (1789, 10, 30)],
)
def test_figures_weigh_more_where_one_could_be_the_others_true_duration(
    reported: int, tolerance: int, weight: int
) -> None:
    first = replace(guangxi(seconds=9999), duration=DurationRange(1800, 1900))
    second = replace(national(seconds=reported), duration=DurationRange(1850, 1950))

    assert dict(evidence_of(first, second, tolerance))["ranges_meet"] == weight
    assert dict(evidence_of(second, first, tolerance))["ranges_meet"] == weight


def test_spans_share_the_seconds_between_the_later_start_and_the_earlier_end() -> None:
    assert overlap_seconds(guangxi(span="09:00-10:00"), national(span="09:50-11:00")) == 600
    assert overlap_seconds(national(span="09:50-11:00"), guangxi(span="09:00-10:00")) == 600
    assert overlap_seconds(guangxi(span="09:00-10:00"), national(span="10:00-11:00")) == 0
    assert overlap_seconds(guangxi(span="09:00-10:00"), national()) == 0


# What is certain --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "tie"),
    [
        ([guangxi(carried_from=N1, day=NEXT_DAY), national()], Tie(N1, G1, (("reference", 0),))),
        ([guangxi(business_key="SQ1", day=NEXT_DAY), national(business_key="SQ1")],
         Tie(G1, N1, (("business_key", 0),))),
        ([guangxi("G1", span="09:00-10:00"), guangxi("G2", span="09:00-10:00")], Tie(G1, G2, (("same_span", 0),))),
        ([guangxi("G1"), guangxi("G2")], Tie(G1, G2, (("said_twice", 0),))),
        ([guangxi(), national()], Tie(G1, N1, (DAY, MEET, KIND, PLACE))),
        ([guangxi(), national(day=NEXT_DAY)], Tie(G1, N1, (("day_apart", 0), MEET, KIND, PLACE))),
        ([withdrawn(guangxi()), national()], Tie(N1, G1, (DAY, MEET, KIND, PLACE))),
        ([gone(guangxi(carried_from=N1, day=NEXT_DAY)), national()], Tie(N1, G1, (("reference", 1000),))),
        ([withdrawn(guangxi(business_key="SQ1", day=NEXT_DAY)), national(business_key="SQ1")],
         Tie(N1, G1, (("business_key", 1000),))),
    ],
)  # fmt: skip
def test_a_tie_says_what_joined_two_records(claims: list[Claim], tie: Tie) -> None:
    ((name, ties),) = bundles(subject(*claims))

    assert name == "+".join(claim.key.external_id for claim in claims)
    assert ties == [tie]


def test_a_decision_is_told_as_such() -> None:
    facts = subject(guangxi(), national(day=NEXT_DAY, category="escort"), pairs=(PairBinding(N1, G1, is_same=True),))

    assert bundles(facts) == [("G1+N1", [Tie(G1, N1, (("decided_same", 0),))])]


def test_an_end_that_is_not_known_is_stood_in_for_by_the_figure() -> None:
    first, second = (replace(guangxi(name, span="09:00-10:00"), ends_at=None) for name in ("G1", "G2"))

    assert names(first, second) == sets("G1+G2")
    assert names(first, replace(second, reported_seconds=HOUR + 1)) == sets("G1", "G2")


def test_the_same_span_of_two_people_is_two_visits() -> None:
    people = {1: person(), 2: person(102, "name-2")}
    second = guangxi("G2", span="09:00-10:00", identity=2, name_token="name-2")  # noqa: S106 - a token of a name

    assert names(guangxi("G1", span="09:00-10:00"), second, people=people) == sets("G1", "G2")


# What was typed twice ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "services"),
    [
        ([guangxi("G1"), guangxi("G2"), guangxi("G3")], ["G1+G2+G3"]),
        ([guangxi("G1"), guangxi("G2"), national("N1")], ["G1+G2+N1"]),
        ([guangxi("G1"), guangxi("G2"), national("N1"), national("N2", activity_id="b")], ["G1+N1", "G2+N2"]),
        ([guangxi("G1"), guangxi("G2"), guangxi("G3"), national("N1"), national("N2", activity_id="b")],
         ["G1+N1", "G2+G3+N2"]),
        ([guangxi("G1", carried_from=N1), guangxi("G2"), national("N1")], ["G1+G2+N1"]),
        ([guangxi("G1", carried_from=N1), guangxi("G2"), national("N1"), national("N2", activity_id="b")],
         ["G1+N1", "G2+N2"]),
        ([guangxi("G1", carried_from=N1), guangxi("G2", carried_from=N2), national("N1"), national("N2")],
         ["G1+N1", "G2+N2"]),
        ([guangxi("G1"), guangxi("G2"), guangxi("G3", carried_from=N1), national(), national("N2", activity_id="b")],
         ["G1+G2+N2", "G3+N1"]),
        ([guangxi("G1"), guangxi("G2", seconds=HOUR, category="recreation")], ["G1", "G2"]),
        ([guangxi("G1"), guangxi("G2", activity_id="b")], ["G1", "G2"]),
        ([guangxi("G1"), guangxi("G2", day=NEXT_DAY)], ["G1", "G2"]),
        ([guangxi("G1"), guangxi("G2", span="09:00-09:30")], ["G1", "G2"]),
        ([guangxi("G1"), guangxi("G2"), national("N1", day=NEXT_DAY), national("N2", day=NEXT_DAY)], ["G1+G2+N1+N2"]),
    ],
)  # fmt: skip
def test_alike_rows_are_as_many_visits_as_another_source_shows(claims: list[Claim], services: list[str]) -> None:
    assert names(*claims) == sets(*services)


# What no longer stands --------------------------------------------------------------------------------------------


def stands(service_id: str, key: RecordKey, voucher: int) -> Standing:
    return Standing(service_id, 1, Booking(101, LATER, "emotional_support", STATION, HALF_HOUR), key, voucher, 101)


def test_a_withdrawn_row_stays_with_the_service_it_was_of_where_another_would_do_as_well() -> None:
    said = [withdrawn(guangxi("G1")), national("N1"), national("N2", activity_id="b")]
    for mine in (N1, N2):
        found = bundles(subject(*said, membership={G1: "S1", mine: "S1"}))
        other = N1 if mine == N2 else N2
        assert names(*said, membership={G1: "S1", mine: "S1"}) == sets(f"G1+{mine.external_id}", other.external_id)
        ties = [tie for _, several in found for tie in several]
        assert ties == [Tie(mine, G1, (DAY, MEET, KIND, PLACE, ("same_service_before", 10)))]


def test_a_free_place_outweighs_where_a_withdrawn_row_stood_before() -> None:
    said = [withdrawn(guangxi("G1")), guangxi("G2", span="09:00-09:30"), entry("E1", span="14:00-14:30")]

    assert names(*said, membership={G1: "S1", G2: "S1"}) == sets("G1+E1", "G2")


def test_a_row_booked_as_a_service_of_its_own_does_not_join_another_that_is_booked() -> None:
    said = [withdrawn(guangxi("G1", span="09:00-09:30")), guangxi("G2", span="09:00-09:30")]
    membership = {G1: "S1", G2: "S2"}
    own = (stands("S1", G1, 1), stands("S2", G2, 2))

    assert names(*said, membership=membership, standings=own) == sets("G1", "G2")
    assert names(*said, membership=membership, standings=own[1:]) == sets("G1+G2")
    assert names(*said, membership=membership, standings=own[:1]) == sets("G1+G2")
    assert names(*said, membership={G1: "S1"}, standings=own[:1]) == sets("G1+G2")
    assert names(*said, membership={G1: "S2", G2: "S2"}, standings=own[1:]) == sets("G1+G2")
    other = national(span="09:00-09:30")
    assert names(said[0], other, membership={G1: "S1", N1: "S2"}, standings=own) == sets("G1+N1")


def test_a_withdrawn_row_that_fits_nobody_stands_alone() -> None:
    said = withdrawn(guangxi("G1", span="09:00-09:30"))

    assert names(said, national(span="14:00-14:30")) == sets("G1", "N1")
    assert names(said) == sets("G1")


def test_rows_of_one_platform_that_no_longer_stand_are_not_weighed_unless_they_were_one_before() -> None:
    first, second = withdrawn(guangxi("G1")), withdrawn(guangxi("G2"))

    assert names(first, second) == sets("G1", "G2")
    assert names(first, second, membership={G1: "S1"}) == sets("G1", "G2")
    assert names(first, second, membership={G1: "S1", G2: "S1"}) == sets("G1+G2")
    assert names(first, withdrawn(national())) == sets("G1+N1")


def test_of_equal_ties_the_one_to_the_least_key_is_told() -> None:
    ((_, ties),) = bundles(subject(withdrawn(guangxi()), national(), entry()))

    assert ties[-1] == Tie(N1, G1, (DAY, MEET, KIND, PLACE))


def test_what_only_a_guess_could_part_is_paired_with_nobody_else_either() -> None:
    doubt = (guangxi("G1"), national("N1", span="09:00-09:30"), national("N2", span="14:00-14:45"))

    assert names(*doubt, entry()) == sets("G1", "N1", "N2", "E1")
    assert names(*doubt, entry(day=NEXT_DAY, span="09:00-09:30")) == sets("G1", "N1", "N2", "E1")
    other = (replace(doubt[0], category="escort"), *doubt[1:])  # so that the entry beside could be of one of them only
    for day in (LATER - timedelta(days=1), NEXT_DAY):
        assert names(*other, entry(day=day, span="14:00-14:45")) == sets("G1", "N1", "N2", "E1")


def test_of_several_visits_on_a_day_each_tie_is_told() -> None:
    said = [
        guangxi("G1", span="09:00-10:00"), guangxi("G2", span="14:00-15:00"), national("N1", span="14:00-15:00"),
        national("N2", span="09:00-10:00"),
    ]  # fmt: skip
    evidence = (("overlap", 160), ("overlap_share", 80), DAY, MEET, KIND, PLACE)

    assert bundles(subject(*said)) == [("G1+N2", [Tie(G1, N2, evidence)]), ("G2+N1", [Tie(G2, N1, evidence)])]


def test_a_withdrawn_row_that_a_booking_rests_on_stays_with_it_though_its_platform_says_it_again() -> None:
    said = [withdrawn(guangxi("G1", span="09:00-09:30")), guangxi("G2", span="09:00-09:30")]

    assert names(*said, membership={G1: "S2", G2: "S2"}, standings=(stands("S2", G1, 2),)) == sets("G1+G2")


def test_three_sources_are_held_together_by_two_ties() -> None:
    ((_, ties),) = bundles(subject(*(say(span="09:00-10:00") for say in (guangxi, national, entry))))

    assert [(tie.first, tie.second.platform) for tie in ties] == [(G1, "national"), (G1, "station")]


@pytest.mark.parametrize("lost", ["starts_at", "ends_at"])
def test_a_span_of_which_a_time_is_not_known_is_none(lost: str) -> None:
    first, second = guangxi(span="09:00-10:00"), national(span="14:00-15:00", seconds=HOUR)
    blurred: dict[str, Any] = {lost: None}

    assert evidence_of(first, second, 0) == ()
    assert evidence_of(replace(first, **blurred), second, 0) == (DAY, MEET, KIND, PLACE)
    for one, other in ((replace(first, **blurred), first), (first, replace(first, **blurred))):
        assert overlap_seconds(one, other) == 0


def test_overlap_is_settled_before_figures_are_compared() -> None:
    said = [
        guangxi("G1", span="09:00-12:00", category="escort", station="CZ01"), national("N1", span="11:59-13:00"),
        guangxi("G2", seconds=HOUR), national("N2", seconds=3 * HOUR, category="escort", station="CZ01"),
    ]  # fmt: skip

    assert names(*said) == sets("G1+N1", "G2", "N2")


def test_a_row_that_no_longer_stands_is_held_against_every_service() -> None:
    aside = withdrawn(guangxi("G1", span="14:00-15:00"))
    assert names(aside, national("N1", span="09:00-10:00"), national("N2", span="14:00-15:00")) == sets("N1", "G1+N2")


def test_a_row_that_no_longer_stands_looks_beyond_a_booked_service_that_is_not_its_own() -> None:
    said = [withdrawn(guangxi("G1")), guangxi("G2", span="09:00-09:30"), national("N1", span="14:00-14:30")]
    own = (stands("S1", G1, 1), stands("S2", G2, 2))

    assert names(*said, membership={G1: "S1", G2: "S2"}, standings=own) == sets("G1+N1", "G2")


def test_of_services_that_a_row_which_no_longer_stands_fits_alike_it_joins_the_first() -> None:
    said = [withdrawn(guangxi("G1")), national("N1"), national("N2", activity_id="b")]

    assert names(*said) == sets("G1+N1", "N2")


def test_two_records_tied_for_certain_touch_the_days_of_both() -> None:
    night = replace(guangxi(span="23:00-23:30"), ends_at=at(NEXT_DAY, "01:00"))
    said = [night, national(day=NEXT_DAY, carried_from=G1), entry(span="23:00-23:30")]

    assert names(*said) == sets("G1+N1+E1")


def test_records_tied_twice_do_not_end_the_search_for_ties() -> None:
    said = [
        guangxi("G1", business_key="SQ1"), national("N1", business_key="SQ1", carried_from=G1),
        guangxi("G2", day=NEXT_DAY, category="escort"), national("N2", day=NEXT_DAY + timedelta(3), carried_from=G2),
    ]  # fmt: skip

    assert names(*said) == sets("G1+N1", "G2+N2")
