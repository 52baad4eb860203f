"""Write the answer to a returned workbook: the same rows, each with what came of it, to be mended and sent again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from desk.report.workbook import workbook_of
from desk.returned.take_in import RowResult, TakenIn
from desk.words.words import Words
from domain.errors import UsageError

_ENDING = "-结果.xlsx"
_ROOM = ".writing-"


def answer_path(path: Path) -> Path:
    """Give where the answer to a returned file stands: beside it."""
    return path.with_name(path.stem + _ENDING)


@dataclass(frozen=True, slots=True)
class AnswerSheet:
    """A place for the answer that was proven to be writable before anything was decided."""

    path: Path
    _waiting: Path

    def write(
        self, taken: TakenIn, words: Words, bank: str, made_at: datetime, say: Callable[[RowResult], str]
    ) -> None:
        """Write the answer; ``say`` gives a row's outcome in words.

        Raises:
            UsageError: ``returned_answer_not_written``: what was decided stands all the same.
        """
        lines = [replace(one.line, outcome=say(one)) for one in taken.rows]
        try:
            self._waiting.write_bytes(workbook_of(lines, words, bank, made_at))
            self._waiting.replace(self.path)
        except OSError:
            raise UsageError("returned_answer_not_written", file=str(self.path)) from None


@contextmanager
def answer_sheet(path: Path) -> Iterator[AnswerSheet]:
    """Make room for the answer to the file at ``path``; nothing is left of the room afterwards.

    Raises:
        UsageError: ``returned_folder_not_writable``.
    """
    target = answer_path(path)
    try:
        room = tempfile.TemporaryDirectory(dir=target.parent, prefix=_ROOM, ignore_cleanup_errors=True)
    except OSError:
        if not path.exists():
            raise UsageError("sheet_missing", file=str(path)) from None
        raise UsageError("returned_folder_not_writable", folder=str(target.parent)) from None
    with room as name:
        yield AnswerSheet(target, Path(name) / target.name)
