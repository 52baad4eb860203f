"""What one call asks and what is answered, between the HTTP door and a platform."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

Json = Any  # a parsed JSON text: the shape is what a platform has to check


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request: its path, form fields as sent, and headers in lower case."""

    path: str
    form: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Call:
    """What a request asks for: its method or interface, and for a listing its page from 1 (else 0)."""

    method: str
    page: int = 0
    is_write: bool = False
    is_login: bool = False
    is_of_hours: bool = False
    has_cursor: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer, whole."""

    body: bytes
    status: int = 200
    content_type: str = "application/json;charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):  # noqa: N818 - an answer in the platform's own words, not a fault of ours
    """The platform will not do what was asked; ``code`` and ``text`` are its own."""

    def __init__(self, code: int, text: str) -> None:
        """Take the platform's code and its Chinese words."""
        super().__init__(code, text)
        self.code = code
        self.text = text


def write_json(value: Json) -> str:
    """Write compact JSON, Chinese as it stands."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read_object(text: str) -> dict[str, Json] | None:
    """Read a JSON object, or give None where it is none."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
