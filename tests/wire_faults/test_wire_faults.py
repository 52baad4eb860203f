"""Every fault of wires and answers, at every call of a reading: told right, nothing lost, caught up with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from domain.errors import BrokenAnswer, PlatformError, Refused, Throttled, Unreachable
from shiqiao.words.sentences import LANGUAGES, read_words
from sync.source import PullTally
from tests.wire_faults.contents import ANY, CLOCKS, LISTING, LOG_IN
from tests.wire_faults.door import PLACES, Door, Spell
from tests.wire_faults.faults import TOKEN, Case
from tests.wire_faults.life import PLATFORMS, SCOPES, Life, Scene, scope_of, small_pages
from tests.wire_faults.wires import CONNECTION, ODD, STATUS

pytestmark = pytest.mark.store_file  # each case begins on a copy of a file

CASES_LEAST = 300
ADVICE: dict[type[PlatformError], str] = {
    Unreachable: "advice_unreachable",
    Throttled: "advice_throttled",
    Refused: "advice_refused",
    BrokenAnswer: "advice_broken",
}
SETTLE_SECONDS = 60
FAULTS = (*CONNECTION, *STATUS, *ODD, *ANY, *LISTING, *LOG_IN)
ALL = [Case(fault, platform, place) for fault in FAULTS for platform in fault.platforms for place in fault.places]
CASES = [case for case in ALL if case.fault.error is not None]
HARMLESS = [case for case in ALL if case.fault.error is None]
WRONG_CLOCKS = [Case(fault, platform, place) for fault in CLOCKS for platform in PLATFORMS for place in fault.places]
WHOLE_NIGHTS = CASES[::31]


@pytest.fixture(scope="module", autouse=True)
def _small_pages() -> Iterator[None]:
    with small_pages():
        yield


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    made = Scene(tmp_path_factory.mktemp("scene"))
    assert made.calm[2].records
    assert made.calmly_read
    yield made
    made.close()


@pytest.fixture(scope="module")
def both_doors(scene: Scene) -> Iterator[dict[str, Door]]:
    with (
        Door("national", scene.town, scope_of("national")).open() as national,
        Door("guangxi", scene.town, scope_of("guangxi")).open() as guangxi,
    ):
        yield {"national": national, "guangxi": guangxi}


@pytest.fixture
def doors(both_doors: dict[str, Door]) -> dict[str, Door]:
    for door in both_doors.values():
        door.spell = None
        door.listen_again()
    return both_doors


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault_is_told_and_loses_nothing(case: Case, scene: Scene, doors: dict[str, Door]) -> None:
    life, door = scene.wake(), doors[case.platform]
    before, covered, waited = life.records(), life.covered(), life.clock.waited_seconds
    door.spell = Spell(case.fault.spoil, case.place)
    tally = life.pull(door, case.fault.read_seconds_max)
    _hold_failed(case, life, tally, door.spell.hits)
    _hold_nothing_lost(case, life, before, covered)
    assert life.clock.waited_seconds - waited >= case.fault.waits_seconds_least
    _catch_up(case, life, door)
    assert life.records() == scene.calmly_read[case.platform][1]
    assert _reached(life, case.platform) == {life.clock.at.timestamp() - SETTLE_SECONDS}


def _hold_failed(case: Case, life: Life, tally: PullTally, calls: int) -> None:
    """Hold that the one organisation, or the platform, was not read, and that this is told as what it is."""
    fault, is_token = case.fault, case.place is TOKEN
    first, *others = ("",) if is_token else SCOPES[case.platform]
    assert set(tally.problems) == ({first, *others} if fault.is_spreading else {first})
    problem = tally.problems[first]
    assert isinstance(problem, fault.error or PlatformError)
    assert (problem.code, problem.data["platform"]) == (fault.code, case.platform)
    is_nothing_read = is_token or (fault.is_spreading and case.place.page == 1)
    assert tally.outcome == ("failed" if is_nothing_read else "partial")
    assert fault.calls in {None, calls}
    _hold_told(problem, fault.error or PlatformError, life)


def _hold_told(problem: PlatformError, error: type[PlatformError], life: Life) -> None:
    """Hold that the operator hears what is wrong and what to do, in both languages, and nothing of a person."""
    for language in LANGUAGES:
        words = read_words(language)
        said = words.say_error(problem)
        assert words.has(problem.code)
        assert "?" not in said
        assert words.advise(problem) == words.say(ADVICE[error])
        for person in life.scene.town.people:
            assert person.name not in said
            assert person.id_number not in said


def _hold_nothing_lost(
    case: Case, life: Life, before: tuple[tuple[object, ...], ...], covered: dict[tuple[str, str], int]
) -> None:
    """Hold that what was not read is not held for read, and that nothing is taken for gone."""
    scope, other = SCOPES[case.platform]
    now = life.covered()
    assert now[case.platform, scope] == covered[case.platform, scope]
    is_other_read = now[case.platform, other] > covered[case.platform, other]
    assert is_other_read == (case.place is not TOKEN and not case.fault.is_spreading)
    assert [row for row in life.gone() if row[1] == scope] == []
    assert {row[:2] for row in before} <= {row[:2] for row in life.records()}


def _catch_up(case: Case, life: Life, door: Door) -> None:
    """Let the next night be, on which the fault comes but once where one night can heal it."""
    life.sleep()
    door.spell = Spell(case.fault.spoil, case.place, times=1) if case.fault.is_passing else None
    door.listen_again()
    tally = life.pull(door, case.fault.read_seconds_max)
    assert tally.problems == {}
    assert door.spell is None or door.spell.hits == 1


def _reached(life: Life, platform: str) -> set[float]:
    return {end for (name, _), end in life.covered().items() if name == platform}


@pytest.mark.parametrize("case", HARMLESS, ids=str)
def test_an_answer_that_only_looks_odd_is_read_right(case: Case, scene: Scene, doors: dict[str, Door]) -> None:
    life, door = scene.wake(), doors[case.platform]
    door.spell = Spell(case.fault.spoil, case.place)
    tally = life.pull(door)
    assert door.spell.hits
    assert (tally.outcome, tally.problems, tally.quarantined) == ("complete", {}, 0)
    assert life.records() == scene.calmly_read[case.platform][0]


@pytest.mark.parametrize("case", WRONG_CLOCKS, ids=str)
def test_a_clock_that_is_behind_puts_off_and_loses_nothing(case: Case, scene: Scene, doors: dict[str, Door]) -> None:
    life, door = scene.wake(), doors[case.platform]
    door.spell = Spell(case.fault.spoil, case.place)
    tally = life.pull(door)
    assert door.spell.hits
    assert tally.quarantined == 0
    life.sleep()
    door.spell = None
    assert life.pull(door).outcome == "complete"
    assert life.records() == scene.calmly_read[case.platform][1]


@pytest.mark.parametrize("case", WHOLE_NIGHTS, ids=str)
def test_a_night_with_a_fault_and_the_next_one_end_as_two_calm_ones(
    case: Case, scene: Scene, doors: dict[str, Door]
) -> None:
    life, door = scene.wake(), doors[case.platform]
    door.spell = Spell(case.fault.spoil, case.place)
    first = life.night(door, case.fault.read_seconds_max)
    assert first.outcome == "partial"
    other = next(name for name in PLATFORMS if name != case.platform)
    assert first.platforms[other].outcome == "complete"
    life.sleep()
    door.spell = None
    door.listen_again()
    assert life.night(door).outcome == "complete"
    assert life.state() == scene.calm[2]


def test_the_catalogue_is_as_large_as_promised_and_leaves_nothing_out() -> None:
    assert len({str(case) for case in ALL}) == len(ALL)
    assert len(CASES) >= CASES_LEAST
    hit = Counter((case.platform, case.place.name) for case in CASES)
    assert set(hit) == {(platform, place.name) for platform in PLATFORMS for place in PLACES}
    assert min(hit.values()) > 60
