"""The sources of a run: the adapters of the settings, with the organisations that the rules name for them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from adapters.base import Adapter
from mapping.rules import RuleSet
from shiqiao.settings.model import Settings
from sync.source import Source

_SECRET = ("secret", "key", "iv")


def sources(adapters: Mapping[str, Adapter], rules: RuleSet, settings: Settings) -> tuple[Source, ...]:
    """Give one source a platform, in the order of the settings."""
    return tuple(
        Source(adapter, rules.scopes(name), _fingerprint(settings, name)) for name, adapter in adapters.items()
    )


def _fingerprint(settings: Settings, name: str) -> str:
    """Give what changes when a platform's profile or address does; its secrets may be renewed freely."""
    platform = settings.platforms[name]
    open_keys = sorted(item for item in platform.own_keys.items() if not item[0].endswith(_SECRET))
    said = "\n".join([platform.adapter, *(f"{key}={value}" for key, value in open_keys)])
    return hashlib.sha256(said.encode()).hexdigest()[:16]
