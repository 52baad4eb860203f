"""Find where formulas stand in a workbook: the quick reader gives their last results and does not say so."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Iterator, Mapping

Place = tuple[int, int]

_PREFIX = rb"<(?:\w{1,20}:)?"
_MARKS = re.compile(_PREFIX + rb"(row|c|f)(?=[\s/>])([^<>]*)>")
_FORMULA = re.compile(_PREFIX + rb"f[\s/>]")
_ROW_NUMBER = re.compile(rb"""\br\s*=\s*["']\s*(\d{1,9})\s*["']""")
_CELL_NAME = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]{1,3})\d""")
_SHEETS = re.compile(_PREFIX + rb"sheet\s([^<>]*)>")
_LINKS = re.compile(_PREFIX + rb"Relationship\s([^<>]*)>")
_ATTRIBUTES = re.compile(rb"""([\w:]{1,40})\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_LETTERS = 26


def formulas_of(parts: Mapping[str, bytes]) -> dict[str, frozenset[Place]]:
    """Give, by the sheet's name, the places of formulas: line from 1, column from 0; sheets without any are left out.

    ``parts`` are a workbook's parts by their names in lower case. A sheet whose part is not found is not named.
    """
    found = {name: frozenset(_formulas(parts[part])) for name, part in _sheets(parts) if part in parts}
    return {name: places for name, places in found.items() if places}


def column_number(letters: bytes) -> int:
    """Give the column (from 1) that is named ``A``, ``Z``, ``AA`` …; "" is 0."""
    number = 0
    for letter in letters.upper():
        number = number * _LETTERS + letter - ord("A") + 1
    return number


def _formulas(xml: bytes) -> Iterator[Place]:
    """Walk over rows, cells and formulas; a row or a cell that does not say where it stands follows the one before."""
    if _FORMULA.search(xml) is None:
        return
    line, column = 0, -1
    for mark in _MARKS.finditer(xml):
        if mark[1] == b"row":
            said = _ROW_NUMBER.search(mark[2])
            line, column = int(said[1]) if said else line + 1, -1
        elif mark[1] == b"c":
            said = _CELL_NAME.search(mark[2])
            column = column_number(said[1]) - 1 if said else column + 1
        else:
            yield line, column


def _sheets(parts: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Give each sheet's name and the name of its part."""
    links = dict(map(_link, _LINKS.finditer(parts.get("xl/_rels/workbook.xml.rels", b""))))
    for sheet in _SHEETS.finditer(parts.get("xl/workbook.xml", b"")):
        said = _attributes(sheet[1])
        target = links.get(said.get("id", ""))
        if target:
            yield said.get("name", ""), posixpath.normpath(posixpath.join("/xl", target)).lstrip("/").lower()


def _link(link: re.Match[bytes]) -> tuple[str, str]:
    said = _attributes(link[1])
    return said.get("Id", ""), said.get("Target", "")


def _attributes(text: bytes) -> dict[str, str]:
    """Give a tag's attributes by their names without prefix."""
    return {
        found[1].rpartition(b":")[2].decode(): html.unescape((found[2] or found[3] or b"").decode("utf-8", "replace"))
        for found in _ATTRIBUTES.finditer(text)
    }
