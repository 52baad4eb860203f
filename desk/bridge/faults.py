"""The bridge as a promise (P10): where it does not close, and by which services."""

from __future__ import annotations

from collections.abc import Iterator

from desk.bridge.draw import draw_bridge
from local_store.transaction import Tx
from mapping.rules import RuleSet

_NAMED_MAX = 3


def bridge_faults(tx: Tx, rules: RuleSet) -> Iterator[str]:
    """Name each station, month and platform with something unexplained, and the first few services to look at."""
    for (station, month), columns in sorted(draw_bridge(tx, rules, kept_max=_NAMED_MAX).cells.items()):
        for platform, column in columns.items():
            unexplained = column.opened.get(None)
            if column.residual_seconds or unexplained:
                named = dict.fromkeys(piece.reference for piece in unexplained.pieces) if unexplained else ()
                yield " ".join([f"{platform} {station} {month}: {column.residual_seconds}", *named])
