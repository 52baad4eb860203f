"""Which decision moves the book: found by planning without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from domain.actions import Action, Correct, Plan, PlanLine, Post, Reverse
from domain.subjects import Subject


def attributed(planned: Plan, subject: Subject, plan_anew: Callable[[Subject], Plan]) -> Plan:
    """Give a plan whose moving lines name the decision that they come from, as far as they come from one.

    Of several, it is the last one without which the line would not be there. That need not be the one whose figure
    is booked: an earlier ``void`` speaks only once the last conflict that held the service was decided, and what is
    bound for good (same, distinct, person, outside) moves services that no conflict speaks of.
    """
    numbers = _numbers(subject)
    last = max(numbers, default=0)
    bare = {line.service.service_id: line for line in planned.lines if _moves(line) and line.decision != last}
    if not numbers or not bare:
        return planned
    causes: dict[str, int] = {}
    for number in sorted(numbers, reverse=True):
        others = {line.service.service_id: line.action for line in plan_anew(_before(subject, number)).lines}
        causes |= {name: number for name in _unlike(bare, others) if name not in causes}
        if len(causes) == len(bare):
            break
    return replace(planned, lines=tuple(_named(line, causes) for line in planned.lines))


def _named(line: PlanLine, causes: dict[str, int]) -> PlanLine:
    if line.service.service_id not in causes:
        return line
    return replace(line, decision=causes[line.service.service_id])


def _unlike(lines: dict[str, PlanLine], others: dict[str, Action]) -> Iterator[str]:
    yield from (name for name, line in lines.items() if others.get(name) != line.action)


def _moves(line: PlanLine) -> bool:
    return isinstance(line.action, Post | Correct | Reverse)


def _numbers(subject: Subject) -> set[int]:
    """Give the numbers of all decisions that bear on a subject."""
    bound = {pair.decision for pair in subject.pairs} | {one.decision for one in subject.person_bindings}
    judged = {decision.number for decision in subject.decisions}
    return judged | bound | set(subject.outside_by.values())


def _before(subject: Subject, number: int) -> Subject:
    """Give a subject as it was judged before a decision, whatever has become of its facts since."""
    outside = {what: by for what, by in subject.outside_by.items() if by < number}
    return replace(
        subject,
        decisions=tuple(one for one in subject.decisions if one.number < number),
        pairs=tuple(one for one in subject.pairs if one.decision < number),
        person_bindings=tuple(one for one in subject.person_bindings if one.decision < number),
        outside_identities=frozenset(what for what in outside if isinstance(what, int)),
        outside_activities=frozenset(what for what in outside if not isinstance(what, int)),
        outside_by=outside,
    )
