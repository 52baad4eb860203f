"""The composition root: from the settings come clock, rules, store and adapters, and from nowhere else."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from domain.clock import Clock
from mapping.load import load_rules
from mapping.rules import RuleSet
from shiqiao.clock import open_chance, open_clock
from shiqiao.front import Front
from shiqiao.settings.load import load_settings
from shiqiao.settings.model import Settings


@dataclass(frozen=True, slots=True)
class House:
    """The settings, and what is made of them; each part is made when it is asked for."""

    settings: Settings
    environ: Mapping[str, str]
    clock: Clock
    chance: random.Random

    def rules(self) -> RuleSet:
        """Read the rule set that the settings name."""
        return load_rules(self.settings.bank.rules)


def open_house(front: Front) -> House:
    """Read the settings and set the clock; nothing else is opened yet."""
    return House(load_settings(front.config), front.environ, open_clock(front.environ), open_chance())
