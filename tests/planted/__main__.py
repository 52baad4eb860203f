"""``python -m tests.planted --bug "the cap skipped"``."""

from __future__ import annotations

import sys

from tests.planted.garden import main

if __name__ == "__main__":
    sys.exit(main())
