"""Write the answer to a returned workbook: the same rows, each with what came of it, to be mended and sent again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from desk.report.workbook import workbook_of
from desk.report.write import writing_room
from desk.returned.take_in import RowResult, TakenIn
from desk.words.words import Words
from domain.errors import UsageError

_ENDING = "-结果.xlsx"


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
        UsageError: ``sheet_missing``; ``returned_folder_not_writable``.
    """
    if path.is_dir() or not path.exists():
        raise UsageError("sheet_missing", file=str(path))
    target = answer_path(path)
    with ExitStack() as stack:
        try:
            room = stack.enter_context(writing_room(target.parent))
        except OSError:
            raise UsageError("returned_folder_not_writable", folder=str(target.parent)) from None
        yield AnswerSheet(target, room / target.name)
