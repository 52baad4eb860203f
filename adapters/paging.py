"""Cursors that remember what the page before looked like, so that a repeated page is known without any memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from domain.errors import BrokenAnswer

_SEPARATOR = ":"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where to read on: the platform's own ``place`` and the ``digest`` of the ids of the page before."""

    place: str
    digest: str

    def __str__(self) -> str:
        """Give the text that goes to the engine and comes back."""
        return f"{self.digest}{_SEPARATOR}{self.place}"


def cursor_of(text: str) -> Cursor:
    """Read a cursor's text back."""
    digest, _, place = text.partition(_SEPARATOR)
    return Cursor(place, digest)


def page_digest(ids: list[str]) -> str:
    """Give what changes when the rows of a page change; not secret."""
    return hashlib.blake2b("\n".join(ids).encode("utf-8", "replace"), digest_size=8).hexdigest()


def refuse_repeated(cursor: Cursor | None, digest: str, *, platform: str, what: str) -> None:
    """Stop at a page that is the one before it once more.

    Raises:
        BrokenAnswer: it is.
    """
    if cursor is not None and cursor.digest == digest:
        raise BrokenAnswer("page_repeated", platform=platform, what=what)
