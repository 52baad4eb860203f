"""Read typed names and numbers of people: right without doubt, or not at all; no problem holds what was typed."""

from __future__ import annotations

import re

from domain.idnumber import RESIDENT, birth_date, id_class_named, normalised_id
from mapping.typed import TypedProblem, is_eaten, plain

_NAME_LENGTH_MAX = 60
_NUMBER_LENGTH_MAX = 64
_SEPARATORS = re.compile(r"[、,;/|&+\n]|\s(?:和|与)\s")
_TWO_NAMES = re.compile(r"[\u4e00-\u9fff]{2,4}\s+[\u4e00-\u9fff]{2,4}")
_LIST_MARKS = re.compile(r"[、,;/|\s]+")
_SEVERAL_NUMBERS = re.compile(r"[、,;\s]")
_DITTO = {"同上", "同前", "同左", "如上", "同", "〃", "々", "′′", '"', "''", "”", "“", "”“", "ditto"}
_NO_NAME = {
    "是", "否", "有", "无", "没有", "未", "未确认", "已确认", "确认", "已确", "待确认", "true", "false", "yes", "no",
    "y", "n", "ok", "本人",
}  # fmt: skip
_PHONE = re.compile(r"(?:\+?86)?(1\d{10})|(0\d{2,3}\d{7,8})|(\d{7,8})")
_LIKE_PHONE = re.compile(r"1\d{10}")
_LIKE_ID = re.compile(r"\d{15}|\d{17}[\dX]")
_NUMBER = re.compile(r"[\w.#/()-]+")
_EATEN_TAIL = re.compile(r"\d{15}000")


def typed_id_type(text: str, number: str) -> str | TypedProblem:
    """Read 证件类型, as the platforms' code or its Chinese name, as its class.

    An empty cell beside a number that can only be a resident's is read as that.
    """
    if not plain(text):
        return RESIDENT if _is_resident(number) else TypedProblem("cell_missing")
    return id_class_named(plain(text)) or TypedProblem("id_type_unknown")


def typed_id_number(text: str, id_type: str) -> str | TypedProblem:
    """Read 证件号码 as ``domain.idnumber`` spells it; an O typed for a 0 is read where the check digit proves it.

    A number ending in 000 is refused even where its check digit fits, for a spreadsheet ends long numbers so; written
    in groups (``459900 19900101 1000``) it was typed as text and is believed.
    """
    said = plain(text).lstrip("'").upper()
    if not said:
        return TypedProblem("cell_missing")
    if is_eaten(said):
        return TypedProblem("id_eaten")
    if "*" in said:
        return TypedProblem("id_masked")
    if id_type == RESIDENT:
        return _resident_number(said)
    try:
        return normalised_id(id_type, said)
    except ValueError:
        return TypedProblem("id_shape")


def _resident_number(said: str) -> str | TypedProblem:
    if _EATEN_TAIL.fullmatch(said):
        return TypedProblem("id_eaten")
    digits = re.sub(r"[\s-]", "", said)
    repaired = digits.replace("O", "0")
    if repaired != digits and len(digits) != len("459900190001010000"):
        return TypedProblem("id_shape")  # without a check digit nothing proves the 0
    if not _LIKE_ID.fullmatch(repaired):
        return TypedProblem("id_shape")
    try:
        return normalised_id(RESIDENT, repaired)
    except ValueError:
        return TypedProblem("id_birth_date" if not _has_birth_date(repaired) else "id_check_digit")


def _has_birth_date(digits: str) -> bool:
    try:
        birth_date(digits if len(digits) == len("459900190001010000") else f"{digits[:6]}19{digits[6:]}")
    except ValueError:
        return False
    return True


def _is_resident(number: str) -> bool:
    return not isinstance(typed_id_number(number, RESIDENT), TypedProblem)


def typed_name(text: str) -> str | TypedProblem:
    """Read one person's name; it is kept as written, but for outer blanks."""
    said = plain(text)
    if not said:
        return TypedProblem("cell_missing")
    if said.casefold() in _DITTO:
        return TypedProblem("ditto")
    if is_several(said):
        return TypedProblem("several_people")
    if len(said) > _NAME_LENGTH_MAX or any(mark.isdecimal() for mark in said) or "*" in said:
        return TypedProblem("name_unreadable")
    return text.strip()


def is_several(text: str) -> bool:
    """Say whether one cell names several people (张三、李四)."""
    said = plain(text)
    return _SEPARATORS.search(said) is not None or _TWO_NAMES.fullmatch(said) is not None


def parts_of_list(text: str) -> list[str]:
    """Give the parts of a cell that lists things, however they are parted."""
    return [part for part in _LIST_MARKS.split(plain(text)) if part]


def typed_confirmer(text: str) -> str | TypedProblem:
    """Read who confirmed: a name, or "" for not yet; a tick or 同上 is nobody's name."""
    said = plain(text)
    if not said:
        return ""
    if said.casefold() in _DITTO:
        return TypedProblem("ditto")
    if said.casefold() in _NO_NAME or len(said) > _NAME_LENGTH_MAX or not any(mark.isalpha() for mark in said):
        return TypedProblem("confirmer_no_name")
    return text.strip()


def typed_local_number(text: str) -> str | TypedProblem:
    """Read 本地编号: the bank's own number, which may not look like an id or phone number."""
    said = plain(text)
    if not said:
        return TypedProblem("cell_missing")
    if is_eaten(said):
        return TypedProblem("number_eaten")
    if _SEVERAL_NUMBERS.search(said):
        return TypedProblem("several_people")
    if _LIKE_PHONE.fullmatch(said) or _LIKE_ID.fullmatch(said.upper()):
        return TypedProblem("number_looks_personal")
    return said if _is_number(said) else TypedProblem("number_unreadable")


def typed_entry_id(text: str) -> str | TypedProblem:
    """Read 录入编号, which may be long but no id number of a person."""
    said = plain(text)
    if not said:
        return TypedProblem("cell_missing")
    if is_eaten(said):
        return TypedProblem("number_eaten")
    if _is_resident(said):
        return TypedProblem("number_looks_personal")
    return said if _is_number(said) else TypedProblem("number_unreadable")


def typed_platform_number(text: str) -> str | TypedProblem:
    """Read a volunteer number that a platform gave: trimmed and upper-cased, never parsed; "" for none."""
    said = plain(text).upper()
    if said in {"", "无", "/", "-"}:
        return ""
    if is_eaten(said):
        return TypedProblem("number_eaten")
    return said if len(said) <= _NUMBER_LENGTH_MAX else TypedProblem("number_unreadable")


def typed_phone(text: str) -> str | TypedProblem:
    """Read a phone number as its digits; "" where there is none."""
    said = re.sub(r"[\s()-]", "", plain(text))
    if said in {"", "无", "/"}:
        return ""
    found = _PHONE.fullmatch(said)
    return next(filter(None, found.groups())) if found else TypedProblem("phone_unreadable")


def _is_number(said: str) -> bool:
    return len(said) <= _NUMBER_LENGTH_MAX and _NUMBER.fullmatch(said) is not None
