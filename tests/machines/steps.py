"""Steps of state machines, counted: what a machine has proved is what it has really done.

The short form, in every run of the tests, draws the same lives each time. ``SOAK=1`` draws others, and twenty times as
many. A failure prints the steps that lead to it as a short program, and a line ``@reproduce_failure(...)``: put above
the machine's class, it replays exactly that life.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

IS_LONG = bool(os.environ.get("SOAK"))
LONGER = 20
IDLE = False
STEP = "is_step"


@dataclass(frozen=True, slots=True)
class Share:
    """A machine's part of all steps: in ``parts`` tests, each of ``lives`` lives of ``steps`` steps.

    ``least`` is how many steps each part must come to; steps that found nothing to do are not among them.
    ``is_small``: there are too few lives for every kind of step to be among them.
    """

    parts: int
    lives: int
    steps: int
    least: int
    is_small: bool = False


class Machine(RuleBasedStateMachine):
    """A machine that counts the steps of all its lives, by name."""

    done: ClassVar[Counter[str]] = Counter()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.done = Counter()

    @classmethod
    def never_taken(cls) -> list[str]:
        """Give the names of the steps that no life has taken."""
        return [name for name in dir(cls) if getattr(getattr(cls, name), STEP, False) and not cls.done[name]]


def step(**drawn: st.SearchStrategy[Any]) -> Callable[[Callable[..., bool | None]], Callable[..., None]]:
    """Make a method a rule whose steps are counted once they are over, if it does not say that it was idle."""

    def marked(method: Callable[..., bool | None]) -> Callable[..., None]:
        @wraps(method)
        def counted(self: Machine, **given: Any) -> None:  # noqa: ANN401 - whatever was drawn
            if method(self, **given) is not IDLE:
                type(self).done[method.__name__] += 1

        made: Callable[..., None] = rule(**drawn)(counted)  # type: ignore[call-overload] # none of them is a target
        setattr(made, STEP, True)
        return made

    return marked


def live(machine: type[Machine], share: Share, part: int) -> None:
    """Live one part of a machine's share, and make sure that it was lived: enough steps, and some of every kind."""
    machine.done.clear()
    if not IS_LONG:
        seed(part)(machine)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=share.lives * (LONGER if IS_LONG else 1), stateful_step_count=share.steps, deadline=None,
            derandomize=not IS_LONG, print_blob=True, suppress_health_check=list(HealthCheck),
            phases=[phase for phase in Phase if phase is not Phase.explain],
        ),
    )  # fmt: skip
    assert machine.done.total() >= share.least
    assert share.is_small or machine.never_taken() == []
