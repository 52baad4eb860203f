"""Identity numbers: one spelling for comparing, and a word for those that cannot be right."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

RESIDENT = "resident"
_RESIDENT_LENGTH = 18
ID_TYPES = {
    "01": RESIDENT, "02": "hongkong", "03": "macao", "04": "taiwan", "05": "passport", "06": "officer", "07": "soldier",
    "08": "other", "09": "other", "99": "other",
}  # fmt: skip
_TYPE_NAMES = {
    "身份证": RESIDENT, "居民身份证": RESIDENT, "内地居民身份证": RESIDENT, "二代身份证": RESIDENT,
    "中华人民共和国居民身份证": RESIDENT,
    "香港": "hongkong", "香港居民身份证": "hongkong", "香港居民来往内地通行证": "hongkong",
    "澳门": "macao", "澳门居民身份证": "macao", "澳门居民来往内地通行证": "macao", "台湾": "taiwan", "台胞证": "taiwan",
    "台湾居民来往大陆通行证": "taiwan", "护照": "passport", "军官证": "officer", "士兵证": "soldier", "其他": "other",
    "其它": "other", "其他证件": "other",
}  # fmt: skip
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_RESIDENT = re.compile(r"\d{17}[\dX]")
_OLD_RESIDENT = re.compile(r"\d{15}")
_ON_THE_CARD = re.compile(r"[()/.]")
"""Signs that a card of Hong Kong, Macao or Taiwan prints within its number, and hardly anybody types alike."""


def id_class(code: str) -> str:
    """Give the class of an id type code (``"01"``, ``"1"``; an unknown or absent one is "other")."""
    return ID_TYPES.get(code.strip().zfill(2), "other")


def id_class_named(text: str) -> str | None:
    """Give the class of an id type written as a code (``"01"``, ``"1"``) or by its Chinese name; None for neither."""
    said = text.strip()
    return _TYPE_NAMES.get(said) or ID_TYPES.get(said.zfill(2))


def check_digit(seventeen: str) -> str:
    """Give the GB 11643 check character of the first seventeen digits."""
    return _CHECKS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, seventeen, strict=True)) % 11]


def normalised_id(id_type: str, number: str) -> str:
    """Give the one spelling of an id number used for comparing: half width, no blanks, upper case, 18 digits.

    ``id_type`` is a class as ``id_class`` gives it. ``A123456(7)`` and ``A1234567`` are one number.

    Raises:
        ValueError: a resident number of the wrong shape, with an impossible birth date or a wrong check digit; any
            number that is empty or has an asterisk in it. The message holds no part of the number.
    """
    text = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", number)).upper()
    if id_type != RESIDENT:
        text = _ON_THE_CARD.sub("", text)
        if not text or "*" in text or not text.isalnum():
            raise ValueError("shape")
        return text
    if _OLD_RESIDENT.fullmatch(text):
        text = f"{text[:6]}19{text[6:]}"
        text += check_digit(text)
    if not (text.isascii() and _RESIDENT.fullmatch(text)):
        raise ValueError("shape")
    birth_date(text)
    if check_digit(text[:17]) != text[17]:
        raise ValueError("check digit")
    return text


def is_resident_number(number: str) -> bool:
    """Say whether a number can only be a resident's: eighteen places, a birth date, the right check digit."""
    try:
        return len(number) == _RESIDENT_LENGTH and normalised_id(RESIDENT, number) == number
    except ValueError:
        return False


def birth_date(resident_number: str) -> date:
    """Give the birth date in a normalised resident number.

    Raises:
        ValueError: there is no such day.
    """
    digits = resident_number[6:14]
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
