"""``python -m tests.kill --stride 10 --pairs 20``."""

from __future__ import annotations

import sys

from tests.kill.campaign import main

if __name__ == "__main__":
    sys.exit(main())
