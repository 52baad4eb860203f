"""Which adapters are installed: found by entry point, so that another one needs no line of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import cast

from adapters.base import Adapter, Chance
from adapters.transport import Wire
from domain.clock import Clock
from domain.errors import UsageError

ENTRY_POINT_GROUP = "shiqiao.adapters"


def installed() -> tuple[str, ...]:
    """Give the names of the installed adapters, sorted."""
    return tuple(sorted(point.name for point in entry_points(group=ENTRY_POINT_GROUP)))


def make(  # noqa: PLR0913 - clock, chance and wire are passed in by name
    adapter_name: str,
    platform: str,
    settings: Mapping[str, str],
    *,
    clock: Clock,
    random: Chance,
    transport: Wire | None = None,
) -> Adapter:
    """Make the adapter of ``platform`` from the keys of its settings table, secrets resolved.

    Raises:
        UsageError: no such adapter is installed, or a setting is missing or malformed.
    """
    points = entry_points(group=ENTRY_POINT_GROUP, name=adapter_name)
    if not points:
        setting = f"platforms.{platform}.adapter"
        raise UsageError("adapter_unknown", setting=setting, adapter=adapter_name, known="、".join(installed()))
    from_settings = cast("Callable[..., Adapter]", next(iter(points)).load())
    return from_settings(platform, settings, clock=clock, random=random, transport=transport)
