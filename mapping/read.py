"""Read a record, or an entry of the station, as a claim in the bank's terms: pure and quick."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from domain.claims import Claim
from domain.clock import day_in_shanghai
from domain.entries import Entry
from domain.hours import SECONDS_PER_DAY, DurationRange
from domain.making import maker
from domain.records import STATION_PLATFORM, Record, RecordKey, RecordState
from mapping.rules import Reading, RuleSet

EXCLUDED = "excluded"
HONOUR = "honour"
OTHER_OBJECT = "other_object"
BEFORE_RULES = "before_rules"
AFTER_RULES = "after_rules"
GENERAL_CODE = "general_code"
OTHER_ORGANISATION = "other_organisation"
OUT_OF_SCOPE_REASONS = (
    BEFORE_RULES, AFTER_RULES, OTHER_ORGANISATION, HONOUR, OTHER_OBJECT, EXCLUDED, GENERAL_CODE,
)  # fmt: skip
_make_claim = maker(Claim)
_JUDGED_MAX = 10_000
_UNKNOWN_LENGTH = DurationRange(0, SECONDS_PER_DAY)


@dataclass(frozen=True, slots=True)
class Who:
    """A person as the store knows them: the number of the keyed identity, the keyed hash of the folded name."""

    identity: int
    name_token: str


class RecordReader:
    """Reads many records under the same rules: what is alike in many of them is judged once."""

    def __init__(self, rules: RuleSet) -> None:
        """Have judged nothing yet."""
        self._rules = rules
        self._judged: dict[tuple[object, ...], _Verdict] = {}

    def read(self, record: Record, who: Who) -> Claim:
        """Read one platform record under the rules; KeyError for a platform that the rules do not name."""
        rules, key, day, remark = self._rules, record.key, record.service_date, record.remark
        verdict = self._verdict(record)
        station = rules.station_of(key.platform, record.organisation, day)
        out_of_scope, rule = _out_of_scope(day, station, verdict, rules)
        return _make_claim(  # in the order of its fields: by name it costs twice as much, and every record comes here
            key, 0, record.state, who.identity, who.name_token, day, record.starts_at, record.ends_at,
            record.reported_seconds, record.duration, verdict.category, station,
            bool(remark) and _is_special(remark, rules), out_of_scope, verdict.is_type_unknown, record.activity_id,
            record.activity_name, record.carried_from, record.business_key,
            day_in_shanghai(record.entered_at or record.updated_at), False, False, rule, rules.version,  # noqa: FBT003
        )  # fmt: skip

    def _verdict(self, record: Record) -> _Verdict:
        facts = (
            record.key.platform, record.category_code, record.activity_name, record.object_code, record.is_honour,
        )  # fmt: skip
        verdict = self._judged.get(facts)
        if verdict is None:
            if len(self._judged) >= _JUDGED_MAX:
                self._judged.clear()
            verdict = self._judged[facts] = _verdict(record, self._rules)
        return verdict


class _Verdict(NamedTuple):
    """What the rules say of a record by what was done, whoever did it, when, and for which team."""

    category: str | None
    rule: str
    out_of_scope: str
    out_of_scope_rule: str
    is_type_unknown: bool


def _verdict(record: Record, rules: RuleSet) -> _Verdict:
    """Judge by nothing but the platform, the category code, the activity's name, the object and the honour."""
    reading = rules.readings[record.key.platform]
    is_type_unknown = reading.tells_honours and record.is_honour is None
    return _Verdict(*_category(record, reading), *_unlike_ours(record, reading, rules), is_type_unknown)


def read_entry(entry: Entry, who: Who, entered_on: date, rules: RuleSet, business_key: str = "") -> Claim:
    """Read an entry as the station's claim; its key is (station platform, 录入编号, the station's code as stream).

    Without times its figure is the category's flat credit (0 for actual credit) and its true length is unknown.
    ``entered_on`` is the day of the last confirmation, or of the import.
    """
    category = rules.categories.get(entry.category)
    seconds, duration = _length(entry, 0 if category is None else category.credit_seconds or 0)
    return Claim(
        key=RecordKey(STATION_PLATFORM, entry.entry_id, stream=entry.station),
        revision=0,
        state=RecordState.EFFECTIVE if _is_confirmed(entry, rules) else RecordState.PENDING,
        identity=who.identity,
        name_token=who.name_token,
        service_date=entry.service_date,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        reported_seconds=seconds,
        duration=duration,
        category=None if category is None else category.code,
        station=entry.station,
        is_special=entry.is_special or _is_special(entry.remark, rules),
        out_of_scope=_outside_days(entry.service_date, rules),
        is_type_unknown=False,
        activity_id="",
        activity_name="",
        carried_from=None,
        business_key=business_key,
        entered_on=entered_on,
        is_gone=False,
        is_flagged=False,
        rule="本站录入：没有这个类别" if category is None else f"本站录入：{category.name}",
        rules_version=rules.version,
    )


def _category(record: Record, reading: Reading) -> tuple[str | None, str]:
    """Find the first rule that fits: the platform's code, then the words in their order."""
    code = reading.codes.get(record.category_code)
    if code is not None:
        return code, f"类别代码 {record.category_code}"
    name = record.activity_name
    for rule in reading.words:
        if rule.word in name:
            return rule.category, rule.rule
    return None, "没有规则适用"


def _out_of_scope(day: date, station: str, verdict: _Verdict, rules: RuleSet) -> tuple[str, str]:
    """Say why a record is counted but never booked ("" where it is ours), and the rule by which it is read."""
    outside = _outside_days(day, rules)
    if outside:
        return outside, "服务日期不在规则有效期内"
    if not station:
        return OTHER_ORGANISATION, "不是本银行的团队"
    return verdict.out_of_scope, verdict.out_of_scope_rule or verdict.rule


def _unlike_ours(record: Record, reading: Reading, rules: RuleSet) -> tuple[str, str]:
    """Say why what was done is not the bank's to book, and by which rule; two empty texts where it is."""
    if record.is_honour:
        return HONOUR, "荣誉时长"
    if record.object_code and reading.objects and record.object_code not in reading.objects:
        return OTHER_OBJECT, f"服务对象 {record.object_code}"
    return _other_activity(record, reading, rules)


def _other_activity(record: Record, reading: Reading, rules: RuleSet) -> tuple[str, str]:
    """Say whether what was done is no time-bank service: exclusion words first, then general codes."""
    for word in rules.excluded_words:
        if word in record.activity_name:
            return EXCLUDED, f"排除：项目名称含“{word}”"
    if reading.general_prefixes and record.category_code.startswith(reading.general_prefixes):
        return GENERAL_CODE, f"通用类别代码 {record.category_code}"
    return "", ""


def _outside_days(day: date, rules: RuleSet) -> str:
    if day < rules.valid_from:
        return BEFORE_RULES
    if rules.valid_to is not None and day > rules.valid_to:
        return AFTER_RULES
    return ""


def _is_special(remark: str, rules: RuleSet) -> bool:
    if not any(word in remark for word in rules.special_words):
        return False
    for word in rules.ordinary_words:
        remark = remark.replace(word, "\n")  # what stood around it stays apart
    return any(word in remark for word in rules.special_words)


def _is_confirmed(entry: Entry, rules: RuleSet) -> bool:
    given = {name for name, by in (("station", entry.station_by), ("community", entry.community_by)) if by}
    return rules.confirmations_needed <= given


def _length(entry: Entry, credit_seconds: int) -> tuple[int, DurationRange]:
    if entry.starts_at is None or entry.ends_at is None:
        return credit_seconds, _UNKNOWN_LENGTH
    seconds = int((entry.ends_at - entry.starts_at).total_seconds())
    return seconds, DurationRange(seconds, seconds)
