"""Processes that are forked from this one with all that it has made ready: each does one thing and says what came."""

from __future__ import annotations

import os
import pickle
import signal
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, TypeVar

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")
_NUMBER_BYTES = 4
_PIPE_HOLDS = 65536


@dataclass(frozen=True, slots=True)
class Child:
    """A process of its own, and the pipe through which it speaks."""

    number: int
    pipe: BinaryIO

    def end(self) -> tuple[int, bytes]:
        """Wait for its end; give how it ended, as ``os.waitpid`` tells it, and what it said."""
        with self.pipe:
            said = self.pipe.read()
        return os.waitpid(self.number, 0)[1], said


def forked(deed: Callable[[], bytes], seconds_max: int = 0) -> Child:
    """Do something in a process of its own; what it gives is said, and after ``seconds_max`` it is ended."""
    reading, writing = os.pipe()
    number = os.fork()
    if number == 0:
        code = 1
        try:
            signal.alarm(seconds_max)
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(deed())
            code = 0
        except BaseException:  # noqa: BLE001 - a child must not run on into its parent's work
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    return Child(number, os.fdopen(reading, "rb"))


def shared_out(work: Callable[[_Task], _Result], tasks: Sequence[_Task], workers: int) -> list[_Result]:
    """Do all tasks, so many at a time, whoever is free the next one; give their results in the order of the tasks."""
    assert len(tasks) * _NUMBER_BYTES <= _PIPE_HOLDS
    numbers, fill = os.pipe()
    os.write(fill, b"".join(number.to_bytes(_NUMBER_BYTES) for number in range(len(tasks))))
    os.close(fill)
    children = [forked(partial(_taken, work, tasks, numbers)) for _ in range(workers)]
    os.close(numbers)
    results: dict[int, _Result] = {}
    for code, said in [child.end() for child in children]:
        assert code == 0
        results |= pickle.loads(said)  # noqa: S301 - our own child said it
    return [results[number] for number in range(len(tasks))]


def _taken(work: Callable[[_Task], _Result], tasks: Sequence[_Task], numbers: int) -> bytes:
    """Take numbers of tasks until none is left, or nobody who would hear of them."""
    results: dict[int, _Result] = {}
    parent = os.getppid()
    while (number := os.read(numbers, _NUMBER_BYTES)) and os.getppid() == parent:
        task = int.from_bytes(number)
        results[task] = work(tasks[task])
    return pickle.dumps(results)
