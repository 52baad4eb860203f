"""All the scenes in which a process is killed, by name, for each database in which they can take place."""

from __future__ import annotations

from tests.kill.desk import DESK
from tests.kill.files import FILES
from tests.kill.lists import LISTS
from tests.kill.nights import NIGHTS

SCENES = {
    "sqlite": {scene.name: scene for scene in (*NIGHTS, *LISTS, *DESK, *FILES)},
    "postgresql": {scene.name: scene for scene in (*NIGHTS, *LISTS, *DESK)},
}
