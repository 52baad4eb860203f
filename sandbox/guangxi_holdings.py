"""What the Guangxi platform holds, and how it is edited from outside."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sandbox.clock import PlatformClock
from sandbox.faults import Faults
from sandbox.guangxi_rows import REVOKED, Activity, GuangxiRecord, GuangxiVolunteer
from sandbox.shelf import Shelf

_FIRST_RECORD_ID = 2**53 + 450_202_000_000


class GuangxiHoldings:
    """Records, organisations, activities and volunteers; edits take the lock and stamp ``updatedAt``.

    ``calls`` counts the calls by interface (and ``throttled``), ``stored`` what was written through the interface:
    ``added``, ``revoked``, ``refused``.
    """

    def __init__(self, clock: PlatformClock) -> None:
        """Hold nothing yet."""
        self.clock = clock
        self.faults = Faults()
        self.lock = threading.RLock()
        self.calls: Counter[str] = Counter()
        self.stored: Counter[str] = Counter()
        self.records: Shelf[GuangxiRecord] = Shelf(lambda row: row.organisation, lambda row: row.position)
        self.organisations: dict[str, str] = {}
        self.activities: dict[str, Activity] = {}
        self.volunteers: dict[str, list[GuangxiVolunteer]] = {}
        self._last_id = _FIRST_RECORD_ID

    def load(
        self,
        organisations: dict[str, str],
        activities: Iterable[Activity],
        volunteers: Iterable[GuangxiVolunteer],
        records: Iterable[GuangxiRecord],
    ) -> None:
        """Take in a whole city, with the update times that the records bear."""
        with self.lock:
            self.organisations.update(organisations)
            self.activities.update({activity.activity_id: activity for activity in activities})
            for volunteer in volunteers:
                self.volunteers.setdefault(volunteer.organisation, []).append(volunteer)
            kept = list(records)
            self.records.fill(kept)
            self._last_id = max([self._last_id, *(record.record_id for record in kept)])

    def record(self, record_id: int) -> GuangxiRecord:
        """Give one record as it is held.

        Raises:
            KeyError: there is none.
        """
        with self.lock:
            record = self.records.get(record_id)
        if record is None:
            raise KeyError(record_id)
        return record

    def add(self, record: GuangxiRecord, *, stamped_at: datetime | None = None) -> GuangxiRecord:
        """Add a record, created and changed now; id 0 is given a new one.

        One that was committed late bears ``stamped_at``, an earlier instant, as its time of change.
        """
        with self.lock:
            now = stamped_at or self.clock.stamp()
            self._last_id = max(self._last_id + 1, record.record_id)
            record_id = record.record_id or self._last_id
            added = replace(record, record_id=record_id, created_at=now, updated_at=now)
            self.records.put(added)
            return added

    def edit(self, record_id: int, **changes: Any) -> GuangxiRecord:  # noqa: ANN401 - any field of the record
        """Change fields of a record now."""
        with self.lock:
            edited = replace(self.record(record_id), **changes, updated_at=self.clock.stamp())
            self.records.put(edited)
            return edited

    def withdraw(self, record_id: int) -> GuangxiRecord:
        """Revoke a record now."""
        return self.edit(record_id, state=REVOKED)

    def remove(self, record_id: int) -> None:
        """Take a record out without a trace."""
        with self.lock:
            self.records.remove(self.record(record_id).record_id)
