"""Read a small text file that may be anything: missing, a folder, a device, huge, not text."""

from __future__ import annotations

import stat
from pathlib import Path


class TextFault(Exception):  # noqa: N818 - a fault between two modules, never shown; its problem is
    """A file that cannot be read as text: ``problem`` is the reason's code, ``line`` where it lies (0: nowhere)."""

    def __init__(self, problem: str, line: int = 0) -> None:
        """Keep the reason."""
        super().__init__(problem)
        self.problem = problem
        self.line = line


def read_text(path: Path, bytes_max: int) -> str:
    """Read a regular file of at most ``bytes_max`` bytes as UTF-8, with or without a byte order mark.

    Raises:
        TextFault: ``missing_file``, ``not_a_file``, ``unreadable``, ``too_large`` or ``not_utf8``.
    """
    body = _read_bytes(path, bytes_max)
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TextFault("not_utf8", body[: error.start].count(b"\n") + 1) from None


def _read_bytes(path: Path, bytes_max: int) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
            raise TextFault("not_a_file")
        with path.open("rb") as file:
            body = file.read(bytes_max + 1)
    except FileNotFoundError:
        raise TextFault("missing_file") from None
    except (OSError, ValueError):
        raise TextFault("unreadable") from None
    if len(body) > bytes_max:
        raise TextFault("too_large")
    return body
