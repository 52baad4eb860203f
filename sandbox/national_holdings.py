"""What the national platform holds, and how it is edited from outside."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sandbox.cipher import chance
from sandbox.clock import PlatformClock
from sandbox.faults import Faults
from sandbox.national_rows import STATUS_DELETED, NationalRecord, NationalVolunteer, Project
from sandbox.shelf import Shelf


class NationalHoldings:
    """Records, teams, projects and volunteers; edits take the lock and stamp ``updateTime``.

    ``calls`` counts the calls by method, ``stored`` what was written through the interface: ``added``, ``deleted``,
    ``refused``.
    """

    def __init__(self, clock: PlatformClock, seed: int) -> None:
        """Hold nothing yet."""
        self.clock = clock
        self.faults = Faults()
        self.lock = threading.RLock()
        self.calls: Counter[str] = Counter()
        self.stored: Counter[str] = Counter()
        self.records: Shelf[NationalRecord] = Shelf(lambda row: row.team, lambda row: row.position)
        self.teams: dict[str, str] = {}
        self.projects: dict[str, Project] = {}
        self.volunteers: dict[str, list[NationalVolunteer]] = {}
        self._ids = chance("national ids", seed)
        self._of_volunteer: dict[str, set[str]] = {}

    def load(
        self,
        teams: dict[str, str],
        projects: Iterable[Project],
        volunteers: Iterable[NationalVolunteer],
        records: Iterable[NationalRecord],
    ) -> None:
        """Take in a whole city, with the update times that the records bear."""
        with self.lock:
            self.teams.update(teams)
            self.projects.update({project.project_id: project for project in projects})
            for volunteer in volunteers:
                self.volunteers.setdefault(volunteer.team, []).append(volunteer)
            kept = list(records)
            self.records.fill(kept)
            for record in kept:
                self._index(record)

    def record(self, record_id: str) -> NationalRecord:
        """Give one record as it is held.

        Raises:
            KeyError: there is none.
        """
        with self.lock:
            record = self.records.get(int(record_id, 16))
        if record is None:
            raise KeyError(record_id)
        return record

    def add(self, record: NationalRecord, *, stamped_at: datetime | None = None) -> NationalRecord:
        """Add a record, entered and changed now; an empty id is given a new one.

        One that was committed late bears ``stamped_at``, an earlier instant, as its time of change.
        """
        with self.lock:
            now = stamped_at or self.clock.stamp()
            record_id = record.record_id or self._ids.randbytes(16).hex()
            return self._put(replace(record, record_id=record_id, entered_at=now, updated_at=now))

    def edit(self, record_id: str, **changes: Any) -> NationalRecord:  # noqa: ANN401 - any field of the record
        """Change fields of a record now."""
        with self.lock:
            return self._put(replace(self.record(record_id), **changes, updated_at=self.clock.stamp()))

    def withdraw(self, record_id: str) -> NationalRecord:
        """Set a record to deleted now."""
        return self.edit(record_id, status=STATUS_DELETED)

    def remove(self, record_id: str) -> None:
        """Take a record out without a trace."""
        with self.lock:
            self.records.remove(self.record(record_id).position[1])

    def _put(self, record: NationalRecord) -> NationalRecord:
        self.records.put(record)
        self._index(record)
        return record

    def _index(self, record: NationalRecord) -> None:
        self._of_volunteer.setdefault(record.volunteer_number, set()).add(record.record_id)

    def records_of(self, volunteer_number: str) -> list[NationalRecord]:
        """Give every record of one volunteer."""
        found = [self.records.get(int(record_id, 16)) for record_id in self._of_volunteer.get(volunteer_number, ())]
        return [record for record in found if record is not None]
