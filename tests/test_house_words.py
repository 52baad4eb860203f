"""The project speaks of itself alone, and has one word for each thing.

The words looked for are put together from halves, so that this file does not hold them.
"""

from __future__ import annotations

import ast
import re

import pytest

from tests.house import ROOT, modules, project_files, tree

pytestmark = pytest.mark.checkout

NOT_OURS = re.compile(
    "|".join(
        (
            "py" + r"pi\.org", "python" + r"hosted\.", "npm" + r"js\.", "deb" + r"ian\.org",
            r"(?<![\w.])/(?:wo" + "rk|fa" + "rm|ro" + r"ot|tmp/bash_)\b",
            "cla" + "ude", "anth" + "ropic", "sub" + "agent", "develop" + "ers? session", "the " + r"ceo\b",
        )
    ),
    re.IGNORECASE,
)  # fmt: skip
UNFINISHED = re.compile("TO" + "DO|FIX" + "ME|X" + "XX|raise NotImplemented" + "Error")
MODULES_OF_NOTHING = {"common", "helper", "helpers", "manager", "misc", "util", "utils"}
OTHER_WORDS = {
    "vendor": "platform", "provider": "platform", "connector": "adapter", "plugin": "adapter", "crawl": "pull",
    "scrape": "pull", "etag": "fingerprint", "wallet": "account", "ticket": "conflict", "dedupe": "idempotency key",
    "staff": "operator", "refund": "reverse", "manager": "the noun it manages", "helper": "what it does",
}  # fmt: skip


def _texts() -> dict[str, str]:
    locks = {path for path in project_files() if path.name.startswith("requirements")}
    texts = {}
    for path in project_files():
        data = path.read_bytes()
        if path not in locks and b"\0" not in data:
            texts[str(path.relative_to(ROOT))] = data.decode("utf-8", errors="replace")
    return texts


def _found(pattern: re.Pattern[str], texts: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, hit.group()) for name, text in texts.items() for hit in pattern.finditer(text)]


def test_the_project_speaks_of_itself_alone() -> None:
    assert _found(NOT_OURS, _texts()) == []


def test_no_lock_names_where_packages_come_from() -> None:
    locks = {path.name: path.read_text() for path in project_files() if path.name.startswith("requirements")}

    assert set(locks) == {"requirements.txt", "requirements-dev.txt", "requirements-uv.txt"}
    assert _found(re.compile(r"https?://|--(?:extra-)?index|--find-links"), locks) == []


def test_nothing_is_left_for_later() -> None:
    code = {name: text for name, text in _texts().items() if name.endswith(".py")}

    assert _found(UNFINISHED, code) == []


def test_no_module_is_named_for_nothing() -> None:
    assert [name for name in modules() if MODULES_OF_NOTHING & set(name.split("."))] == []


def _names_given(path_tree: ast.Module) -> set[str]:
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    nodes = list(ast.walk(path_tree))
    return {node.name for node in nodes if isinstance(node, definitions)} | {
        node.arg for node in nodes if isinstance(node, ast.arg)
    }


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}


def test_each_thing_has_one_word() -> None:
    house = {name: path for name, path in modules().items() if not name.startswith("sandbox")}
    given = ((module, name) for module, path in house.items() for name in _names_given(tree(path)))
    strays = [(module, name, OTHER_WORDS[word]) for module, name in given for word in _words(name) & set(OTHER_WORDS)]

    assert strays == [], "each with the word to use"
