"""The composition root: from the settings come clock, rules, store and adapters, and from nowhere else."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters import registry
from adapters.base import Adapter
from domain.clock import Clock
from domain.errors import UsageError
from local_store import rulebook, runs
from local_store.rulebook import RuleText
from local_store.store import Store, open_store
from mapping.load import load_rules, read_rules, read_text
from mapping.rules import RuleSet
from shiqiao.clock import open_chance, open_clock
from shiqiao.front import Front
from shiqiao.settings.load import load_settings
from shiqiao.settings.model import Settings
from shiqiao.settings.references import resolve_secrets


@dataclass(frozen=True, slots=True)
class House:
    """The settings, and what is made of them; each part is made when it is asked for."""

    settings: Settings
    environ: Mapping[str, str]
    clock: Clock
    chance: random.Random

    def rules(self) -> RuleSet:
        """Read the rule set that the settings name; it must speak of every platform of theirs."""
        rules = load_rules(self.settings.bank.rules)
        for name in self.settings.platforms:
            if name not in rules.readings:
                raise UsageError("platform_without_rules", platform=name, file=str(self.settings.bank.rules))
        return rules

    def rules_or_none(self) -> RuleSet | None:
        """Read the rule file, where it can be read: what lies there may be half mended, and is not in force then."""
        try:
            return load_rules(self.settings.bank.rules)
        except UsageError:
            return None

    def keep_rules(self, store: Store) -> None:
        """Keep the text of the rule file in the store if the bank goes by it and the store has not got it yet."""
        text = rule_text(self.settings.bank.rules)
        with store.reading() as tx:
            is_needless = runs.rules_in_force(tx) != text.version or rulebook.text_of(tx, text.version) is not None
        if not is_needless:
            with store.writing() as tx:
                rulebook.keep_text(tx, text)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Open the store, creating or migrating it where need be, and close it behind."""
        stored = self.settings.store
        with closing(open_store(stored.url, stored.key_file, self.clock)) as store:
            yield store

    @contextmanager
    def adapters(self, platforms: Sequence[str] = ()) -> Iterator[dict[str, Adapter]]:
        """Make the adapters of ``platforms`` (all where none is named); a key at fault is told before any call."""
        with ExitStack() as opened:
            names = dict.fromkeys(platforms or self.settings.platforms)
            yield {name: opened.enter_context(closing(self._adapter(name))) for name in names}

    def _adapter(self, name: str) -> Adapter:
        platform = self.settings.platforms.get(name)
        if platform is None:
            raise UsageError("platform_unknown", platform=name, known="、".join(self.settings.platforms) or "-")
        table, folder = f"platforms.{name}", self.settings.file.parent
        keys = resolve_secrets(platform.own_keys, table, folder, self.environ)
        return registry.make(platform.adapter, name, keys, clock=self.clock, random=self.chance)


def rule_text(file: Path) -> RuleText:
    """Read a rule file, to be kept as it is."""
    text = read_text(file)
    rules = read_rules(text, str(file))
    return RuleText(rules.version, rules.document, rules.valid_from, rules.valid_to, text)


def open_house(front: Front) -> House:
    """Read the settings and set the clock; nothing else is opened yet."""
    return House(load_settings(front.config), front.environ, open_clock(front.environ), open_chance())
