"""Say on a terminal what a rule set would change, and what it has changed."""

from __future__ import annotations

from collections import Counter

from desk.impact.figures import Impact, StationFigures
from desk.impact.publish import Booked
from desk.words.words import Words
from domain.conflicts import ConflictKind
from domain.hours import show_hours
from mapping.rules import RuleSet
from shiqiao.front import Front

RULES_SHOWN = 10


def show_impact(front: Front, impact: Impact, rules: RuleSet, said: Words) -> None:
    """Give the table by station, what is read otherwise by which rule, safety stops, and some examples."""
    front.show("impact_head", document=rules.document, version=rules.version, in_force=impact.in_force or "-")
    front.show("impact_read", records=impact.records, subjects=impact.subjects, planned=impact.planned)
    if impact.pending and impact.in_force:
        front.show("impact_pending", subjects=impact.pending)
    if impact.is_nothing:
        front.show("impact_nothing")
    _table(front, impact, rules, said)
    for (before, after), count in impact.by_rule.most_common(RULES_SHOWN):
        front.show("impact_rule", before=before, after=after, count=count)
    for stop in impact.stops:
        front.show("impact_stop", platform=said.platform(stop.platform), station=_name(stop.station, rules))
    for one in impact.examples:
        front.show(
            "impact_example", service=one.service_id, person=one.person, station=_name(one.station, rules),
            day=one.service_date.isoformat(), action=front.words.say(f"action_{one.action}"),
            before=show_hours(one.before_seconds), after=show_hours(one.after_seconds),
        )  # fmt: skip
    front.show("impact_code", check=impact.digest.code)


def show_booked(front: Front, booked: Booked, rules: RuleSet) -> None:
    """Say whether what was booked is what was shown, and where it is not."""
    total = booked.figures.total
    front.show(
        "rules_booked" if booked.is_as_shown else "rules_booked_otherwise", run=booked.run.run, posted=total.posted,
        corrected=total.corrected, reversed=total.reversed, hours=_signed(total.moved_seconds),
        stations="、".join(_name(one, rules) for one in booked.differs_at) or "-",
    )  # fmt: skip
    for platform, station in booked.run.stops:
        front.tell("rules_stopped", platform=platform, station=_name(station, rules))


def _table(front: Front, impact: Impact, rules: RuleSet, said: Words) -> None:
    touched = {station: figures for station, figures in sorted(impact.stations.items()) if figures.is_touched}
    for station, figures in touched.items():
        _row(front, _name(station, rules), figures, said)
    if len(touched) > 1:
        _row(front, front.words.say("impact_total"), impact.total, said)


def _row(front: Front, name: str, figures: StationFigures, said: Words) -> None:
    front.show(
        "impact_station", station=name, posted=figures.posted, corrected=figures.corrected, reversed=figures.reversed,
        before=show_hours(figures.before_seconds), after=show_hours(figures.after_seconds),
        moved=_signed(figures.moved_seconds), otherwise=figures.otherwise, services=figures.services,
    )  # fmt: skip
    for sentence, kinds in (("impact_opened", figures.opened), ("impact_closed", figures.closed)):
        if kinds:
            front.show(sentence, kinds=_kinds(kinds, said))


def _kinds(kinds: Counter[str], said: Words) -> str:
    return "、".join(f"{said.kind(ConflictKind(kind)).name} {count}" for kind, count in sorted(kinds.items()))


def _name(station: str, rules: RuleSet) -> str:
    return rules.station_names.get(station, station) or "-"


def _signed(seconds: int) -> str:
    return ("+" if seconds > 0 else "") + show_hours(seconds)
