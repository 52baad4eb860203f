"""Read stored records and entries anew when the rules have changed; nobody is asked again what was said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from domain.claims import Claim
from domain.clock import day_in_shanghai
from domain.entries import business_key
from local_store import entries, readings, records, revisions
from local_store.entries import StoredEntry
from local_store.lease import Lease
from local_store.records import StoredRecord
from local_store.transaction import Tx
from mapping.read import RecordReader, Who, read_entry
from mapping.rules import RuleSet

PORTION = 2000

Claims = list[tuple[int, Claim]]


def reread(store: Lease, rules: RuleSet) -> int:
    """Bring every claim to these rules, a portion a transaction; give how many were read under others before."""
    with store.reading() as tx:
        if readings.are_all_read_under(tx, rules.version):
            return 0
    reader = RecordReader(rules)

    def of_records(tx: Tx, after: int) -> Claims:
        stored = records.read_otherwise(tx, rules.version, after, PORTION)
        return [(one.number, read_anew(one, reader, rules)) for one in stored]

    def of_entries(tx: Tx, after: int) -> Claims:
        stored = entries.read_otherwise(tx, rules.version, after, PORTION)
        return [(one.number, read_anew(one, reader, rules)) for one in stored]

    count = _reread(store, of_records) + _reread(store, of_entries)
    with store.writing() as tx:
        if not of_records(tx, 0) and not of_entries(tx, 0):  # somebody else may have read more in the meantime
            readings.all_read_under(tx, rules.version)
    return count


def _reread(store: Lease, read: Callable[[Tx, int], Claims]) -> int:
    after = count = 0
    while True:
        with store.writing() as tx:
            claims = read(tx, after)
            revisions.reread(tx, claims)
        if not claims:
            return count
        after = claims[-1][0]
        count += len(claims)


def read_anew(one: StoredRecord | StoredEntry, reader: RecordReader, rules: RuleSet) -> Claim:
    """Give the claim that a stored record or entry makes under these rules; ``reader`` reads by the same."""
    who = Who(one.identity, one.name_token)
    if isinstance(one, StoredRecord):
        claim = reader.read(one.record, who)
    else:
        claim = read_entry(one.entry, who, day_in_shanghai(one.entered_at), rules, _business_key(one))
    return replace(claim, revision=one.revision)


def _business_key(one: StoredEntry) -> str:
    return business_key(one.entry.station, one.entry.entry_id, one.revision)
