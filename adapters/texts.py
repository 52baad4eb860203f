"""Bytes into text: JSON as it should be, and the two ways in which GB18030 gets into it."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic_core import from_json

_LOST = re.compile("[\ufffd\ud800-\udfff]")
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
_HAN = re.compile("[\u4e00-\u9fff]")
_LATIN = re.compile("[\x80-\xff]{2,}")
_MOJIBAKE_STARTS = "".join(
    bytes((lead, trail)).decode("gb18030", "ignore") for lead in range(0xE4, 0xEA) for trail in range(0x80, 0xC0)
)
# UTF-8 that somebody read as GB18030: a Chinese character's first two bytes make one of these.
_MOJIBAKE = re.compile(f"[\x00-\x7f]*[{_MOJIBAKE_STARTS}]")


def parsed_json(body: bytes | str) -> Any:  # noqa: ANN401 - JSON may hold anything until a model has looked at it
    """Parse JSON, out of bytes or out of a text that came in other JSON.

    Text in it that was sent as GB18030 instead of UTF-8 is decoded where that is beyond doubt.

    Raises:
        ValueError: it is no JSON, or not all of it; the message holds none of it.
    """
    try:
        return from_json(body, allow_inf_nan=False)
    except (ValueError, TypeError):
        # It takes halves of characters for no text at all, which is its type error; the slow reader tells them apart.
        pass
    try:
        return json.loads(body) if isinstance(body, str) else _parsed_leniently(body)
    except (ValueError, RecursionError):
        raise ValueError("no JSON") from None


def _parsed_leniently(body: bytes) -> Any:  # noqa: ANN401
    text = body.decode("utf-8", "surrogateescape")
    if len(_ESCAPED_BYTE.findall(text)) > len(_HAN.findall(text)):
        try:
            return json.loads(body.decode("gb18030"))
        except ValueError:
            pass
    return json.loads(text)


def readable(text: str) -> str:
    """Give the text as it was meant; single fields that came as GB18030 bytes are decoded.

    Raises:
        ValueError: characters are lost; the message holds none of it.
    """
    if text.isascii():
        return text
    if _LOST.search(text):
        text = _from_gb18030(text)
    if (_LATIN.fullmatch(text) and len(set(text)) > 1) or (_MOJIBAKE.match(text) and _turns_back(text)):
        raise ValueError("broken text")
    return text


def _from_gb18030(text: str) -> str:
    try:
        meant = text.encode("utf-8", "surrogateescape").decode("gb18030")
    except ValueError:
        raise ValueError("broken text") from None
    if "\ufffd" in text or _LOST.search(meant):
        raise ValueError("broken text")
    return meant


def _turns_back(text: str) -> bool:
    """Tell whether the whole text, written as GB18030 and read as UTF-8, is Chinese again."""
    try:
        return _HAN.search(text.encode("gb18030").decode("utf-8")) is not None
    except ValueError:
        return False
