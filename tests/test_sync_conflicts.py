"""Each kind of conflict, field by field: what it is about, which facts it judges, what is at stake, what is advised."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.claims import Claim
from domain.conflicts import Conflict, ConflictKind
from domain.records import RecordKey, RecordState
from domain.subjects import Subject
from tests.planning import (
    HALF_HOUR,
    HOUR,
    LATER,
    STATION,
    booked,
    conflict_of,
    entry,
    gone,
    guangxi,
    national,
    person,
    planned,
    subject,
    withdrawn,
)  # fmt: skip

NEXT_DAY = LATER + timedelta(days=1)
AFTER_GRACE = LATER + timedelta(days=30)
G1, N1 = RecordKey("guangxi", "G1"), RecordKey("national", "N1")
SPAN = "09:00-10:00"


def told(kind: str, facts: Subject, today: date | None = None) -> tuple[Conflict, list[str]]:
    """Give the one conflict of a kind, and the ids of the services that it is said of."""
    made = planned(facts, today)
    conflict = conflict_of(made, kind)
    said_of = [line.service.service_id for line in made.lines if conflict in line.conflicts]
    return conflict, sorted(said_of)


def expected(kind: ConflictKind, about: str, *records: RecordKey, **said: object) -> Conflict:
    """Give a conflict of person 101 on the day, at the station; what is said otherwise goes first."""
    plain: dict[str, object] = {
        "is_blocking": True, "person": 101, "identity": 1, "station": STATION, "service_date": LATER,
        "seconds_at_stake": HALF_HOUR,
    }  # fmt: skip
    return Conflict(kind=kind, about=about, records=records, **(plain | said))  # type: ignore[arg-type]


def fact(claim: Claim) -> str:
    """Say again, in the test's own words, what a claim's facts are."""
    times = ["" if at is None else at.isoformat() for at in (claim.starts_at, claim.ends_at)]
    parts = [
        f"{claim.key.platform}:{claim.key.external_id}", claim.state.value, str(claim.service_date), *times,
        str(claim.reported_seconds), claim.category or "", claim.station,
    ]  # fmt: skip
    return "|".join(parts)


def test_unmapped_is_about_the_project() -> None:
    strange = guangxi(category=None, activity_id="A9", activity_name="打扫", seconds=2 * HOUR)
    found, (service,) = told("unmapped", subject(strange))

    assert found == expected(
        ConflictKind.UNMAPPED, f"service/{service}", G1, seconds_at_stake=2 * HOUR, cause="project/guangxi/A9",
        evidence=("guangxi|A9|打扫",), reason="no_rule_for_project", details=(("activity", "打扫"),),
    )  # fmt: skip


def test_a_minor_is_ineligible() -> None:
    found, (service,) = told("ineligible", subject(guangxi(), people={1: person(born_on=date(2010, 1, 1))}))

    assert found == expected(
        ConflictKind.INELIGIBLE, f"service/{service}", G1, cause="ineligible/under_age/101",
        evidence=("under_age", "2023-03-14"), reason="under_age", details=(("years", "18"),), suggestion="void",
    )  # fmt: skip


def test_a_layman_is_ineligible_for_professional_service() -> None:
    found, (service,) = told("ineligible", subject(guangxi(category="professional")))

    assert found == expected(
        ConflictKind.INELIGIBLE, f"service/{service}", G1, cause="ineligible/no_licence/101",
        evidence=("no_licence", "professional"), reason="no_licence", details=(("category", "其他服务（专业）"),),
    )  # fmt: skip


def test_two_days_for_one_visit() -> None:
    found, (service,) = told("date_differs", subject(guangxi(), national(day=NEXT_DAY)))

    assert found == expected(
        ConflictKind.DATE_DIFFERS, f"service/{service}", G1, N1, cause=f"date_differs/day_disagrees/{STATION}",
        evidence=("guangxi:G1|2023-03-14", "national:N1|2023-03-15"), reason="day_disagrees",
        details=(("days", "guangxi 2023-03-14, national 2023-03-15"),), suggestion="accept:guangxi",
    )  # fmt: skip


def test_two_categories_for_one_visit() -> None:
    facts = subject(guangxi(span=SPAN, category="recreation"), national(span=SPAN))
    found, (service,) = told("category_differs", facts)

    assert found == expected(
        ConflictKind.CATEGORY_DIFFERS, f"service/{service}", G1, N1, seconds_at_stake=HOUR,
        cause=f"category_differs/category_disagrees/{STATION}",
        evidence=("guangxi:G1|recreation", "national:N1|emotional_support"), reason="category_disagrees",
        details=(("categories", "guangxi 文体活动, national 情感慰藉"),), suggestion="accept:guangxi",
    )  # fmt: skip


def test_two_figures_for_one_visit() -> None:
    said = (guangxi(span=SPAN), national(span="09:00-12:00"))
    found, (service,) = told("hours_differ", subject(*said))

    assert found == expected(
        ConflictKind.HOURS_DIFFER, f"service/{service}", G1, N1, is_blocking=False,
        cause=f"hours_differ/hours_disagree/{STATION}",
        evidence=(
            f"guangxi:G1|3600|{said[0].starts_at}-{said[0].ends_at}",
            f"national:N1|10800|{said[1].starts_at}-{said[1].ends_at}",
        ),
        reason="hours_disagree", details=(("hours", "guangxi 1.00, national 3.00"),), suggestion="accept:guangxi",
    )  # fmt: skip


def test_two_persons_for_one_visit() -> None:
    second = national(identity=2, name_token="name-2", carried_from=G1)  # noqa: S106 - a token of a name
    facts = subject(guangxi(), second, people={1: person(), 2: person(102, "name-2")})
    found, (service,) = told("person_differs", facts)

    assert found == expected(
        ConflictKind.PERSON_DIFFERS, f"service/{service}", G1, N1, cause=f"person_differs/persons_disagree/{STATION}",
        evidence=("guangxi:G1|1", "national:N1|2"), reason="persons_disagree",
    )  # fmt: skip


def test_one_number_under_two_names() -> None:
    said = [guangxi(name_token="b"), national(day=NEXT_DAY + timedelta(days=3), seconds=HOUR, name_token="a")]  # noqa: S106 - tokens of names
    found, services = told("person_differs", subject(*said))

    assert len(services) == 2
    assert found == expected(
        ConflictKind.PERSON_DIFFERS, "identity/1", G1, N1, seconds_at_stake=HOUR, cause="identity/1",
        evidence=("1|a", "1|b"), reason="name_disagrees", details=(("records", "2"),),
    )  # fmt: skip


def test_somebody_who_is_not_on_the_roster() -> None:
    said = [
        national(day=NEXT_DAY + timedelta(days=3), category="recreation", station="CZ01"), guangxi(), national("N2"),
    ]  # fmt: skip
    found, services = told("unknown_person", subject(*said, people={}))

    assert len(services) == 2
    assert found == expected(
        ConflictKind.UNKNOWN_PERSON, "identity/1", G1, N1, RecordKey("national", "N2"), person=None,
        seconds_at_stake=HOUR + HALF_HOUR, cause="identity/1", evidence=("1|name-1",), reason="not_on_roster",
        details=(("records", "3"),),
    )  # fmt: skip


def test_two_services_at_one_time() -> None:
    said = [guangxi(span=SPAN), guangxi("G2", span="09:45-11:00", category="recreation", station="CZ01")]
    found, (first, second) = told("overlap", subject(*said))

    assert found == expected(
        ConflictKind.OVERLAP, f"services/{first}+{second}", G1, RecordKey("guangxi", "G2"),
        seconds_at_stake=HALF_HOUR + HOUR, cause=f"overlap/{STATION}", evidence=tuple(map(fact, said)),
        reason="spans_overlap", details=(("overlap_seconds", "900"),),
    )  # fmt: skip


def test_an_overlap_across_midnight_is_of_the_earlier_day_and_judges_times_only() -> None:
    late = guangxi("G2", span="23:00-23:30")
    night = replace(late, ends_at=guangxi(day=NEXT_DAY, span="01:00-02:00").starts_at)
    early = national("N1", day=NEXT_DAY, span="00:30-00:40", station="CZ01")
    untimed = guangxi("G1", day=NEXT_DAY, business_key="SQ1")
    tied = replace(early, business_key="SQ1")
    found, services = told("overlap", subject(night, tied, untimed))

    assert len(services) == 2
    assert (found.service_date, found.records) == (LATER, (G1, RecordKey("guangxi", "G2"), N1))
    assert found.evidence == (fact(night), fact(tied))
    assert found.details == (("overlap_seconds", "600"),)


@pytest.mark.parametrize(
    ("spans", "is_blocking", "total", "limit"),
    [
        (["08:00-12:00", "13:00-17:01"], False, 28_860, 8 * HOUR),
        (["08:00-14:00", "15:00-21:00"], False, 12 * HOUR, 8 * HOUR),
        (["08:00-14:00", "15:00-21:01"], True, 12 * HOUR + 60, 12 * HOUR),
    ],
)
def test_a_day_that_is_too_long(spans: list[str], is_blocking: bool, total: int, limit: int) -> None:  # noqa: FBT001 - a table of cases
    said = [entry(f"E{n}", span=span, category="recreation") for n, span in enumerate(spans, 1)]
    shown = [guangxi(f"G{n}", span=span, category="recreation") for n, span in enumerate(spans, 1)]
    exact = [
        replace(one, duration=own.duration, reported_seconds=own.reported_seconds)
        for one, own in zip(shown, said, strict=True)
    ]
    found, services = told("implausible", subject(*exact))

    assert len(services) == 2
    assert found == expected(
        ConflictKind.IMPLAUSIBLE, "day/101/2023-03-14", G1, RecordKey("guangxi", "G2"), is_blocking=is_blocking,
        seconds_at_stake=2 * HOUR, cause=f"implausible/day_too_long/{STATION}", evidence=tuple(map(fact, exact)),
        reason="day_too_long", details=(("total_seconds", str(total)), ("limit_seconds", str(limit))),
    )  # fmt: skip


def test_a_day_of_eight_hours_is_not_too_long() -> None:
    made = planned(subject(guangxi(span="08:00-12:00"), guangxi("G2", span="13:00-17:00")))

    assert made.conflicts == ()


def test_a_day_that_is_still_to_come() -> None:
    said = guangxi(span=SPAN)
    found, services = told("implausible", subject(said), today=LATER - timedelta(days=1))

    assert len(services) == 1
    assert found == expected(
        ConflictKind.IMPLAUSIBLE, "day/101/2023-03-14", G1, cause=f"implausible/in_future/{STATION}",
        evidence=(fact(said),), reason="in_future", details=(("total_seconds", "3600"), ("limit_seconds", "28800")),
    )  # fmt: skip


def test_a_row_that_several_fit() -> None:
    said = [
        guangxi(station="CZ01"), national("N1", span="09:00-09:30"),
        national("N2", span="14:00-14:45", category="recreation", seconds=2700),
    ]  # fmt: skip
    said[0] = replace(said[0], category=None, duration=said[2].duration.widened(HOUR))
    found, services = told("ambiguous_match", subject(*said))

    assert len(services) == 3
    assert found == expected(
        ConflictKind.AMBIGUOUS_MATCH, "records/guangxi:G1+national:N1+national:N2", G1, N1, RecordKey("national", "N2"),
        station="CZ01", seconds_at_stake=HOUR, cause="ambiguous/CZ01", evidence=tuple(map(fact, said)),
        reason="several_fit", details=(("count", "3"),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "kind", "reason", "platform", "advice"),
    [
        ([national(span=SPAN)], ConflictKind.UNCORROBORATED, "only_one_platform", "guangxi", "accept:national"),
        ([entry(span=SPAN)], ConflictKind.MISSING_ON_PLATFORM, "only_station", "guangxi", "accept:station"),
    ],
)
def test_what_nobody_else_confirms_in_time(
    said: list[Claim], kind: ConflictKind, reason: str, platform: str, advice: str
) -> None:
    found, (service,) = told(kind.value, subject(*said), AFTER_GRACE)

    assert found == expected(
        kind, f"service/{service}", said[0].key, cause=f"{kind}/{reason}/{STATION}", evidence=(fact(said[0]),),
        reason=reason, details=(("platform", platform), ("waited_until_on", "2023-03-28")), suggestion=advice,
    )  # fmt: skip


def test_an_old_export_alone_is_not_waited_for() -> None:
    said = national(span=SPAN, is_type_unknown=True)
    found, (service,) = told("uncorroborated", subject(said))

    assert found == expected(
        ConflictKind.UNCORROBORATED, f"service/{service}", N1,
        cause=f"uncorroborated/type_unknown_old_export/{STATION}", evidence=(fact(said),),
        reason="type_unknown_old_export", details=(("platform", "guangxi"), ("waited_until_on", "2023-03-28")),
        suggestion="accept:national",
    )  # fmt: skip


def test_what_the_deciding_platform_withdrew_and_another_still_says() -> None:
    said = (withdrawn(guangxi(span=SPAN)), national(span=SPAN))
    found, (service,) = told("uncorroborated", subject(*said))

    assert found == expected(
        ConflictKind.UNCORROBORATED, f"service/{service}", G1, N1, is_blocking=False,
        cause=f"uncorroborated/withdrawn_elsewhere/{STATION}", evidence=tuple(map(fact, said)),
        reason="withdrawn_elsewhere", details=(("platform", "guangxi"),), suggestion="ignore",
    )  # fmt: skip


@pytest.mark.parametrize(("who", "is_blocking"), [("guangxi", True), ("national", False)])
def test_a_record_that_is_gone_without_a_trace(who: str, is_blocking: bool) -> None:  # noqa: FBT001 - a table of cases
    said = [guangxi(span=SPAN), national(span=SPAN)]
    claims = [gone(one) if one.key.platform == who else one for one in said]
    found, (service,) = told("vanished", subject(*claims))

    assert found == expected(
        ConflictKind.VANISHED, f"service/{service}", G1, N1, is_blocking=is_blocking,
        cause=f"vanished/gone_without_trace/{STATION}", evidence=(f"{next(c.key for c in claims if c.is_gone)}|gone",),
        reason="gone_without_trace", details=(("platform", who),),
    )  # fmt: skip


def test_rows_of_several_platforms_that_are_gone_are_told_together() -> None:
    said = [gone(guangxi(span=SPAN)), gone(national(span=SPAN)), withdrawn(gone(national("N2", span=SPAN)))]
    found, _ = told("vanished", subject(*said))

    assert found.evidence == ("guangxi:G1|gone", "national:N1|gone")
    assert found.details == (("platform", "guangxi, national"),)


def test_a_row_that_was_typed_twice() -> None:
    said = [guangxi(span=SPAN), guangxi("G2", span=SPAN, category="recreation"), national(span=SPAN)]
    found, (service,) = told("duplicate", subject(*said))

    assert service
    assert found == expected(
        ConflictKind.DUPLICATE, "records/guangxi:G1+guangxi:G2", G1, RecordKey("guangxi", "G2"), is_blocking=False,
        seconds_at_stake=HOUR, cause=f"duplicate/said_twice/{STATION}", evidence=("guangxi:G1", "guangxi:G2"),
        reason="said_twice", details=(("platform", "guangxi"), ("count", "2")), suggestion="same",
    )  # fmt: skip


def test_what_was_drawn_before_it_was_taken_back() -> None:
    facts = booked(subject(guangxi(span=SPAN)))
    taken = booked(replace(facts, claims=(withdrawn(guangxi(span=SPAN)),)))
    owing = replace(taken, standings=(replace(taken.standings[0], short_seconds=900),), owed={101: 4000})
    found, (service,) = told("balance_short", owing)

    assert found == expected(
        ConflictKind.BALANCE_SHORT, f"service/{service}", G1, is_blocking=False, seconds_at_stake=900,
        cause="balance_short/101", evidence=("900",), reason="reversal_exceeds_balance",
        details=(("short_seconds", "900"),), suggestion="ignore",
    )  # fmt: skip


def test_a_conflict_of_a_stranger_names_nobody() -> None:
    said = replace(guangxi(category=None), state=RecordState.EFFECTIVE)
    made = planned(subject(said, people={}))

    assert {conflict.person for conflict in made.conflicts} == {None}
