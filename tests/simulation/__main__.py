"""``python -m tests.simulation --seeds 24 --days 120 --workers 2``."""

from __future__ import annotations

import sys

from tests.simulation.campaign import main

if __name__ == "__main__":
    sys.exit(main())
