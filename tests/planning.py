"""Claims, persons, subjects and a small book: the planner's tests are written in these words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from importlib.resources import as_file, files
from typing import Any

from domain.actions import Correct, Plan, PlanLine, Post, Reverse
from domain.claims import Claim
from domain.clock import SHANGHAI
from domain.conflicts import Conflict, ConflictKind, Decision
from domain.hours import SECONDS_PER_DAY, DurationRange
from domain.people import Person
from domain.records import STATION_PLATFORM, RecordKey, RecordState
from domain.services import Booking, Standing
from domain.subjects import CoveredThrough, Subject
from mapping.load import load_rules
from mapping.rules import RuleSet
from sync.plan import plan

Say = Callable[..., Claim]
Change = Callable[[Claim], Claim]
HALF_HOUR, HOUR = 1800, 3600
IN_2021, EARLY_2022, LATER = date(2021, 11, 10), date(2022, 3, 10), date(2023, 3, 14)
STATION = "CZ06"
ACTIVITY = {"emotional_support": "陪聊", "assistance": "代缴水电", "escort": "陪同就医", "professional": "义诊量血压"}


def _shipped_rules() -> RuleSet:
    with as_file(files("rulesets") / "liuzhou-chengzhong.toml") as path:
        return load_rules(path)


RULES = _shipped_rules()


def at(day: date, clock: str) -> datetime:
    """Give the aware instant of ``"09:30"`` on a day in Shanghai."""
    return datetime.combine(day, time.fromisoformat(clock), SHANGHAI)


def claim(platform: str, name: str, day: date, span: str, seconds: int | None, **said: Any) -> Claim:  # noqa: ANN401 - any field of a claim
    """Make a claim; ``span`` is ``"09:00-09:30"`` or "" where the platform gives no times."""
    start, _, end = span.partition("-")
    starts_at, ends_at = (at(day, start), at(day, end)) if span else (None, None)
    length = int((ends_at - starts_at).total_seconds()) if starts_at and ends_at else HALF_HOUR
    figure = rounded(platform, length) if seconds is None else seconds
    category = said.get("category", "emotional_support")
    made = Claim(
        key=RecordKey(platform, name, **({"stream": STATION} if platform == STATION_PLATFORM else {})),
        revision=0,
        state=RecordState.EFFECTIVE,
        identity=1,
        name_token="name-1",  # noqa: S106 - the token of a name opens nothing
        service_date=day,
        starts_at=starts_at,
        ends_at=ends_at,
        reported_seconds=figure,
        duration=_range(platform, figure, is_timed=bool(span)),
        category="emotional_support",
        station=STATION,
        is_special=False,
        out_of_scope="",
        is_type_unknown=False,
        activity_id="" if platform == STATION_PLATFORM else f"{platform}-{category}",
        activity_name="" if platform == STATION_PLATFORM else ACTIVITY.get(category, "其他"),
        carried_from=None,
        business_key="",
        entered_on=day,
        is_gone=False,
        is_flagged=False,
        rule="",
        rules_version=RULES.version,
    )
    return replace(made, **said)


def national(name: str = "N1", day: date = LATER, span: str = "", seconds: int | None = None, **said: Any) -> Claim:  # noqa: ANN401 - any field of a claim
    """Make a claim of the national platform, whose figures have two decimals, rounded half up."""
    return claim("national", name, day, span, seconds, **said)


def guangxi(name: str = "G1", day: date = LATER, span: str = "", seconds: int | None = None, **said: Any) -> Claim:  # noqa: ANN401 - any field of a claim
    """Make a claim of the guangxi platform, whose figures are half hours, rounded down."""
    return claim("guangxi", name, day, span, seconds, **said)


def entry(name: str = "E1", day: date = LATER, span: str = "", seconds: int | None = None, **said: Any) -> Claim:  # noqa: ANN401 - any field of a claim
    """Make a confirmed entry of the station."""
    return claim(STATION_PLATFORM, name, day, span, seconds, **said)


def withdrawn(said: Claim) -> Claim:
    """Give the claim as its platform has withdrawn it."""
    return replace(said, state=RecordState.WITHDRAWN)


def pending(said: Claim) -> Claim:
    """Give the claim as not yet effective."""
    return replace(said, state=RecordState.PENDING)


def gone(said: Claim) -> Claim:
    """Give the claim as a complete sweep no longer showed it."""
    return replace(said, is_gone=True)


def rounded(platform: str, length: int) -> int:
    """Give the figure, in seconds, that a platform shows for a true length."""
    if platform == "guangxi":
        return length // HALF_HOUR * HALF_HOUR
    return (length + 18) // 36 * 36 if platform == "national" else length


def _range(platform: str, figure: int, *, is_timed: bool) -> DurationRange:
    if platform == "guangxi":
        return DurationRange(figure, figure + HALF_HOUR - 1)
    if platform == "national":
        return DurationRange(max(0, figure - 18), figure + 17)
    return DurationRange(figure, figure) if is_timed else DurationRange(0, SECONDS_PER_DAY)


def person(number: int = 101, name: str = "name-1", **said: Any) -> Person:  # noqa: ANN401 - any field of a person
    """Make a person of the roster, of age."""
    made = Person(number, f"CZ-{number}", name, STATION, date(1960, 5, 20), has_licence=False)
    return replace(made, **said)


def subject(*claims: Claim, **said: Any) -> Subject:  # noqa: ANN401 - any field of a subject
    """Make a subject whose identity 1 is on the roster as person 101."""
    made = Subject(number=1, revision=1, claims=claims, people={1: person()})
    return replace(made, **said)


def covered(through: date) -> CoveredThrough:
    """Give a coverage in which every organisation of every platform was read through a day."""
    return CoveredThrough({(p, scope): through for p in RULES.platforms() for scope in RULES.scopes(p)})


def planned(facts: Subject, today: date | None = None, coverage: CoveredThrough | None = None) -> Plan:
    """Plan on ``today`` (else a day after the last claim's), all platforms read through the day before."""
    day = today or max((said.service_date for said in facts.claims), default=LATER) + timedelta(days=1)
    return plan(facts, RULES, coverage or covered(day - timedelta(days=1)), day)


def only_line(made: Plan) -> PlanLine:
    """Give the one line of a plan that has one."""
    (line,) = made.lines
    return line


def kinds(made: Plan, *, is_blocking: bool | None = None) -> list[str]:
    """Give the kinds of a plan's conflicts, in order; only those that block, or only notes, where asked."""
    return sorted(c.kind.value for c in made.conflicts if is_blocking is None or c.is_blocking is is_blocking)


def conflict_of(made: Plan, kind: str) -> Conflict:
    """Give the one conflict of a kind."""
    (found,) = [conflict for conflict in made.conflicts if conflict.kind == kind]
    return found


def decided(facts: Subject, conflict: Conflict, spoken: str, number: int = 1) -> Subject:
    """Give the subject after a decision such as ``"credit:1.5"`` on a conflict."""
    code, _, argument = spoken.partition(":")
    made = Decision(
        number, ConflictKind(conflict.kind), conflict.about, code, argument, conflict.evidence_fingerprint,
        "查过签到表", "韦审核", at(LATER, "08:30"), conflict.evidence,
    )  # fmt: skip
    return replace(facts, decisions=(*facts.decisions, made))


def applied(facts: Subject, made: Plan) -> Subject:
    """Give the subject as it stands once a plan is booked: a small book of its own, beside the real ledger."""
    standings = {standing.service_id: standing for standing in facts.standings}
    membership = dict(facts.membership)
    for line in made.lines:
        membership |= {said.key: line.service.service_id for said in line.service.claims}
        standing = _stands_after(line, 1 + max((one.voucher for one in standings.values()), default=0))
        if standing is not None:
            standings[standing.service_id] = standing
    return replace(facts, revision=facts.revision + 1, standings=tuple(standings.values()), membership=membership)


def _stands_after(line: PlanLine, voucher: int) -> Standing | None:
    before, name = line.standing, line.service.service_id
    match line.action:
        case Post(booking) | Correct(booking):
            revision = 1 if before is None else before.revision + 1
            return Standing(name, revision, booking, line.deciding, voucher, booking.person)
        case Reverse():
            assert before is not None
            return replace(before, revision=before.revision + 1, booking=None, voucher=voucher)
        case _:
            return before


def booked(facts: Subject, today: date | None = None) -> Subject:
    """Give the subject after a night has booked it."""
    return applied(facts, planned(facts, today))


def books(facts: Subject) -> list[Booking]:
    """Give what stands in the book."""
    standing = [said.booking for said in facts.standings if said.booking is not None]
    return sorted(standing, key=lambda said: (said.person, said.service_date, said.category, said.seconds))


def moves(made: Plan) -> list[PlanLine]:
    """Give the lines that move the book."""
    return [line for line in made.lines if isinstance(line.action, Post | Correct | Reverse)]


def is_quiet(made: Plan) -> bool:
    """Say whether a plan leaves the book as it is."""
    return not moves(made)


def action(made: Plan) -> str:
    """Give the name of the one action of a plan, in lower case."""
    return type(only_line(made).action).__name__.lower()
