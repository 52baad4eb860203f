"""A scene made ready, and what happens on it: processes that live to the end and processes that are killed."""

from __future__ import annotations

import os
import pickle
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.effects import DeadlyEffects, Effects, kill_for_real, watch_files, watched_statements
from tests.kill.child import forked
from tests.kill.homes import Home
from tests.kill.scene import Scene
from tests.kill.warm import let_go

SECONDS_MAX = 120
KILLS = (signal.SIGKILL, signal.SIGXFSZ)


@dataclass(frozen=True, slots=True)
class Stage:
    """The folder to copy, what is remembered of it, the effects of the deed in order, and the end of one that lived."""

    scene: Scene
    home: Home
    folder: Path
    ready: Any
    names: list[str]
    end: object


def set_up(scene: Scene, home: Home, folder: Path) -> Stage:
    """Make a scene ready; the deed is done twice, so that what is counted is what every later process does as well."""
    home.make(folder)
    ready = scene.prepare(folder)
    with home.copied(folder) as copy:
        scene.tell(done(scene, ready, copy, Effects()))
        let_go()
    with home.copied(folder) as copy:
        names, end = lived(scene, ready, copy)
    return Stage(scene, home, folder, ready, names, end)


def _in_child(scene: Scene, ready: Any, folder: Path, effects: Effects) -> Any:  # noqa: ANN401 - each scene has its own
    """Do the deed in a process that is not needed afterwards: of files, it is told until it ends."""
    if scene.is_of_files:
        watch_files(effects, folder)
    return done(scene, ready, folder, effects)


def done(scene: Scene, ready: Any, folder: Path, effects: Effects) -> Any:  # noqa: ANN401 - each scene has its own
    """Enter a folder and do the deed there; give what was entered."""
    with watched_statements(effects):
        there = scene.enter(ready, folder)
        scene.act(there, effects)
    return there


def lived(scene: Scene, ready: Any, folder: Path) -> tuple[list[str], object]:  # noqa: ANN401 - each scene has its own
    """Do the deed to its end in a process of its own; give the names of its effects and what then stands."""

    def live() -> bytes:
        effects = Effects()
        there = _in_child(scene, ready, folder, effects)
        return pickle.dumps(([*effects.names], scene.tell(there)))

    code, told = forked(live, SECONDS_MAX).end()
    if code:
        raise AssertionError(f"the next process ended with {code}")
    names, end = pickle.loads(told)  # noqa: S301 - our own child told it
    return names, end


def is_killed(scene: Scene, ready: Any, folder: Path, hit: int) -> bool:  # noqa: ANN401 - each scene has its own
    """Let a process of its own be killed at an effect; say whether it was, and did not come to its end before."""

    def die() -> bytes:
        effects = DeadlyEffects(hit)
        _in_child(scene, ready, folder, effects)
        if effects.is_over:  # it was to die writing to a file, and there was nothing to write
            kill_for_real()
        return b""

    code, _ = forked(die, SECONDS_MAX).end()
    if code and not (os.WIFSIGNALED(code) and os.WTERMSIG(code) in KILLS):
        raise AssertionError(f"a process ended with {code} before it was killed")
    return code != 0
