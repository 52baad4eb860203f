"""How often this process looks for circles of dead values."""

from __future__ import annotations

import gc


def collect_rarely() -> None:
    """Look for circles a hundredth as often as Python does by itself.

    A night makes many small values and few circles; half of the time of planning would go into looking for them.
    """
    gc.set_threshold(100_000, 50, 100)
