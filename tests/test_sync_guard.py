"""The safety stop: what it counts, and what waits while it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.actions import Correct, Disposition, Hold, Post, Reverse
from sync.bounds import CHANGES_MIN, REMOVALS_MIN
from sync.guard import Figures, Survey, held_back
from tests.planning import LATER, STATION, Change, booked, gone, guangxi, only_line, planned, subject, withdrawn

HERE = ("guangxi", STATION)


@pytest.mark.parametrize("leave", [withdrawn, gone])
def test_what_is_withdrawn_and_what_a_sweep_proves_gone_count_as_removed(leave: Change) -> None:
    facts = booked(subject(guangxi()))
    line = only_line(planned(subject(leave(guangxi()), standings=facts.standings, membership=facts.membership)))
    survey = Survey()
    for _ in range(REMOVALS_MIN):
        survey.count(line)
    assert not survey.stops({HERE: Figures(100, 360000)})
    survey.count(line)
    assert survey.stops({HERE: Figures(100, 360000)}).keys() == {HERE}


def test_nothing_is_booked_beside_what_a_sweep_no_longer_shows_while_the_stop_stands() -> None:
    facts = booked(subject(guangxi()))
    anew = [guangxi("G2", day=LATER + timedelta(days=1), activity_id="b"), guangxi("G3", day=LATER + timedelta(days=3))]
    later = subject(gone(guangxi()), *anew, standings=facts.standings, membership=facts.membership)
    free = planned(later)
    kept = held_back(free, {HERE}, LATER + timedelta(days=9))
    assert [type(line.action) for line in free.lines] == [Hold, Post, Post]
    assert [(type(line.action), line.reason) for line in kept.lines] == [
        (Hold, "vanished"),
        (Hold, "guard"),
        (Post, "sufficient"),
    ]
    assert kept.dispositions[anew[0].key] is Disposition.IN_CONFLICT
    assert kept.due_on == LATER + timedelta(days=9)


def test_corrections_that_a_new_rule_set_is_for_stop_nothing_but_removals_still_do() -> None:
    facts = booked(subject(guangxi()))
    changed = only_line(planned(facts))
    booking = changed.standing.booking if changed.standing else None
    assert booking is not None
    survey = Survey()
    for _ in range(CHANGES_MIN + 1):
        survey.count(replace(changed, action=Correct(replace(booking, seconds=booking.seconds * 2))))
    assert survey.stops({HERE: Figures(100, 360000)}).keys() == {HERE}
    assert not survey.stops({HERE: Figures(100, 360000)}, are_changes_meant=True)
    for _ in range(REMOVALS_MIN + 1):
        survey.count(replace(changed, action=Reverse()))
    assert survey.stops({HERE: Figures(100, 360000)}, are_changes_meant=True).keys() == {HERE}
