"""Try the mutants of the targets, tell the figures, and keep them in ``RESULTS.md`` with each survivor's reason."""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.mutation.orchard import ROOT, TOOL, Mutant, Target, grown, targets, told_of

RESULTS = Path(__file__).with_name("RESULTS.md")
PLOTS = ROOT / "build" / "mutants"
KILLED_MIN = 0.85
_HEAD = """# Mutants

`make mutants` changes the code below by one sign, name or argument at a time and runs the tests that must notice. A
survivor is a change that no test noticed; each has its reason (`survivors.toml`). `python -m tests.mutation --only X`
runs one target, `--again` only what its last run did not kill or did not come to, and what has changed since.
"""


def reasons() -> dict[tuple[str, str, str], str]:
    """Give why a change need not be noticed, by function and the lines before and after."""
    listed = tomllib.loads(Path(__file__).with_name("survivors.toml").read_text(encoding="utf-8")).get("survivor", [])
    return {
        (one["function"], change["was"].strip(), change["now"].strip()): one["why"]
        for one in listed
        for change in one["changes"]
    }


def section(target: Target, mutants: Sequence[Mutant], day: str) -> str:
    """Write a target's figures per file, then its survivors with their reasons."""
    known = reasons()
    lines = [f"## {target.name}", "", f"{day}, {TOOL}", ""]
    lines += ["| file | mutants | tried | killed | share of the tried |", "|---|--:|--:|--:|--:|"]
    files = {file: [one for one in mutants if one.file == file] for file in dict.fromkeys(m.file for m in mutants)}
    for file, some in [*files.items(), ("together", list(mutants))]:
        tried, killed = sum(one.is_tried for one in some), sum(one.is_killed for one in some)
        share = f"{killed / tried:.1%}" if tried else "unknown"
        lines.append(f"| {file} | {len(some)} | {tried} | {killed} | {share} |")
    survivors = [one for one in mutants if one.is_tried and not one.is_killed]
    told = dict.fromkeys((one.function, known.get((one.function, one.was, one.now), "")) for one in survivors)
    for function, why in sorted(told, key=lambda one: (not one[1], one)):
        some = [
            one for one in survivors if one.function == function and known.get((function, one.was, one.now), "") == why
        ]
        lines += ["", f"**{function}** ({len(some)}): {why or 'not explained yet'}", "", "```diff"]
        for one in some:
            lines += [f"-{line}" for line in one.was.splitlines()] + [f"+{line}" for line in one.now.splitlines()]
        lines.append("```")
    return "\n".join(lines) + "\n"


def kept(text: str, target: Target, new: str) -> str:
    """Give the results' text with a target's section renewed or, where it is new, added."""
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]
    old = {part.partition("\n")[0].removeprefix("## "): part.strip() + "\n" for part in parts}
    order = [one.name for one in targets()]
    sections = old | {target.name: new}
    return "\n".join([_HEAD, *(sections[name] for name in order if name in sections)])


def unexplained(mutants: Sequence[Mutant]) -> list[Mutant]:
    """Give the survivors for which no reason is written down."""
    known = reasons()
    return [
        one for one in mutants if one.is_tried and not one.is_killed and (one.function, one.was, one.now) not in known
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Try what was asked for; 1 where too many mutants survive, or one without a reason."""
    asked = _parser().parse_args(arguments)
    chosen = [target for target in targets() if not asked.only or target.name in asked.only]
    is_well = bool(chosen)
    for target in chosen:
        plot = PLOTS / target.name
        mutants = _mutants(asked, target, plot)
        killed, open_ones = sum(one.is_killed for one in mutants), unexplained(mutants)
        sys.stdout.write(f"{target.name}: {killed} of {len(mutants)} killed, {len(open_ones)} survivors unexplained\n")
        for one in open_ones:
            sys.stdout.write(f"  {one.name} {one.status}\n    - {one.was}\n    + {one.now}\n")
        sys.stdout.flush()
        text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
        RESULTS.write_text(
            kept(text, target, section(target, mutants, f"{datetime.now(UTC):%Y-%m-%d}")), encoding="utf-8"
        )
        is_well &= killed >= KILLED_MIN * len(mutants) and not open_ones
    return 0 if is_well else 1


def _mutants(asked: argparse.Namespace, target: Target, plot: Path) -> list[Mutant]:
    if asked.told:
        return told_of(plot)
    return grown(target, plot, workers=asked.workers, is_again=asked.again)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutation", description="Change the house; tests must notice."
    )
    parser.add_argument("--only", action="append", help="this target only (may be repeated)")
    parser.add_argument(
        "--again", action="store_true", help="only what the last run did not kill, and what has changed"
    )
    parser.add_argument(
        "--told", action="store_true", help="try nothing, tell what the last run came to, even if broken off"
    )
    parser.add_argument("--workers", type=int, default=1, help="how many at a time")
    return parser
