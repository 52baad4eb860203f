"""``python -m tests.mutation --only ledger``."""

from __future__ import annotations

import sys

from tests.mutation.campaign import main

if __name__ == "__main__":
    sys.exit(main())
