"""A source: one platform as a run sees it, and what came of reading it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from adapters.base import Adapter
from domain.errors import PlatformError


@dataclass(frozen=True, slots=True)
class Source:
    """An adapter with the organisations to be read from it.

    ``fingerprint`` changes when the platform's profile or address does; a cursor kept under another one is not trusted.
    """

    adapter: Adapter
    scopes: tuple[str, ...]
    fingerprint: str

    @property
    def platform(self) -> str:
        """Give the platform's name in the settings."""
        return self.adapter.platform


@dataclass(slots=True)
class PullTally:
    """What reading one platform came to; ``through`` is up to when every organisation was read without a gap.

    ``problems`` holds what went wrong, by organisation ("" for the platform as a whole); ``shrunken`` the organisations
    that showed far fewer rows than they used to, ``swept`` those that were read whole.
    """

    platform: str
    pages: int = 0
    records_seen: int = 0
    records_changed: int = 0
    quarantined: int = 0
    problems: dict[str, PlatformError] = field(default_factory=dict)
    shrunken: dict[str, tuple[int, int]] = field(default_factory=dict)
    swept: set[str] = field(default_factory=set)
    through: datetime | None = None

    @property
    def outcome(self) -> str:
        """Give ``complete``, ``held`` (suddenly short), ``partial`` or ``failed`` (nothing could be read)."""
        if self.shrunken:
            return "held"
        if not self.problems:
            return "complete"
        return "partial" if self.pages else "failed"
