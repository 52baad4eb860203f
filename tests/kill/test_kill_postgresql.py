"""A few kills of processes whose stores are on a PostgreSQL server; ``make kill`` and ``make soak`` do the rest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_a_night_killed_at_its_effects_is_made_up_for_by_the_next() -> None:
    asked = ["--database", "postgresql", "--scene", "second-night", "--points", "9", "--pairs", "2", "--workers", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.kill", *asked],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "9 points and 2 pairs in 1 scenes, 0 wrong\n", done.stderr
    assert done.returncode == 0
