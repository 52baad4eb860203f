"""Show on a terminal how far long work is; silent where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from shiqiao.words.sentences import Words

Watch = Callable[[str, int, int | None], None]
"""Hears ``(what, done, total)``: the code of a sentence, how many, and of how many (None where that is unknown)."""

_PULL = "progress_pull_"


@contextmanager
def shown_progress(words: Words) -> Iterator[Watch]:
    """Give a ``Watch`` that draws one line for each ``what`` on stderr while the work lasts."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks: dict[str, int] = {}

        def watch(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(_said(what, words), total=None)
            progress.update(tasks[what], completed=done, total=total)  # type: ignore[arg-type] # rich's TaskID is an int

        yield watch


def _said(what: str, words: Words) -> str:
    """Give the sentence for ``what``; behind ``progress_pull_`` stands the platform's name."""
    platform = what.removeprefix(_PULL)
    return words.say(what) if platform == what else words.say("progress_pull", platform=platform)
