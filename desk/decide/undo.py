"""Take back what a decision booked, in the order opposite to the one in which it was booked."""

from __future__ import annotations

from dataclasses import dataclass

from domain.records import RecordKey
from local_store import ledger, lookup, owners, people, services
from local_store.roots import mark_changed
from local_store.transaction import Tx
from mapping.rules import RuleSet
from sync.restore import Restoring, TakingBack, taking_back


@dataclass(frozen=True, slots=True)
class Restored:
    """What restoring moved in the book, and the subjects of everybody whom it concerned."""

    moved_seconds: int = 0
    subjects: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Undoing:
    """A decision that was taken back, and by whom; ``run`` books it."""

    tx: Tx
    rules: RuleSet
    run: int
    by: str

    def restore(self, decision: int) -> Restored:
        """Bring every service back to where it stood before a decision."""
        found = self._found(decision)
        concerned = {one.standing.person for one in found} | {
            owners.survivor(self.tx, one.before.person) for one in found if one.before is not None
        }
        restoring = Restoring(
            decision=decision,
            by=self.by,
            balances=ledger.balances(self.tx, concerned),
            cap_seconds=self.rules.cap_seconds,
            rules_version=self.rules.version,
            survivor=lambda person: owners.survivor(self.tx, person),
            key_of=self._key_of,
        )
        for one in found:
            restoring.draft(one)
        numbers = ledger.post(self.tx, restoring.drafts, self.run, cap_seconds=self.rules.cap_seconds)
        services.save_standings(self.tx, restoring.numbered(numbers))
        mark_changed(self.tx, {one for person in concerned for one in people.identities_of(self.tx, person)})
        subjects = {one for person in concerned for one in lookup.subjects_of_person(self.tx, person)}
        return Restored(sum(_moved(one) for one in found), frozenset(subjects))

    def _found(self, decision: int) -> list[TakingBack]:
        found: list[TakingBack] = []
        for service_id in ledger.services_moved_by(self.tx, decision):
            standing = services.standing(self.tx, service_id)
            one = standing and taking_back(ledger.vouchers_of_service(self.tx, service_id), standing, decision)
            if one:
                found.append(one)
        return sorted(found, key=lambda one: -one.last.number)

    def _key_of(self, name: str) -> RecordKey | None:
        named = lookup.records_named(self.tx, name)
        return named[0][0] if named else None


def _moved(one: TakingBack) -> int:
    """Give what restoring a service takes and gives, in seconds."""
    booked = one.standing.booking
    before = 0 if one.before is None else sum(leg.seconds for leg in one.before.transfers)
    if booked is None or one.before is None or booked.person != one.before.person:
        return before + (0 if booked is None else booked.seconds)
    return abs(before - booked.seconds)
