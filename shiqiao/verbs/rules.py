"""``rules check``: look for mistakes; ``impact``: what a rule file would change; ``activate``: publish it."""

from __future__ import annotations

from pathlib import Path

import click

from desk.impact.figures import Impact
from desk.impact.publish import Booked, Order, Publisher
from desk.suggest import suggestions
from desk.words.words import words
from domain.errors import OperatorError, UsageError
from local_store.rulebook import RuleText
from local_store.store import Store
from mapping.load import load_rules, read_rules
from mapping.rules import RuleSet
from shiqiao.frame import SOME_TEXT, json_option, option, verb_group
from shiqiao.front import ACT, DONE, Front
from shiqiao.house import House, open_house, rule_text
from shiqiao.impact import show_booked, show_impact
from shiqiao.progress import Watch, shown_progress
from shiqiao.settings.load import load_settings
from shiqiao.verbs.sync import holder


@verb_group("rules")
def command() -> None:
    """Hold the verbs below."""


@command.command("check")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def check(front: Front, file: Path | None) -> int:
    """Check ``file``, or the rule file that the settings name."""
    path = file or load_settings(front.config).bank.rules
    rules = load_rules(path)
    front.show(
        "rules_fine", file=str(path), document=rules.document, version=rules.version,
        stations=len(rules.station_names), categories=len(rules.categories), periods=len(rules.periods),
    )  # fmt: skip
    return DONE


@command.command("impact")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def impact(front: Front, *, file: Path, as_json: bool) -> int:
    """Show what publishing ``file`` would do to the store as it stands; nothing is written."""
    house = open_house(front)
    rules, _ = _read(file)
    with house.store() as store, shown_progress(front.words) as watch:
        found = _publisher(house, store, watch).look(rules)
    if as_json:
        front.give(found.as_document(rules.station_names))
    else:
        show_impact(front, found, rules, words(front.words.language))
    return DONE


@command.command("suggest")
@json_option
@click.pass_obj
def suggest(front: Front, *, as_json: bool) -> int:
    """Show the lines of the rule file that would settle what was decided alike again and again."""
    house = open_house(front)
    rules = house.rules()
    with house.store() as store, store.reading() as tx:
        found = suggestions(tx, rules)
    if as_json:
        front.give([one.as_document() for one in found])
        return DONE
    said = words(front.words.language).knowing(rules.platform_names())
    for one in found:
        front.show(
            "rules_suggested", platform=said.platform(one.habit.platform), project=one.habit.activity_name,
            count=one.habit.count, decision=said.decision(":".join(filter(None, (one.habit.code, one.habit.argument)))),
        )  # fmt: skip
        for line in one.lines:
            place = line.category.name if line.category else front.words.say("rules_suggested_head")
            front.show("rules_suggested_line", place=place, line=line.line)
    front.show("rules_suggested_next" if found else "rules_suggested_none")
    return DONE


@command.command("activate")
@click.argument("file", type=click.Path(path_type=Path))
@option("--by", required=True, type=SOME_TEXT, metavar="NAME", help="option_by")
@option("--reason", required=True, type=SOME_TEXT, metavar="TEXT", help="option_reason")
@option("--expect", "code", type=SOME_TEXT, metavar="CODE", help="option_expect")
@click.pass_obj
def activate(front: Front, *, file: Path, by: str, reason: str, code: str | None) -> int:
    """Put ``file`` in the place of the rule file, and book at once what differs under it."""
    house = open_house(front)
    rules, text = _read(file)
    said = words(front.words.language).knowing(rules.platform_names())

    def show(found: Impact) -> None:
        show_impact(front, found, rules, said)
        if code not in {None, found.digest.code}:
            raise OperatorError("rules_impact_moved", expected=str(code), found=found.digest.code)

    with house.store() as store, shown_progress(front.words) as watch:
        publisher = _publisher(house, store, watch)
        if publisher.is_done(rules):
            _put(text.text, house.settings.bank.rules)
            front.show("rules_in_force_already", document=rules.document, version=rules.version)
            return DONE
        shown = publisher.put_in_force(
            rules, Order(text, by, reason), show, lambda: _put(text.text, house.settings.bank.rules)
        )
        front.show("rules_activated", document=rules.document, version=rules.version)
        booked = publisher.book(rules, shown)
    return _tell(front, booked, rules)


def _tell(front: Front, booked: Booked | None, rules: RuleSet) -> int:
    if booked is None:
        front.tell("rules_booked_by_another_run")
        return ACT
    show_booked(front, booked, rules)
    return DONE if booked.run.outcome == "complete" else ACT


def _publisher(house: House, store: Store, watch: Watch) -> Publisher:
    return Publisher(store, house.clock, watch, holder(), house.rules_or_none())


def _read(file: Path) -> tuple[RuleSet, RuleText]:
    """Read the file once, so that what is published is what was checked."""
    text = rule_text(file)
    return read_rules(text.text, str(file)), text


def _put(text: str, place: Path) -> None:
    """Replace the rule file in one step, so that no run ever reads half of it."""
    waiting, content = place.with_suffix(".new"), text.encode()
    try:
        if place.exists() and place.read_bytes() == content:
            return
        waiting.write_bytes(content)
        waiting.replace(place)
    except OSError:
        raise UsageError("rules_not_writable", file=str(place)) from None
