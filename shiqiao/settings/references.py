"""Secrets stand outside the settings: in the environment (``env:NAME``) or in a file (``file:PATH``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from domain.errors import UsageError
from shiqiao.textfile import TextFault, read_text

SECRET_BYTES_MAX = 4096
_SECRET_NAME = re.compile(r"(^|_)(secret|key|iv|token|password|pin)$")
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:[^\0]+")


def is_secret_name(key: str) -> bool:
    """Tell whether a key of the settings names a secret."""
    return _SECRET_NAME.search(key) is not None


def is_reference(value: str) -> bool:
    """Tell whether a value says where a secret is, rather than being one."""
    return _REFERENCE.fullmatch(value) is not None


def resolve_secrets(keys: Mapping[str, str], table: str, folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Give an adapter's keys with each secret in the place of its reference.

    ``table`` names the settings' table in an error, ``folder`` is what ``file:`` paths are relative to.

    Raises:
        UsageError: ``secret_not_set`` (the variable is absent or empty), ``secret_file`` (with the ``problem``).
    """
    return {
        key: _resolve(value, f"{table}.{key}", folder, environ) if is_secret_name(key) else value
        for key, value in keys.items()
    }


def _resolve(reference: str, key: str, folder: Path, environ: Mapping[str, str]) -> str:
    kind, _, place = reference.partition(":")
    if kind == "env":
        if not environ.get(place, "").strip():
            raise UsageError("secret_not_set", key=key, variable=place)
        return environ[place].strip()
    path = folder / Path(place).expanduser()
    try:
        secret = read_text(path, SECRET_BYTES_MAX).strip()
    except TextFault as fault:
        raise UsageError("secret_file", key=key, file=str(path), problem=fault.problem) from None
    if not secret:
        raise UsageError("secret_file", key=key, file=str(path), problem="empty")
    return secret
