"""The bridge, cell by cell: each item by a small case whose figures were worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from desk.bridge.faults import bridge_faults
from desk.decide.said import Said, read_decision
from desk.verify import verify
from domain.conflicts import ConflictState
from domain.errors import UsageError
from tests.bridges import EARLY_2022, HOUR, MINUTE, SERVED_ON, Street, street
from tests.nights import TWO_STATIONS, shipped_rules
from tests.planning import at

HALF_HOUR = HOUR // 2


@pytest.fixture
def late(tmp_path: Path) -> Iterator[Street]:
    """Give a street in August 2022, where only Guangxi suffices."""
    with street(tmp_path) as made:
        yield made


@pytest.fixture
def early(tmp_path: Path) -> Iterator[Street]:
    """Give a street in March 2022, where either platform suffices."""
    with street(tmp_path, EARLY_2022) as made:
        yield made


def test_a_visit_of_flat_credit_differs_by_the_credit_rule(late: Street) -> None:
    """42 minutes are 0.70 h nationally, half an hour in Guangxi and half an hour flat at the bank."""
    late.national("09:00", 42)
    late.guangxi("09:00", 42)
    late.night()
    assert late.sides() == {
        "national": {"reported": 42 * MINUTE, "ledger": HALF_HOUR, "credit_rule": -12 * MINUTE},
        "guangxi": {"reported": HALF_HOUR, "ledger": HALF_HOUR},
    }


def test_a_visit_of_actual_credit_differs_by_what_platforms_round(late: Street) -> None:
    """50 minutes of nursing: 0.83 h (2988 s) nationally, 0.5 h in Guangxi; its span is what is booked."""
    late.national("09:00", 50, "professional")
    late.guangxi("09:00", 50, "professional")
    late.night()
    assert late.sides() == {
        "national": {"reported": 2988, "ledger": 3000, "rounding": 12},
        "guangxi": {"reported": 1800, "ledger": 3000, "rounding": 1200},
    }


def test_a_special_case_makes_of_a_flat_visit_one_that_rounding_parts(late: Street) -> None:
    late.national("09:00", 120, remark="排队久，特殊情况2小时")
    late.guangxi("09:00", 155)
    late.night()
    assert late.sides() == {
        "national": {"reported": 7200, "in_conflict": -7200},
        "guangxi": {"reported": 9000, "in_conflict": -9000},
    }
    late.decide("hours_differ", "accept:guangxi")
    assert late.sides() == {
        "national": {"reported": 7200, "ledger": 9300, "decided": 2100},
        "guangxi": {"reported": 9000, "ledger": 9300, "rounding": 300},
    }


def test_what_one_platform_says_twice_is_a_duplicate(late: Street) -> None:
    late.guangxi("09:00", 30)
    late.guangxi("09:00", 30)
    late.night()
    assert late.sides() == {
        "national": {"ledger": HALF_HOUR, "elsewhere_only": HALF_HOUR},
        "guangxi": {"reported": HOUR, "ledger": HALF_HOUR, "duplicate": -HALF_HOUR},
    }


def test_what_a_person_says_is_the_same_visit_is_a_duplicate_also_where_it_is_not_to_be_booked(late: Street) -> None:
    late.national("09:00", 30)
    late.national("09:15", 30)
    late.night(days=20)
    late.decide("overlap", "same")
    assert late.sides() == {"national": {"reported": HOUR, "in_conflict": -HOUR}, "guangxi": {}}
    late.decide("uncorroborated", "void")
    assert late.sides() == {
        "national": {"reported": HOUR, "duplicate": -HALF_HOUR, "decided": -HALF_HOUR},
        "guangxi": {},
    }


def test_what_only_the_other_platform_shows_waits_and_is_held_after_the_grace(late: Street) -> None:
    late.national("09:00", 30)
    late.night()
    assert late.sides() == {"national": {"reported": HALF_HOUR, "waiting": -HALF_HOUR}, "guangxi": {}}
    late.night(days=20)
    assert late.sides() == {"national": {"reported": HALF_HOUR, "in_conflict": -HALF_HOUR}, "guangxi": {}}


def test_what_is_booked_by_a_decision_without_the_platforms_word_is_decided(late: Street) -> None:
    late.national("09:00", 30)
    late.night(days=20)
    late.decide("uncorroborated", "credit:1.5")
    assert late.sides() == {
        "national": {"reported": HALF_HOUR, "ledger": 5400, "decided": HOUR},
        "guangxi": {"ledger": 5400, "decided": 5400},
    }


def test_a_decision_to_book_nothing_takes_the_figure_away(late: Street) -> None:
    late.national("09:00", 30)
    late.night(days=20)
    late.decide("uncorroborated", "void")
    assert late.sides() == {"national": {"reported": HALF_HOUR, "decided": -HALF_HOUR}, "guangxi": {}}


def test_a_decision_to_leave_the_book_takes_the_figure_away_without_a_conflict(late: Street) -> None:
    late.national("09:00", 30)
    late.night(days=20)
    late.decide("uncorroborated", "ignore")
    assert late.sides() == {"national": {"reported": HALF_HOUR, "decided": -HALF_HOUR}, "guangxi": {}}


def test_an_undone_decision_leaves_the_conflict_again(late: Street) -> None:
    late.national("09:00", 30)
    late.night(days=20)
    conflict = late.decide("uncorroborated", "credit:1.5")
    late.desk().undo([conflict], "韦站长")
    assert late.sides() == {"national": {"reported": HALF_HOUR, "in_conflict": -HALF_HOUR}, "guangxi": {}}


def test_a_decided_day_parts_the_months_and_both_close(late: Street) -> None:
    """Nationally it was the last of August, in Guangxi the first of September; Guangxi's day is accepted."""
    late.national("09:00", 30, day=date(2022, 8, 31))
    late.guangxi("09:00", 30, day=date(2022, 9, 1))
    late.night(days=40)
    late.decide("date_differs", "accept:guangxi")
    assert late.sides(month="2022-08") == {"national": {"reported": HALF_HOUR, "decided": -HALF_HOUR}, "guangxi": {}}
    assert late.sides(month="2022-09") == {
        "national": {"ledger": HALF_HOUR, "decided": HALF_HOUR},
        "guangxi": {"reported": HALF_HOUR, "ledger": HALF_HOUR},
    }


def test_two_stations_said_of_one_visit_part_it_and_both_close(late: Street) -> None:
    late.national("09:00", 30, station=TWO_STATIONS[1])
    late.guangxi("09:00", 30)
    late.night()
    assert late.sides(station="CZ02") == {
        "national": {"reported": HALF_HOUR, "elsewhere_only": -HALF_HOUR},
        "guangxi": {},
    }
    assert late.sides(station="CZ01") == {
        "national": {"ledger": HALF_HOUR, "elsewhere_only": HALF_HOUR},
        "guangxi": {"reported": HALF_HOUR, "ledger": HALF_HOUR},
    }


def test_a_name_that_a_decision_gave_to_another_person_parts_them_and_both_close(late: Street) -> None:
    other = late.people[1]
    late.guangxi("09:00", 30, name=other.name)
    late.night()
    assert late.sides(person=late.one.local_number)["guangxi"] == {"reported": HALF_HOUR, "in_conflict": -HALF_HOUR}
    late.decide("person_differs", f"person:{other.local_number}")
    assert late.sides(person=late.one.local_number)["guangxi"] == {"reported": HALF_HOUR, "decided": -HALF_HOUR}
    assert late.sides(person=other.local_number)["guangxi"] == {"ledger": HALF_HOUR, "decided": HALF_HOUR}


def test_what_is_no_service_is_out_of_scope(late: Street) -> None:
    late.guangxi("09:00", 60, service_type="0001")
    late.night()
    assert late.sides() == {"national": {}, "guangxi": {"reported": HOUR, "out_of_scope": -HOUR}}


def test_what_earlier_services_a_decision_put_outside_is_out_of_scope(late: Street) -> None:
    late.guangxi("09:00", 60, person=late.people[3])
    late.night()
    assert late.sides()["guangxi"] == {"reported": HOUR, "in_conflict": -HOUR}
    late.decide("unknown_person", "outside")
    assert late.sides()["guangxi"] == {"reported": HOUR, "out_of_scope": -HOUR}


def test_a_stranger_whose_visit_is_not_to_be_booked_is_decided_also_while_another_word_waits_to_be_agreed(
    late: Street,
) -> None:
    """Five hours of nursing by a stranger: nothing, says one; whose they are, says another, and needs a second."""
    late.guangxi("09:00", 300, "professional", person=late.people[3])
    late.night()
    stranger = late.decide("unknown_person", "void")
    assert late.sides()["guangxi"] == {"reported": 5 * HOUR, "decided": -5 * HOUR}
    said = Said(stranger, *read_decision(f"person:{late.one.local_number}", late.bank.rules), "签到表", "韦站长")
    (outcome,) = late.desk().decide([said])
    assert outcome.state is ConflictState.PROPOSED
    assert late.sides()["guangxi"] == {"reported": 5 * HOUR, "decided": -5 * HOUR}


def test_what_came_apart_from_a_judged_visit_is_in_conflict_until_that_was_judged_anew(early: Street) -> None:
    """An hour nationally, three in Guangxi: an hour, says a person; then the national row says another time."""
    row = early.national("09:00", 60, "professional")
    early.guangxi("09:00", 180, "professional")
    early.night()
    early.decide("hours_differ", "accept:national")
    early.town.national.edit(row, starts_at=at(EARLY_2022, "14:00"), ends_at=at(EARLY_2022, "15:00"))
    early.night()
    assert early.sides() == {
        "national": {"reported": HOUR, "ledger": HOUR},
        "guangxi": {"reported": 3 * HOUR, "ledger": HOUR, "in_conflict": -2 * HOUR},
    }
    early.decide("hours_differ", "accept:guangxi")
    assert sum(early.bank.credited(early.one.local_number).values()) == 4 * HOUR
    assert early.bank.faults_found() == []


def test_what_a_platform_has_yet_to_pass_is_pending(late: Street) -> None:
    late.guangxi("09:00", 60, state="PENDING")
    late.night()
    assert late.sides() == {"national": {}, "guangxi": {"reported": HOUR, "pending": -HOUR}}


def test_what_a_platform_withdrew_it_does_not_report_and_the_other_ones_word_is_not_enough(late: Street) -> None:
    late.guangxi("09:00", 30, state="REVOKED")
    late.national("09:00", 30)
    late.night()
    assert late.sides() == {"national": {"reported": HALF_HOUR, "withdrawn": -HALF_HOUR}, "guangxi": {}}


def test_a_withdrawal_that_a_person_believes_takes_the_other_ones_figure_away(late: Street) -> None:
    late.guangxi("09:00", 30, state="REVOKED")
    late.national("09:00", 30)
    late.night()
    late.decide("uncorroborated", "accept:guangxi")
    sides = late.sides()
    assert sides["national"] == {"reported": HALF_HOUR, "decided": -HALF_HOUR}
    assert sides["guangxi"] == {}


def test_an_entry_that_a_platform_does_not_show_is_undelivered(early: Street) -> None:
    early.national("09:00", 30)
    cells = ("R1", early.one.local_number, "情感慰藉", "2022-03-10", "09:00", "09:30")
    early.bank.type_entry(*cells, "", "城中", "韦奶奶", "覃站长", "莫主任", "")
    early.night()
    assert early.sides() == {
        "national": {"reported": HALF_HOUR, "ledger": HALF_HOUR},
        "guangxi": {"ledger": HALF_HOUR, "undelivered": HALF_HOUR},
    }


def test_what_the_opening_covers_is_reported_and_not_booked(late: Street) -> None:
    late.change("UPDATE person SET opening_through_on = '2022-08-31' WHERE local_number = 'P0'")
    late.guangxi("09:00", 30)
    late.night()
    assert late.sides() == {"national": {}, "guangxi": {"reported": HALF_HOUR, "opening": -HALF_HOUR}}


def test_what_earns_nothing_lies_in_the_rounding(late: Street) -> None:
    """Twenty minutes of nursing without times are no half hour in Guangxi; 0.33 h nationally are 1188 s."""
    late.guangxi(None, 20, "professional")
    late.national("09:00", 20, "professional")
    late.night()
    assert late.sides() == {"national": {"reported": 1188, "rounding": -1188}, "guangxi": {}}


def test_drawn_hours_are_no_services(late: Street) -> None:
    late.guangxi("09:00", 30)
    late.night()
    late.bank.redeem(late.one.local_number, HALF_HOUR)
    assert late.sides()["guangxi"] == {"reported": HALF_HOUR, "ledger": HALF_HOUR}


def test_a_merged_persons_services_are_the_other_ones_at_once(late: Street) -> None:
    late.guangxi("09:00", 30)
    late.night()
    old, new = late.one.local_number, late.people[1].local_number
    late.merge(old, new)
    for person in (old, new):
        assert late.sides(person=person)["guangxi"] == {"reported": HALF_HOUR, "ledger": HALF_HOUR}
    late.night()
    assert late.sides(person=new)["guangxi"] == {"reported": HALF_HOUR, "ledger": HALF_HOUR}


def test_what_no_night_has_seen_is_not_yet_reconciled(late: Street) -> None:
    """The rule file says two hours for what half an hour was booked for, and nobody has published it."""
    late.guangxi("09:00", 30)
    late.night()
    rules = late.bank.rules
    twice = replace(rules.categories["emotional_support"], credit_seconds=2 * HOUR)
    late.bank.rules = replace(rules, version="other", categories={**rules.categories, "emotional_support": twice})
    figures = late.sides()["guangxi"]
    assert figures == {"reported": 1800, "ledger": 1800, "credit_rule": 5400, "unplanned": -5400}


def test_a_row_that_cannot_be_read_has_no_figure_and_is_counted_beside(late: Street) -> None:
    late.guangxi("09:00", 30)
    late.national("09:00", 30, hours=None)
    late.night()
    bridge = late.bridge()
    assert bridge.unreadable_rows("national") == 1
    assert bridge.unreadable_rows("guangxi") == 0
    assert late.bridge(station="CZ02").unreadable_rows("national") == 0
    assert late.sides()["national"] == {"ledger": HALF_HOUR, "elsewhere_only": HALF_HOUR}


def test_every_figure_opens_to_its_services(late: Street) -> None:
    first = late.national("09:00", 42)
    late.guangxi("09:00", 42)
    late.guangxi("14:00", 60, service_type="0001")
    late.night()
    bridge = late.bridge()
    ((_, national), (_, guangxi)) = bridge.total().items()
    opened = {item: [piece.reference for piece in found.pieces] for item, found in national.opened.items()}
    (service,) = opened["credit_rule"]  # type: ignore[index] # an item is its code
    assert service.startswith("S")
    assert national.opened["credit_rule"].pieces[0].record == f"national:{first}"  # type: ignore[index]
    outside = [piece.reference for piece in guangxi.opened["out_of_scope"].pieces]  # type: ignore[index]
    assert [reference.partition(":")[0] for reference in outside] == ["guangxi"]


# --- faults ----------------------------------------------------------------------------------------------------------

FAULTS = {
    "a standing was raised": "UPDATE standing SET seconds = seconds + 60",
    "a booking moved to another station": "UPDATE standing SET station = 'CZ02'",
    "a booked record is said to wait": "UPDATE membership SET disposition = 'waiting'",
    "a booked record is said to be held": "UPDATE membership SET disposition = 'in_conflict'",
    "a booked record is said to be out of scope": "UPDATE membership SET disposition = 'out_of_scope'",
    "a booked record is said to be withdrawn": "UPDATE membership SET disposition = 'withdrawn'",
    "a booked record is said to be pending": "UPDATE membership SET disposition = 'pending'",
    "a booked record is said to belong to no service": "UPDATE membership SET service_id = ''",
    "a booked record was forgotten": "DELETE FROM membership",
    "a claim earns another category": "UPDATE claim SET category = 'recreation'",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_hand_edit_leaves_something_unexplained(late: Street, fault: str) -> None:
    late.guangxi("09:00", 42)
    late.night()
    assert late.bridge().is_closed
    late.change(FAULTS[fault])
    assert not late.bridge().is_closed


def test_verify_names_the_place_and_the_service_that_does_not_close(late: Street) -> None:
    late.guangxi("09:00", 42)
    late.night()
    with late.bank.store.reading() as tx:
        assert list(bridge_faults(tx, late.bank.rules)) == []
    late.change("UPDATE standing SET seconds = seconds + 60")
    with late.bank.store.reading() as tx:
        found = list(bridge_faults(tx, late.bank.rules))
        (check,) = [one for one in verify(tx, late.bank.rules, SERVED_ON) if one.name == "bridge"]
    assert [fault.rpartition(" ")[0] for fault in found] == ["national CZ01 2022-08: 60", "guangxi CZ01 2022-08: 60"]
    assert all(fault.rpartition(" ")[2].startswith("S") for fault in found)
    assert not check.ok


def test_a_duplicate_that_nobody_found_is_unexplained(late: Street) -> None:
    """Two visits of one day; a hand makes one of them a second record of the other's service."""
    late.guangxi("09:00", 30)
    late.guangxi("14:00", 30)
    late.night()
    assert late.bridge().is_closed
    late.change("UPDATE membership SET service_id = (SELECT min(service_id) FROM standing)")
    bridge = late.bridge()
    assert bridge.total()["guangxi"].residual_seconds == 0  # a record too many and a booking too many
    assert not bridge.is_closed


@pytest.mark.parametrize("month", ["2022", "2022-13", "2022-00", "22-03", "2022-3", "２０２２-03"])
def test_a_month_is_written_in_one_way(late: Street, month: str) -> None:
    with pytest.raises(UsageError, match="month_unreadable"):
        late.bridge(month=month)


def test_a_station_is_known_by_its_code_and_by_its_names(late: Street) -> None:
    assert late.bridge(station="城中").station == late.bridge(station="CZ01").station == "CZ01"
    with pytest.raises(UsageError, match="station_unknown"):
        late.bridge(station="柳东")
    with pytest.raises(UsageError, match="person_unknown"):
        late.bridge(person="nobody")
    assert shipped_rules().station_names["CZ01"]
