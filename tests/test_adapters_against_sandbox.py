"""Adapters and modelled platforms were built from one description by different hands: here they check each other."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from adapters.base import Adapter, Submission, Window
from adapters.registry import make
from domain.entries import business_key
from domain.errors import PlatformError, UnknownOutcome
from domain.records import PersonAsSaid, Record, RecordState
from sandbox.city import City, build_city
from sandbox.serve import Sandbox, start
from tests.adapter_contract.clock import MiddlingChance

ALWAYS = Window(None, None)
ADAPTERS = {"national": "chinavolunteer", "guangxi": "guizhiyuan"}
READ = {"national": "listServiceTimes", "guangxi": "hours.query"}
WRITE = {"national": "addServiceTimes", "guangxi": "hours.submit"}
HEALED = (
    "server_error", "cut_json", "html", "empty_body", "throttle_seconds", "throttle_date", "throttle_bare",
    "token_expired", "reset", "cut_body", "cut_silent", "repeated_page", "maintenance",
)  # fmt: skip
BROKEN = (
    "server_error", "cut_json", "html", "empty_body", "throttle_seconds", "throttle_bare", "token_expired", "reset",
    "cut_body", "cut_silent", "maintenance", "error_code",
)  # fmt: skip
SPOILT = {
    "future_update": "updated_in_future", "absurd_hours": "hours_over_day", "negative_hours": "hours_negative",
    "null_hours": "hours_missing", "unknown_code": "state_unknown", "broken_id_number": "id_number_broken",
}  # fmt: skip


class WalkingClock:
    """The machine's time, in which waiting takes none."""

    def __init__(self) -> None:
        self.waited_seconds = 0.0

    def now(self) -> datetime:
        return datetime.now().astimezone() + timedelta(seconds=self.waited_seconds)

    def real_now(self) -> datetime:
        return self.now()

    def monotonic(self) -> float:
        return time.monotonic() + self.waited_seconds

    def sleep(self, seconds: float) -> None:
        self.waited_seconds += seconds


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(people=240, seed=3, has_mistakes=False)


@pytest.fixture
def sandbox(city: City) -> Iterator[Sandbox]:
    with start(city) as running:
        yield running


@pytest.fixture(params=sorted(ADAPTERS))
def platform(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def adapter(sandbox: Sandbox, platform: str) -> Iterator[Adapter]:
    urls = {"national": sandbox.national_url, "guangxi": sandbox.guangxi_url}
    settings = {**sandbox.secrets[platform], "base_url": urls[platform]}
    made = make(ADAPTERS[platform], platform, settings, clock=WalkingClock(), random=MiddlingChance())
    yield made
    made.close()


@pytest.fixture
def scopes(city: City, platform: str) -> list[str]:
    return sorted({"national": city.teams, "guangxi": city.organisations}[platform])


def _read_all(adapter: Adapter, scope: str, window: Window = ALWAYS) -> list[Record]:
    records: list[Record] = []
    cursor = None
    while True:
        page = adapter.read_hours(scope, window, cursor)
        assert page.quarantined == ()
        records += page.records
        cursor = page.next_cursor
        if cursor is None:
            assert len(records) == page.total
            return records


def test_every_record_that_a_platform_holds_is_read(
    city: City, platform: str, adapter: Adapter, scopes: list[str]
) -> None:
    held = city.national_records if platform == "national" else city.guangxi_records
    ids = [str(record.record_id) for record in held]
    read = [record for scope in scopes for record in _read_all(adapter, scope)]
    assert sorted(record.key.external_id for record in read) == sorted(ids)
    assert len(read) > 300


def test_a_window_holds_its_start_and_not_its_end(adapter: Adapter, scopes: list[str]) -> None:
    records = sorted(_read_all(adapter, scopes[0]), key=lambda record: record.updated_at)
    middle = records[len(records) // 2].updated_at
    before = _read_all(adapter, scopes[0], Window(None, middle))
    after = _read_all(adapter, scopes[0], Window(middle, None))
    assert max(record.updated_at for record in before) < middle
    assert min(record.updated_at for record in after) == middle
    assert len(before) + len(after) == len(records)


def test_every_volunteer_is_read(city: City, platform: str, adapter: Adapter, scopes: list[str]) -> None:
    held = city.national_volunteers if platform == "national" else city.guangxi_volunteers
    seen = set()
    for scope in scopes:
        page = adapter.read_volunteers(scope, None)
        assert (page.next_cursor, page.quarantined) == (None, ())
        seen |= {person.person.id_number for person in page.volunteers}
    assert seen == {volunteer.id_number for volunteer in held}


def test_the_platforms_clock_is_followed(sandbox: Sandbox, platform: str, adapter: Adapter) -> None:
    adapter.check()
    assert abs(adapter.platform_now() - getattr(sandbox, platform).clock.now()) < timedelta(seconds=30)


@pytest.fixture
def fullest(city: City, platform: str) -> str:
    """Give the scope with the most rows: it has more than one page."""
    held: Counter[str] = Counter()
    if platform == "national":
        held.update(record.team for record in city.national_records)
    else:
        held.update(record.organisation for record in city.guangxi_records)
    return held.most_common(1)[0][0]


@pytest.mark.parametrize("kind", HEALED)
def test_a_fault_that_passes_is_healed(
    sandbox: Sandbox, platform: str, adapter: Adapter, fullest: str, kind: str
) -> None:
    faults = getattr(sandbox, platform).faults
    right = _read_all(adapter, fullest)
    faults.next(kind, on=READ[platform], page=2)
    assert _read_all(adapter, fullest) == right
    assert faults.injected[kind] == 1


@pytest.mark.parametrize("kind", BROKEN)
def test_a_fault_that_stays_is_an_error_and_never_a_page(
    sandbox: Sandbox, platform: str, adapter: Adapter, fullest: str, kind: str
) -> None:
    getattr(sandbox, platform).faults.always(kind, on=READ[platform])
    with pytest.raises(PlatformError):
        adapter.read_hours(fullest, ALWAYS, None)


@pytest.mark.parametrize("spoilt", sorted(SPOILT.items()))
def test_a_spoilt_row_is_quarantined_and_the_others_are_read(
    sandbox: Sandbox, platform: str, adapter: Adapter, fullest: str, spoilt: tuple[str, str]
) -> None:
    kind, reason = spoilt
    faults = getattr(sandbox, platform).faults
    right = adapter.read_hours(fullest, ALWAYS, None)
    faults.next(kind, on=READ[platform], rows=3)
    page = adapter.read_hours(fullest, ALWAYS, None)
    assert page.records == right.records[3:]
    assert [row.reason for row in page.quarantined] == [reason] * 3
    assert [row.external_id for row in page.quarantined] == [row.key.external_id for row in right.records[:3]]


def test_full_width_digits_are_read_right(sandbox: Sandbox, platform: str, adapter: Adapter, fullest: str) -> None:
    right = adapter.read_hours(fullest, ALWAYS, None)
    getattr(sandbox, platform).faults.next("full_width", on=READ[platform], rows=3)
    assert adapter.read_hours(fullest, ALWAYS, None).records == right.records


def test_an_answer_in_gb18030_is_read_right(sandbox: Sandbox, platform: str, adapter: Adapter, fullest: str) -> None:
    right = adapter.read_hours(fullest, ALWAYS, None)
    getattr(sandbox, platform).faults.next("gb18030", on=READ[platform])
    assert adapter.read_hours(fullest, ALWAYS, None).records == right.records


def test_day_sums_are_those_of_the_records(adapter: Adapter, platform: str, fullest: str) -> None:
    sums = adapter.summarise(fullest, date(2022, 3, 1))
    if platform == "national":
        assert sums is None
        return
    assert sums is not None
    march = [row for row in _read_all(adapter, fullest) if (row.service_date.year, row.service_date.month) == (2022, 3)]
    assert sum(day.count for day in sums) == len(march) > 0
    assert sum(day.minutes for day in sums) * 60 == sum(row.reported_seconds for row in march)


@pytest.fixture
def services(city: City, platform: str) -> tuple[Submission, ...]:
    """Give two services that the platform can take, and one of a volunteer whom it does not know."""
    projects = {project.team: project.project_id for project in city.projects}
    activities = {activity.organisation: activity.activity_id for activity in city.activities}
    known = city.national_volunteers[0] if platform == "national" else city.guangxi_volunteers[0]
    scope = str(getattr(known, "team", "") or getattr(known, "organisation", ""))
    starts_at = city.first_night.replace(hour=14, minute=0) - timedelta(days=1)
    made = []
    for number, volunteer_number in enumerate((known.volunteer_number, known.volunteer_number, "NOBODY")):
        person = PersonAsSaid(known.name, "resident", known.id_number, volunteer_number)
        start = starts_at + timedelta(hours=number)
        activity = projects[scope] if platform == "national" else activities[scope]
        key = business_key("CZ01", f"E{number}", 1)
        made.append(
            Submission(key, person, scope, activity, "450202003000000000", "4501", start, start + timedelta(minutes=42))
        )
    return tuple(made)


def test_what_was_submitted_comes_back_by_its_business_key(adapter: Adapter, services: tuple[Submission, ...]) -> None:
    receipts = adapter.submit(services, "R1")
    assert [receipt.business_key for receipt in receipts] == [service.business_key for service in services]
    assert [bool(receipt.external_id) for receipt in receipts] == [True, True, False]
    assert receipts[2].refusal
    found = {row.business_key: row for row in _read_all(adapter, services[0].organisation) if row.business_key}
    assert set(found) == {services[0].business_key, services[1].business_key}
    row = found[services[0].business_key]
    assert (row.key.external_id, row.starts_at, row.ends_at) == (
        receipts[0].external_id, services[0].starts_at, services[0].ends_at,
    )  # fmt: skip
    assert row.person == services[0].person
    assert row.duration.holds(42 * 60)
    assert row.state is RecordState.EFFECTIVE


def test_what_was_revoked_comes_back_as_withdrawn(adapter: Adapter, services: tuple[Submission, ...]) -> None:
    (receipt,) = adapter.submit(services[:1], "R1")
    adapter.revoke((receipt.external_id,), "录错")
    (row,) = [row for row in _read_all(adapter, services[0].organisation) if row.business_key]
    assert row.state is RecordState.WITHDRAWN


def test_a_lost_answer_was_stored_once(
    sandbox: Sandbox, platform: str, adapter: Adapter, services: tuple[Submission, ...]
) -> None:
    getattr(sandbox, platform).faults.next("lost_answer", on=WRITE[platform])
    with pytest.raises(UnknownOutcome):
        adapter.submit(services[:1], "R1")
    assert len([row for row in _read_all(adapter, services[0].organisation) if row.business_key]) == 1
