"""The seal of a workbook's rows: only this bank's store can make it, so that no row can be made up or altered."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

_BANK_LETTERS = 8
_BETWEEN = "."


@dataclass(frozen=True, slots=True)
class RowSeal:
    """Seals rows; ``token`` is the vault's keyed hash for workbooks and ``bank`` what it makes of the bank."""

    bank: str
    token: Callable[..., str] = field(repr=False)

    @staticmethod
    def of(token: Callable[..., str]) -> RowSeal:
        """Make the seal of the bank whose vault this is."""
        return RowSeal(token("bank")[:_BANK_LETTERS], token)

    def key(self, conflict_id: str) -> str:
        """Give a row's hidden key: which bank's row it is, and what it is about."""
        return f"{self.bank}{_BETWEEN}{conflict_id}"

    def code(self, key: str, version: str, shown: Sequence[str]) -> str:
        """Give a row's check code: another one as soon as key, version or a shown cell is not as it was written.

        Blanks, line ends and signs that nobody sees do not count: spreadsheet programs change them in silence.
        """
        return self.token("row", *map(seen, (key, version, *shown)))

    def is_own(self, key: str) -> bool:
        """Say whether a row says that it is of this bank."""
        return key.partition(_BETWEEN)[0] == self.bank

    def is_whole(self, code: str, key: str, version: str, shown: Sequence[str]) -> bool:
        """Say whether a row stands as it was written; hidden cells must do so to the letter."""
        return (seen(key), seen(version)) == (key, version) and hmac.compare_digest(
            code.encode(), self.code(key, version, shown).encode()
        )


def conflict_of_key(key: str) -> str:
    """Give the conflict that a hidden key names."""
    return key.partition(_BETWEEN)[2]


@lru_cache(maxsize=8192)  # stations, kinds and sentences come again and again
def seen(text: str) -> str:
    """Give what an eye sees of a text: runs of blanks as one, signs without a shape left out."""
    plain = " ".join(text.split())
    if plain.isprintable():  # as almost all is: then nothing in it is without a shape
        return plain
    shaped = (sign for sign in plain if unicodedata.category(sign) not in {"Cc", "Cf", "Cs"})
    return " ".join("".join(shaped).split())
