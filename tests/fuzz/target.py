"""What a fuzz target is: sound inputs to begin with, and a run that holds the promises on any input at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

READ, QUARANTINED = "read", "quarantined"


@dataclass(frozen=True, slots=True)
class Target:
    """One parser. ``seeds`` gives inputs as the world sends them, ``run`` reads any bytes and says how it ended.

    ``run`` gives ``READ``, ``QUARANTINED`` (some rows could not be read) or the code of a declared error; whatever else
    it raises is a find. ``kind`` is how inputs are spoilt: json, csv, xlsx or text.
    """

    name: str
    seeds: Callable[[], list[bytes]]
    run: Callable[[bytes], str]
    kind: str


def hold_told(error: Exception, hidden: Iterable[str]) -> None:
    """Hold that an error shows nothing of a person."""
    said = f"{error!r} {error}"
    for text in hidden:
        assert text not in said, "an error shows a person"
