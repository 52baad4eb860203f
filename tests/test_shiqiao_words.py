"""The front door's sentences: the same in both languages, and one for every code that the house can say."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files

import pytest

from domain.errors import ShiqiaoError, StoreError, UsageError
from shiqiao.words.sentences import LANGUAGES, Words, chosen_language, read_words
from tests.house import modules, tree

ERRORS = {
    "UsageError", "OperatorError", "PlatformError", "StoreError", "Unreachable", "Throttled", "Refused", "BrokenAnswer",
    "UnknownOutcome",
}  # fmt: skip
FAULTS_OF_FILES = {"SheetFault"}
SAID = {"say", "tell", "show"}
SAYERS = {"words", "front"}


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Words:
    return read_words(request.param)


def _gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_both_languages_say_the_same_with_the_same_gaps() -> None:
    chinese, english = (read_words(language).sentences for language in LANGUAGES)

    assert list(chinese) == list(english)
    assert [code for code in chinese if _gaps(chinese[code]) != _gaps(english[code])] == []


def test_chinese_is_chinese_and_english_is_not() -> None:
    han = re.compile(r"[\u4e00-\u9fff]")
    may_hold_none = {"night_problem", "check_fine", "check_failed"}
    chinese, english = (read_words(language).sentences for language in LANGUAGES)

    assert [code for code, text in chinese.items() if not han.search(text) and code not in may_hold_none] == []
    assert [
        code
        for code, text in english.items()
        if han.search(re.sub("凌晨2:30|30分钟|是 or 否|本地编号|录入编号", "", text))
    ] == []


def test_no_code_stands_twice() -> None:
    for language in LANGUAGES:
        text = (files("shiqiao.words") / f"{language}.toml").read_text(encoding="utf-8")
        counts = Counter(code for table in tomllib.loads(text).values() for code in table)
        assert [code for code, count in counts.items() if count > 1] == []


def _kinds(names: set[str]) -> set[str]:
    """Give the names of these classes and of all classes of the house below them."""
    known = set(names)
    classes = [node for path in modules().values() for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)]
    for _ in range(3):
        known |= {
            node.name for node in classes if known & {base.id for base in node.bases if isinstance(base, ast.Name)}
        }
    return known


def _texts(node: ast.expr) -> Iterator[str]:
    """Give the texts that an expression can be: one, or either of a choice."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _texts(body)
            yield from _texts(orelse)


def _calls() -> list[ast.Call]:
    return [node for path in modules().values() for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]


def _codes(names: set[str], place: int = 0) -> set[str]:
    """Give the codes with which the house makes these, by argument or by keyword."""
    kinds = _kinds(names)
    made = [node for node in _calls() if isinstance(node.func, ast.Name) and node.func.id in kinds]
    given = [node.args[place] for node in made if len(node.args) > place]
    given += [keyword.value for node in made for keyword in node.keywords if keyword.arg == "code"]
    return {text for node in given for text in _texts(node)}


@pytest.mark.checkout
def test_every_error_of_the_house_has_a_sentence(words: Words) -> None:
    codes = _codes(ERRORS) | _codes(FAULTS_OF_FILES)

    assert len(codes) > 50
    assert sorted(code for code in codes if not words.has(code)) == []


@pytest.mark.checkout
def test_every_reason_to_refuse_a_row_has_a_sentence(words: Words) -> None:
    refusing = [node for node in _calls() if isinstance(node.func, ast.Attribute) and node.func.attr == "refused"]
    codes = {text for node in refusing if len(node.args) > 1 for text in _texts(node.args[1])}
    codes |= _codes({"TypedProblem"}) | _codes({"RefusedRow"}, place=2)

    assert len(codes) > 30
    assert sorted(code for code in codes if not words.has(f"row_{code}")) == []


def _asks_the_front(call: ast.Call) -> bool:
    """Say whether a call is ``front.show(…)``, ``front.words.say(…)`` or the like."""
    match call.func:
        case ast.Attribute(value=ast.Name(id=sayer) | ast.Attribute(attr=sayer), attr=said):
            return sayer in SAYERS and said in SAID
    return False


@pytest.mark.checkout
def test_every_sentence_that_the_front_door_asks_for_is_there(words: Words) -> None:
    front = [path for name, path in modules().items() if name.startswith("shiqiao")]
    calls = [node for path in front for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    asked = [node.args[0] for node in calls if _asks_the_front(node) and node.args]
    helps = [keyword.value for node in calls for keyword in node.keywords if keyword.arg == "help"]
    codes = {text for node in [*asked, *helps] for text in _texts(node)}

    assert len(codes) > 30
    assert sorted(code for code in codes if not words.has(code)) == []


def test_gaps_are_filled_and_a_missing_figure_shows() -> None:
    words = Words("en", {"greeting": "{whom}, {count} rows"})

    assert words.say("greeting", whom="All", count=3) == "All, 3 rows"
    assert words.say("greeting", whom="All") == "All, ? rows"
    assert words.say("unheard_of", count=3) == "unheard_of count=3"


def test_a_value_is_no_template() -> None:
    words = Words("en", {"greeting": "{whom}"})

    assert words.say("greeting", whom="{whom.__class__}") == "{whom.__class__}"


def test_an_error_is_said_on_one_line_with_its_problem_in_words(words: Words) -> None:
    said = words.say_error(UsageError("settings_invalid", file="a\nb", line=3, key="bank", problem="unknown_key"))

    assert "\n" not in said
    assert words.say("problem_unknown_key") in said
    assert "3" in said


def test_an_unknown_problem_is_still_told(words: Words) -> None:
    said = words.say_error(UsageError("rules_invalid", file="f", line=0, key="k", problem="never_heard_of"))

    assert words.say("problem_other") in said
    assert "never_heard_of" not in said
    assert "0" not in said, "line 0 is no line"


def test_a_code_without_data_is_said(words: Words) -> None:
    error: ShiqiaoError = StoreError("store_missing")

    assert words.say_error(error) == words.say("store_missing")


@pytest.mark.parametrize(
    ("arguments", "environ", "language"),
    [
        ([], {}, "zh"),
        (["--lang", "en"], {}, "en"),
        (["rules", "--lang=en", "check"], {}, "en"),
        (["--lang", "en", "--lang", "zh"], {}, "zh"),
        ([], {"SHIQIAO_LANG": "en"}, "en"),
        (["--lang", "zh"], {"SHIQIAO_LANG": "en"}, "zh"),
        (["--lang", "fr"], {"SHIQIAO_LANG": "fr"}, "zh"),
        (["--lang"], {"SHIQIAO_LANG": ""}, "zh"),
    ],
)
def test_the_language_is_known_before_the_arguments_are(
    arguments: list[str], environ: dict[str, str], language: str
) -> None:
    assert chosen_language(arguments, environ) == language


def test_a_language_that_there_is_not_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        chosen_language([], {"SHIQIAO_LANG": "fr"})

    assert caught.value.code == "lang_unknown"
