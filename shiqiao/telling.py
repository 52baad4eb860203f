"""A story in sentences that an auditor reads: who said what, why it is one service, what was judged and booked."""

from __future__ import annotations

from desk.explain import Said, ServiceStory, Story
from desk.words.words import Words
from domain.hours import show_hours
from domain.records import Record, RecordKey
from domain.services import Tie
from local_store.ledger import Voucher
from local_store.lookup import SaidVersion
from mapping.rules import RuleSet
from shiqiao.front import Front
from shiqiao.telling_cases import CaseTelling, show_instant
from sync.draft import PREPARED_BY


class Telling:
    """Tells one story; ``said`` are the desk's words, with the platforms' names."""

    def __init__(self, front: Front, said: Words, rules: RuleSet) -> None:
        """Keep what every sentence needs."""
        self._front, self._said, self._rules, self._asked = front, said, rules, ""
        self._cases = CaseTelling(front, said, rules)

    def tell(self, story: Story) -> None:
        """Tell all of it: the conflict that was asked for, services by day, then what belongs to none."""
        front = self._front
        front.show("story_head", reference=story.reference, persons="、".join(story.persons) or "-")
        for row in story.unread:
            front.show(
                "story_only_unread", platform=self._said.platform(row.key.platform),
                reason=self._said.say("quarantine_reasons", row.reason), field=row.field or "-",
                heard=show_instant(row.heard_at),
            )  # fmt: skip
        for merging in story.mergings:
            front.show(
                "story_merging", old=merging.old, new=merging.new, by=merging.merged_by,
                at=show_instant(merging.merged_at), reason=merging.reason,
            )  # fmt: skip
        if story.case is not None:
            self._asked = story.case.found.conflict.conflict_id
            self._cases.tell(story.case)
        for service in story.services:
            self._service(service)
        for record in story.apart:
            reason = front.words.say(f"apart_{record.claim.out_of_scope or record.disposition.value}")
            front.show("story_apart", reason=reason)
            self._record(record)
        for case in story.cases:
            if case.found.conflict.conflict_id != self._asked:
                self._cases.tell(case)
        for voucher in story.other_vouchers:
            self._voucher(voucher, {})
            if story.reasons[voucher.number]:
                front.show("story_reason", reason=story.reasons[voucher.number])

    def _credit(self, story: ServiceStory, deciding: RecordKey) -> None:
        """Say whose word is taken, and whether a visit earns its category's figure or its true length."""
        claims = [record.claim for record in story.said]
        category = next((claim.category for claim in claims if claim.key == deciding), None)
        if category is None or category not in self._rules.categories:
            return
        is_special = any(claim.is_special for claim in claims)
        flat = self._rules.category(category).credit_seconds
        code = "story_credit_special" if is_special else "story_credit_actual" if flat is None else "story_credit_flat"
        self._front.show(
            code, platform=self._said.platform(deciding.platform), record=deciding.external_id,
            category=self._rules.category(category).name, hours=show_hours(flat or 0),
        )  # fmt: skip

    def _service(self, story: ServiceStory) -> None:
        line, front = story.line, self._front
        front.show(
            "story_service", service=line.service.service_id,
            action=front.words.say(f"action_{story.action}"), reason=front.words.say(f"why_{line.reason}"),
        )  # fmt: skip
        if line.decision is not None:
            front.show("story_decision", decision=line.decision)
        elif line.deciding is not None:
            self._credit(story, line.deciding)
        front.show("story_part_said")
        for record in story.said:
            self._record(record)
        if line.service.ties:
            front.show("story_part_ties")
        for tie in line.service.ties:
            self._tie(tie)
        known = {self._asked, *(case.found.conflict.conflict_id for case in story.cases)}
        foreseen = [conflict for conflict in line.conflicts if conflict.conflict_id not in known]
        others = [case for case in story.cases if case.found.conflict.conflict_id != self._asked]
        if others or foreseen:
            front.show("story_part_cases")
        for case in others:
            self._cases.tell(case)
        for conflict in foreseen:
            self._cases.foretell(conflict)
        front.show("story_part_vouchers" if story.vouchers else "story_no_vouchers")
        reversed_by = {voucher.reverses: voucher.number for voucher in story.vouchers if voucher.reverses is not None}
        for voucher in story.vouchers:
            self._voucher(voucher, reversed_by)

    def _record(self, record: Said) -> None:
        claim, front = record.claim, self._front
        platform = self._said.platform(claim.key.platform)
        for version in record.versions:
            words = self._version_words(version, record)
            front.show("story_said", platform=platform, record=claim.key.external_id, **words)
        for row in record.unread:
            reason = self._said.say("quarantine_reasons", row.reason)
            code = "story_unread_lifted" if row.is_lifted else "story_unread"
            front.show(code, reason=reason, field=row.field or "-", heard=show_instant(row.heard_at))
        if claim.is_gone:
            front.show("story_gone")
        category = self._rules.categories.get(claim.category or "")
        front.show(
            "story_read", rule=claim.rule, document=_document(claim.rules_version),
            category="-" if category is None else category.name,
            station=self._rules.station_names.get(claim.station, claim.station or "-"),
        )  # fmt: skip

    def _version_words(self, version: SaidVersion, record: Said) -> dict[str, str | int]:
        """Give the words of one revision: when it was heard, its day, span, hours and state."""
        said = version.said
        span = "" if said.starts_at is None else said.starts_at.strftime("%H:%M")
        span += "" if said.ends_at is None else said.ends_at.strftime("–%H:%M")
        is_record = isinstance(said, Record)
        state = said.state if isinstance(said, Record) else record.claim.state
        category = self._rules.categories.get("" if isinstance(said, Record) else said.category)
        return {
            "revision": version.revision,
            "heard": show_instant(version.heard_at),
            "day": said.service_date.isoformat(),
            "span": span or "-",
            "hours": show_hours(said.reported_seconds if isinstance(said, Record) else record.claim.reported_seconds),
            "state": self._said.say("record_states" if is_record else "entry_states", state.value),
            "activity": said.activity_name if isinstance(said, Record) else category.name if category else "-",
        }

    def _tie(self, tie: Tie) -> None:
        words = self._front.words
        pieces = [
            words.say("story_evidence", name=words.say(f"evidence_{name}"), weight=weight)
            if weight
            else words.say(f"evidence_{name}")
            for name, weight in tie.evidence
        ]
        self._front.show(
            "story_tie", first=self._named(str(tie.first)), second=self._named(str(tie.second)),
            evidence=self._said.page("and").join(pieces), total=sum(weight for _, weight in tie.evidence),
        )  # fmt: skip

    def _named(self, key: str) -> str:
        platform, _, external_id = key.partition(":")
        return f"{self._said.platform_short(platform)} {external_id}"

    def _voucher(self, voucher: Voucher, reversed_by: dict[int, int]) -> None:
        front = self._front
        is_ours = voucher.prepared_by == PREPARED_BY
        front.show(
            "story_voucher", voucher=voucher.number, what=front.words.say(f"voucher_{voucher.kind.value}"),
            day=voucher.service_date.isoformat(), recorded=show_instant(voucher.recorded_at),
            hours=show_hours(sum(leg.seconds for leg in voucher.transfers)),
            by=front.words.say("story_by_itself") if is_ours else voucher.prepared_by,
            document=_document(voucher.rules_version),
        )  # fmt: skip
        if front.words.has(f"why_{voucher.reason}"):
            front.show("story_because", reason=front.words.say(f"why_{voucher.reason}"))
        if voucher.decision is not None:
            front.show("story_by_decision", decision=voucher.decision)
        if voucher.reverses is not None:
            front.show("story_reverses", voucher=voucher.reverses)
        if voucher.number in reversed_by:
            front.show("story_reversed", voucher=reversed_by[voucher.number])


def _document(version: str) -> str:
    """Give the official document of a rule set's version."""
    return version.partition("#")[0]
