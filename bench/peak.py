"""The peak memory of a process that does one thing (``bench.alone``)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def peak_mb(*arguments: str) -> float:
    """Run such a process and give its peak in MB."""
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-m", "bench.alone", *arguments],
        cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout)
