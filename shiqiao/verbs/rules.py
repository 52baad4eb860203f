"""``rules check``: look for mistakes in a rule file."""

from __future__ import annotations

from pathlib import Path

import click

from mapping.load import load_rules
from shiqiao.frame import verb_group
from shiqiao.front import DONE, Front
from shiqiao.settings.load import load_settings


@verb_group("rules")
def command() -> None:
    """Hold the verbs below."""


@command.command("check")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def check(front: Front, file: Path | None) -> int:
    """Check ``file``, or the rule file that the settings name."""
    path = file or load_settings(front.config).bank.rules
    rules = load_rules(path)
    front.show(
        "rules_fine", file=str(path), document=rules.document, version=rules.version,
        stations=len(rules.station_names), categories=len(rules.categories), periods=len(rules.periods),
    )  # fmt: skip
    return DONE
