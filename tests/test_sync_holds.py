"""What holds a booking, and what is only noted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.actions import Disposition, Hold
from domain.claims import Claim
from domain.conflicts import PairBinding
from domain.people import PersonBinding
from domain.records import RecordKey
from tests.planning import (
    EARLY_2022,
    HALF_HOUR,
    HOUR,
    IN_2021,
    LATER,
    Change,
    Say,
    action,
    applied,
    booked,
    books,
    conflict_of,
    entry,
    gone,
    guangxi,
    kinds,
    moves,
    national,
    only_line,
    pending,
    person,
    planned,
    subject,
    withdrawn,
)  # fmt: skip

SPAN = "09:00-10:00"
OTHER_NAME = "name-2"
NURSE = {1: person(has_licence=True)}


# Disagreements ----------------------------------------------------------------------------------------------------


def _of(category: str, *claims: Claim) -> tuple[Claim, ...]:
    return tuple(replace(said, category=category) for said in claims)


@pytest.mark.parametrize(
    ("claims", "holds", "notes"),
    [
        pytest.param([guangxi(span="09:00-09:42"), national(span="09:00-09:42")], [], [], id="rounding-alone-agrees"),
        pytest.param(
            [guangxi(seconds=HALF_HOUR), national(seconds=2520)], [], [], id="figures-that-round-to-each-other"
        ),
        pytest.param(
            [guangxi(span=SPAN), national(span="09:00-12:00")], [], ["hours_differ"], id="flat-hours-differ-is-a-note"
        ),
        pytest.param(
            _of("professional", guangxi(span=SPAN), national(span="09:00-12:00")),
            ["hours_differ"],
            [],
            id="actual-hours-differ-holds",
        ),
        pytest.param(
            [guangxi(span=SPAN, is_special=True), national(span="09:00-12:00")],
            ["hours_differ"],
            [],
            id="special-hours-differ-holds",
        ),
        pytest.param(
            [guangxi(span=SPAN), national(span="09:00-12:00", is_special=True)],
            ["hours_differ"],
            [],
            id="special-at-the-other-holds-too",
        ),
        pytest.param(
            [guangxi(span=SPAN, seconds=HOUR), entry(span=SPAN)], [], [], id="an-entry-with-the-same-times-agrees"
        ),
        pytest.param(
            _of("professional", guangxi(seconds=HOUR), entry()), [], [], id="an-entry-without-times-says-no-hours"
        ),
        pytest.param(
            [guangxi(span=SPAN, category="escort"), national(span=SPAN, category="assistance")],
            [],
            ["category_differs"],
            id="categories-of-the-same-credit-are-a-note",
        ),
        pytest.param(
            [guangxi(span=SPAN, category="recreation"), national(span=SPAN)],
            ["category_differs"],
            [],
            id="categories-of-another-credit-hold",
        ),
        pytest.param(
            [guangxi(span="09:00-09:30", category="professional"), national(span="09:00-09:30")],
            [],
            ["category_differs"],
            id="actual-and-flat-that-give-the-same-are-a-note",
        ),
        pytest.param(
            [guangxi(span=SPAN, category="professional"), national(span=SPAN)],
            ["category_differs"],
            [],
            id="actual-and-flat-that-give-another-credit-hold",
        ),
        pytest.param(
            [guangxi(span="09:00-09:42"), national(span="09:00-09:42", category="professional")],
            ["category_differs"],
            [],
            id="flat-and-actual-that-give-another-credit-hold",
        ),
        pytest.param(
            [guangxi(span=SPAN), national(span="09:00-09:30", category="professional")],
            ["category_differs"],
            ["hours_differ"],
            id="actual-that-would-give-another-credit-for-the-deciding-hours-hold",
        ),
        pytest.param(
            [guangxi(seconds=HALF_HOUR), national(span="09:00-09:42", category="professional")],
            ["category_differs"],
            [],
            id="flat-and-actual-each-by-its-own-figure-hold",
        ),
        pytest.param(
            [guangxi(span=SPAN, category="recreation", is_special=True), national(span=SPAN)],
            [],
            ["category_differs"],
            id="a-special-case-makes-both-categories-actual",
        ),
        pytest.param(
            [guangxi(seconds=HALF_HOUR, is_special=True), national(seconds=2520, category="escort")],
            [],
            ["category_differs"],
            id="a-special-case-rounded-by-one-platform-is-a-note",
        ),
        pytest.param(
            [guangxi(), national(day=LATER + timedelta(days=1), seconds=HALF_HOUR)],
            ["date_differs"],
            [],
            id="a-lone-pair-one-day-apart",
        ),
    ],
)
@pytest.mark.parametrize("is_booked", [False, True], ids=["not-booked", "booked"])
def test_a_disagreement_holds_where_the_credit_would_differ_and_is_noted_where_not(
    claims: list[Claim], holds: list[str], notes: list[str], *, is_booked: bool
) -> None:
    facts = subject(*claims, people=NURSE)
    if is_booked:
        facts = replace(booked(replace(facts, claims=(claims[0],))), claims=tuple(claims))
    before = books(facts)
    made = planned(facts)
    assert (kinds(made, is_blocking=True), kinds(made, is_blocking=False)) == (holds, notes)
    assert action(made) == ("hold" if holds else ("leave" if is_booked else "post"))
    if holds:
        assert books(applied(facts, made)) == before
        assert set(made.dispositions.values()) == {Disposition.IN_CONFLICT}


@pytest.mark.parametrize("silent", [withdrawn, pending, gone])
def test_only_effective_members_disagree(silent: Change) -> None:
    said = national(span=SPAN, category="recreation")
    made = planned(subject(guangxi(span=SPAN), silent(said)))
    assert "category_differs" not in kinds(made)
    assert action(made) == "post"


@pytest.mark.parametrize(
    ("day", "decider"), [(IN_2021, "national"), (EARLY_2022, "guangxi"), (LATER, "guangxi")], ids=str
)
def test_in_a_disagreement_the_deciding_platform_is_suggested(day: date, decider: str) -> None:
    made = planned(subject(guangxi(day=day, span=SPAN, category="recreation"), national(day=day, span=SPAN)))
    assert conflict_of(made, "category_differs").suggestion == f"accept:{decider}"


def test_three_sources_agree_only_if_all_their_ranges_share_a_point() -> None:
    said = _of("professional", guangxi(seconds=HALF_HOUR), national(seconds=3240), entry(span="09:00-09:31"))
    made = planned(subject(*said, people=NURSE))
    assert kinds(made, is_blocking=True) == ["hours_differ"]


# Who it was -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claims", [[guangxi()], [guangxi(), national()], [national()]], ids=len)
def test_somebody_not_on_the_roster_is_held_at_once(claims: list[Claim]) -> None:
    made = planned(subject(*claims, people={}))
    assert action(made) == "hold"
    assert kinds(made) == ["unknown_person"]
    assert conflict_of(made, "unknown_person").person is None


def test_one_unknown_person_is_one_conflict_that_lists_all_records() -> None:
    said = [guangxi("G1"), guangxi("G2", day=LATER + timedelta(days=1)), national("N5", day=LATER - timedelta(days=4))]
    made = planned(subject(*said, people={}))
    assert kinds(made) == ["unknown_person"]
    assert set(conflict_of(made, "unknown_person").records) == {claim.key for claim in said}
    assert {type(line.action) for line in made.lines} == {Hold}


def test_a_visit_of_somebody_unknown_is_at_stake_once_though_both_platforms_show_it() -> None:
    made = planned(
        subject(guangxi(span=SPAN), national(span=SPAN), guangxi("G2", day=LATER + timedelta(days=5)), people={})
    )
    assert conflict_of(made, "unknown_person").seconds_at_stake == 2 * HALF_HOUR


def test_each_number_that_is_unknown_or_bears_another_name_is_asked_about() -> None:
    strangers = guangxi("G1", identity=8), guangxi("G2", identity=9)
    misnamed = guangxi("G3", name_token=OTHER_NAME), guangxi("G4", identity=2, name_token=OTHER_NAME)
    made = planned(subject(*strangers, *misnamed, people={1: person(), 2: person(102)}))

    assert kinds(made) == ["person_differs", "person_differs", "unknown_person", "unknown_person"]
    assert [type(line.action) for line in made.lines] == [Hold] * 4


def test_before_it_is_known_who_it_was_nothing_else_is_asked() -> None:
    facts = booked(subject(*_visits("09:00-10:00", "13:00-14:00")))
    misnamed = [replace(said, name_token=OTHER_NAME) for said in _visits("09:00-10:00", "09:30-10:30")]

    assert kinds(planned(replace(facts, claims=tuple(misnamed)))) == ["person_differs"]


def test_a_withdrawn_record_of_somebody_unknown_asks_nobody() -> None:
    made = planned(subject(withdrawn(guangxi()), people={}))
    assert made.conflicts == ()


def test_the_same_number_under_another_name_holds_although_the_credit_would_be_the_same() -> None:
    made = planned(subject(guangxi(), national(name_token=OTHER_NAME)))
    assert action(made) == "hold"
    assert kinds(made) == ["person_differs"]
    assert conflict_of(made, "person_differs").records == (RecordKey("national", "N1"),)


def test_records_of_two_persons_tied_by_a_reference_hold() -> None:
    mine = national(span=SPAN)
    theirs = guangxi(span=SPAN, identity=2, name_token=OTHER_NAME, carried_from=mine.key)
    made = planned(subject(mine, theirs, people={1: person(101), 2: person(102, OTHER_NAME)}))
    assert action(made) == "hold"
    assert kinds(made) == ["person_differs"]


def test_two_persons_of_one_subject_are_never_matched_by_what_they_did() -> None:
    theirs = guangxi(span=SPAN, identity=2, name_token=OTHER_NAME)
    made = planned(subject(national(span=SPAN), theirs, people={1: person(101), 2: person(102, OTHER_NAME)}))
    assert len(made.lines) == 2
    assert kinds(made) == []


def test_two_identities_of_one_person_are_matched() -> None:
    one = person(101)
    made = planned(subject(national(span=SPAN), guangxi(span=SPAN, identity=2), people={1: one, 2: one}))
    assert len(made.lines) == 1


def test_a_name_bound_to_its_own_number_is_not_asked_again() -> None:
    bound = (PersonBinding(1, OTHER_NAME, 101),)
    facts = subject(guangxi(name_token=OTHER_NAME), person_bindings=bound)
    assert books(booked(facts))[0].person == 101
    assert kinds(planned(facts)) == []
    third = replace(facts, claims=(guangxi(name_token="name-3"),))  # noqa: S106 - the token of a name
    assert kinds(planned(third)) == ["person_differs"]


def test_a_name_bound_to_another_person_is_booked_for_that_person() -> None:
    bound = (PersonBinding(1, OTHER_NAME, 102),)
    people = {1: person(101), 2: person(102, OTHER_NAME)}
    facts = booked(subject(guangxi(name_token=OTHER_NAME), guangxi("G2"), people=people, person_bindings=bound))
    assert [said.person for said in books(facts)] == [101, 102]
    assert kinds(planned(facts)) == []


def test_an_unknown_identity_bound_to_a_person_is_booked_for_them() -> None:
    bound = (PersonBinding(7, OTHER_NAME, 101),)
    facts = subject(guangxi(identity=7, name_token=OTHER_NAME), person_bindings=bound)
    assert [said.person for said in books(booked(facts))] == [101]


def test_a_person_found_later_is_corrected_in_the_book() -> None:
    people = {1: person(101), 2: person(102, OTHER_NAME)}
    facts = booked(subject(guangxi(), people=people))
    moved = booked(replace(facts, claims=(guangxi(identity=2, name_token=OTHER_NAME),)))
    assert [said.person for said in books(moved)] == [102]


# Flaws ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param([guangxi(category=None)], id="the-decider"),
        pytest.param([guangxi(), national(category=None)], id="another-member"),
        pytest.param([guangxi(), entry(category=None)], id="the-entry"),
    ],
)
def test_an_effective_member_without_a_category_holds(claims: list[Claim]) -> None:
    made = planned(subject(*claims))
    assert action(made) == "hold"
    assert kinds(made) == ["unmapped"]


def test_unmapped_services_of_one_project_share_their_cause() -> None:
    said = [guangxi(f"G{n}", day=LATER + timedelta(days=n), category=None) for n in range(3)]
    assert len({conflict.cause for conflict in planned(subject(*said)).conflicts}) == 1


@pytest.mark.parametrize(
    ("born", "does"),
    [
        pytest.param(date(2005, 3, 14), "post", id="the-eighteenth-birthday-itself"),
        pytest.param(date(2005, 3, 15), "hold", id="the-day-before"),
        pytest.param(date(2006, 1, 1), "hold", id="a-year-before"),
        pytest.param(None, "post", id="a-document-that-does-not-tell"),
    ],
)
def test_a_volunteer_is_eighteen_on_the_day_of_service(born: date | None, does: str) -> None:
    made = planned(subject(guangxi(), people={1: person(born_on=born)}), today=date(2026, 1, 1))
    assert action(made) == does
    assert kinds(made) == (["ineligible"] if does == "hold" else [])


@pytest.mark.parametrize(("has_licence", "does"), [(True, "post"), (False, "hold")])
def test_a_professional_service_needs_a_licence(*, has_licence: bool, does: str) -> None:
    made = planned(subject(guangxi(category="professional"), people={1: person(has_licence=has_licence)}))
    assert action(made) == does
    assert kinds(made) == (["ineligible"] if does == "hold" else [])


def test_no_licence_is_needed_for_company() -> None:
    assert action(planned(subject(guangxi(), people={1: person(has_licence=False)}))) == "post"


def test_one_flaw_of_many_does_not_hide_what_else_holds() -> None:
    made = planned(
        subject(guangxi(span=SPAN), guangxi("G2", span="09:30-10:30"), people={1: person(born_on=date(2010, 1, 1))})
    )
    assert kinds(made) == ["ineligible", "ineligible", "overlap"]


# The day ----------------------------------------------------------------------------------------------------------


def _visits(*spans: str) -> list[Claim]:
    return [guangxi(f"G{n}", span=span) for n, span in enumerate(spans)]


@pytest.mark.parametrize(
    ("spans", "holds", "notes"),
    [
        pytest.param(["06:00-14:00"], [], [], id="eight-hours-are-fine"),
        pytest.param(["06:00-14:01"], [], ["implausible"], id="a-minute-more-is-noted"),
        pytest.param(["06:00-18:00"], [], ["implausible"], id="twelve-hours-are-noted"),
        pytest.param(["06:00-18:01"], ["implausible"], [], id="a-minute-more-is-held"),
        pytest.param(["06:00-11:00", "12:00-16:00"], [], ["implausible"], id="the-sum-counts-for-the-note"),
        pytest.param(["06:00-13:00", "14:00-20:00"], ["implausible"], [], id="the-sum-counts-for-the-hold"),
    ],
)
def test_a_long_day_is_noted_and_a_longer_one_held(spans: list[str], holds: list[str], notes: list[str]) -> None:
    made = planned(subject(*_visits(*spans)))
    assert (kinds(made, is_blocking=True), kinds(made, is_blocking=False)) == (holds, notes)
    assert {isinstance(line.action, Hold) for line in made.lines} == {bool(holds)}


def test_both_platforms_saying_the_same_visit_do_not_lengthen_the_day() -> None:
    assert kinds(planned(subject(guangxi(span="06:00-13:00"), national(span="06:00-13:00")))) == []


def test_the_bound_holds_those_not_yet_booked_only() -> None:
    morning, evening = _visits("06:00-13:00", "14:00-20:00")
    facts = booked(subject(morning))
    after = replace(facts, claims=(morning, evening))
    made = planned(after)
    assert sorted(type(line.action).__name__ for line in made.lines) == ["Hold", "Leave"]
    assert kinds(made) == ["implausible"]
    assert books(applied(after, made)) == books(facts)


def test_a_booked_day_that_grew_too_long_is_told_and_left() -> None:
    facts = booked(subject(guangxi(span="06:00-14:00")))
    made = planned(replace(facts, claims=(guangxi(span="06:00-19:00"),)))

    assert action(made) == "leave"
    assert kinds(made) == ["implausible"]


def test_each_day_that_is_too_long_is_told() -> None:
    made = planned(
        subject(guangxi("G1", span="06:00-19:00"), guangxi("G2", day=LATER - timedelta(1), span="06:00-19:00"))
    )

    assert kinds(made) == ["implausible", "implausible"]
    assert [type(line.action) for line in made.lines] == [Hold] * 2


def test_today_is_no_day_to_come() -> None:
    assert planned(subject(guangxi(span=SPAN)), LATER).conflicts == ()
    long = conflict_of(planned(subject(guangxi(span="06:00-15:00")), LATER), "implausible")
    assert (long.reason, long.is_blocking) == ("day_too_long", False)
    assert long.cause.startswith("implausible/day_too_long/")


def test_a_booked_visit_on_a_long_day_can_still_be_withdrawn() -> None:
    facts = booked(subject(*_visits("06:00-14:00", "15:00-18:00")))
    assert len(books(facts)) == 2
    longer = booked(replace(facts, claims=(*facts.claims, guangxi("G7", span="19:00-22:00"))))
    assert len(books(longer)) == 2
    shorter = booked(replace(longer, claims=(withdrawn(longer.claims[0]), *longer.claims[1:])))
    assert len(books(shorter)) == 2


def test_the_person_day_is_one_conflict_that_lists_all_its_records() -> None:
    made = planned(subject(*_visits("06:00-13:00", "14:00-20:00"), national(span="06:00-13:00")))
    conflict = conflict_of(made, "implausible")
    assert len(conflict.records) == 3
    assert conflict.about == f"day/101/{LATER.isoformat()}"


# Overlap ----------------------------------------------------------------------------------------------------------


def test_two_overlapping_services_are_both_held_by_one_conflict() -> None:
    made = planned(subject(guangxi("G1", span=SPAN), guangxi("G2", span="09:30-10:30")))
    assert [type(line.action) for line in made.lines] == [Hold, Hold]
    assert kinds(made) == ["overlap"]
    assert len(conflict_of(made, "overlap").records) == 2


def test_services_that_only_touch_do_not_overlap() -> None:
    made = planned(subject(guangxi("G1", span=SPAN), guangxi("G2", span="10:00-10:30")))
    assert len(moves(made)) == 2


def test_distinct_ends_an_overlap() -> None:
    first, second = guangxi("G1", span=SPAN), guangxi("G2", span="09:30-10:30")
    made = planned(subject(first, second, pairs=(PairBinding(first.key, second.key, is_same=False),)))
    assert kinds(made) == []
    assert len(moves(made)) == 2


def test_same_makes_one_service_of_an_overlap() -> None:
    first, second = guangxi("G1", span=SPAN), guangxi("G2", span="09:30-10:30")
    made = planned(subject(first, second, pairs=(PairBinding(first.key, second.key, is_same=True),)))
    assert action(made) == "post"
    assert "overlap" not in kinds(made)


def test_a_booked_service_that_a_new_one_overlaps_stays_booked() -> None:
    facts = booked(subject(guangxi("G1", span=SPAN)))
    made = planned(replace(facts, claims=(*facts.claims, guangxi("G2", span="09:30-10:30"))))
    assert books(applied(facts, made)) == books(facts)


def test_overlap_across_midnight_is_seen() -> None:
    late = replace(
        guangxi("G1", span="23:00-23:30"),
        ends_at=guangxi("X", day=LATER + timedelta(days=1), span="00:30-01:00").starts_at,
    )
    early = guangxi("G2", day=LATER + timedelta(days=1), span="00:15-01:15")
    assert "overlap" in kinds(planned(subject(late, early)))


def test_a_withdrawn_service_overlaps_nothing() -> None:
    made = planned(subject(withdrawn(guangxi("G1", span=SPAN)), guangxi("G2", span="09:50-11:30")))
    assert "overlap" not in kinds(made)


# Duplicates -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("span", [SPAN, ""], ids=["with-times", "without-times"])
def test_a_row_typed_twice_is_one_service_and_noted(span: str) -> None:
    made = planned(subject(guangxi("G1", span=span), guangxi("G2", span=span)))
    assert action(made) == "post"
    assert kinds(made, is_blocking=False) == ["duplicate"]
    assert set(conflict_of(made, "duplicate").records) == {RecordKey("guangxi", "G1"), RecordKey("guangxi", "G2")}
    assert set(made.dispositions.values()) == {Disposition.BOOKED}


@pytest.mark.parametrize(
    ("again", "told"),
    [
        (guangxi("G2", span=SPAN, category="recreation"), ["category_differs", "duplicate"]),
        (pending(guangxi("G2", span=SPAN, category="recreation")), ["duplicate"]),
        (guangxi("G2", span=SPAN, category=None), ["duplicate"]),
    ],
    ids=["another-category", "not-effective", "no-category"],
)
def test_what_is_effective_of_a_row_typed_twice_disagrees_like_any_other(again: Claim, told: list[str]) -> None:
    assert kinds(planned(subject(guangxi("G1", span=SPAN), again))) == told


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(guangxi("G2", seconds=HOUR), id="another-figure"),
        pytest.param(guangxi("G2", activity_id="another"), id="another-activity"),
        pytest.param(guangxi("G2", day=LATER + timedelta(days=1)), id="another-day"),
        pytest.param(guangxi("G2", span="15:00-15:30"), id="one-with-times"),
    ],
)
def test_rows_without_times_that_say_something_else_are_two_visits(second: Claim) -> None:
    made = planned(subject(guangxi("G1"), second))
    assert len(moves(made)) == 2
    assert kinds(made) == []


@pytest.mark.parametrize("other", [national, entry])
def test_two_alike_rows_are_two_visits_where_another_source_shows_as_many(other: Say) -> None:
    shown = [other("X1", span="09:00-09:30"), other("X2", span="14:00-14:30")]
    made = planned(subject(guangxi("G1"), guangxi("G2"), *shown))
    assert len(moves(made)) == 2
    assert kinds(made) == []


def test_three_alike_rows_against_two_visits_leave_one_duplicate() -> None:
    shown = [national("N1", span="09:00-09:30"), national("N2", span="14:00-14:30")]
    made = planned(subject(*(guangxi(f"G{n}") for n in range(3)), *shown))
    assert len(moves(made)) == 2
    assert kinds(made) == ["duplicate"]


def test_distinct_makes_two_services_of_two_rows_of_one_span() -> None:
    first, second = guangxi("G1", span=SPAN), guangxi("G2", span=SPAN)
    made = planned(subject(first, second, pairs=(PairBinding(first.key, second.key, is_same=False),)))
    assert len(moves(made)) == 2
    assert kinds(made) == []


def test_distinct_makes_two_services_of_two_rows_without_times() -> None:
    first, second = guangxi("G1"), guangxi("G2")
    made = planned(subject(first, second, pairs=(PairBinding(first.key, second.key, is_same=False),)))
    assert len(moves(made)) == 2
    assert kinds(made) == []


# Ambiguity --------------------------------------------------------------------------------------------------------


def test_one_row_that_fits_two_different_ones_is_not_guessed() -> None:
    said = (guangxi("G1"), national("N1", span="09:00-09:30"), national("N2", span="14:00-14:45"))
    made = planned(subject(*said))
    assert kinds(made) == ["ambiguous_match"]
    assert {type(line.action) for line in made.lines} == {Hold}
    assert set(conflict_of(made, "ambiguous_match").records) == {claim.key for claim in said}


def test_one_row_over_two_visits_is_told_of_once_and_not_as_an_overlap_too() -> None:
    said = (
        guangxi("G1", span="09:00-11:00"),
        national("N1", span="09:00-10:00"),
        national("N2", span="10:00-11:00"),
    )
    made = planned(subject(*said))
    assert kinds(made) == ["ambiguous_match"]
    assert {type(line.action) for line in made.lines} == {Hold}


def test_what_one_platform_shows_twice_at_once_is_an_overlap_whatever_else_is_in_doubt() -> None:
    said = (
        guangxi("G1", span="09:00-11:00"),
        national("N1", span="09:00-10:15"),
        national("N2", span="09:45-11:00"),
    )
    made = planned(subject(*said))
    assert sorted(kinds(made)) == ["ambiguous_match", "overlap"]
    assert {key.external_id for key in conflict_of(made, "overlap").records} == {"N1", "N2"}
    told = {line.service.claims[0].key.external_id: {c.kind.value for c in line.conflicts} for line in made.lines}
    both = {"ambiguous_match", "overlap"}
    assert told == {"G1": {"ambiguous_match"}, "N1": both, "N2": both}


def test_claims_that_say_the_same_pair_in_key_order() -> None:
    said = [guangxi("G1", activity_id="a"), guangxi("G2", activity_id="b")]
    shown = [national("N1"), national("N2", activity_id="c")]
    made = planned(subject(*said, *shown))
    together = {tuple(claim.key.external_id for claim in line.service.claims) for line in made.lines}
    assert together == {("G1", "N1"), ("G2", "N2")}
    assert "ambiguous_match" not in kinds(made)


def test_a_decision_same_parts_what_only_a_guess_could() -> None:
    said = (guangxi("G1"), national("N1", span="09:00-09:30"), national("N2", span="14:00-14:45"))
    pairs = (PairBinding(RecordKey("guangxi", "G1"), RecordKey("national", "N2"), is_same=True),)
    made = planned(subject(*said, pairs=pairs))
    assert "ambiguous_match" not in kinds(made)
    assert [line.action.booking.seconds for line in moves(made)] == [HALF_HOUR]  # type: ignore[union-attr]


def test_a_decision_distinct_parts_what_only_a_guess_could() -> None:
    said = (guangxi("G1"), national("N1", span="09:00-09:30"), national("N2", span="14:00-14:45"))
    pairs = (PairBinding(RecordKey("guangxi", "G1"), RecordKey("national", "N2"), is_same=False),)
    made = planned(subject(*said, pairs=pairs))
    assert "ambiguous_match" not in kinds(made)
    (posted,) = moves(made)
    assert {claim.key.external_id for claim in posted.service.claims} == {"G1", "N1"}


def test_the_line_says_which_row_spoke() -> None:
    assert only_line(planned(subject(guangxi(category=None)))).reason == "unmapped"


def test_one_record_under_another_name_holds_its_own_service_alone() -> None:
    made = planned(subject(guangxi("G1"), guangxi("G2", day=LATER + timedelta(days=1), name_token=OTHER_NAME)))
    assert [type(line.action).__name__ for line in made.lines] == ["Post", "Hold"]
    assert conflict_of(made, "person_differs").records == (RecordKey("guangxi", "G2"),)


def test_two_pairs_of_rows_typed_twice_on_one_day_are_two_services() -> None:
    said = [guangxi(f"G{n}", activity_id="ab"[n // 2], category=("escort", "recreation")[n // 2]) for n in range(4)]
    made = planned(subject(*said))
    assert len(moves(made)) == 2
    assert kinds(made) == ["duplicate", "duplicate"]


def test_which_of_three_visits_two_alike_rows_leave_out_is_not_guessed() -> None:
    spans = ("09:00-09:30", "14:00-14:30", "16:00-16:30")
    shown = [national(f"N{n}", span=span) for n, span in enumerate(spans)]
    made = planned(subject(guangxi("G1"), guangxi("G2"), *shown))
    assert kinds(made) == ["ambiguous_match"]
