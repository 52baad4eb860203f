"""How many steps each machine comes to: together thirty thousand, asserted part by part where they are lived."""

from __future__ import annotations

from tests.machines.steps import Share

PLANNER = Share(parts=4, lives=400, steps=30, least=6_700)
LEDGER_ON_SQLITE = Share(parts=2, lives=45, steps=40, least=1_250)
LEDGER_ON_POSTGRESQL = Share(parts=1, lives=10, steps=40, least=250, is_small=True)
NIGHTS_ON_SQLITE = Share(parts=2, lives=11, steps=40, least=400, is_small=True)
NIGHTS_ON_POSTGRESQL = Share(parts=1, lives=3, steps=30, least=80, is_small=True)
VERIFY_EVERY = 4
