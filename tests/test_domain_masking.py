from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.masking import masked_name, masked_number, shown_reference


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("覃小英", "覃*英"),
        ("覃英", "覃*"),
        ("覃", "覃*"),
        ("欧阳小英", "欧*英"),
        ("阿依古丽·买买提", "阿*提"),
        ("阿依古丽•买买提", "阿*提"),
        ("覃 小 英", "覃*英"),
        ("　覃英　", "覃*"),
        ("覃\u200b英", "覃*"),
        ("𠮷田花", "𠮷*花"),
        ("Ann Lee", "A* L*"),
        ("José", "J*"),
        ("", ""),
        ("···", ""),
        ("覃*英", "覃*英"),
    ],
)
def test_a_name_shows_its_ends_at_most(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@given(st.text(max_size=20))
def test_masking_twice_is_masking_once(name: str) -> None:
    assert masked_name(masked_name(name)) == masked_name(name)


@given(st.text(alphabet="覃小英韦美兰黄爱莲", min_size=3, max_size=8))
def test_the_middle_of_a_name_is_never_told(name: str) -> None:
    shown = masked_name(name)
    assert shown == f"{name[0]}*{name[-1]}"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("45990019800101123X", "****123X"),
        ("10012345678", "****5678"),
        ("AB1234", "****234"),
        ("12", "****2"),
        ("1", "****"),
        ("", ""),
    ],
)
def test_a_number_shows_four_characters_and_never_more_than_half(number: str, shown: str) -> None:
    assert masked_number(number) == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("CZ01-0001", "CZ01-0001"),
        ("9007649456740993", "9007649456740993"),
        ("6d1a0c00b4963240f64db8153fdc5cbf", "6d1a0c00b4963240f64db8153fdc5cbf"),
        ("45990020050314002X", "****002X"),
        ("４５９９００２００５０３１４００２Ｘ", "****００２Ｘ"),
        ("459900194403070", "****3070"),
        ("10010000037", "****0037"),
        ("guangxi:10010000037", "****0037"),
        ("覃小英", "覃*英"),
        ("", ""),
    ],
)
def test_what_may_be_a_person_is_masked_when_it_is_repeated(typed: str, shown: str) -> None:
    assert shown_reference(typed) == shown
