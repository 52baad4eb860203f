"""Names as people and platforms type them: one person's spellings become one text, whatever keyboard or font."""

from __future__ import annotations

from collections.abc import Callable
from importlib import reload

import pytest

import mapping.names

Fold = Callable[[str], str]


@pytest.fixture
def fold() -> Fold:
    """Give the folding as a new process makes it, whose table is built when it is loaded."""
    fold: Fold = reload(mapping.names).folded_name
    return fold


@pytest.mark.parametrize("dot", "·・•‧⋅∙●．.｡")
def test_every_dot_in_a_name_is_the_same_dot(fold: Fold, dot: str) -> None:
    assert fold(f"阿依{dot}古丽") == "阿依·古丽"


@pytest.mark.parametrize(
    ("typed", "usual"),
    [("吳", "吴"), ("呉", "吴"), ("呂", "吕"), ("戶", "户"), ("顔", "颜"), ("顏", "颜"), ("陳", "陈")],
)
def test_old_and_regional_forms_of_a_character_are_the_usual_one(fold: Fold, typed: str, usual: str) -> None:
    assert fold(f"{typed}小桥") == f"{usual}小桥"
    assert fold(f"{usual}小桥") == f"{usual}小桥"


@pytest.mark.parametrize(
    ("private", "today"),
    [
        ("\ue815", "\u2e81"),  # the first that moved
        ("\ue816", "\U00020087"), ("\ue81e", "\u9fb4"),
        ("\ue843", "\u9fb9"), ("\ue844", "\u4723"),  # on both sides of the byte that no character has
        ("\ue863", "\u4dae"), ("\ue864", "\u9fbb"),  # the last
    ],
)  # fmt: skip
def test_a_rare_character_of_an_old_font_is_the_one_of_today(fold: Fold, private: str, today: str) -> None:
    assert fold(f"韦{private}") == f"韦{today}"


def test_private_characters_of_other_fonts_stay_as_they_are(fold: Fold) -> None:
    assert (fold("\ue814"), fold("\ue865")) == ("\ue814", "\ue865")


def test_capitals_are_no_other_name(fold: Fold) -> None:
    assert fold("ｍary weiß") == fold("MARY WEISS") == "MARYWEISS"
