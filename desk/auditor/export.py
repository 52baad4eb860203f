"""Write the book for an auditor, its head, and beside them the program that checks them."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

from domain.errors import UsageError
from local_store import export
from local_store.transaction import Tx
from local_store.verify import Check

BOOK, HEAD, PROGRAM = "book.jsonl", "head.json", "verify_export.py"


def write_export(tx: Tx, folder: Path) -> list[Path]:
    """Write all of it into a folder, which is made where there is none; give the files.

    Raises:
        UsageError: ``export_not_writable``.
    """
    book = (json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in export.lines(tx))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / BOOK).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(book)
        (folder / HEAD).write_text(json.dumps(export.head(tx), sort_keys=True) + "\n", encoding="utf-8")
        (folder / PROGRAM).write_bytes(resources.files(__package__).joinpath(PROGRAM).read_bytes())
    except OSError:
        raise UsageError("export_not_writable", folder=str(folder)) from None
    return [folder / name for name in (BOOK, HEAD, PROGRAM)]


def read_head(file: Path) -> dict[str, Any]:
    """Read a head that was exported earlier.

    Raises:
        UsageError: ``head_unreadable``.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {"number": int(found["number"]), "hash": str(found["hash"])}
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError("head_unreadable", file=str(file)) from None


def compare_head(tx: Tx, earlier: dict[str, Any]) -> Check:
    """Say whether the book still holds what it held when the head was exported, with nothing cut off or redone."""
    there = export.hash_at(tx, earlier["number"])
    found = "" if there == earlier["hash"] else f"voucher {earlier['number']}: {'missing' if there is None else 'hash'}"
    return Check("head", not found, found)
