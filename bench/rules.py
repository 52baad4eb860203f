"""The measure of looking ahead: what a changed rule set would do to everything that is stored."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from bench.figures import Row
from bench.peak import peak_mb
from bench.pulling import StandingClock, load_house_rules, opened, silent, sqlite_url
from bench.workshop import SECOND_NIGHT, Workshop, insist, say
from desk.impact.publish import Publisher
from mapping.rules import RuleSet

_AIM_RECORDS = 200_000


def measure_impact(shop: Workshop) -> list[Row]:
    """Look at what another credit would do, so that everybody is planned anew, and at what one more word would."""
    town = shop.town()
    aim = "< 30 s" if town.records >= _AIM_RECORDS else f"< {30 * town.records / _AIM_RECORDS:.1f} s, 30 s for 200,000"
    credit = Row(f"rules impact: another credit, {town.records:,} records, SQLite", "s", aim)
    word = Row(f"rules impact: one more excluded word, {town.records:,} records, SQLite", "s", aim)
    memory = Row(f"peak memory of rules impact, {town.records:,} records", "MB", "≤ 250 MB")
    room = shop.lived(town)
    for row, rules in ((credit, _another_credit(shop.rules)), (word, _another_word(shop.rules))):
        for _ in range(shop.sizes.rounds):
            with opened(sqlite_url(room), room, StandingClock(SECOND_NIGHT)) as store:
                publisher = Publisher(store, StandingClock(SECOND_NIGHT), silent, "bench", shop.rules)
                seconds, impact = shop.timed(row.what, partial(publisher.look, rules))
            insist(impact.planned > 0 and (row is word) == (impact.records > 0))
            row.ours.append(seconds)
    say("its memory")
    memory.ours.append(peak_mb("impact", sqlite_url(room), str(room)))
    return [credit, word, memory]


def another_look(url: str, folder: str) -> None:
    """Look once, in a process that does nothing else."""
    rules, clock = load_house_rules(), StandingClock(SECOND_NIGHT)
    with opened(url, Path(folder), clock) as store:
        Publisher(store, clock, silent, "bench", rules).look(_another_credit(rules))


def _another_credit(rules: RuleSet) -> RuleSet:
    richer = replace(rules.categories["recreation"], credit_seconds=5400)
    return replace(rules, version="other#1", categories={**rules.categories, "recreation": richer})


def _another_word(rules: RuleSet) -> RuleSet:
    return replace(rules, version="other#2", excluded_words=(*rules.excluded_words, "书画"))
