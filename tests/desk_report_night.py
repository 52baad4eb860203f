"""One night of a made-up time bank with every kind of conflict in it."""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import date, datetime

from desk.report.seal import RowSeal
from desk.report.values import (
    NightFigures,
    PlatformState,
    ReportConflict,
    ReportData,
    Side,
    StationState,
    UnreadableRows,
)
from domain.clock import SHANGHAI
from domain.conflicts import ConflictKind, ConflictState
from domain.masking import masked_name
from domain.records import RecordState

DAY = date(2022, 10, 18)
NAMES = ("覃小英", "韦美兰", "黄爱莲", "莫建国", "蓝秀珍", "梁志强", "阿依古丽·买买提", "覃英")


def at(day: date, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def side(platform: str, number: int, seconds: int, span: str = "", category: str = "文体活动") -> Side:
    """Make a side; ``span`` is ``09:00-09:42`` or empty."""
    day = DAY
    starts, _, ends = span.partition("-")
    return Side(
        platform=platform,
        external_id=f"{platform.upper()}-{number:06d}",
        seconds=seconds,
        service_date=day,
        starts_at=at(day, starts) if starts else None,
        ends_at=at(day, ends) if ends else None,
        category_name=category,
        station_name="河东站",
        activity_name="金秋手工坊",
    )


class Night:
    """Counts what it makes, so that every conflict has its own id, person and records."""

    def __init__(self) -> None:
        self.made = 0

    def conflict(
        self,
        kind: ConflictKind,
        reason: str,
        *sides: Side,
        station: tuple[str, str] = ("CZ06", "河东站"),
        **more: object,
    ) -> ReportConflict:
        self.made += 1
        name = NAMES[self.made % len(NAMES)]
        base = ReportConflict(
            conflict_id=f"C{self.made:010d}",
            kind=kind,
            is_blocking=True,
            state=ConflictState.OPEN,
            person_masked=masked_name(name),
            local_number=f"CZ{self.made:04d}",
            station=station[0],
            station_name=station[1],
            version=f"v{self.made}",
            service_date=DAY,
            since=date(2022, 10, 19),
            seconds_at_stake=1800,
            cause="",
            reason=reason,
            what="金秋手工坊",
            sides=sides,
        )
        return replace(base, **more)  # type: ignore[arg-type]  # the field names are given by the callers


def _conflicts() -> tuple[ReportConflict, ...]:
    night, kind = Night(), ConflictKind
    centre, park = ("CZ01", "城中站"), ("CZ02", "公园站")
    unmapped = [
        night.conflict(
            kind.UNMAPPED, "no_rule_for_project", side("guangxi", 100 + number, 3600, "14:00-15:00", ""),
            details=(("activity", "金秋手工坊"),), cause="project/guangxi/77", seconds_at_stake=3600,
        )
        for number in range(6)
    ]  # fmt: skip
    waited = (("platform", "guangxi"), ("waited_until_on", "2022-10-18"))
    single = [
        night.conflict(
            kind.UNCORROBORATED, "only_one_platform", side("national", 200 + number, 2520, "09:00-09:42", "情感慰藉"),
            details=waited, what="暖心陪聊", station=centre, suggestion="accept:national", since=date(2022, 10, 10),
        )
        for number in range(3)
    ]  # fmt: skip
    hours = night.conflict(
        kind.HOURS_DIFFER, "hours_disagree",
        side("station", 1, 2520, "09:00-09:42", "专业"), side("national", 301, 2520, "09:00-09:42", "专业"),
        side("guangxi", 302, 7200, "", "专业"), what="居家照护", suggestion="accept:national",
    )  # fmt: skip
    category = night.conflict(
        kind.CATEGORY_DIFFERS, "category_disagrees",
        side("national", 303, 3600, "10:00-11:00", "文体活动"),
        side("guangxi", 304, 3600, "10:00-11:00", "出行陪伴"),
        what="陪同健身操", station=park,
    )  # fmt: skip
    other_day = night.conflict(
        kind.DATE_DIFFERS, "day_disagrees",
        side("national", 305, 1800, "15:00-15:30", "协助服务"),
        replace(side("guangxi", 306, 1800, "", "协助服务"), service_date=date(2022, 10, 19)),
        what="代缴水电", station=park, state=ConflictState.RETURNED,
    )  # fmt: skip
    names = night.conflict(
        kind.PERSON_DIFFERS, "name_disagrees",
        replace(side("national", 307, 1800), person_masked="覃*英"),
        replace(side("guangxi", 308, 1800), person_masked="谭*英"),
        local_number="CZ0101", station=centre,
    )  # fmt: skip
    stranger = night.conflict(
        kind.UNKNOWN_PERSON, "not_on_roster", *(side("guangxi", 400 + number, 3600) for number in range(15)),
        local_number="", seconds_at_stake=54_000, station=centre,
    )  # fmt: skip
    overlap = night.conflict(
        kind.OVERLAP, "spans_overlap", side("guangxi", 309, 3600, "09:00-10:00"),
        replace(side("guangxi", 310, 3600, "09:30-10:30", "出行陪伴"), activity_name="陪同就医"),
        details=(("overlap_seconds", "1800"),), state=ConflictState.PROPOSED,
    )  # fmt: skip
    plain = [
        night.conflict(kind.INELIGIBLE, "under_age", side("guangxi", 311, 1800), details=(("years", "18"),)),
        night.conflict(
            kind.IMPLAUSIBLE, "day_too_long", side("guangxi", 312, 50_400, "06:00-20:00"),
            details=(("total_seconds", "50400"), ("limit_seconds", "43200")), since=date(2022, 9, 1),
        ),
        night.conflict(kind.AMBIGUOUS_MATCH, "several_fit", side("guangxi", 313, 1800), details=(("count", "3"),)),
        night.conflict(kind.MISSING_ON_PLATFORM, "only_station", side("station", 2, 1800), details=waited),
        night.conflict(
            kind.VANISHED, "gone_without_trace", replace(side("guangxi", 314, 1800), state=RecordState.WITHDRAWN),
            side("national", 315, 1800), details=(("platform", "guangxi"),),
        ),
        night.conflict(
            kind.GUARD, "removals_many", person_masked="", local_number="", service_date=None, what="", station=park,
            details=(("platform", "guangxi"), ("count", "42"), ("removed_seconds", "360000")), seconds_at_stake=360_000,
        ),
    ]  # fmt: skip
    noted = [
        night.conflict(
            kind.UNKNOWN_OUTCOME, "answer_lost", side("station", 3, 1800), details=(("platform", "national"),)
        ),
        night.conflict(kind.DUPLICATE, "said_twice", side("guangxi", 316, 1800), side("guangxi", 317, 1800)),
        night.conflict(kind.BALANCE_SHORT, "a_reason_without_sentence", side("guangxi", 318, 1800)),
        night.conflict(
            kind.REFUSED_BY_PLATFORM, "platform_refused", side("station", 4, 1800),
            details=(("platform", "national"), ("refusal", "服务时间与签到不符")),
        ),
        night.conflict(
            kind.CONTRACT, "rows_unreadable", person_masked="", local_number="", service_date=None, what="",
            details=(("platform", "national"), ("count", "31")),
        ),
    ]  # fmt: skip
    settled = night.conflict(
        kind.HOURS_DIFFER, "hours_disagree", side("guangxi", 319, 1800),
        state=ConflictState.DECIDED, decision="void",
    )  # fmt: skip
    noted = [replace(one, is_blocking=False) for one in noted]
    return (*unmapped, *single, hours, category, other_day, names, stranger, overlap, *plain, *noted, settled)


def token(*parts: str) -> str:
    """Stand in for the vault, as one that holds another key."""
    return hmac.digest(b"a key of the tests", "\0".join(parts).encode(), "sha256").hex()[:32]


def night() -> ReportData:
    """Give the whole night."""
    return ReportData(
        bank="城中区时间银行",
        run_number=12,
        run_outcome="partial",
        generated_at=datetime(2022, 10, 21, 7, 30, tzinfo=SHANGHAI),
        rules_version="城中民发〔2021〕24号 第1版",
        night=NightFigures(posted_count=46, posted_seconds=120_600, corrected_count=2, reversed_count=1),
        platforms=(
            PlatformState("guangxi", datetime(2022, 10, 20, 23, 59, tzinfo=SHANGHAI), "complete"),
            PlatformState("national", datetime(2022, 10, 19, 23, 59, tzinfo=SHANGHAI), "partial", "maintenance"),
        ),
        stations=tuple(
            StationState(f"CZ0{number}", name, number % 3)
            for number, name in enumerate(("城中站", "公园站", "中南站", "沿江站", "潭中站", "河东站", "静兰站"), 1)
        ),
        conflicts=_conflicts(),
        seal=RowSeal.of(token),
        waiting_count=23,
        waiting_until=date(2022, 10, 25),
        unreadable=(
            UnreadableRows("national", "hours_unreadable", 3, ("0f" * 16, "1e" * 16)),
            UnreadableRows("guangxi", "time_reversed", 1, ("880123",)),
        ),
    )
