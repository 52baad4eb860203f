"""The keys of a platform's settings table: each one named when it is missing, malformed or unknown."""

from __future__ import annotations

from collections.abc import Mapping

from domain.errors import UsageError

OF_THE_HOUSE = frozenset({"adapter", "deliver"})
"""Keys of the table that are not for the adapter."""


class PlatformSettings:
    """One ``[platforms.X]`` table, secrets resolved; its ``repr`` shows none."""

    def __init__(self, platform: str, settings: Mapping[str, str], known: tuple[str, ...]) -> None:
        """Check that every key of ``known`` is there with something behind it, and no other.

        Raises:
            UsageError: names the first setting that is wrong.
        """
        for key in settings:
            if key not in known and key not in OF_THE_HOUSE:
                raise UsageError("setting_unknown", setting=f"platforms.{platform}.{key}")
        for key in known:
            value = settings.get(key)
            if not isinstance(value, str) or not value.strip():
                raise UsageError("setting_missing", setting=f"platforms.{platform}.{key}")
        self._platform = platform
        self._settings = {key: settings[key].strip() for key in known}

    def __repr__(self) -> str:
        """Show nothing of the values."""
        return f"PlatformSettings({self._platform})"

    def __getitem__(self, key: str) -> str:
        """Give the value of a known key."""
        return self._settings[key]

    def named(self, key: str) -> tuple[str, str]:
        """Give the setting's whole name and its value."""
        return f"platforms.{self._platform}.{key}", self._settings[key]
