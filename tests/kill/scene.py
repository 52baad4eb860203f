"""What a scene is: what stands before, what a process does that may be killed, and what must stand in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from adapters.chinavolunteer import profile as national_profile
from adapters.guizhiyuan import profile as guangxi_profile
from local_store import lease
from sync import night, reread
from tests.effects import Effects

SMALL_PAGE = 12
SMALL_PORTION = 3
LONG = 24 * 3600


def _no_wound(_folder: Path) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Scene:
    """``prepare`` fills a folder and gives what is remembered of it; ``enter`` is how a process finds it in a copy.

    ``act`` does the deed, ``tell`` says what stands then. ``wound`` says what a kill must not have left ("": nothing).
    ``is_of_files``: what becomes of files in the folder is an effect as well.
    """

    name: str
    prepare: Callable[[Path], Any]
    enter: Callable[[Any, Path], Any]
    act: Callable[[Any, Effects], None]
    tell: Callable[[Any], object]
    wound: Callable[[Path], str] = _no_wound
    is_of_files: bool = False


@contextmanager
def small_steps() -> Iterator[None]:
    """Let pages and portions be small, so that a night takes many steps, and none but its own."""
    with (
        patch.object(national_profile, "PAGE_SIZE", SMALL_PAGE),
        patch.object(guangxi_profile, "PAGE_SIZE", SMALL_PAGE),
        patch.object(night, "PORTION", SMALL_PORTION),
        patch.object(reread, "PORTION", SMALL_PAGE),
        patch.object(lease, "BEAT_SECONDS", LONG),  # a beat comes when it may, and would be an effect
    ):
        yield
