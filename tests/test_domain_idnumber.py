"""A number that can only be a resident's is known as one."""

from __future__ import annotations

import pytest

from domain.idnumber import check_digit, is_resident_number

SEVENTEEN = "45990019600101001"
RESIDENTS = SEVENTEEN + check_digit(SEVENTEEN)


def test_a_resident_number_is_known_by_its_birth_date_and_check_digit() -> None:
    assert is_resident_number(RESIDENTS)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "E12345678",
        RESIDENTS[:15],
        RESIDENTS[:17] + ("0" if RESIDENTS[17] != "0" else "1"),
        "45990019601301001" + check_digit("45990019601301001"),
    ],
)
def test_anything_else_is_not(number: str) -> None:
    assert not is_resident_number(number)
