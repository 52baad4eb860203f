"""Let mutmut change a copy of the house by one sign at a time, and hear which changes the tests noticed."""

from __future__ import annotations

import difflib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOOL = f"mutmut {version('mutmut')}"
PACKAGES = (
    "domain", "adapters", "mapping", "local_store", "sync", "scheduler", "desk", "shiqiao", "sandbox", "rulesets",
)  # fmt: skip
KILLED = {"killed", "timeout", "segfault"}
PYTEST = (
    "-p", "_hypothesis_pytestplugin", "-p", "pytest_socket", "-p", "pytest_timeout", "-p", "no:cacheprovider",
    "--hypothesis-seed=0", "--hypothesis-profile=brief",
    "--assert=plain",  # nobody reads how a test failed
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """Some files, and the tests whose task it is to notice a change in them."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: in which function, what became of it, and the lines before and after it."""

    file: str
    name: str
    status: str
    was: str = ""
    now: str = ""

    @property
    def is_killed(self) -> bool:
        """Say whether a test failed, or nothing ended in time."""
        return self.status in KILLED

    @property
    def is_tried(self) -> bool:
        """Say whether mutmut came to it at all."""
        return self.status != "not checked"

    @property
    def function(self) -> str:
        """Give the function as ``module.function`` or ``module.Class.function``."""
        module, _, mangled = self.name.rpartition(".")
        return f"{module}.{mangled.partition('__mutmut_')[0].removeprefix('x_').removeprefix('xǁ').replace('ǁ', '.')}"


def targets() -> list[Target]:
    """Give all targets in the order in which they are run."""
    listed = tomllib.loads(Path(__file__).with_name("targets.toml").read_text(encoding="utf-8"))["target"]
    return [
        Target(one["name"], tuple(one["files"]), tuple(one["tests"]), tuple(one.get("options", ()))) for one in listed
    ]


def grown(target: Target, plot: Path, *, workers: int = 1, is_again: bool = False) -> list[Mutant]:
    """Try every mutant of a target in the folder ``plot``, which is made anew, and give them all.

    Again means: code and tests as they are now, but whatever was killed in ``plot`` stays so as long as its function
    stands as it did. What survived, what a broken-off run did not come to and what is new is tried.

    Raises:
        RuntimeError: mutmut did not come to its end, as where the tests fail without any change.
    """
    notes = notes_of(plot) if is_again else {}
    shutil.rmtree(plot, ignore_errors=True)
    for package in (*PACKAGES, "tests"):
        shutil.copytree(ROOT / package, plot / package, ignore=shutil.ignore_patterns("__pycache__"))
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8") + _settings(target)
    (plot / "pyproject.toml").write_text(settings, encoding="utf-8")
    for name, said in notes.items():
        (plot / name).parent.mkdir(parents=True, exist_ok=True)
        (plot / name).write_text(said, encoding="utf-8")
    return _run(plot, workers)


def notes_of(plot: Path) -> dict[Path, str]:
    """Give what mutmut wrote down of every file, with no verdict on what was not killed: it tries what has none."""
    found = {}
    for notes in (plot / "mutants").rglob("*.py.meta"):
        said = json.loads(notes.read_text(encoding="utf-8"))
        said["exit_code_by_key"] = {
            name: code if _STATUS.get(code) in KILLED else None for name, code in said["exit_code_by_key"].items()
        }
        found[notes.relative_to(plot)] = json.dumps(said)
    return found


def _settings(target: Target) -> str:
    return "\n".join(
        (
            "\n[tool.mutmut]",
            f"source_paths = {json.dumps(PACKAGES)}",
            f"only_mutate = {json.dumps(target.files)}",
            f"pytest_add_cli_args = {json.dumps([*PYTEST, *target.options])}",
            f"pytest_add_cli_args_test_selection = {json.dumps(target.tests)}",
            "timeout_constant = 30.0",
            "timeout_multiplier = 2.0",
            "use_setproctitle = false",
            "",
        )
    )


def _run(plot: Path, workers: int) -> list[Mutant]:
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(workers)]
    environment = os.environ | {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "",  # tests load modules anew, and those full of mutants are long to compile
    }
    with (plot / "mutmut.log").open("w", encoding="utf-8") as log:
        done = subprocess.run(command, cwd=plot, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False)
    found = told_of(plot)
    unknown = [mutant.name for mutant in found if not mutant.is_tried]
    if done.returncode or unknown or not found:
        raise RuntimeError(plot / "mutmut.log", unknown[:3])
    return found


def told_of(plot: Path) -> list[Mutant]:
    """Give what mutmut wrote down of every mutant in the folder ``plot``, also of those that it has not tried yet."""
    found: list[Mutant] = []
    for notes in sorted((plot / "mutants").rglob("*.py.meta")):
        file = str(notes.relative_to(plot / "mutants")).removesuffix(".meta")
        said = json.loads(notes.read_text(encoding="utf-8"))["exit_code_by_key"]
        texts = _texts(plot / "mutants" / file)
        for name, code in said.items():
            status = _STATUS.get(code, "odd")
            was, now = ("", "") if status in KILLED else _difference(texts, name)
            found.append(Mutant(file, name, status, was, now))
    return found


def _texts(mutated: Path) -> dict[str, list[str]]:
    """Give the lines of every function that mutmut generated, by its name."""
    lines = mutated.read_text(encoding="utf-8").splitlines()
    spans = json.loads(mutated.with_name(f"{mutated.name}.spans").read_text(encoding="utf-8"))["spans"]
    return {name: lines[start - 1 : end] for name, (start, end) in spans.items()}


def _difference(texts: dict[str, list[str]], name: str) -> tuple[str, str]:
    mangled = name.rpartition(".")[2]
    original = f"{mangled.partition('__mutmut_')[0]}__mutmut_orig"
    before = [line.replace(original, "") for line in texts[original]]
    after = [line.replace(mangled, "") for line in texts[mangled]]
    changed = [line for line in difflib.ndiff(before, after) if line[0] in "-+"]
    was = "\n".join(line[2:].strip() for line in changed if line[0] == "-")
    return was, "\n".join(line[2:].strip() for line in changed if line[0] == "+")


_STATUS = {
    None: "not checked", 0: "survived", 1: "killed", 3: "killed", 5: "no tests", 33: "no tests", 36: "timeout",
    24: "timeout", -24: "timeout", 152: "timeout", 255: "timeout", -11: "segfault", -9: "segfault",
}  # fmt: skip
