"""Tell what an import did: figures, and each row that was not taken with its line, column and reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.refusals import RefusedRow
from shiqiao.front import ACT, DONE, Front


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the rows of a file; ``skipped`` are rows that were never meant, such as totals."""

    added: int
    changed: int
    unchanged: int
    refused: tuple[RefusedRow, ...]
    skipped: tuple[RefusedRow, ...]


def tell_import(front: Front, imported: Imported, *, as_json: bool) -> int:
    """Show the outcome and give the exit code: 1 where a row was refused."""
    if as_json:
        front.give(_document(front, imported))
    else:
        _show(front, imported)
    return ACT if imported.refused else DONE


def _show(front: Front, imported: Imported) -> None:
    for row in _in_order(imported.refused):
        front.show("import_refused", row=_sentence(front, row))
    for row in _in_order(imported.skipped):
        front.show("import_skipped", row=_sentence(front, row))
    front.show(
        "import_figures", added=imported.added, changed=imported.changed, unchanged=imported.unchanged,
        refused=len(imported.refused),
    )  # fmt: skip
    if imported.refused:
        front.tell("import_hint")


def _document(front: Front, imported: Imported) -> dict[str, object]:
    return {
        "added": imported.added,
        "changed": imported.changed,
        "unchanged": imported.unchanged,
        "refused": [_described(front, row) for row in _in_order(imported.refused)],
        "skipped": [_described(front, row) for row in _in_order(imported.skipped)],
    }


def _described(front: Front, row: RefusedRow) -> dict[str, object]:
    return {"line": row.line, "column": row.column, "code": row.code, "sentence": _reason(front, row)}


def _in_order(rows: Iterable[RefusedRow]) -> list[RefusedRow]:
    return sorted(rows, key=lambda row: row.line)


def _sentence(front: Front, row: RefusedRow) -> str:
    """Give ``line, column: reason``."""
    code = "refused_row" if row.column else "refused_row_whole"
    return front.words.say(code, line=row.line, column=row.column, sentence=_reason(front, row))


def _reason(front: Front, row: RefusedRow) -> str:
    return front.words.say(f"row_{row.code}", **dict(row.data))
