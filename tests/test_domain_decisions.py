from __future__ import annotations

import pytest

from domain.conflicts import ConflictKind
from domain.decisions import DecisionCode, possible_decisions

ALWAYS = "return ignore"


@pytest.mark.parametrize(
    ("kind", "is_blocking", "possible"),
    [
        ("hours_differ", True, "accept credit void"),
        ("hours_differ", False, "accept"),
        ("category_differs", True, "accept credit void"),
        ("date_differs", True, "accept credit same distinct void"),
        ("person_differs", True, "person void"),
        ("unknown_person", True, "person outside void"),
        ("ineligible", True, "credit void"),
        ("implausible", True, "credit void"),
        ("implausible", False, ""),
        ("overlap", True, "credit same distinct void"),
        ("ambiguous_match", True, "accept credit same distinct void"),
        ("unmapped", True, "credit outside void"),
        ("uncorroborated", True, "accept credit void"),
        ("missing_on_platform", True, "accept credit void"),
        ("vanished", True, "accept credit void"),
        ("vanished", False, "accept"),
        ("duplicate", False, "same distinct"),
        ("balance_short", False, ""),
        ("refused_by_platform", False, ""),
        ("unknown_outcome", False, ""),
        ("guard", True, "approve"),
        ("contract", False, ""),
    ],
)
def test_each_kind_offers_what_the_operators_table_says(kind: str, is_blocking: bool, possible: str) -> None:  # noqa: FBT001 - a parametrised case
    offered = possible_decisions(ConflictKind(kind), is_blocking=is_blocking)
    assert [code.value for code in offered] == [*possible.split(), *ALWAYS.split()]
    assert list(offered) == sorted(offered, key=list(DecisionCode).index)
