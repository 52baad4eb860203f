"""What operators do at half past eight and are killed at: they decide, agree, take back, return a list, release."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from desk.gather import report_data
from desk.report.workbook import write_workbook
from desk.returned.take_in import take_in
from desk.words.words import words
from sandbox.guangxi_rows import VALID
from sync import guard
from tests.effects import Effects
from tests.kill.nights import enter, first_night_over
from tests.kill.scene import Scene, small_steps
from tests.simulation.house import House, Listed, Saying
from tests.spreadsheet import Spreadsheet

FIRST, SECOND = "韦科长", "莫主任"
SAID = {
    "hours_differ": ("credit", "1"), "category_differs": ("void", ""), "ineligible": ("credit", "0.5"),
    "vanished": ("void", ""), "uncorroborated": ("credit", "0.75"), "person_differs": ("void", ""),
    "unknown_person": ("ignore", ""), "duplicate": ("same", ""),
}  # fmt: skip
FILLED = {"credit": "credit:0.5", "void": "void"}
RETURNED = "returned.xlsx"
FEW = 2


def _second_night_over(folder: Path) -> House:
    house = first_night_over(folder)
    house.town.set_clock(house.town.clock.at + timedelta(days=1))
    with small_steps():
        house.run()
    return house


def _of(house: House, state: str) -> list[Listed]:
    return [one for one in house.conflicts() if one.state == state and one.kind in SAID]


def _say(house: House, conflicts: Iterable[Listed], by: str = FIRST) -> None:
    for one in conflicts:
        code, argument = SAID[one.kind]
        if one.is_blocking or code in {"same", "ignore"}:
            house.say([Saying(one.conflict_id, code, argument, by)])


def _next_run(house: House) -> None:
    """Let a run without any platform book whatever was decided and not booked."""
    with small_steps():
        house.run([])


def _judged(house: House) -> object:
    """Give what stands; in which order the vouchers came may differ, what they come to may not."""
    conflicts = sorted((one.conflict_id, one.kind, one.state) for one in house.conflicts())
    places = sorted((place.platform, place.external_id, str(place.disposition)) for place in house.places())
    credits_found = sorted(house.net_credits().items())
    return conflicts, credits_found, sorted(house.accounts().items()), places, house.decided(), house.faults_found()


def _before_deciding(folder: Path) -> House:
    house = _second_night_over(folder)
    house.close()
    return house


def _decide(house: House, _: Effects) -> None:
    _say(house, _of(house, "open"))
    _next_run(house)


def _before_agreeing(folder: Path) -> House:
    """One command that moves more than four hours is only proposed."""
    house = _second_night_over(folder)
    held = [one for one in _of(house, "open") if one.kind in {"hours_differ", "ineligible", "uncorroborated"}]
    outcomes = house.say([Saying(one.conflict_id, "credit", "5", FIRST) for one in held])
    assert {one.state for one in outcomes} == {"proposed"}
    house.close()
    return house


def _agree(house: House, _: Effects) -> None:
    for one in _of(house, "proposed"):
        house.agree([one.conflict_id], SECOND)
    _next_run(house)


def _before_undoing(folder: Path) -> House:
    house = _second_night_over(folder)
    _say(house, _of(house, "open"))
    house.close()
    return house


def _undo(house: House, _: Effects) -> None:
    for one in _of(house, "decided"):
        house.undo([one.conflict_id], SECOND)
    _next_run(house)


def _before_returning(folder: Path) -> House:
    house = _second_night_over(folder)
    with house.store.reading() as tx:
        data = report_data(tx, house.rules, "城中区时间银行", house.town.clock.now())
    write_workbook(data, words("zh"), folder / RETURNED)
    sheet = Spreadsheet(folder / RETURNED)
    for one in _of(house, "open"):
        if one.is_blocking and SAID[one.kind][0] in FILLED:
            sheet.fill(sheet.line_of(one.conflict_id), FILLED[SAID[one.kind][0]], "", "查签到表", FIRST)
    sheet.save(folder / RETURNED)
    house.close()
    return house


def _return(house: House, _: Effects) -> None:
    take_in(house.desk, house.folder / RETURNED, words("zh"))
    _next_run(house)


def _wary() -> AbstractContextManager[object]:
    """Let a few removals be enough to stop a night: the town is small."""
    return patch.object(guard, "REMOVALS_MIN", FEW)


def _before_releasing(folder: Path) -> House:
    """So many rows were withdrawn at once at one station that a safety stop stands."""
    house = _second_night_over(folder)
    rows = [row for scope in house.scopes["guangxi"] for row in house.town.guangxi.records.rows(scope)]
    for row in [row for row in rows if row.state == VALID]:
        house.town.guangxi.withdraw(row.record_id)
    house.town.set_clock(house.town.clock.at + timedelta(days=1))
    with small_steps(), _wary():
        assert house.run().outcome == "held"
    house.close()
    return house


def _release(house: House, _: Effects) -> None:
    for one in house.conflicts():
        if one.kind == "guard" and one.state == "open":
            house.say([Saying(one.conflict_id, "approve", "90", FIRST)])
    with small_steps(), _wary():
        house.run()


DESK = (
    Scene("decide", _before_deciding, enter, _decide, _judged),
    Scene("agree", _before_agreeing, enter, _agree, _judged),
    Scene("undo", _before_undoing, enter, _undo, _judged),
    Scene("returned", _before_returning, enter, _return, _judged),
    Scene("release", _before_releasing, enter, _release, _judged),
)
