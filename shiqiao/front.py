"""What every verb is handed: the words, the environment, and the place of the settings file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import click

from domain.errors import ShiqiaoError
from shiqiao.words.sentences import Words

DONE, ACT, WRONG_USE, FAILED, INTERRUPTED = 0, 1, 2, 3, 130


@dataclass(frozen=True, slots=True)
class Front:
    """The front of the house: words go to stderr, results to stdout."""

    words: Words
    environ: Mapping[str, str]
    config: Path

    def at(self, config: Path) -> Front:
        """Give the same front with another settings file."""
        return replace(self, config=config)

    def tell(self, code: str, **data: str | int) -> None:
        """Say a sentence to the person: on stderr."""
        click.echo(self.words.say(code, **data), err=True)

    def tell_error(self, error: ShiqiaoError) -> None:
        """Say an error's sentence on stderr, on one line."""
        click.echo(self.words.say("error", sentence=self.words.say_error(error)), err=True)

    def show(self, code: str, **data: str | int) -> None:
        """Give a result as a sentence: on stdout."""
        click.echo(self.words.say(code, **data).rstrip())

    def give(self, document: object) -> None:
        """Give a result as one JSON document: on stdout."""
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
