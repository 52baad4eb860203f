"""Masking: what may be shown of a name or a number to somebody who need not know it whole."""

from __future__ import annotations

import re
import unicodedata

MASK = "*"
SHOWN_DIGITS_MAX = 4
_PERSONAL_NUMBER = re.compile(r"(?<![0-9A-Za-z])(\d{11}|\d{15}|\d{17}[\dXx])(?![0-9A-Za-z])")
_WITHOUT_CASE = "Lo"  # Unicode's class of Chinese characters; Latin letters are Lu and Ll


def masked_name(name: str) -> str:
    """Show the first and the last character of a name, or each word's first letter of a Latin one.

    ``覃小英`` becomes ``覃*英``, ``覃英`` ``覃*``, ``阿依古丽·买买提`` ``阿*提``, ``Ann Lee`` ``A* L*``. How many
    characters are hidden is not told. Masking a masked name changes nothing.
    """
    words = [word for word in (_letters(word) for word in name.split()) if word]
    letters = "".join(words)
    if len(letters) == len("覃*英") and letters[1] == MASK:
        return letters
    if not any(unicodedata.category(character) == _WITHOUT_CASE for word in words for character in word):
        return " ".join(word[0] + MASK for word in words)
    if len(letters) < len("覃小英"):
        return letters[0] + MASK
    return letters[0] + MASK + letters[-1]


def masked_number(number: str) -> str:
    """Show the last four characters of an id, phone or passbook number, and never more than half of it."""
    text = "".join(number.split())
    shown = min(SHOWN_DIGITS_MAX, len(text) // 2)
    return MASK * 4 + text[len(text) - shown :] if text else ""


def shown_reference(text: str) -> str:
    """Show what somebody typed to name a thing, masked where it may be a person's own name or number.

    ``CZ01-0001`` and a record's id are shown whole; of an id or phone number the last four characters are, of what
    has no digit as much as of a name.
    """
    said = unicodedata.normalize("NFKC", text)
    if _PERSONAL_NUMBER.search(said):
        return masked_number(text)
    return text if any(character.isdigit() for character in said) else masked_name(text)


def _letters(word: str) -> str:
    """Leave out dots, combining marks and invisible characters: they would stand where a letter should."""
    return "".join(
        character
        for character in unicodedata.normalize("NFC", word)
        if character == MASK or unicodedata.category(character)[0] in "LN"
    )
