"""All fuzz targets by name, and the numbered inputs that chance makes for them: the same number, the same input."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.fuzz.lists import list_targets
from tests.fuzz.mutate import mutated
from tests.fuzz.platform_pages import platform_targets
from tests.fuzz.returned import returned_targets
from tests.fuzz.target import Target

KEPT = Path(__file__).parent / "kept"
"""Inputs that once broke something: ``TARGET/NAME``."""


@cache
def targets() -> dict[str, Target]:
    """Give every target by its name."""
    return {target.name: target for target in (*platform_targets(), *list_targets(), *returned_targets())}


def spoilt(target: Target, first: int, count: int) -> Iterator[tuple[int, bytes]]:
    """Give so many spoilt inputs with their numbers."""
    seeds = target.seeds()
    for number in range(first, first + count):
        chance = random.Random(f"{target.name}/{number}")  # noqa: S311 - the same inputs each time
        yield number, mutated(target.kind, chance.choice(seeds), chance)


def kept(name: str) -> list[bytes]:
    """Give the inputs that once broke a target."""
    return [path.read_bytes() for path in sorted((KEPT / name).glob("*"))]
