"""The shapes that go over this platform's wire."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from adapters.crypto import sm3_hex


def _code(value: object) -> object:
    return str(value) if type(value) is int else value


HeaderText = Annotated[str, Field(pattern=r"^[!-~]{1,4096}$")]
Code = Annotated[str, BeforeValidator(_code)]
Outcome = Annotated[Code, Field(pattern=r"^[A-Za-z_.-]{0,20}[0-9]{0,10}$", min_length=1)]
"""A code that is shown to people: no longer than one can be, and none that an id number could be."""
Count = Annotated[int, Field(strict=True, ge=0)]
NextCursor = Annotated[str, Field(min_length=1, strict=True)] | None


class _Shape(BaseModel):
    """Fields that we do not know are left alone; fields that we know have their shape."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Layer(_Shape):
    """What is around a reply, twice: the gateway's layer holds the other's JSON as text."""

    code: Outcome
    success: Annotated[bool, Field(strict=True)]
    message: str | None = None
    data: Any = None


class Login(_Shape):
    """What a log-in gives."""

    token: HeaderText = Field(alias="accessToken")
    lifetime_seconds: Count = Field(alias="expiresIn")


class HoursPage(_Shape):
    """A page of hours. A row is looked at by itself: one that is broken must not take the page with it."""

    records: list[Any]
    next_cursor: NextCursor = Field(alias="nextCursor")
    total: Count


class VolunteersPage(_Shape):
    """A page of volunteers; the platform need not say how many there are."""

    records: list[Any]
    next_cursor: NextCursor = Field(alias="nextCursor")
    total: Count | None = None


class SummaryDay(_Shape):
    """One day's sums."""

    day: date = Field(alias="date")
    count: Count
    minutes: Count
    checksum: str


class Summary(_Shape):
    """A month's days."""

    days: list[SummaryDay]


class SubmitResult(_Shape):
    """What became of one submitted row."""

    business_key: str = Field(alias="clientRef")
    ok: Annotated[bool, Field(strict=True)]
    external_id: Code | None = Field(default=None, alias="recordId")
    message: str | None = None


class SubmitResults(_Shape):
    """What became of all submitted rows."""

    results: list[SubmitResult]


def signed_form(fields: dict[str, str], unsigned: tuple[str, ...], app_secret: str) -> bytes:
    """Give the form's bytes with its ``sign``: SM3 over the very texts that are sent, in order of their names."""
    said = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name not in unsigned)
    sign = sm3_hex(f"{said}&key={app_secret}".encode())
    return urlencode({**fields, "sign": sign}).encode()
