"""A bank's first two nights as a person types them: the installed command, in processes of its own, on real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.city import City, build_city
from sandbox.serve import Sandbox, start
from sandbox.visits import GUANGXI_DECIDES, Visit
from tests.keyboard import Keyboard, Said, set_up

ALL_HOURS = 10_000


@dataclass(frozen=True, slots=True)
class Told:
    """What each step said, by name; ``visit`` is the one that was withdrawn after its hours were drawn."""

    keyboard: Keyboard
    city: City
    visit: Visit
    steps: dict[str, Said]

    def document(self, step: str) -> Any:  # noqa: ANN401 - a parsed JSON text
        return self.steps[step].document()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Play it all through once."""
    city = build_city(people=20, seed=4)
    with start(city) as sandbox:
        keyboard = set_up(tmp_path_factory.mktemp("flow"), city, sandbox)
        visit = _booked_by_both(city)
        steps = _first_night(keyboard, visit) | _second_night(keyboard, city, sandbox, visit)
        yield Told(keyboard, city, visit, steps)


def _booked_by_both(city: City) -> Visit:
    """Give a visit that both platforms tell of and nobody doubts."""
    return next(
        visit
        for visit in city.visits
        if not visit.mistake and not visit.entry and visit.served_on >= GUANGXI_DECIDES
        and visit.national and visit.guangxi and visit.kind.credits_half_hours and not visit.is_special
    )  # fmt: skip


def _first_night(keyboard: Keyboard, visit: Visit) -> dict[str, Said]:
    number = visit.person.local_number
    lists = keyboard.folder.parent / "lists"
    steps = {
        "people": keyboard.type("people", "import", lists / "roster.csv", "--json"),
        "entries": keyboard.type("entries", "import", lists / "entries.csv", "--json"),
        "plan": keyboard.type("sync", "--plan", "--json"),
        "sync": keyboard.type("sync", "--json"),
        "sync again": keyboard.type("sync", "--json"),
        "conflicts": keyboard.type("conflicts", "--json"),
        "report": keyboard.type("report", "--out", "report"),
        "statement": keyboard.type("statement", number, "--json"),
        "balances": keyboard.type("balances", "--json"),
        "platforms": keyboard.type("platforms", "--json"),
        "explain": keyboard.type("explain", number, "--json"),
        "verify": keyboard.type("verify", "--json"),
        "sync in words": keyboard.type("sync"),
    }
    hours = f"{steps['statement'].document()['available_seconds'] / 3600:.2f}"
    draw = ["redeem", number, "--for", "self", "--reason", "陪护", "--by", "韦站长", "--hours"]
    steps["redeem too much"] = keyboard.type(*draw, str(ALL_HOURS))
    steps["redeem"] = keyboard.type(*draw, hours)
    steps["redeem again"] = keyboard.type(*draw, "0.5")
    return steps


def _second_night(keyboard: Keyboard, city: City, sandbox: Sandbox, visit: Visit) -> dict[str, Said]:
    sandbox.set_clocks(city.first_night + timedelta(hours=7))
    sandbox.national.withdraw(visit.national[0].record_id)
    sandbox.guangxi.withdraw(visit.guangxi[0].record_id)
    sandbox.set_clocks(city.second_night)
    keyboard.at(city.second_night)
    steps = {
        "second sync": keyboard.type("sync", "--json"),
        "second balances": keyboard.type("balances", "--json"),
        "short": keyboard.type("conflicts", "--kind", "balance_short", "--json"),
        "second statement": keyboard.type("statement", visit.person.local_number, "--json"),
        "second verify": keyboard.type("verify", "--json"),
    }
    third_night = city.second_night + timedelta(days=1)
    sandbox.set_clocks(third_night)
    return steps | {"third sync": keyboard.at(third_night).type("sync", "--json")}


def test_every_step_ends_as_it_should(told: Told) -> None:
    expected = {"redeem too much": 3, "redeem again": 3}

    assert {name: said.code for name, said in told.steps.items()} == dict.fromkeys(told.steps, 0) | expected
    assert all("Traceback" not in said.out + said.err for said in told.keyboard.said)


def test_a_night_is_told_in_the_agreed_shape(told: Told) -> None:
    night = told.document("sync")

    assert set(night) == {"run", "outcome", "platforms", "actions", "conflicts", "deliveries", "posted_seconds"}
    assert night["outcome"] == "complete"
    assert set(night["platforms"]) == {"national", "guangxi"}
    for pulled in night["platforms"].values():
        assert set(pulled) == {"outcome", "pages", "records_seen", "records_changed", "quarantined", "through"}
        assert pulled["outcome"] == "complete"
        assert pulled["through"].startswith("2022-10-21T02:2")
    assert set(night["actions"]) == {"post", "correct", "reverse", "leave", "wait", "hold"}
    assert set(night["conflicts"]) == {"opened", "closed", "open"}
    assert set(night["deliveries"]) == {"confirmed", "refused", "unknown", "waiting"}
    assert night["actions"]["post"] > 100
    assert night["posted_seconds"] > 0


def test_what_each_platform_holds_was_seen(told: Told) -> None:
    platforms = told.document("plan")["platforms"]  # it reads as a night does, and keeps what it read

    for name, held in (("national", told.city.national_records), ("guangxi", told.city.guangxi_records)):
        assert platforms[name]["records_seen"] + platforms[name]["quarantined"] == len(held)
        assert platforms[name]["records_changed"] == platforms[name]["records_seen"]


def test_a_plan_says_what_the_night_then_does(told: Told) -> None:
    plan, night = told.document("plan"), told.document("sync")

    assert plan["actions"] == night["actions"]
    assert plan["posted_seconds"] == night["posted_seconds"]
    assert night["run"] > plan["run"]


@pytest.mark.parametrize("step", ["sync again", "third sync"])
def test_a_night_over_unchanged_platforms_books_nothing(told: Told, step: str) -> None:
    night = told.document(step)

    assert {night["actions"][action] for action in ("post", "correct", "reverse")} == {0}
    assert (night["posted_seconds"], night["conflicts"]["opened"], night["conflicts"]["closed"]) == (0, 0, 0)
    assert all(pulled["records_changed"] == 0 for pulled in night["platforms"].values())
    if step == "third sync":
        assert all(pulled["records_seen"] > 0 for pulled in night["platforms"].values())  # the look-back read anew


def test_conflicts_are_told_in_the_agreed_shape(told: Told) -> None:
    conflicts = told.document("conflicts")
    keys = {
        "id", "kind", "state", "person", "person_name", "station", "service_date", "records", "seconds_at_stake",
        "blocking", "since", "reason", "suggestion", "decision",
    }  # fmt: skip
    added = {"cause", "age_working_days", "asked_until", "changed"}

    assert len(conflicts) == told.document("sync")["conflicts"]["open"]
    for conflict in conflicts:
        assert set(conflict) == keys | added
        assert conflict["state"] == "open"
        assert conflict["reason"]
        for record in conflict["records"]:
            assert set(record) == {"platform", "external_id", "seconds", "service_date"}
            assert isinstance(record["external_id"], str)
            date.fromisoformat(record["service_date"])
    numbers = {person.local_number for person in told.city.people} - {""}
    assert {conflict["person"] for conflict in conflicts} <= numbers | {None}


def test_everyone_on_the_roster_has_a_balance(told: Told) -> None:
    found = told.document("balances")

    assert sorted(one["person"] for one in found) == sorted(
        person.local_number for person in told.city.people if person.is_on_roster
    )
    keys = {"person", "available_seconds", "held_seconds", "surplus_seconds", "deficit_seconds"}
    assert all(set(one) == keys for one in found)
    assert sum(one["available_seconds"] for one in found) == told.document("sync")["posted_seconds"]


def test_a_statement_adds_up_to_what_is_there(told: Told) -> None:
    found = told.document("statement")

    assert set(found) == {"person", "lines", "available_seconds"}
    keys = {"voucher", "service_date", "category", "station", "seconds", "what", "records"}
    assert all(set(line) == keys for line in found["lines"])
    assert sum(line["seconds"] for line in found["lines"]) == found["available_seconds"]
    visit = told.visit
    of_visit = [line for line in found["lines"] if line["service_date"] == visit.served_on.isoformat()]
    assert [(line["category"], line["station"], line["seconds"]) for line in of_visit] == [
        (visit.kind.category, visit.station.code, visit.kind.credits_half_hours * 1800)
    ]
    assert {(record["platform"], record["external_id"]) for record in of_visit[0]["records"]} == {
        ("national", visit.national[0].record_id), ("guangxi", str(visit.guangxi[0].record_id)),
    }  # fmt: skip


def test_the_promises_hold_and_are_named(told: Told) -> None:
    for step in ("verify", "second verify"):
        found = told.document(step)
        assert set(found) == {"ok", "checks"}
        assert found["ok"] is True
        assert {"chain", "balances", "sum_zero", "records"} <= {check["name"] for check in found["checks"]}
        assert all(set(check) == {"name", "ok", "detail"} for check in found["checks"])


def test_platforms_are_told_in_the_agreed_shape(told: Told) -> None:
    for platform in told.document("platforms"):
        assert set(platform) == {"name", "adapter", "transport", "can_deliver"}


def test_a_withdrawal_after_the_hours_were_drawn_leaves_a_deficit_and_a_note(told: Told) -> None:
    visit, seconds = told.visit, told.visit.kind.credits_half_hours * 1800
    night = told.document("second sync")
    assert (night["actions"]["reverse"], night["posted_seconds"]) == (1, -seconds)
    (own,) = [one for one in told.document("second balances") if one["person"] == visit.person.local_number]
    assert (own["available_seconds"], own["deficit_seconds"]) == (0, seconds)
    (short,) = told.document("short")
    assert (short["person"], short["blocking"]) == (visit.person.local_number, False)
    lines = told.document("second statement")["lines"]
    assert sum(line["seconds"] for line in lines) == -seconds


def test_words_go_to_people_and_leave_no_codes(told: Told) -> None:
    said = told.steps["sync in words"]

    assert "中国志愿服务网" in said.out
    assert not any(code in said.out + said.err for code in ("night_", "outcome", "progress_"))


def test_the_report_is_written(told: Told) -> None:
    names = {path.name for path in (told.keyboard.folder / "report").iterdir()}

    assert {"conflicts.html", "conflicts.xlsx", "conflicts.json"} <= names
    assert all(str(Path("report") / name) in told.steps["report"].out for name in ("conflicts.html", "conflicts.xlsx"))
