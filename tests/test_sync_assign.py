"""One-to-one assignment: the best there is, and never a guess."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.assign import Scores, assign, optimal

POSITIONS = st.tuples(st.integers(0, 4), st.integers(0, 4))
SCORES = st.dictionaries(POSITIONS, st.integers(1, 400), max_size=16)


def _best_sum(scores: Scores) -> int:
    """Try every way of pairing five with five."""
    return max(sum(scores.get((i, j), 0) for i, j in enumerate(columns)) for columns in permutations(range(5)))


@given(SCORES)
def test_no_other_assignment_has_a_greater_sum(scores: Scores) -> None:
    pairs = optimal(scores)
    assert sum(scores[pair] for pair in pairs) == _best_sum(scores)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)


def test_the_first_hit_is_given_up_for_the_best_sum() -> None:
    assert optimal({(0, 0): 100, (0, 1): 90, (1, 0): 90}) == [(0, 1), (1, 0)]


@given(SCORES)
def test_what_is_accepted_is_one_to_one_and_never_also_tied(scores: Scores) -> None:
    found = assign(scores, range(5), range(5), margin=10)
    assert set(found.pairs) <= set(scores)
    left = [i for i, _ in found.pairs] + [i for rows, _ in found.ties for i in rows]
    right = [j for _, j in found.pairs] + [j for _, columns in found.ties for j in columns]
    assert len(set(left)) == len(left)
    assert len(set(right)) == len(right)


@given(SCORES)
def test_every_position_that_could_be_paired_is_paired_tied_or_left_without_anybody(scores: Scores) -> None:
    found = assign(scores, range(5), range(5), margin=10)
    taken = {i for i, _ in found.pairs}, {j for _, j in found.pairs}
    tied = {i for rows, _ in found.ties for i in rows}, {j for _, columns in found.ties for j in columns}
    for i, j in scores:
        assert i in taken[0] | tied[0] or j in taken[1] | tied[1]


@pytest.mark.parametrize(("second", "is_accepted"), [(89, True), (90, True), (91, False), (100, False)], ids=str)
def test_a_pair_is_accepted_only_by_a_margin_over_the_next(second: int, *, is_accepted: bool) -> None:
    found = assign({(0, 0): 100, (0, 1): second}, ["a"], ["b", "c"], margin=10)
    assert bool(found.pairs) is is_accepted
    assert bool(found.ties) is not is_accepted


def test_those_that_say_the_same_pair_in_order() -> None:
    scores = {(i, j): 100 for i in range(2) for j in range(2)}
    assert assign(scores, ["a", "a"], ["b", "b"], margin=10).pairs == ((0, 0), (1, 1))


def test_two_that_say_the_same_take_the_first_of_one_and_leave_the_second() -> None:
    found = assign({(0, 0): 100, (0, 1): 100}, ["a"], ["b", "b"], margin=10)
    assert found.pairs == ((0, 0),)
    assert found.ties == ()


def test_a_clear_pair_leaves_and_then_parts_the_rest() -> None:
    found = assign({(0, 0): 200, (0, 1): 100, (1, 1): 95}, ["a", "b"], ["c", "d"], margin=10)
    assert found.pairs == ((0, 0), (1, 1))


def test_nothing_to_pair_is_nothing() -> None:
    assert assign({}, [], [], margin=10).pairs == ()


def test_absent_pairs_are_worth_nothing() -> None:
    assert optimal({(0, 1): 1, (1, 0): 1}) == [(0, 1), (1, 0)]


@pytest.mark.parametrize(("second", "is_accepted"), [(90, True), (91, False)], ids=str)
def test_the_margin_counts_for_either_side(second: int, *, is_accepted: bool) -> None:
    found = assign({(0, 0): 100, (1, 0): second}, ["a", "b"], ["c"], margin=10)
    assert bool(found.pairs) is is_accepted
    assert bool(found.ties) is not is_accepted


@pytest.mark.parametrize(("left", "right"), [(["a", "b"], ["c", "c"]), (["c", "c"], ["a", "b"])])
def test_a_stranger_who_has_a_twin_of_the_partner_is_no_rival(left: list[str], right: list[str]) -> None:
    scores = {(i, j): 100 for i in range(2) for j in range(2)}
    assert assign(scores, left, right, margin=10).pairs == ((0, 0), (1, 1))


def test_a_stranger_left_over_is_a_rival() -> None:
    scores = {(i, j): 100 for i in range(3) for j in range(2)}
    found = assign(scores, ["a", "b", "d"], ["c", "c"], margin=10)
    assert (found.pairs, found.ties) == ((), ((frozenset({0, 1, 2}), frozenset({0, 1})),))


def test_groups_that_nothing_connects_are_told_apart() -> None:
    scores = {(0, 0): 9, (1, 0): 9, (2, 1): 9, (3, 1): 9}
    found = assign(scores, "abcd", "ef", margin=10)
    assert found.ties == ((frozenset({0, 1}), frozenset({0})), (frozenset({2, 3}), frozenset({1})))
