"""An entry (本站录入): an hour typed at the station, and the two words that confirm it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime

BUSINESS_KEY_PATTERN = r"SQ[A-Z2-7]{24}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One typed visit. ``entry_id`` is 录入编号, unique within its station; ``category`` a code of the rule set.

    ``starts_at``/``ends_at`` are aware and may be None. ``station_by`` and ``community_by`` name the confirmers
    (确认), "" = not yet; ``beneficiary`` (服务对象) and ``remark`` are personal data and encrypted in the store.
    """

    entry_id: str
    local_number: str
    station: str
    category: str
    service_date: date
    starts_at: datetime | None
    ends_at: datetime | None
    is_special: bool
    station_by: str = field(repr=False)
    community_by: str = field(repr=False)
    beneficiary: str = field(repr=False)
    remark: str = field(repr=False)


def business_key(station: str, entry_id: str, revision: int) -> str:
    """Give the key under which an entry travels (``bz``, ``clientRef``): 26 characters, the same after a restore."""
    said = "".join(f"{len(part)}:{part}" for part in (station, entry_id, str(revision)))
    return "SQ" + base64.b32encode(hashlib.sha256(said.encode()).digest()[:15]).decode()
