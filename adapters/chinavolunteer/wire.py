"""The shapes that go over this platform's wire."""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from adapters.crypto import FieldCipher


def _code(value: object) -> object:
    return str(value) if type(value) is int else value


def _listed(value: object) -> object:
    """Take ``{"list": […]}`` for ``[…]``."""
    return value["list"] if isinstance(value, dict) and "list" in value else value


def _count(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


HeaderText = Annotated[str, Field(pattern=r"^[!-~]{1,4096}$")]
Code = Annotated[str, BeforeValidator(_code)]
Outcome = Annotated[Code, Field(pattern=r"^[A-Za-z_.-]{0,20}[0-9]{0,10}$", min_length=1)]
"""A code that is shown to people: no longer than one can be, and none that an id number could be."""
Count = Annotated[int, BeforeValidator(_count), Field(strict=True, ge=0)]
Rows = Annotated[list[Any], BeforeValidator(_listed)]


class _Shape(BaseModel):
    """Fields that we do not know are left alone; fields that we know have their shape."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Envelope(_Shape):
    """What is around every reply; anything but code 0 is a refusal, whatever else it holds."""

    code: Outcome
    message: str | None = None
    data: Any = None


class RowsEnvelope(_Shape):
    """A page of rows. A row is looked at by itself: one that is broken must not take the page with it."""

    data: Rows
    total: Count = Field(alias="totalCount")
    page_count: Count = Field(alias="pageCount")
    page_number: Count | None = Field(default=None, alias="pageNo")


class Login(_Shape):
    """What a log-in gives."""

    token: HeaderText
    lifetime_seconds: Count = Field(alias="expiresIn")


class WriteResult(_Shape):
    """What became of one row of a write."""

    index: Count
    code: Outcome
    external_id: Code | None = Field(default=None, alias="id")
    message: str | None = None


class WriteEnvelope(_Shape):
    """What became of all rows of a write."""

    data: Annotated[list[WriteResult], BeforeValidator(_listed)]


def form_body(payload: dict[str, Any], cipher: FieldCipher) -> bytes:
    """Give the form's bytes: the field ``bean``, with the payload encrypted in it."""
    bean = json.dumps({"encryData": cipher.encrypt(json.dumps(payload, ensure_ascii=False))})
    return urlencode({"bean": bean}).encode()
