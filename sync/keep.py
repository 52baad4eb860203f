"""Keep pages: their bytes, their records with their claims and their unreadable rows, several pages a transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.base import Page
from domain.claims import Claim
from domain.records import PersonAsSaid, QuarantinedRow, Record
from local_store import identities, records
from local_store.transaction import Tx
from mapping.names import folded_name
from mapping.read import RecordReader, Who
from mapping.rules import RuleSet

PEOPLE_MAX = 20_000

_Readings = list[tuple[int | None, list[tuple[Record, Claim]]]]


class Keeper:
    """Keeps one platform's pages within one run.

    Whom it met, it knows again by the same words: the same volunteer comes with every visit. Only what was committed
    is remembered, so that nothing is that the store has not.
    """

    def __init__(self, platform: str, rules: RuleSet, run: int) -> None:
        """Know nobody yet."""
        self._platform = platform
        self._run = run
        self._reader = RecordReader(rules)
        self._known: dict[PersonAsSaid, Who] = {}
        self._met: dict[PersonAsSaid, Who] = {}

    def keep(self, tx: Tx, scope: str, pages: Sequence[Page]) -> int:
        """Store pages in their order; give how many records were news."""
        whos = self._meet(tx, [record.person for page in pages for record in page.records])
        readings: _Readings = []
        unread: list[QuarantinedRow] = []
        changed = 0
        for page in pages:
            if unread and not {row.external_id for row in unread}.isdisjoint(_ids(page)):
                changed += self._save(tx, readings, unread)  # what was said later must come later
            raw_page = records.save_raw(tx, self._run, self._platform, scope, page.raw)
            readings.append((raw_page, [(one, self._reader.read(one, next(whos))) for one in page.records]))
            unread += page.quarantined
        return changed + self._save(tx, readings, unread)

    def committed(self) -> None:
        """Hear that what was kept stands."""
        if len(self._known) > PEOPLE_MAX:
            self._known.clear()
        self._known |= self._met
        self._met.clear()

    def _meet(self, tx: Tx, people: list[PersonAsSaid]) -> Iterator[Who]:
        """Give who each of these people is, in their order."""
        whos = [self._known.get(person) for person in people]
        new = list(dict.fromkeys(person for person, who in zip(people, whos, strict=True) if who is None))
        found = identities.register(tx, self._platform, new, [folded_name(person.name) for person in new])
        self._met = {person: Who(*who) for person, who in zip(new, found, strict=True)}
        return (who or self._met[person] for person, who in zip(people, whos, strict=True))

    def _save(self, tx: Tx, readings: _Readings, unread: list[QuarantinedRow]) -> int:
        kept = records.save_pages(tx, readings, self._run)
        records.quarantine(tx, unread, self._run)
        readings.clear()
        unread.clear()
        return kept.changed


def _ids(page: Page) -> set[str]:
    return {record.key.external_id for record in page.records}
