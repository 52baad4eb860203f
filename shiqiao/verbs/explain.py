"""``explain``: why a figure is what it is, from what each platform said to what was booked."""

from __future__ import annotations

import click

from desk.explain import Said, ServiceStory, Story, explain
from desk.words.words import Words, words
from domain.clock import day_in_shanghai
from domain.entries import Entry
from domain.hours import show_hours
from domain.records import Record
from domain.services import Tie
from local_store.ledger import Voucher
from local_store.lookup import SaidVersion
from mapping.rules import RuleSet
from shiqiao.frame import json_option, verb
from shiqiao.front import DONE, Front
from shiqiao.house import open_house


@verb("explain")
@click.argument("reference", metavar="REF")
@json_option
@click.pass_obj
def command(front: Front, *, reference: str, as_json: bool) -> int:
    """Tell the story behind a person, service, record or voucher."""
    house = open_house(front)
    rules = house.rules()
    with house.store() as store, store.reading() as tx:
        story = explain(tx, reference, rules, day_in_shanghai(house.clock.now()))
    if as_json:
        front.give(as_document(story))
    else:
        _Telling(front, words(front.words.language).knowing(rules.platform_names()), rules).tell(story)
    return DONE


class _Telling:
    """The story in sentences an auditor reads."""

    def __init__(self, front: Front, said: Words, rules: RuleSet) -> None:
        self.front, self.said, self.rules = front, said, rules

    def tell(self, story: Story) -> None:
        """Tell all of it: services by day, then what belongs to none."""
        self.front.show("story_head", reference=story.reference, persons="、".join(story.persons) or "-")
        for service in story.services:
            self._service(service)
        for record in story.apart:
            reason = self.front.words.say(f"apart_{record.claim.out_of_scope or record.disposition.value}")
            self.front.show("story_apart", reason=reason)
            self._record(record)
        for voucher in story.other_vouchers:
            self._voucher(voucher)
            if story.reasons[voucher.number]:
                self.front.show("story_reason", reason=story.reasons[voucher.number])

    def _service(self, story: ServiceStory) -> None:
        line = story.line
        self.front.show(
            "story_service", service=line.service.service_id,
            action=self.front.words.say(f"action_{story.action}"), reason=self.front.words.say(f"why_{line.reason}"),
        )  # fmt: skip
        if line.decision is not None:
            self.front.show("story_decision", decision=line.decision)
        for record in story.said:
            self._record(record)
        for tie in line.service.ties:
            self._tie(tie)
        for conflict in line.conflicts:
            name = self.said.kind(conflict.kind).name
            self.front.show("story_conflict", conflict=conflict.conflict_id, kind=name)
        for voucher in story.vouchers:
            self._voucher(voucher)

    def _record(self, record: Said) -> None:
        claim = record.claim
        platform = self.said.platform(claim.key.platform)
        for version in record.versions:
            self.front.show("story_said", platform=platform, record=claim.key.external_id, **_version_words(version))
        category = self.rules.categories.get(claim.category or "")
        self.front.show(
            "story_read", rule=claim.rule, version=claim.rules_version,
            category="-" if category is None else category.name,
            station=self.rules.station_names.get(claim.station, claim.station or "-"),
        )  # fmt: skip

    def _tie(self, tie: Tie) -> None:
        pieces = [f"{self.front.words.say(f'evidence_{name}')}({weight})" for name, weight in tie.evidence]
        self.front.show("story_tie", first=str(tie.first), second=str(tie.second), evidence="、".join(pieces))

    def _voucher(self, voucher: Voucher) -> None:
        self.front.show(
            "story_voucher", voucher=voucher.number, what=self.front.words.say(f"voucher_{voucher.kind.value}"),
            day=voucher.service_date.isoformat(), recorded=voucher.recorded_at.strftime("%Y-%m-%d %H:%M"),
            hours=show_hours(sum(leg.seconds for leg in voucher.transfers)), by=voucher.prepared_by,
            version=voucher.rules_version,
        )  # fmt: skip


def _version_words(version: SaidVersion) -> dict[str, str | int]:
    """Give the words of one revision: when it was heard, its day, span, hours and state."""
    said = version.said
    span = "" if said.starts_at is None else said.starts_at.strftime("%H:%M")
    span += "" if said.ends_at is None else said.ends_at.strftime("–%H:%M")
    return {
        "revision": version.revision,
        "heard": version.heard_at.strftime("%Y-%m-%d %H:%M"),
        "day": said.service_date.isoformat(),
        "span": span or "-",
        "hours": show_hours(said.reported_seconds) if isinstance(said, Record) else "-",
        "state": said.state_code if isinstance(said, Record) else "-",
        "activity": said.activity_name if isinstance(said, Record) else said.category,
    }


def as_document(story: Story) -> dict[str, object]:
    """Give the story as one JSON document, without personal data."""
    return {
        "reference": story.reference,
        "persons": list(story.persons),
        "services": [_service(service) for service in story.services],
        "records": [_record(record) for record in story.apart],
        "vouchers": [
            _voucher(voucher) | {"reason_given": story.reasons[voucher.number]} for voucher in story.other_vouchers
        ],
    }


def _service(story: ServiceStory) -> dict[str, object]:
    line = story.line
    return {
        "service": line.service.service_id,
        "action": story.action,
        "reason": line.reason,
        "decision": line.decision,
        "deciding": None if line.deciding is None else str(line.deciding),
        "records": [_record(record) for record in story.said],
        "ties": [
            {
                "first": str(tie.first),
                "second": str(tie.second),
                "evidence": [{"name": name, "weight": weight} for name, weight in tie.evidence],
            }
            for tie in line.service.ties
        ],
        "conflicts": [
            {"id": conflict.conflict_id, "kind": conflict.kind.value, "blocking": conflict.is_blocking}
            for conflict in line.conflicts
        ],
        "vouchers": [_voucher(voucher) for voucher in story.vouchers],
    }


def _record(record: Said) -> dict[str, object]:
    claim = record.claim
    return {
        "platform": claim.key.platform,
        "external_id": claim.key.external_id,
        "disposition": record.disposition.value,
        "out_of_scope": claim.out_of_scope or None,
        "category": claim.category,
        "station": claim.station or None,
        "rule": claim.rule,
        "rules_version": claim.rules_version,
        "said": [_version(version) for version in record.versions],
    }


def _version(version: SaidVersion) -> dict[str, object]:
    said = version.said
    document: dict[str, object] = {
        "revision": version.revision,
        "heard_at": version.heard_at.isoformat(),
        "service_date": said.service_date.isoformat(),
        "starts_at": None if said.starts_at is None else said.starts_at.isoformat(),
        "ends_at": None if said.ends_at is None else said.ends_at.isoformat(),
    }
    if isinstance(said, Entry):
        return document | {"category": said.category}
    return document | {
        "state": said.state.value,
        "seconds": said.reported_seconds,
        "activity": said.activity_name,
        "updated_at": said.updated_at.isoformat(),
    }


def _voucher(voucher: Voucher) -> dict[str, object]:
    return {
        "voucher": voucher.number,
        "what": voucher.kind.value,
        "service_date": voucher.service_date.isoformat(),
        "recorded_at": voucher.recorded_at.isoformat(),
        "seconds": sum(leg.seconds for leg in voucher.transfers),
        "reason": voucher.reason,
        "rules_version": voucher.rules_version,
        "decision": voucher.decision,
        "reverses": voucher.reverses,
        "prepared_by": voucher.prepared_by,
        "records": list(voucher.records),
    }
