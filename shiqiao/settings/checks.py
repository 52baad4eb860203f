"""What may stand behind a key of the settings; a fault is named by its problem and never repeats the value."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

STORE_SCHEMES = ("sqlite", "postgresql+psycopg")


def fault(problem: str) -> PydanticCustomError:
    """Give a fault of the settings, named by the code of its sentence."""
    return PydanticCustomError("settings_fault", "{problem}", {"problem": problem})


def path_of(value: object, info: ValidationInfo) -> Path:
    """Take a path as relative to the settings file's folder, which the loader hands in."""
    if not isinstance(value, str):
        raise fault("string_type")
    if not value.strip() or "\0" in value:
        raise fault("empty")
    return _folder(info) / Path(value).expanduser()


def store_url(url: str, info: ValidationInfo) -> str:
    """Take a store's URL without a password; a SQLite file is relative to the settings file's folder."""
    scheme, _, place = url.partition("://")
    if scheme not in STORE_SCHEMES:
        raise fault("store_scheme")
    if ":" in place.rpartition("@")[0] or re.search(r"[?&](ssl)?pass(word|file)=", place):
        raise fault("secret_literal")
    if scheme != "sqlite":
        return url
    name = place.removeprefix("/")
    file = str(_folder(info) / name)
    if name == place or name in {"", ":memory:"} or "?" in file or "\0" in file:
        raise fault("store_file")
    return f"sqlite:///{file}"


def _folder(info: ValidationInfo) -> Path:
    """Give the settings file's folder, which the loader hands in."""
    folder: Path = (info.context or {})["folder"]
    return folder


def district_code(code: str) -> str:
    """Take a district's code of GB/T 2260: six digits."""
    if not re.fullmatch(r"[1-9][0-9]{5}", code):
        raise fault("district")
    return code


def timezone_name(name: str) -> str:
    """Take the name of a time zone that this machine knows."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise fault("timezone") from None
    return name


def clock_time(text: object) -> time:
    """Take a time of day such as ``02:30``."""
    if isinstance(text, str) and re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        return time.fromisoformat(text)
    raise fault("clock_time")
