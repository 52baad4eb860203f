from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from desk.report.arrange import causes, is_for_today, is_note, is_to_do, station_lines, stations, working_days
from domain.conflicts import ConflictKind, ConflictState
from tests.desk_report_night import night

TODAY = date(2022, 10, 21)
waits = partial(is_to_do, today=TODAY)


def test_one_act_that_solves_many_comes_first() -> None:
    first = causes(filter(waits, night().conflicts))[0]
    assert (first.kind, len(first.conflicts), first.seconds, first.is_one_act) == (
        ConflictKind.UNMAPPED,
        6,
        21_600,
        True,
    )
    assert (first.station, first.what) == ("河东站", "金秋手工坊")


def test_a_person_without_licence_is_one_act_however_many_services_wait() -> None:
    (one,) = [one for one in night().conflicts if one.kind is ConflictKind.INELIGIBLE]
    same = replace(one, cause="ineligible/no_licence/7")
    (cause,) = causes([same, replace(same, conflict_id="C2", what="义诊量血压")])
    assert (cause.is_one_act, cause.what, cause.who) == (True, "", f"{one.person_masked} {one.local_number}")


def test_what_must_be_judged_one_by_one_is_never_one_act() -> None:
    lone = [one for one in night().conflicts if one.kind is ConflictKind.UNCORROBORATED]
    (cause,) = causes([replace(one, cause="uncorroborated/only_one_platform/CZ01") for one in lone])
    assert (len(cause.conflicts), cause.is_one_act) == (3, False)


def test_conflicts_with_a_cause_of_their_own_stand_together_under_their_kind() -> None:
    lone = [one for one in night().conflicts if one.kind is ConflictKind.UNCORROBORATED]
    named = [replace(one, cause=f"service/{number}") for number, one in enumerate(lone)]
    (cause,) = causes(named)
    assert len(cause.conflicts) == 3
    assert not cause.is_one_act


def test_two_projects_of_one_kind_are_two_causes() -> None:
    first, *rest = [one for one in night().conflicts if one.kind is ConflictKind.UNMAPPED]
    other = [replace(one, cause="project/guangxi/78") for one in (first, rest[0])]
    assert [len(cause.conflicts) for cause in causes([*other, *rest[1:]])] == [4, 2]


def test_a_conflict_is_to_do_or_a_note_or_back_at_the_station_or_settled() -> None:
    conflicts = night().conflicts
    to_do, notes = list(filter(waits, conflicts)), list(filter(is_note, conflicts))
    apart = [one for one in conflicts if one.state in {ConflictState.RETURNED, ConflictState.DECIDED}]
    assert len(to_do) + len(notes) + len(apart) == len(conflicts)
    assert {one.kind for one in notes} == {ConflictKind.DUPLICATE}
    assert {one.kind for one in conflicts if is_for_today(one, TODAY)} == {
        ConflictKind.GUARD,
        ConflictKind.UNKNOWN_OUTCOME,
    }


def test_what_a_station_has_not_answered_by_its_day_is_to_do_again() -> None:
    data = night()
    (back,) = [one for one in data.conflicts if one.state is ConflictState.RETURNED]
    for days, is_over in ((0, False), (-1, True)):
        asked = replace(back, asked_until=TODAY + timedelta(days=days), is_blocking=True)
        assert is_to_do(asked, TODAY) == is_over
        told = station_lines(replace(data, conflicts=(asked,)))
        assert (sum(one.count for one in told), sum(one.returned_count for one in told)) == (is_over, not is_over)


def test_the_stations_lines_add_up_to_what_is_to_do() -> None:
    data = night()
    lines = station_lines(data)
    to_do = list(filter(waits, data.conflicts))
    assert sum(line.count for line in lines) == len(to_do)
    assert sum(line.seconds for line in lines) == sum(one.seconds_at_stake for one in to_do)
    assert sum(line.returned_count for line in lines) == 1
    assert len(lines) == 7


def test_a_station_that_only_a_conflict_names_gets_its_line() -> None:
    data = night()
    stray = replace(data.conflicts[0], station="", station_name="")
    assert [one.code for one in stations(replace(data, conflicts=(stray,)))][-1] == ""


def test_working_days_leave_out_the_weekend() -> None:
    friday, monday = date(2022, 10, 14), date(2022, 10, 17)
    assert working_days(friday, monday) == 1
    assert working_days(monday, monday) == 0
    assert working_days(monday, friday) == 0
