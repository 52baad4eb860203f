"""The bank's own registered volunteers: as the planner sees them, as the roster's file and as a platform lists them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from domain.records import PersonAsSaid


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the roster (名册). ``number`` is internal; ``local_number`` is 本地编号, an attribute.

    ``born_on`` is None for a document that does not tell; ``opening_through`` is the last day that a paper passbook
    carried over, up to which services are ``covered_by_opening``.
    """

    number: int
    local_number: str
    name_token: str
    station: str
    born_on: date | None
    has_licence: bool
    consents: frozenset[str] = frozenset()
    opening_through: date | None = None


@dataclass(frozen=True, slots=True)
class PersonBinding:
    """A decision ``person:``, by its number: this identity under this folded name is that person, for good."""

    identity: int
    name_token: str
    person: int
    decision: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class PersonOnPlatform:
    """A volunteer as a platform lists them; in clear only between the wire and the vault."""

    volunteer_number: str
    person: PersonAsSaid
    is_real_name: bool | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One line of the bank's roster file (名册), read and checked; in clear only between the file and the vault.

    ``line`` is the sheet's own line number and no part of what is said. ``person`` holds the name as written, the
    class of the document and the normalised number. ``registered_on`` (登记日期) is None, ``licence`` (执业证书) "",
    where the cell is empty. ``platform_numbers`` maps a platform's name to the volunteer number it gave; ``consents``
    names the platforms that this person agreed to have hours reported to.
    """

    line: int = field(compare=False)
    local_number: str
    person: PersonAsSaid
    phone: str = field(repr=False)
    station: str
    registered_on: date | None
    licence: str = field(repr=False)
    platform_numbers: dict[str, str] = field(repr=False)
    consents: frozenset[str]
