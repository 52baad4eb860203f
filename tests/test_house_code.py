"""The rules of the house that no linter knows: size, order of imports, and where time and chance may come from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

from tests.house import ROOT, modules, packages, tree

pytestmark = pytest.mark.checkout

FUNCTION_LINES_MAX = 40
FILE_LINES_MAX = 260

# A migration is a schema written out once, table after table, and never touched again.
WRITTEN_OUT = "local_store.migrations.versions."

# The front door hands out clock, chance and surroundings; the sandbox plays another machine and has its own.
MAY_READ_THE_WORLD = ("shiqiao", "sandbox")
CLOCKS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
    ("time", "time_ns"), ("time", "sleep"), ("time", "monotonic"), ("time", "monotonic_ns"), ("time", "perf_counter"),
    ("os", "environ"), ("os", "getenv"),
}  # fmt: skip
CHANCE = {"random", "uuid"}
CLOCKS_OF_SQL = ("CURRENT_TIMESTAMP", "CURRENT_DATE", "func.now(", "'now'")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module


def _definitions(path: Path) -> Iterator[Definition]:
    yield from (node for node in ast.walk(tree(path)) if isinstance(node, Definition))


def _docstring_lines(node: Definition) -> int:
    first = node.body[0] if node.body else None
    if first is None or ast.get_docstring(node) is None:
        return 0
    return (first.end_lineno or first.lineno) - first.lineno + 1


def _function_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1 - _docstring_lines(node)


def _file_lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines()) - sum(map(_docstring_lines, _definitions(path)))


def test_every_module_says_what_it_is_for() -> None:
    assert [name for name, path in modules().items() if not ast.get_docstring(tree(path))] == []


def _rooms() -> dict[str, Path]:
    return {name: path for name, path in modules().items() if not name.startswith(WRITTEN_OUT)}


def test_no_function_is_longer_than_a_look() -> None:
    functions = (
        (f"{name}.{node.name}", _function_lines(node))
        for name, path in _rooms().items()
        for node in _definitions(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )

    assert [(name, lines) for name, lines in functions if lines > FUNCTION_LINES_MAX] == []


def test_no_file_holds_more_than_one_noun_can_fill() -> None:
    files = ((name, _file_lines(path)) for name, path in _rooms().items())

    assert [(name, lines) for name, lines in files if lines > FILE_LINES_MAX] == []


def _world_reads(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if (owner, name) in CLOCKS:
                yield f"{owner}.{name} in line {node.lineno}"
            case ast.Attribute(value=ast.Attribute(attr=owner), attr=name) if (owner, name) in CLOCKS:
                yield f"{owner}.{name} in line {node.lineno}"
            case ast.ImportFrom(module=str(owner), names=names):
                yield from (f"from {owner} import {name.name}" for name in names if (owner, name.name) in CLOCKS)
                yield from (f"from {owner}" for _ in names[:1] if owner.partition(".")[0] in CHANCE)
            case ast.Import(names=names):
                yield from (f"import {name.name}" for name in names if name.name.partition(".")[0] in CHANCE)


def test_time_chance_and_surroundings_are_passed_in() -> None:
    below = {name: path for name, path in modules().items() if name.partition(".")[0] not in MAY_READ_THE_WORLD}
    reads = {name: list(_world_reads(path)) for name, path in below.items()}

    assert {name: found for name, found in reads.items() if found} == {}


def test_the_databases_own_clock_is_never_asked() -> None:
    rooms = {
        name: path.read_text(encoding="utf-8") for name, path in modules().items() if name.startswith("local_store")
    }

    assert [(name, word) for name, text in rooms.items() for word in CLOCKS_OF_SQL if word in text] == []


def test_no_import_is_hidden_from_running_code() -> None:
    hidden = "TYPE_" + "CHECKING"
    files = [*modules().values(), *sorted((ROOT / "tests").rglob("*.py"))]

    assert [str(path.relative_to(ROOT)) for path in files if hidden in path.read_text(encoding="utf-8")] == []


def test_imports_run_in_no_circle() -> None:
    graph = grimp.build_graph(*packages(), cache_dir=None)
    order = TopologicalSorter({name: graph.find_modules_directly_imported_by(name) for name in graph.modules})

    assert set(order.static_order()) >= set(modules())
