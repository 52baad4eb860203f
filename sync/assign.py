"""Optimal one-to-one assignment of two small sides, accepted only where nothing else would do as well."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

Scores = dict[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class Assignment:
    """``pairs`` are the accepted (left, right) positions; ``ties`` the groups that only a guess could part."""

    pairs: tuple[tuple[int, int], ...]
    ties: tuple[tuple[frozenset[int], frozenset[int]], ...]


def assign(scores: Scores, left: Sequence[Hashable], right: Sequence[Hashable], margin: int) -> Assignment:
    """Pair left with right by ``scores`` (positive; absent = impossible).

    ``left`` and ``right`` give each position's likeness: positions of one likeness are interchangeable and pair in
    order. A pair of the optimal assignment is accepted if each is the other's best, by ``margin`` over every
    alternative of another likeness that is still free; accepted pairs leave and the rest is tried again.
    """
    if len(scores) == 1:
        return Assignment(tuple(scores), ())
    pairs: list[tuple[int, int]] = []
    while scores:
        now = _Round(scores, optimal(scores), left, right)
        accepted = [pair for pair in now.best if now.is_mutual_best(pair, margin)]
        if not accepted:
            break
        pairs += accepted
        taken_left, taken_right = {i for i, _ in accepted}, {j for _, j in accepted}
        scores = {(i, j): score for (i, j), score in scores.items() if i not in taken_left and j not in taken_right}
    return Assignment(tuple(sorted(pairs)), _components(scores))


@dataclass(frozen=True, slots=True)
class _Round:
    """One look at the positions that are still free, with their optimal assignment ``best``."""

    scores: Scores
    best: list[tuple[int, int]]
    left: Sequence[Hashable]
    right: Sequence[Hashable]

    def is_mutual_best(self, pair: tuple[int, int], margin: int) -> bool:
        """Say whether nobody of another likeness would do for either side within ``margin``."""
        i, j = pair
        near = [other for other, score in self.scores.items() if score > self.scores[pair] - margin]
        partners_of_left = {b for a, b in self.best if self.left[a] == self.left[i]}
        partners_of_right = {a for a, b in self.best if self.right[b] == self.right[j]}
        rivals_right = any(a == i and self.right[b] != self.right[j] and b not in partners_of_left for a, b in near)
        rivals_left = any(b == j and self.left[a] != self.left[i] and a not in partners_of_right for a, b in near)
        return not rivals_right and not rivals_left


def optimal(scores: Scores) -> list[tuple[int, int]]:
    """Give the one-to-one pairs with the greatest sum of scores; among equals the first in order of position."""
    rows, columns = sorted({i for i, _ in scores}), sorted({j for _, j in scores})
    size = max(len(rows), len(columns))
    cost = [
        [-scores.get((rows[i], columns[j]), 0) if i < len(rows) and j < len(columns) else 0 for j in range(size)]
        for i in range(size)
    ]
    row_of = _hungarian(cost)
    pairs = ((row_of[j], j) for j in range(size))
    found = [(rows[i], columns[j]) for i, j in pairs if i < len(rows) and j < len(columns)]
    return sorted(pair for pair in found if pair in scores)


def _hungarian(cost: list[list[int]]) -> list[int]:
    """Give, for each column of a square matrix, the row that the cheapest assignment gives it (Kuhn, Munkres)."""
    size = len(cost)
    row_price, column_price = [0] * (size + 1), [0] * (size + 1)
    row_of = [size] * (size + 1)  # the last column is the free one from which each search starts
    for row in range(size):
        row_of[size] = row
        _augment(cost, row_of, row_price, column_price)
    return row_of[:size]


def _augment(cost: list[list[int]], row_of: list[int], row_price: list[int], column_price: list[int]) -> None:
    """Find the cheapest augmenting path from the free column and turn it over."""
    size = len(cost)
    infinite = 1 << 60
    slack, came_from, is_done = [infinite] * size, [size] * size, [False] * (size + 1)
    column = size
    while row_of[column] != size or column == size:
        is_done[column] = True
        row, nearest, step = row_of[column], size, infinite
        for other in range(size):
            if is_done[other]:
                continue
            reduced = cost[row][other] - row_price[row] - column_price[other]
            if reduced < slack[other]:
                slack[other], came_from[other] = reduced, column
            if slack[other] < step:
                step, nearest = slack[other], other
        for other in range(size + 1):
            if is_done[other]:
                row_price[row_of[other]] += step
                column_price[other] -= step
            else:
                slack[other] -= step
        column = nearest
    while column != size:
        row_of[column] = row_of[came_from[column]]
        column = came_from[column]


def _components(scores: Scores) -> tuple[tuple[frozenset[int], frozenset[int]], ...]:
    """Give the groups of positions that the remaining scores connect."""
    groups: list[tuple[set[int], set[int]]] = []
    for i, j in sorted(scores):
        touching = [group for group in groups if i in group[0] or j in group[1]]
        joined = ({i}.union(*(group[0] for group in touching)), {j}.union(*(group[1] for group in touching)))
        groups = [group for group in groups if group not in touching] + [joined]
    return tuple((frozenset(rows), frozenset(columns)) for rows, columns in groups)
