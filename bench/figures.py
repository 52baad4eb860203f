"""Figures side by side: ours, the floor's, their ratio in each round, and the table that shows them."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.verdicts import Score

_HEAD = """# Figures

Written by `make bench` and `make bench-large`, each into a part of its own. Ours and the floor are measured in turn in
one run; figures are the medians of the rounds, a ratio is the median of the rounds' ratios, beside it their spread (of
our figures where there is no ratio). SQLite commits with `synchronous=FULL`, PostgreSQL with `fsync=on`, on both sides.

- *pull, check, store*: the floor reads the same bytes from a raw socket, parses them with orjson and upserts each row
  as it came, a page a transaction: with `sqlite3`, or with COPY into a temporary table and one upsert. Guangxi's five
  calls a second measure the platform and not us; they are kept where the row says so.
- *match and plan*: the floor streams people from a plain table in SQLite and pairs their rows, without rules, ties,
  withdrawals or evidence. Both keep to one core.
- *apply*: the floor books with a unique key, a balance for each account and a chain of hashes, a thousand vouchers a
  transaction: with `sqlite3`, or by COPY and each balance moved once a transaction.
- *people whom a night touched*: the floor is everybody. *Memory of matching*: the floor is a quarter of the records.
- *a night without changes*: the floor is the time in which a call was under way, ours all the rest. Longer histories
  are the rows of a first night copied (`bench/history.py`): other people, their records a year older and more.
- *report*: the command without its settings: conflicts gathered, all pages, the workbook and the bridge written, on one
  core; its memory is that of a process that does nothing else.
- *classes*: the town's truth (`bench/town.py`) beside what stands in the store after a first night, with start times
  at guangxi and without any. A class is right where the very visits that it should name are named; visits
  of which nobody could tell what happened (`bench/doubt.py`) stand in pairs and bookings alone. In every service
  each platform speaks once, save for what is told as a duplicate: where that does not hold, there is no table.
"""
_COLUMNS = ("what", "unit", "ours", "floor", "ratio", "spread", "aim")
_SCORE_COLUMNS = ("class", "in truth", "precision", "recall", "in truth, no times", "precision", "recall")


@dataclass(slots=True)
class Row:
    """One line of the table: a figure of ours and one of the floor's for each round, measured in turn.

    Without floor figures, or where ``is_apart`` says that the two are no shares of one another, the spread is ours.
    """

    what: str
    unit: str
    aim: str = ""
    ours: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    is_apart: bool = False

    def cells(self) -> tuple[str, ...]:
        """Give the line's cells: medians, the median ratio, and its spread."""
        has_ratio = self.floor and not self.is_apart
        ratios = [ours / floor for ours, floor in zip(self.ours, self.floor, strict=True)] if has_ratio else []
        spread = (
            f"{min(ratios):.2f}–{max(ratios):.2f}" if ratios else f"{shown(min(self.ours))}–{shown(max(self.ours))}"
        )
        return (
            self.what, self.unit, shown(statistics.median(self.ours)),
            shown(statistics.median(self.floor)) if self.floor else "—",
            f"{statistics.median(ratios):.2f}" if ratios else "—", spread, self.aim,
        )  # fmt: skip


def shown(figure: float) -> str:
    """Write a figure with as many digits as it deserves."""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"  # noqa: PLR2004 - three digits


def table(rows: Sequence[Row]) -> str:
    """Write the rows as a table."""
    return _table(_COLUMNS, [row.cells() for row in rows])


def score_table(with_times: Mapping[str, Score], without: Mapping[str, Score]) -> str:
    """Write how well each class was found, with start times and without them."""
    nothing = Score(0, 0, 0)
    lines = []
    for label in with_times.keys() | without.keys():
        scores = (with_times.get(label, nothing), without.get(label, nothing))
        lines.append((label, *(cell for score in scores for cell in _score_cells(score))))
    return _table(_SCORE_COLUMNS, sorted(lines))


def _score_cells(score: Score) -> tuple[str, str, str]:
    return f"{score.truth:,}", f"{score.precision:.4f}", f"{score.recall:.4f}"


def _table(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    marks = ["---"] * len(columns)
    return "\n".join("| " + " | ".join(line) + " |" for line in (columns, marks, *lines)) + "\n"


def machine() -> str:
    """Name what the figures were measured on."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {_processor()}, "
        f"{len(os.sched_getaffinity(0))} cores, {memory_bytes / 2**30:.0f} GB; load {os.getloadavg()[1]:.1f} at the end"
    )


def _processor() -> str:
    try:
        named = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        named = None
    return named[1] if named else platform.machine()


def keep(results: Path, title: str, body: str) -> None:
    """Put a part into the results, in the place of the last one of that title."""
    old = results.read_text(encoding="utf-8") if results.exists() else ""
    parts = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", old, re.MULTILINE | re.DOTALL))
    parts[title] = f"\n{body.strip()}\n\n"
    text = _HEAD + "".join(f"\n## {name}\n{parts[name].rstrip()}\n" for name in sorted(parts))
    results.write_text(text, encoding="utf-8")
