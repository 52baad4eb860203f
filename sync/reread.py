"""Read stored records anew when the rules have changed; what a platform said is not asked for again."""

from __future__ import annotations

from dataclasses import replace

from local_store import records, revisions
from local_store.store import Store
from mapping.read import Who, read_record
from mapping.rules import RuleSet

PORTION = 2000


def reread(store: Store, rules: RuleSet) -> int:
    """Bring every claim to these rules, a portion a transaction; give how many were read under others before."""
    after = count = 0
    while True:
        with store.writing() as tx:
            stored = records.read_otherwise(tx, rules.version, after, PORTION)
            if not stored:
                return count
            claims = [
                (
                    one.number,
                    replace(read_record(one.record, Who(one.identity, one.name_token), rules), revision=one.revision),
                )
                for one in stored
            ]
            revisions.reread(tx, claims)
        after = stored[-1].number
        count += len(stored)
