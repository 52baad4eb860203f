"""What a person decides is booked at once, names itself on every voucher, and can be taken back to the second."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.conflicts import ConflictState
from domain.errors import OperatorError
from local_store import conflicts, decision_check
from local_store.lease import lease
from local_store.people import merge
from tests.deciding import BOSS, HOUR, RULES, SECOND, Bank

DECIDED, OPEN, PROPOSED = ConflictState.DECIDED, ConflictState.OPEN, ConflictState.PROPOSED


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    made = Bank(tmp_path)
    yield made
    made.close()


def disagree(bank: Bank, number: int = 1, day: int = 1, hours: float = 3) -> str:
    """Let both platforms speak of one visit with other hours, and give the conflict."""
    before = {one.conflict.conflict_id for one in bank.cases("hours_differ", None)}
    shorter = bank.guangxi(number, f"G{number}{day}", day=day)
    bank.say(shorter, bank.national(number, f"N{number}{day}", day=day, hours=hours), is_special=True)
    (found,) = {one.conflict.conflict_id for one in bank.cases("hours_differ", None)} - before
    return found


def is_whole(bank: Bank) -> bool:
    """Say whether the decisions' proofs hold, the book sums up, and nothing is left to be booked."""
    with bank.store.reading() as tx:
        assert list(decision_check.faults(tx)) == []
    assert [fault for fault in bank.faults() if not fault.startswith(("said", "seals"))] == []
    return bank.night() == {}


def test_what_is_decided_is_booked_at_once_and_its_voucher_names_it(bank: Bank) -> None:
    conflict = disagree(bank)
    assert bank.available() == 0
    (outcome,) = bank.decide(conflict, "credit:1.5")
    assert (outcome.state, outcome.moved_seconds, outcome.problem, outcome.is_booked) == (DECIDED, 5400, None, True)
    assert bank.available() == 5400
    (voucher,) = bank.vouchers()
    assert (voucher.decision, voucher.reason) == (outcome.decision, "decided")
    assert is_whole(bank)


def test_planning_a_decision_changes_nothing(bank: Bank) -> None:
    conflict = disagree(bank)
    (outcome,) = bank.decide(conflict, "credit:1.5", is_plan_only=True)
    assert (outcome.state, outcome.moved_seconds) == (DECIDED, 5400)
    assert (bank.state(conflict), bank.accounts()) == (OPEN, {})


@pytest.mark.parametrize("decision", ["accept:guangxi", "accept:national", "credit:0.5", "void", "ignore", "return"])
def test_taking_back_brings_every_account_to_where_it_stood(bank: Bank, decision: str) -> None:
    bank.say(bank.guangxi(), is_special=True)
    bank.say(bank.national(hours=3), is_special=True)
    conflict = bank.case("hours_differ").conflict.conflict_id
    before = bank.accounts()
    assert bank.available() == HOUR
    (outcome,) = bank.decide(conflict, decision)
    assert outcome.problem is None
    (undone,) = bank.undo(conflict)
    assert (undone.state, undone.moved_seconds) == (OPEN, outcome.moved_seconds)
    assert bank.accounts() == before
    assert is_whole(bank)
    assert bank.accounts() == before


def test_what_was_drawn_in_the_meantime_is_owed_and_paid_back(bank: Bank) -> None:
    bank.say(bank.guangxi(), is_special=True)
    bank.redeem(1, HOUR)
    bank.say(bank.national(hours=3), is_special=True)
    conflict = bank.case("hours_differ").conflict.conflict_id
    before = bank.accounts()
    bank.decide(conflict, "void")
    assert bank.accounts()[f"deficit:{bank.person(1)}"] == -HOUR
    bank.undo(conflict)
    assert bank.accounts() == before
    assert is_whole(bank)


def test_what_stood_beyond_the_cap_stands_there_again_though_room_was_made(tmp_path: Path) -> None:
    bank = Bank(tmp_path, replace(RULES, cap_seconds=HOUR))
    bank.say(bank.guangxi(1, "G1", day=1), is_special=True)
    bank.say(bank.guangxi(1, "G2", day=5), is_special=True)
    bank.redeem(1, HOUR)
    bank.say(bank.national(1, "N2", day=5, hours=3), is_special=True)
    conflict = bank.case("hours_differ").conflict.conflict_id
    before = bank.accounts()
    assert before[f"surplus:{bank.person(1)}"] == HOUR
    bank.decide(conflict, "void")
    bank.undo(conflict)
    assert bank.accounts() == before
    assert is_whole(bank)
    bank.close()


def test_each_undo_takes_back_one_decision(bank: Bank) -> None:
    conflict = disagree(bank)
    bank.decide(conflict, "credit:1")
    once = bank.accounts()
    bank.decide(conflict, "credit:2")
    assert bank.available() == 2 * HOUR
    (first,) = bank.undo(conflict)
    assert (first.state, bank.accounts()) == (DECIDED, once)
    (second,) = bank.undo(conflict)
    assert (second.state, bank.accounts()) == (OPEN, {})
    (third,) = bank.undo(conflict)
    assert third.problem is not None
    assert third.problem.code == "nothing_decided"
    assert is_whole(bank)


def test_taking_back_after_another_visit_was_booked_keeps_that_visit(bank: Bank) -> None:
    conflict = disagree(bank)
    bank.decide(conflict, "credit:2")
    bank.say(bank.guangxi(1, "G9", day=9), is_special=True)
    bank.undo(conflict)
    assert bank.available() == HOUR
    assert is_whole(bank)


def test_more_than_four_hours_wait_for_a_second_person(bank: Bank) -> None:
    conflict = disagree(bank, hours=5)
    (outcome,) = bank.decide(conflict, "accept:national", by=BOSS)
    assert (outcome.state, outcome.moved_seconds, bank.accounts()) == (PROPOSED, 5 * HOUR, {})
    for same in (BOSS, f" {BOSS[0]} {BOSS[1:]} ", f"{BOSS}\u200b"):
        (refused,) = bank.desk.agree([conflict], same)
        assert refused.problem is not None
        assert refused.problem.code == "second_person_needed"
    (again,) = bank.decide(conflict, "void", by=SECOND)
    assert again.problem is not None
    assert again.problem.code == "proposal_waits"
    (agreed,) = bank.desk.agree([conflict], SECOND)
    assert (agreed.state, agreed.moved_seconds, bank.available()) == (DECIDED, 5 * HOUR, 5 * HOUR)
    bank.undo(conflict)
    assert bank.accounts() == {}
    assert is_whole(bank)


def test_four_hours_to_the_second_are_one_persons_to_decide(bank: Bank) -> None:
    (outcome,) = bank.decide(disagree(bank), "credit:4")
    assert outcome.state is DECIDED


def test_one_command_counts_as_a_whole_and_nobody_slices_a_cause(bank: Bank) -> None:
    several = [disagree(bank, number, day) for number, day in ((1, 1), (2, 1), (3, 1))]
    together = bank.decide(several, "credit:1.5")
    assert {one.state for one in together} == {PROPOSED}
    bank.undo(*several)
    states = [bank.decide(one, "credit:1.5")[0].state for one in several]
    assert states == [DECIDED, DECIDED, PROPOSED]
    bank.desk.agree([several[2]], SECOND)
    bank.undo(*several)
    assert bank.accounts() == {}
    assert is_whole(bank)


def test_what_was_decided_alone_long_ago_no_longer_counts_in(bank: Bank) -> None:
    first = disagree(bank, 1)
    bank.decide(first, "credit:3")
    bank.make.clock.sleep(timedelta(days=31).total_seconds())
    (later,) = bank.decide(disagree(bank, 2), "credit:3")
    assert later.state is DECIDED


def test_a_proposal_may_be_taken_back_and_cannot_be_agreed_to_then(bank: Bank) -> None:
    conflict = disagree(bank, hours=5)
    bank.decide(conflict, "accept:national")
    (undone,) = bank.undo(conflict)
    assert (undone.state, bank.accounts()) == (OPEN, {})
    (late,) = bank.desk.agree([conflict], SECOND)
    assert late.problem is not None
    assert late.problem.code == "nothing_proposed"
    assert is_whole(bank)


def test_a_proposal_on_facts_that_have_changed_cannot_be_agreed_to(bank: Bank) -> None:
    conflict = disagree(bank, hours=5)
    bank.decide(conflict, "accept:national")
    bank.say(bank.national(1, "N11", hours=6, updated_at=bank.make.clock.now()), is_special=True)
    (late,) = bank.desk.agree([conflict], SECOND)
    assert late.problem is not None
    assert late.problem.code == "nothing_proposed"
    (anew,) = bank.decide(conflict, "credit:1")
    assert (anew.state, bank.available()) == (DECIDED, HOUR)
    bank.undo(conflict)
    assert (bank.state(conflict), bank.accounts()) == (OPEN, {})
    assert is_whole(bank)


def test_where_a_run_holds_the_lease_the_decision_is_kept_and_that_run_books_it(bank: Bank) -> None:
    conflict = disagree(bank)
    with lease(bank.store, "night/2"):
        (outcome,) = bank.decide(conflict, "credit:1")
        assert (outcome.state, outcome.is_booked, bank.available()) == (DECIDED, False, 0)
    assert bank.night() == {"post": 1}
    assert bank.available() == HOUR
    assert bank.vouchers()[0].decision == outcome.decision
    assert is_whole(bank)


def test_a_rule_file_that_is_not_in_force_books_nothing(bank: Bank) -> None:
    conflict = disagree(bank)
    desk = replace(bank.desk, rules=replace(RULES, version="another"))
    with pytest.raises(OperatorError, match="rules_changed"):
        desk.undo([conflict], BOSS)


def test_each_row_is_refused_by_itself_and_says_why(bank: Bank) -> None:
    conflict = disagree(bank)
    outcomes = bank.decide([conflict, "C0", conflict], "credit:1")
    assert [one.problem.code if one.problem else "" for one in outcomes] == ["", "conflict_unknown", "decision_twice"]
    for decision, code in (("person:CZ-0001", "decision_impossible"), ("accept:station", "decision_platform_silent")):
        (refused,) = bank.decide(conflict, decision)
        assert refused.problem is not None
        assert refused.problem.code == code
    assert bank.available() == HOUR


def test_nothing_is_booked_by_hand_for_somebody_unknown_before_it_is_known_who_that_is(bank: Bank) -> None:
    bank.say(bank.guangxi(7))
    stranger = bank.case("unknown_person").conflict.conflict_id
    for decision in ("credit:1", "accept:guangxi"):
        (refused,) = bank.decide(stranger, decision)
        assert refused.problem is not None
        assert refused.problem.code == "decision_impossible"
    bank.say(bank.national(7))
    bank.withdraw(bank.guangxi(7))
    withdrawn = bank.case("uncorroborated").conflict.conflict_id
    (refused,) = bank.decide(withdrawn, "accept:national")
    assert refused.problem is not None
    assert refused.problem.code == "person_comes_first"
    (outcome,) = bank.decide(withdrawn, "accept:guangxi")
    assert (outcome.problem, outcome.state) == (None, DECIDED)


def test_a_conflict_that_was_solved_by_itself_is_not_decided(bank: Bank) -> None:
    conflict = disagree(bank)
    bank.say(bank.national(1, "N11", hours=1, updated_at=bank.make.clock.now()), is_special=True)
    assert bank.state(conflict) is ConflictState.CLOSED
    (refused,) = bank.decide(conflict, "void")
    assert refused.problem is not None
    assert refused.problem.code == "conflict_closed"


def test_somebody_unknown_becomes_a_person_for_good_until_that_is_taken_back(bank: Bank) -> None:
    bank.say(bank.guangxi(8, "G8"))
    conflict = bank.case("unknown_person").conflict.conflict_id
    (outcome,) = bank.decide(conflict, "person:CZ-0001")
    assert (outcome.state, bank.available()) == (DECIDED, 1800)
    bank.say(bank.guangxi(8, "G9", day=8))
    assert (bank.available(), bank.cases("unknown_person")) == (3600, [])
    assert {voucher.decision for voucher in bank.vouchers()} == {outcome.decision}
    bank.undo(conflict)
    assert (bank.accounts(), bank.state(conflict)) == ({}, OPEN)
    assert is_whole(bank)


def test_of_two_persons_the_one_said_last_stands(bank: Bank) -> None:
    bank.say(bank.guangxi(8, "G8"))
    conflict = bank.case("unknown_person").conflict.conflict_id
    bank.decide(conflict, "person:CZ-0001")
    bank.decide(conflict, "person:CZ-0002")
    assert (bank.available(1), bank.available(2)) == (0, 1800)
    bank.undo(conflict)
    assert (bank.available(1), bank.available(2)) == (1800, 0)
    bank.decide(conflict, "outside")
    assert bank.accounts() == {}
    bank.undo(conflict, conflict)
    assert bank.available(1) == 1800
    assert is_whole(bank)


def test_a_further_name_of_a_bound_identity_is_asked_about_alone(bank: Bank) -> None:
    bank.say(bank.guangxi(1, "G1", person=bank.make.person(1, "谭小溪")))
    conflict = bank.case("person_differs").conflict.conflict_id
    bank.decide(conflict, "person:CZ-0001")
    bank.say(bank.guangxi(1, "G2", day=8, person=bank.make.person(1, "覃小西")))
    assert [record.key.external_id for record in bank.case("person_differs").records] == ["G2"]
    bank.decide(conflict, "return")
    assert (bank.available(), bank.night()) == (1800, {})
    bank.decide(conflict, "person:CZ-0002")
    assert (bank.available(1), bank.available(2)) == (1800, 1800)
    assert is_whole(bank)


def test_who_was_bound_to_a_merged_person_is_the_one_that_is_left(bank: Bank) -> None:
    bank.say(bank.guangxi(8, "G8"))
    bank.decide(bank.case("unknown_person").conflict.conflict_id, "person:CZ-0001")
    with bank.store.writing() as tx:
        merge(tx, bank.person(1), bank.person(2), "同一人", BOSS)
    bank.night()
    assert (bank.available(2), bank.cases("unknown_person")) == (1800, [])
    assert bank.night() == {}


def test_a_persons_own_number_under_their_own_name_is_never_given_away(bank: Bank) -> None:
    bank.say(bank.guangxi(1, "G1", person=bank.make.person(1, "谭小溪")), bank.guangxi(1, "G2", day=8))
    conflict = bank.case("person_differs").conflict.conflict_id
    bank.decide(conflict, "person:CZ-0002")
    assert (bank.available(1), bank.available(2)) == (1800, 1800)


def test_a_project_outside_the_time_bank_is_so_for_everybody(bank: Bank) -> None:
    both = [(bank.guangxi(number, f"G{number}"), bank.national(number, f"N{number}")) for number in (1, 2)]
    bank.say(*both[0], *both[1], category=None)
    first = bank.cases("unmapped")[0].conflict.conflict_id
    bank.decide(first, "outside")
    assert (bank.cases("unmapped"), bank.state(first)) == ([], DECIDED)
    bank.undo(first)
    assert len(bank.cases("unmapped")) == 2
    assert is_whole(bank)


def test_a_duplicate_may_be_two_visits_after_all(bank: Bank) -> None:
    bank.say(bank.guangxi(1, "G1"), bank.guangxi(1, "G2"))
    conflict = bank.case("duplicate").conflict.conflict_id
    before = bank.accounts()
    (outcome,) = bank.decide(conflict, "distinct")
    assert (bank.available(), outcome.moved_seconds) == (3600, 1800)
    assert bank.vouchers()[-1].decision == outcome.decision
    assert bank.cases("overlap") == []
    bank.undo(conflict)
    assert (bank.accounts(), bank.state(conflict)) == (before, OPEN)
    bank.decide(conflict, "same")
    assert (bank.accounts(), bank.state(conflict)) == (before, DECIDED)
    assert is_whole(bank)


def test_two_overlapping_visits_are_parted_and_each_keeps_its_own_records(bank: Bank) -> None:
    bank.say(
        bank.guangxi(1, "G1", hours=2), bank.national(1, "N1", hours=2),
        bank.guangxi(1, "G2", start=10, hours=2), bank.national(1, "N2", start=10, hours=2),
    )  # fmt: skip
    kinds = ("overlap", "ambiguous_match")
    (conflict,) = [one.conflict.conflict_id for kind in kinds for one in bank.cases(kind)]
    bank.decide(conflict, "distinct")
    assert (bank.state(conflict), bank.available()) == (DECIDED, 3600)
    bank.undo(conflict)
    assert bank.accounts() == {}
    assert is_whole(bank)


def test_overlapping_visits_said_to_be_one_are_not_asked_about_as_duplicates(bank: Bank) -> None:
    bank.say(bank.guangxi(1, "G1", hours=2), bank.guangxi(1, "G2", start=10, hours=2))
    conflict = bank.case("overlap").conflict.conflict_id
    bank.decide(conflict, "same")
    assert (bank.available(), bank.cases("duplicate")) == (1800, [])
    assert is_whole(bank)


def test_a_void_is_taken_back_after_further_nights(bank: Bank) -> None:
    bank.say(bank.guangxi(), is_special=True)
    bank.say(bank.national(hours=3), is_special=True)
    conflict = bank.case("hours_differ").conflict.conflict_id
    bank.decide(conflict, "void")
    for day in (5, 6, 7):
        bank.say(bank.guangxi(1, f"G{day}", day=day), is_special=True)
    assert bank.available() == 3 * HOUR
    bank.undo(conflict)
    assert bank.available() == 4 * HOUR
    assert is_whole(bank)


def test_other_facts_open_a_decided_conflict_again_and_the_amount_stays(bank: Bank) -> None:
    conflict = disagree(bank)
    bank.decide(conflict, "credit:2")
    bank.say(bank.national(1, "N11", hours=2.5, updated_at=bank.make.clock.now()), is_special=True)
    again = bank.case("hours_differ")
    assert (again.conflict.conflict_id, bank.available()) == (conflict, 2 * HOUR)
    assert again.decision is not None
    assert set(again.decision.evidence) - set(again.conflict.evidence)
    bank.decide(conflict, "accept:guangxi")
    assert (bank.state(conflict), bank.available()) == (DECIDED, HOUR)
    bank.undo(conflict)
    assert bank.available() == 2 * HOUR
    assert is_whole(bank)


def test_a_judged_amount_stays_though_the_platforms_have_come_to_agree(bank: Bank) -> None:
    conflict = disagree(bank)
    bank.decide(conflict, "credit:2")
    bank.say(bank.national(1, "N11", hours=1, updated_at=bank.make.clock.now()), is_special=True)
    again = bank.case("hours_differ")
    assert (again.conflict.reason, bank.available()) == ("judged_before", 2 * HOUR)
    assert dict(again.conflict.details) == {"booked_seconds": "7200", "would_seconds": "3600"}
    bank.decide(conflict, "accept:guangxi")
    assert (bank.available(), bank.night(), bank.cases("hours_differ")) == (HOUR, {}, [])
    assert is_whole(bank)


def test_a_platform_that_takes_its_word_back_goes_before_what_was_judged(bank: Bank) -> None:
    conflict = disagree(bank)
    bank.decide(conflict, "credit:2")
    bank.withdraw(bank.guangxi(1, "G11"), is_special=True)
    assert bank.available() == 0
    bank.undo(conflict)
    assert bank.available() == 0
    assert is_whole(bank)


def test_a_station_is_asked_until_a_day(bank: Bank) -> None:
    conflict = disagree(bank)
    (outcome,) = bank.decide(conflict, "return")
    found = bank.case("hours_differ", ConflictState.RETURNED)
    assert (outcome.state, str(found.asked_until)) == (ConflictState.RETURNED, "2022-10-28")
    bank.undo(conflict)
    bank.decide(conflict, "退回站点核实：2022-11-05")
    assert str(bank.case("hours_differ", ConflictState.RETURNED).asked_until) == "2022-11-05"
    bank.undo(conflict)
    (past,) = bank.decide(conflict, "return:2022-10-01")
    assert past.problem is not None
    assert past.problem.code == "decision_day_past"


def test_a_release_above_a_hundred_hours_needs_two(bank: Bank) -> None:
    conflict = disagree(bank)
    with bank.store.reading() as tx:
        found = conflicts.one(tx, conflict)
    assert found is not None
    stop = replace(found.conflict, kind=type(found.conflict.kind)("guard"), about="guard/guangxi/CZ01", records=())
    with bank.store.writing() as tx:
        conflicts.save_stops(tx, [stop], bank.make.run(tx))
    (alone,) = bank.decide(stop.conflict_id, "approve:100")
    assert alone.state is DECIDED
    bank.undo(stop.conflict_id)
    (much,) = bank.decide(stop.conflict_id, "approve:100.01")
    assert much.state is PROPOSED
