"""Find the line of a key in a TOML text, for messages; TOML's reader itself forgets lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

Place = tuple[str | int, ...]

_HEADER = re.compile(r"\s*\[(\[?)\s*([^\[\]#]+?)\s*\]")
_KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\")(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"))*)\s*=")


def line_of(text: str, place: Place) -> int:
    """Give the line (from 1) of the nearest thing to ``place`` that stands in the text, or 0 where nothing does.

    ``place`` is a path of keys and positions, as ``("categories", 2, "words")``.
    """
    best, depth_of_best = 0, 0
    for line, known in _places(text):
        depth = _common_length(known, place)
        if depth > depth_of_best:
            best, depth_of_best = line, depth
    return best


def _places(text: str) -> Iterator[tuple[int, Place]]:
    """Walk over headers and keys with the place that each stands for."""
    table: Place = ()
    counts: dict[tuple[str, ...], int] = {}
    for line, content in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(content)
        if header is not None:
            names = _names(header[2])
            table = _table_place(names, counts, opens_item=bool(header[1]))
            yield line, table
            continue
        key = _KEY.match(content)
        if key is not None:
            yield line, table + _names(key[1])


def _table_place(names: tuple[str, ...], counts: dict[tuple[str, ...], int], *, opens_item: bool) -> Place:
    if opens_item:
        counts[names] = counts.get(names, -1) + 1
    place: Place = ()
    for depth, name in enumerate(names, start=1):
        place = (*place, name)
        if names[:depth] in counts:
            place = (*place, counts[names[:depth]])
    return place


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip('"') for part in dotted.split("."))


def _common_length(known: Place, place: Place) -> int:
    """Count how many steps lead the same way; a key that leads elsewhere is no nearer than its table."""
    if known[: len(place)] == place:
        return len(place)
    return len(known) if known == place[: len(known)] else 0
