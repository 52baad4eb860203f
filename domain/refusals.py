"""What a file's reader refuses: one row, told by line, column and reason, while the good rows go in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row of a file that was not taken; an expected fault, so a value.

    ``line`` is the sheet's own line number, ``column`` the heading as the file writes it ("" where the whole row is
    at fault), ``code`` names the sentence, ``data`` fills its gaps and never holds personal data.
    """

    line: int
    column: str
    code: str
    data: tuple[tuple[str, str], ...] = ()
