"""Measure the parts of a night beside their floors; the whole table goes to ``bench/RESULTS.md``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench.figures import Row, keep, machine, score_table, table
from bench.measures import measure_apply, measure_classes, measure_match, measure_pull
from bench.nights import measure_first_night, measure_quiet_night, measure_touched
from bench.reporting import measure_report
from bench.returned import measure_returned
from bench.rules import measure_impact
from bench.workshop import Sizes, Workshop, say
from shiqiao.memory import collect_rarely

RESULTS = Path(__file__).parent / "RESULTS.md"
ORDINARY = Sizes(records=20_000, rounds=3, matched=80_000, touched=100_000, history=200_000)
LARGE = Sizes(records=200_000, rounds=3, matched=200_000, touched=1_000_000, history=2_000_000)

MEASURES: dict[str, Callable[[Workshop], list[Row]]] = {
    "pull-sqlite": lambda shop: measure_pull(shop, "sqlite"),
    "pull-postgresql": lambda shop: measure_pull(shop, "postgresql"),
    "match": measure_match,
    "touched": measure_touched,
    "apply-sqlite": lambda shop: measure_apply(shop, "sqlite"),
    "apply-postgresql": lambda shop: measure_apply(shop, "postgresql"),
    "first-night-sqlite": lambda shop: measure_first_night(shop, "sqlite"),
    "first-night-postgresql": lambda shop: measure_first_night(shop, "postgresql"),
    "quiet-night": measure_quiet_night,
    "rules-impact": measure_impact,
    "returned": measure_returned,
    "report": measure_report,
}
CLASSES = "classes"
OF_THIS_PROCESS = ["pull-sqlite", "match", "touched", "apply-sqlite", "first-night-sqlite"]


def main() -> None:
    """Measure and write; with ``--only``, show the rows asked for and leave the results alone."""
    chosen = _chosen()
    base = LARGE if chosen.large else ORDINARY
    collect_rarely()  # as the command does
    sizes = Sizes(
        chosen.records or base.records, chosen.rounds or base.rounds, chosen.records or base.matched,
        chosen.touched or base.touched, chosen.history or base.history,
    )  # fmt: skip
    begun = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        clock = time.process_time if chosen.cpu else time.perf_counter
        shop = Workshop(sizes, folder, stack, clock, profiles=chosen.profile)
        body = measured(shop, chosen.only or (OF_THIS_PROCESS if chosen.cpu else []))
    said = f"{sizes.records:,} records, {sizes.rounds} rounds, {time.monotonic() - begun:.0f} s; {machine()}"
    sys.stdout.write(f"{body}\n{said}\n")
    if not (chosen.only or chosen.profile or chosen.cpu):
        keep(RESULTS, "bench-large" if chosen.large else "bench", f"{body}\n{said}")


def _chosen() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--large", action="store_true", help="the sizes of the aims: minutes to half an hour")
    parser.add_argument("--only", nargs="+", default=[], metavar="ROW", help=f"of {', '.join([*MEASURES, CLASSES])}")
    parser.add_argument("--records", type=int, help="records on both platforms")
    parser.add_argument("--touched", type=int, help="records beside which the touched people are matched")
    parser.add_argument("--history", type=int, help="records of history of the longer quiet night")
    parser.add_argument("--rounds", type=int)
    parser.add_argument(
        "--cpu", action="store_true", help="count this process's own seconds: for a busy machine, SQLite only"
    )
    parser.add_argument("--profile", action="store_true", help="show where the time goes (figures are off, then)")
    chosen = parser.parse_args()
    unknown = [start for start in chosen.only if not any(name.startswith(start) for name in (*MEASURES, CLASSES))]
    if unknown:
        parser.error(f"no row begins with {', '.join(unknown)}")
    return chosen


def measured(shop: Workshop, only: list[str]) -> str:
    """Measure the rows whose names begin as asked for, or all of them, and write their tables."""
    rows: list[Row] = []
    for name, measure in MEASURES.items():
        if _is_asked_for(name, only):
            say(name)
            found = measure(shop)
            rows += found
            say("\n".join(" | ".join(row.cells()) for row in found))
    parts = [table(rows)] if rows else []
    if _is_asked_for(CLASSES, only):
        say(CLASSES)
        parts.append(score_table(*measure_classes(shop)))
    return "\n".join(parts)


def _is_asked_for(name: str, only: list[str]) -> bool:
    return not only or any(name.startswith(start) for start in only)


if __name__ == "__main__":
    main()
