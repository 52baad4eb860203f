"""The promises, held against the store as it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from desk.bridge.faults import bridge_faults
from desk.readings import cap_faults, claim_faults, plan_faults
from local_store import verify as store_verify
from local_store.proofs_of_people import roster_faults, who_faults
from local_store.transaction import Tx
from local_store.verify import Check, checked
from mapping.names import folded_name
from mapping.rules import RuleSet


def verify(tx: Tx, rules: RuleSet | None = None, today: date | None = None) -> list[Check]:
    """Check the book, what stands beside it, and that both follow from the records.

    Without the ``rules`` in force and the day, what only they can prove is left out.
    """
    checks = store_verify.verify(tx)
    checks.append(checked("people", _people(tx)))
    if rules is not None and today is not None:
        checks.append(checked("caps", cap_faults(tx, rules)))
        checks.append(checked("claims", claim_faults(tx, rules)))
        checks.append(checked("plans", plan_faults(tx, rules, today)))
        checks.append(checked("bridge", bridge_faults(tx, rules)))
    return checks


def _people(tx: Tx) -> Iterator[str]:
    yield from roster_faults(tx, folded_name)
    yield from who_faults(tx, folded_name)
