"""The locks: they hold what the project asks for, and the house runs on what they hold."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house import ROOT, modules, packages, project, tree

pytestmark = pytest.mark.checkout


def _locked(name: str) -> dict[str, str]:
    """Give the version of each package in a lock."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE))


def _asked(lock: str) -> list[Requirement]:
    asked = list(project()["project"]["dependencies"])
    if lock == "requirements-dev.txt":
        asked += project()["dependency-groups"]["dev"]
    return [Requirement(line) for line in asked]


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_a_lock_holds_what_the_project_asks_for(lock: str) -> None:
    locked = _locked(lock)
    unmet = [
        str(want) for want in _asked(lock) if not want.specifier.contains(locked.get(canonicalize_name(want.name), "0"))
    ]

    assert unmet == [], "make lock"


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt", "requirements-uv.txt"])
def test_every_locked_package_is_known_by_its_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9._-]+==)", text, flags=re.MULTILINE)[1:]

    assert len(entries) == len(_locked(lock))
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_both_locks_agree() -> None:
    runs, tests = _locked("requirements.txt"), _locked("requirements-dev.txt")

    assert {name: version for name, version in runs.items() if tests.get(name) != version} == {}


def _imported() -> set[str]:
    """Give the top-level names that the house imports and that are neither ours nor Python's."""
    nodes = [node for path in modules().values() for node in ast.walk(tree(path))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - set(packages())


def test_the_house_imports_only_what_it_asks_for() -> None:
    owners = packages_distributions()
    asked = {canonicalize_name(want.name) for want in _asked("requirements.txt")}
    owned = {name: {canonicalize_name(owner) for owner in owners.get(name, ())} for name in _imported()}

    assert {name: who for name, who in owned.items() if not who & asked} == {}
