"""Drawn faults: showers that pass, storms that hit every other call, platforms that are down for nights."""

from __future__ import annotations

import random
from collections import Counter

from sandbox.faults import FAULT_KINDS, FaultPlan, How
from sandbox.guangxi_holdings import GuangxiHoldings
from sandbox.national_holdings import NationalHoldings
from tests.nights import Town
from tests.simulation.catalogue import NOT_IN_LIVES

KINDS = sorted(FAULT_KINDS - NOT_IN_LIVES.keys())
LASTING = (
    "server_error",
    "html",
    "empty_body",
    "maintenance",
    "error_code",
    "throttle_bare",
    "secret_expired",
    "stall",
)
LATER_PAGES = ("repeated_page", "repeated_token", "rows_moved")
RARER = (
    *LATER_PAGES,
    "repeated_token",
    "rows_vanish",
    "suddenly_half",
)  # short nights and short windows show nothing of them
OUTAGE_NIGHTS_MAX = 5
STALL_SECONDS = 40
_DRY, _SHOWER, _STORM, _OUTAGE = range(4)


class Weather:
    """What befalls the two platforms, night by night."""

    def __init__(self, town: Town, chance: random.Random) -> None:
        self._platforms: dict[str, NationalHoldings | GuangxiHoldings] = {
            "national": town.national, "guangxi": town.guangxi,
        }  # fmt: skip
        self._chance = chance
        self._down_nights: Counter[str] = Counter()
        self._noted: dict[str, int] = {"national": 0, "guangxi": 0}

    def fall(self) -> None:
        """Draw the faults of the next night."""
        for name, platform in self._platforms.items():
            if self._down_nights[name] > 0:
                self._down_nights[name] -= 1
                continue
            platform.faults.clear()
            match self._chance.choices([_DRY, _SHOWER, _STORM, _OUTAGE], [50, 35, 10, 2])[0]:
                case 1:
                    self._shower(platform)
                case 2:
                    rates = dict.fromkeys(self._chance.sample(KINDS, 4), 0.08)
                    platform.faults.plan = FaultPlan(self._chance.randrange(10**9), rates, seconds=STALL_SECONDS)
                case 3:
                    platform.faults.always(self._chance.choice(LASTING), seconds=STALL_SECONDS)
                    self._down_nights[name] = self._chance.randint(0, OUTAGE_NIGHTS_MAX - 1)

    def _shower(self, platform: NationalHoldings | GuangxiHoldings) -> None:
        kinds = [*KINDS, *RARER * 2]
        for kind in self._chance.sample(kinds, self._chance.randint(1, 2)):
            how: How = {
                "status": self._chance.choice([500, 502, 503, 504]), "seconds": self._chance.choice([1, STALL_SECONDS]),
            }  # fmt: skip
            page = self._chance.choice([0, 0, 1, 2])
            if page and kind not in LATER_PAGES:
                how["page"] = page
            times = 1 if kind == "rows_vanish" else self._chance.choice([1, 1, 2, 3, 6])
            platform.faults.next(kind, times=times, **how)

    def clear_up(self) -> None:
        """Let nothing go wrong any more."""
        self._down_nights.clear()
        for platform in self._platforms.values():
            platform.faults.clear()

    def since_last_asked(self) -> dict[str, set[str]]:
        """Give the kinds that have befallen each platform since this was last asked."""
        kinds = {}
        for name, platform in self._platforms.items():
            history = platform.faults.history
            kinds[name] = {kind for kind, *_ in history[self._noted[name] :]}
            self._noted[name] = len(history)
        return kinds

    def injected(self) -> Counter[str]:
        """Count all faults so far, by kind."""
        return sum((platform.faults.injected for platform in self._platforms.values()), Counter())
