"""All tables of a store, whichever of them somebody has asked for."""

from __future__ import annotations

from local_store.tables import conflicts, ledger, people, records, rules, runs
from local_store.tables.base import METADATA

ROOMS = (conflicts, ledger, people, records, rules, runs)
TABLES = tuple(METADATA.sorted_tables)
