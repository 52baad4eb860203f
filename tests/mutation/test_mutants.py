from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.mutation.campaign import kept, reasons, section, unexplained
from tests.mutation.orchard import ROOT, Mutant, Target, notes_of, targets

pytestmark = pytest.mark.checkout

LOST = Mutant("sync/due.py", "sync.due.x_due_slice__mutmut_3", "survived", "a = 1", "a = 2")
NEW = Mutant("sync/due.py", "sync.due.x_due_slice__mutmut_4", "not checked", "a = 1", "a = 3")
DEAD = Mutant("sync/due.py", "sync.due.xǁSliceǁends__mutmut_1", "killed")


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.name)
def test_every_target_names_files_and_tests_that_are_there(target: Target) -> None:
    assert [name for name in (*target.files, *target.tests) if not (ROOT / name).exists()] == []


def test_every_reason_speaks_of_lines_that_still_stand_there() -> None:
    file = ROOT / "tests" / "mutation" / "survivors.toml"
    assert len(reasons()) == sum(
        len(one["changes"]) for one in tomllib.loads(file.read_text("utf-8")).get("survivor", [])
    )
    stale = [(function, was) for function, was, _ in reasons() if not _stands(function, was)]
    assert stale == []


def _stands(function: str, was: str) -> bool:
    parts = function.split(".")
    paths = [ROOT.joinpath(*parts[:depth]).with_suffix(".py") for depth in range(1, len(parts))]
    text = next(path for path in paths if path.is_file()).read_text(encoding="utf-8")
    lines = {line.strip() for line in text.splitlines()}
    return f"def {parts[-1]}(" in text and all(line.strip() in lines for line in was.splitlines())


def test_a_mutant_is_known_by_its_function() -> None:
    assert (LOST.function, DEAD.function) == ("sync.due.due_slice", "sync.due.Slice.ends")


def test_a_survivor_without_a_reason_is_told() -> None:
    assert unexplained([LOST, DEAD, NEW]) == [LOST]
    told = section(Target("due", (), ()), [LOST, DEAD, NEW], "2022-01-01")
    assert "| sync/due.py | 3 | 2 | 1 | 50.0% |" in told
    assert "**sync.due.due_slice** (1): not explained yet\n\n```diff\n-a = 1\n+a = 2\n```" in told


def test_only_the_section_of_a_target_that_ran_is_renewed() -> None:
    first, second = targets()[:2]
    both = kept(kept("", second, f"## {second.name}\n\nold\n"), first, f"## {first.name}\n\nold\n")
    assert both.index(f"## {first.name}") < both.index(f"## {second.name}")
    renewed = kept(both, second, f"## {second.name}\n\nnew\n")
    assert renewed == both.replace(f"## {second.name}\n\nold", f"## {second.name}\n\nnew")


def test_what_was_killed_is_not_tried_again_and_all_else_is(tmp_path: Path) -> None:
    notes = Path("mutants/sync/due.py.meta")
    (tmp_path / notes).parent.mkdir(parents=True)
    codes = {"killed": 1, "timeout": 36, "survived": 0, "no tests": 33, "not checked": None}
    (tmp_path / notes).write_text(json.dumps({"exit_code_by_key": codes, "hash_by_function_name": {"x": "h"}}), "utf-8")

    ((place, said),) = notes_of(tmp_path).items()
    kept_codes = {"killed": 1, "timeout": 36, "survived": None, "no tests": None, "not checked": None}
    assert (place, json.loads(said)) == (notes, {"exit_code_by_key": kept_codes, "hash_by_function_name": {"x": "h"}})
