"""The kinds that hold a booking: what is wrong with the effective members of one service, in the table's order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.claims import Claim
from domain.conflicts import Conflict, ConflictKind
from mapping.rules import RuleSet
from sync.credit import credit_seconds
from sync.finding import fact, hours_by_platform, of_service
from sync.spell import Spell


def flaws(spell: Spell, rules: RuleSet) -> Iterator[Conflict]:
    """Yield what keeps the effective members from being booked, whoever else agrees: unmapped, ineligible."""
    unmapped = [claim for claim in spell.effective if claim.category is None]
    if unmapped:
        yield _unmapped(spell, unmapped[0], rules)
        return
    yield from _ineligible(spell, rules)


def _unmapped(spell: Spell, claim: Claim, rules: RuleSet) -> Conflict:
    return of_service(
        ConflictKind.UNMAPPED, spell, rules, "no_rule_for_project",
        is_blocking=True,
        evidence=(project_fact(claim),),
        cause=f"project/{claim.key.platform}/{claim.activity_id}",
        details=(("activity", claim.activity_name),),
    )  # fmt: skip


def _ineligible(spell: Spell, rules: RuleSet) -> Iterator[Conflict]:
    person, claim = spell.person, spell.deciding
    if person is None or claim is None or claim.category is None:
        return
    age = None if person.born_on is None else age_on(person.born_on, claim.service_date)
    if age is not None and age < rules.minimum_age:
        yield of_service(
            ConflictKind.INELIGIBLE, spell, rules, "under_age",
            is_blocking=True, evidence=("under_age", claim.service_date.isoformat()), suggestion="void",
            cause=f"ineligible/under_age/{person.number}", details=(("years", str(rules.minimum_age)),),
        )  # fmt: skip
    elif rules.category(claim.category).needs_licence and not person.has_licence:
        yield of_service(
            ConflictKind.INELIGIBLE, spell, rules, "no_licence",
            is_blocking=True, evidence=("no_licence", claim.category),
            cause=f"ineligible/no_licence/{person.number}",
            details=(("category", rules.category(claim.category).name),),
        )  # fmt: skip


def age_on(born_on: date, day: date) -> int:
    """Give the full years of age on a day."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def disagreements(spell: Spell, rules: RuleSet) -> Iterator[Conflict]:
    """Yield where effective members disagree; hours and category block only where the credit would differ.

    Nothing is compared before all of them belong to somebody and have a category.
    """
    claims, deciding = said_by(spell), spell.deciding
    if len(claims) < 2 or deciding is None or deciding.category is None:  # noqa: PLR2004 - one alone cannot disagree
        return
    if not all(claim.category is not None and spell.person_of(claim) for claim in spell.effective):
        return
    suggestion = f"accept:{deciding.key.platform}"
    if len({claim.service_date for claim in claims}) > 1:
        days = ", ".join(f"{claim.key.platform} {claim.service_date.isoformat()}" for claim in claims)
        yield of_service(
            ConflictKind.DATE_DIFFERS, spell, rules, "day_disagrees",
            is_blocking=True, evidence=day_facts(spell),
            details=(("days", days),), suggestion=suggestion,
        )  # fmt: skip
    if len({claim.category for claim in claims}) > 1:
        names = ", ".join(f"{c.key.platform} {rules.category(c.category).name}" for c in claims if c.category)
        yield of_service(
            ConflictKind.CATEGORY_DIFFERS, spell, rules, "category_disagrees",
            is_blocking=_category_matters(spell, claims, rules), evidence=category_facts(spell),
            details=(("categories", names),), suggestion=suggestion,
        )  # fmt: skip
    if not _one_duration_fits(claims, rules.tolerance_seconds):
        yield of_service(
            ConflictKind.HOURS_DIFFER, spell, rules, "hours_disagree",
            is_blocking=_hours_matter(spell, claims, deciding.category, rules),
            evidence=hours_facts(spell),
            details=(("hours", hours_by_platform(claims)),), suggestion=suggestion,
        )  # fmt: skip


def said_by(spell: Spell) -> tuple[Claim, ...]:
    """Give every effective word on the service, duplicates that say something else included."""
    if not spell.service.duplicates:
        return spell.effective
    others = [claim for claim in spell.service.duplicates if claim.state == "effective" and claim.category is not None]
    return (*spell.effective, *others)


def _one_duration_fits(claims: tuple[Claim, ...], tolerance_seconds: int) -> bool:
    low = max([claim.duration.low_seconds for claim in claims])
    high = min([claim.duration.high_seconds for claim in claims])
    return low - high <= 2 * tolerance_seconds


def _category_matters(spell: Spell, claims: tuple[Claim, ...], rules: RuleSet) -> bool:
    """Say whether the categories would earn differently, for the deciding duration or each for its own."""
    said = [(claim, claim.category) for claim in claims if claim.category is not None]
    if spell.is_special or len({rules.category(category).credit_seconds for _, category in said}) == 1:
        return False  # one term for all of them: only the hours could make a difference
    said += [(spell.deciding, category) for _, category in said if spell.deciding is not None]
    return len({credit_seconds(claim, category, rules, is_special=spell.is_special) for claim, category in said}) > 1


def _hours_matter(spell: Spell, claims: tuple[Claim, ...], category: str, rules: RuleSet) -> bool:
    """Say whether the durations would earn differently in one and the same category."""
    return len({credit_seconds(claim, category, rules, is_special=spell.is_special) for claim in claims}) > 1


def _span(claim: Claim) -> str:
    return f"{claim.starts_at}-{claim.ends_at}"


def day_facts(spell: Spell) -> list[str]:
    """Give what a doubt about the day judges."""
    return [f"{claim.key}|{claim.service_date}" for claim in said_by(spell)]


def category_facts(spell: Spell) -> list[str]:
    """Give what a doubt about the category judges."""
    return [f"{claim.key}|{claim.category}" for claim in said_by(spell)]


def hours_facts(spell: Spell) -> list[str]:
    """Give what a doubt about the hours judges."""
    return [f"{claim.key}|{claim.reported_seconds}|{_span(claim)}" for claim in said_by(spell)]


def project_fact(claim: Claim) -> str:
    """Give what a project without a category is judged by."""
    return f"{claim.key.platform}|{claim.activity_id}|{claim.activity_name}"


def evidence_of_members(spell: Spell) -> list[str]:
    """Give the facts of every member that still stands."""
    return [fact(claim) for claim in spell.alive]
