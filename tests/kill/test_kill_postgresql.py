"""Kill -9 a night whose store is on a PostgreSQL server, at its effects; the next one comes to the same end."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.effects import Effects, kill_for_real
from tests.kill.campaign import done_in_child, lived
from tests.kill.scenes import SCENES, at, watched_statements
from tests.postgresql import Server
from tests.simulation.house import House

STRIDE = 7 if os.environ.get("SOAK") else 150
SCENE = SCENES["second-night"]


@dataclass(frozen=True, slots=True)
class Stage:
    """The night made ready: its folder and database, its effects in order, and the end of one that lived."""

    folder: Path
    house: House
    server: Server
    database: str
    names: list[str]
    end: object


@contextmanager
def copied(server: Server, database: str, folder: Path) -> Iterator[Path]:
    """Give a copy of a folder whose store is a copy of a database."""
    copy, name = folder.with_name("copy"), server.create(database)
    shutil.copytree(folder, copy)
    (copy / "store.url").write_text(server.url(name), encoding="utf-8")
    try:
        yield copy
    finally:
        shutil.rmtree(copy)
        server.drop(name)


@pytest.fixture(scope="module")
def stage(postgresql: Server, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder, database = tmp_path_factory.mktemp("kill") / "bank", postgresql.create()
    folder.mkdir()
    (folder / "store.url").write_text(postgresql.url(database), encoding="utf-8")
    house = SCENE.prepare(folder)
    with copied(postgresql, database, folder) as copy:
        names, end = lived(SCENE, house, copy)
    return Stage(folder, house, postgresql, database, names, end)


def killed(house: House, folder: Path, hit: int) -> None:
    effects = Effects(hit, kill_for_real)
    with watched_statements(effects):
        SCENE.act(at(house, folder), effects)


def points(names: list[str]) -> list[int]:
    """Give every so-many-th effect, and of the commits, requests and answers ten times as many."""
    often = max(STRIDE // 10, 1)
    rare = [hit for hit, name in enumerate(names, 1) if name != "statement"]
    return sorted({*range(1, len(names) + 1, STRIDE), *rare[::often]})


def test_a_night_killed_at_any_effect_is_made_up_for_by_the_next(stage: Stage) -> None:
    astray = []
    chosen = points(stage.names)
    for hit in chosen:
        with copied(stage.server, stage.database, stage.folder) as folder:
            code = done_in_child(partial(killed, stage.house, folder, hit))
            assert os.WIFSIGNALED(code), f"not killed at {hit}: {code}"
            assert os.WTERMSIG(code) == signal.SIGKILL
            _, end = lived(SCENE, stage.house, folder)
            astray += [] if end == stage.end else [hit]
    assert astray == []
    assert len(chosen) > (150 if os.environ.get("SOAK") else 8)
