"""Documents that cannot drift: their commands exist, their links lead somewhere, their words are the code's."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest

from desk.words.words import LANGUAGES, words
from domain.actions import Action
from domain.conflicts import ConflictKind
from shiqiao.cli import run
from shiqiao.settings.load import load_settings
from shiqiao.settings.model import BankSettings, PlatformSettings, ScheduleSettings, Settings, StoreSettings
from tests.house import ROOT, packages, project_files, tree

pytestmark = pytest.mark.checkout

READMES = ("README.md", "README.zh.md")
PAGES = sorted(path for path in project_files() if path.suffix == ".md")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _commands(text: str) -> list[list[str]]:
    """Give the words of each shiqiao command in code, without what follows a #."""
    lines = re.findall(r"^(?:\S*/)?shiqiao (?! ).*$", text, re.MULTILINE) + re.findall(r"`shiqiao ([^`]+)`", text)
    return [shlex.split(re.sub(r"^\S*shiqiao ", "", line), comments=True) for line in lines]


def _verb_path(words: list[str]) -> list[str]:
    """Give the verb, and the verb below it where it has some, of a command."""
    verbs = [word for word in words if not word.startswith("-")]
    below = {"people": 2, "entries": 2, "rules": 2, "decisions": 2, "schedule": 2, "platforms": 1}
    return verbs[: below.get(verbs[0], 1)] if verbs else []


@pytest.mark.parametrize("readme", READMES)
def test_every_command_of_a_readme_exists_with_its_options(readme: str, capsys: pytest.CaptureFixture[str]) -> None:
    commands = _commands(_read(readme))
    strays = []
    for command in commands:
        code = run([*_verb_path(command), "--help"], {})
        shown = capsys.readouterr().out
        options = [word for word in command if word.startswith("--") and word != "--help"]
        strays += [command] if code or [option for option in options if option not in shown] else []

    assert len(commands) > 5
    assert strays == []


@pytest.mark.parametrize("page", [*READMES, "CONTRIBUTING.md"])
def test_every_make_target_that_is_named_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", _read("Makefile"), re.MULTILINE))
    named = {
        word
        for line in re.findall(r"^make [a-z -]+|`(?:\w+=\S+ )?make [a-z -]+", _read(page), re.MULTILINE)
        for word in line.split("make ", 1)[1].split()
    }

    assert {"test", "demo"} <= named or page == "CONTRIBUTING.md"
    assert named - targets == set()


def test_both_readmes_name_the_same_commands_packages_and_pages() -> None:
    english, chinese = (_read(name) for name in READMES)

    assert _commands(english)[:5] != []
    assert [*map(_verb_path, _commands(english))] == [*map(_verb_path, _commands(chinese))]
    assert sorted(_links(english) - {"README.zh.md"}) == sorted(_links(chinese) - {"README.md"})


def _links(text: str) -> set[str]:
    return {link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = _links(page.read_text(encoding="utf-8"))

    assert [link for link in links if link and not (page.parent / link).exists()] == []


def test_decisions_are_numbered_in_one_row_and_have_one_shape() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    shapes = {
        path.name: re.findall(r"^## (\w+)$", path.read_text(encoding="utf-8"), re.MULTILINE) for path in DECISIONS
    }

    assert numbers == list(range(1, len(DECISIONS) + 1))
    assert {name: shape for name, shape in shapes.items() if shape != ["Context", "Decision", "Consequence"]} == {}


def test_the_architecture_knows_every_package() -> None:
    text = _read("docs/architecture.md")

    assert [name for name in packages() if not re.search(rf"\b{name}\b", text)] == []


def test_the_decision_table_knows_every_action_and_every_kind_of_conflict() -> None:
    text = _read("docs/decision-table.md")
    actions = [action.__name__.lower() for action in Action.__args__]

    assert [kind for kind in ConflictKind if f"`{kind}`" not in text] == []
    assert [action for action in actions if not re.search(rf"\b{action}\b", text)] == []


# Where a reason stands among the arguments of what makes conflicts and plan lines; by its name wherever it is named.
OF_CONFLICTS = {"of_service": 3, "stop": 1, "_identity_conflict": 1, "_uncorroborated": 2, "Conflict": 12}
OF_LINES = {"_line": 2, "PlanLine": 3, "replace": 1}


def _reasons_given(places: dict[str, int]) -> set[str]:
    """Give the reasons that the planner can name: what it hands on in these places, or as ``reason``."""
    calls = [
        (node.func.id, node)
        for path in (ROOT / "sync").glob("*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    said = [call.args[places[name]] for name, call in calls if places.get(name, len(call.args)) < len(call.args)]
    said += [
        keyword.value for name, call in calls if name in places for keyword in call.keywords if keyword.arg == "reason"
    ]
    words = (node.value for value in said for node in _outcomes(value) if isinstance(node, ast.Constant))
    return {word for word in words if isinstance(word, str)}


def _outcomes(value: ast.expr) -> list[ast.expr]:
    """Give what an expression may come to, whichever way its condition falls."""
    return [*_outcomes(value.body), *_outcomes(value.orelse)] if isinstance(value, ast.IfExp) else [value]


def test_the_decision_table_knows_every_reason() -> None:
    text = _read("docs/decision-table.md")
    reasons = _reasons_given(OF_CONFLICTS | OF_LINES)

    assert {"sufficient", "within_grace", "under_age", "in_future", "not_on_roster"} <= reasons
    assert sorted(reason for reason in reasons if f"`{reason}`" not in text) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_a_conflict_has_its_sentence(language: str) -> None:
    assert _reasons_given(OF_CONFLICTS) - set(words(language).tables["reasons"]) == set()


def test_the_glossary_has_every_word_once() -> None:
    words = re.findall(r"^\| ([a-z][^|]*?) \|", _read("docs/glossary.md"), re.MULTILINE)
    single = [word for line in words for word in line.split(", ") if word != "word"]

    assert len(single) > 60
    assert sorted(single) == sorted(set(single))


def test_the_settings_page_is_read_by_the_program_and_names_every_key(tmp_path: Path) -> None:
    example = re.findall(r"```toml\n(.*?)```", _read("docs/settings.md"), re.DOTALL)[0]
    file = tmp_path / "shiqiao.toml"
    file.write_text(example, encoding="utf-8")
    settings = load_settings(file)
    tables = (settings.bank, settings.store, settings.schedule, *settings.platforms.values())
    models = (BankSettings, StoreSettings, ScheduleSettings, PlatformSettings)

    assert set(settings.platforms) == {"national", "guangxi"}
    assert settings.model_fields_set == set(Settings.model_fields)
    assert {type(table) for table in tables} == set(models)
    assert [type(table) for table in tables if not set(type(table).model_fields) <= table.model_fields_set] == []
