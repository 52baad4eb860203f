"""A process that does one thing and tells its peak memory.

``python -m bench.alone pull URL FOLDER PLATFORM PORT``, ``plan URL FOLDER``, ``impact URL FOLDER`` or
``report URL FOLDER OUT``.
It imports what the thing needs and nothing else.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from shiqiao.memory import collect_rarely


def main(what: str, url: str, folder: str, *where: str) -> None:
    """Do it, and write the peak of this program's own memory, not of the one that started it."""
    collect_rarely()  # as the command does
    if what == "pull":
        _pull(url, Path(folder), *where)
    elif what == "report":
        _report(Path(folder), *map(Path, where))
    elif what == "impact":
        _look(url, folder)
    else:
        _plan(url, Path(folder))
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    sys.stdout.write(f"{int(peak[1]) / 1024:.1f}" if peak else "0")


def _pull(url: str, folder: Path, platform: str, port: str) -> None:
    from bench.pulling import StandingClock, load_house_rules, opened, pull, source  # noqa: PLC0415 - see the docstring

    clock, rules = StandingClock(), load_house_rules()
    with opened(url, folder, clock) as store:
        pull(store, source(platform, int(port), rules, clock), rules, clock)


def _look(url: str, folder: str) -> None:
    from bench.rules import another_look  # noqa: PLC0415 - see the docstring

    another_look(url, folder)


def _plan(url: str, folder: Path) -> None:
    from bench.house import plan_all  # noqa: PLC0415 - see the docstring
    from bench.pulling import StandingClock, load_house_rules, opened  # noqa: PLC0415 - see the docstring

    clock = StandingClock()
    with opened(url, folder, clock) as store:
        plan_all(store, load_house_rules(), clock)


def _report(folder: Path, out: Path) -> None:
    from bench.reporting import report  # noqa: PLC0415 - see the docstring

    report(folder, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
