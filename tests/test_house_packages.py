"""The packages: listed alike everywhere, typed, empty at the door, and nobody else's."""

from __future__ import annotations

import ast
import importlib
import json
from importlib.metadata import distribution, packages_distributions
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.house import ROOT, modules, packages, project, tree

NAMES = (
    "domain", "adapters", "mapping", "local_store", "sync", "scheduler", "desk", "shiqiao", "sandbox", "rulesets",
)  # fmt: skip


@pytest.mark.checkout
def test_the_wheel_the_linter_and_the_folders_agree_on_the_packages() -> None:
    tools = project()["tool"]
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert set(packages()) == folders == set(NAMES)
    assert set(tools["importlinter"]["root_packages"]) == folders
    assert set(tools["mypy"]["files"]) == folders | {"tests", "bench"}
    assert set(tools["coverage"]["run"]["source_pkgs"]) == folders - {"rulesets"}, "rule sets are data"


@pytest.mark.checkout
def test_every_package_bears_its_types() -> None:
    assert [name for name in packages() if not (ROOT / name / "py.typed").is_file()] == []


@pytest.mark.checkout
def test_an_init_file_holds_a_docstring_and_nothing_else() -> None:
    doors = {name: tree(path).body for name, path in modules().items() if path.name == "__init__.py"}

    assert [name for name, body in doors.items() if len(body) != 1 or not _is_text(body[0])] == []


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def test_nobody_else_owns_our_names() -> None:
    owners = packages_distributions()
    foreign = {name: set(owners.get(name, ())) - {"shiqiao"} for name in NAMES}

    assert {name: others for name, others in foreign.items() if others} == {}, "install into an environment of its own"


def test_every_package_is_loaded_from_where_it_was_installed() -> None:
    home = _installed_at()
    loaded = {name: importlib.import_module(name).__file__ for name in NAMES}

    assert {name: path for name, path in loaded.items() if Path(path or "").parent != home / name} == {}


def _installed_at() -> Path:
    shiqiao = distribution("shiqiao")
    origin = json.loads(shiqiao.read_text("direct_url.json") or "{}")
    if origin.get("dir_info", {}).get("editable"):
        return Path(unquote(urlsplit(origin["url"]).path))
    return Path(str(shiqiao.locate_file("")))


def test_the_installed_parts_bring_their_types_and_data() -> None:
    home = _installed_at()

    assert [name for name in NAMES if not (home / name / "py.typed").is_file()] == []
    assert sorted(path.name for path in (home / "rulesets").glob("*.toml")) != []
