"""What a fault is: how an answer is spoilt, where that can be, and what the house must make of it."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import BrokenAnswer, PlatformError, Refused, Throttled, Unreachable
from tests.wire_faults.door import PLACES, Place, Spoil
from tests.wire_faults.life import ATTEMPTS, PLATFORMS

TOKEN, *PAGES = PLACES
LATER_PAGES = PAGES[1:]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which a call goes wrong.

    ``error`` and ``code`` are what becomes of it where it stays, None where the answer can be read all the same.
    ``calls`` is how often the call is made before it is given up; None where a whole listing is read again.
    ``is_passing`` says that the same night heals it where it comes but once, ``is_spreading`` that it does not stop at
    the one organisation, ``waits_seconds_least`` how long the platform is left alone meanwhile.
    """

    name: str
    spoil: Spoil
    error: type[PlatformError] | None
    code: str = ""
    places: tuple[Place, ...] = PLACES
    platforms: tuple[str, ...] = PLATFORMS
    calls: int | None = ATTEMPTS
    is_passing: bool = True
    is_spreading: bool = False
    waits_seconds_least: int = 0
    read_seconds_max: float = 20.0


@dataclass(frozen=True, slots=True)
class Case:
    """A fault at a place of a platform."""

    fault: Fault
    platform: str
    place: Place

    def __str__(self) -> str:
        """Give the name under which the case is told of."""
        return f"{self.fault.name}, {self.place.name}, {self.platform}"


def unreachable(code: str, name: str, spoil: Spoil, **how: float) -> Fault:
    """Give a fault after which no whole answer came."""
    return Fault(name, spoil, Unreachable, f"platform_{code}", **how)  # type: ignore[arg-type] # one field, a float


def broken(code: str, name: str, spoil: Spoil, places: tuple[Place, ...] = PLACES, *platforms: str) -> Fault:
    """Give a fault whose answer is not the agreed one."""
    return Fault(name, spoil, BrokenAnswer, code, places, platforms or PLATFORMS)


def refused(name: str, spoil: Spoil, *platforms: str, places: tuple[Place, ...] = PLACES) -> Fault:
    """Give a fault with which the platform says no: asked once, and not healed by asking."""
    how = platforms or PLATFORMS
    return Fault(name, spoil, Refused, "platform_refused", places, how, calls=1, is_passing=False)


def throttled(name: str, spoil: Spoil, waits_seconds: int = 0, *, is_too_long: bool = False) -> Fault:
    """Give a fault with which the platform asks for fewer calls, and how long it wants to be left alone."""
    calls = 1 if is_too_long else ATTEMPTS
    waits = waits_seconds * (calls - 1)
    return Fault(
        name, spoil, Throttled, "platform_throttled", calls=calls, is_passing=not is_too_long, waits_seconds_least=waits
    )


def harmless(name: str, spoil: Spoil, places: tuple[Place, ...] = (TOKEN, PAGES[1])) -> Fault:
    """Give what looks odd and is read right all the same."""
    return Fault(name, spoil, None, "", places, calls=None)
