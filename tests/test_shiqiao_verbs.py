"""What each verb tells a person after a bank's first night: in words and as a document, and what it refuses."""

from __future__ import annotations

import io
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from domain.hours import show_hours
from sandbox.city import City, build_city
from sandbox.lists import write_lists
from sandbox.serve import GUANGXI_PORT, NATIONAL_PORT, start
from shiqiao import cli
from shiqiao.verbs.sandbox import exported
from tests.local_store.homes import SqliteHome
from tests.stores import STORES

UNSAID = (
    "story_",
    "bridge_",
    "conflict_",
    "statement_",
    "balance_",
    "action_",
    "why_",
    "voucher_",
    "check_",
    "schedule_",
    "None",
)


@dataclass(frozen=True, slots=True)
class Said:
    """What one call of the command gave."""

    code: int
    out: str
    err: str

    def document(self) -> Any:  # noqa: ANN401 - a parsed JSON text
        assert (self.code, self.err) == (0, "")
        return json.loads(self.out)

    def words(self) -> str:
        """Give what was shown to a person: sentences, and no code of ours left in them."""
        assert self.code == 0
        assert not any(code in self.out + self.err for code in UNSAID)
        return self.out


@dataclass(frozen=True, slots=True)
class Desk:
    """A bank's folder, and the command run there in this process; ``before`` is what was said before the night."""

    folder: Path
    city: City
    environ: dict[str, str]
    before: dict[str, Said] = field(default_factory=dict)

    def type(self, *words: str | Path, **environ: str) -> Said:
        out, err = io.StringIO(), io.StringIO()
        command = [*map(str, words), "--config", str(self.folder / "shiqiao.toml")]
        with redirect_stdout(out), redirect_stderr(err):
            code = cli.run(command, self.environ | environ)
        return Said(code, out.getvalue(), err.getvalue())

    def document(self, *words: str) -> Any:  # noqa: ANN401 - a parsed JSON text
        return self.type(*words, "--json").document()

    def story(self, reference: str) -> Any:  # noqa: ANN401 - a parsed JSON text
        return self.document("explain", reference)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a bank after its first night; nobody writes there after this."""
    city = build_city(people=20, seed=4)
    folder = tmp_path_factory.mktemp("verbs")
    with start(city) as sandbox:
        desk = Desk(folder / "bank", city, dict(exported(sandbox, city)))
        with redirect_stdout(io.StringIO()):
            assert cli.run(["init", str(desk.folder)], {}) == 0
        STORES.move_in(desk.folder)
        settings = desk.folder / "shiqiao.toml"
        text = settings.read_text(encoding="utf-8")
        text = text.replace(f"http://127.0.0.1:{NATIONAL_PORT}", sandbox.national_url)
        settings.write_text(text.replace(f"http://127.0.0.1:{GUANGXI_PORT}", sandbox.guangxi_url), encoding="utf-8")
        desk.before["status"] = desk.type("schedule", "status")
        desk.before["status as document"] = desk.type("schedule", "status", "--json")
        roster, entries = write_lists(city, folder / "lists")
        assert desk.type("people", "import", roster).code == 0
        assert desk.type("entries", "import", entries).code == 0
        assert desk.type("sync").code == 0
        person = next(one for one in desk.document("balances") if one["available_seconds"] >= 3600)["person"]
        draw = ["redeem", person, "--hours", "0.5", "--for", "self", "--reason", "陪护老人", "--by", "韦站长"]
        assert desk.type(*draw).code == 0
        yield desk


@pytest.fixture
def copied(desk: Desk, tmp_path: Path) -> Desk:
    """Give a copy of the bank that a test may spoil; its settings name files beside them."""
    shutil.copytree(desk.folder, tmp_path / "bank")
    STORES.part(tmp_path / "bank")
    return Desk(tmp_path / "bank", desk.city, desk.environ)


def drawn(desk: Desk) -> tuple[str, Any]:
    """Give who drew hours, and the story of that person."""
    stories = {one["person"]: desk.story(one["person"]) for one in desk.document("balances")}
    return next((person, story) for person, story in stories.items() if story["vouchers"])


def test_a_persons_story_holds_every_voucher_of_the_statement(desk: Desk) -> None:
    person, story = drawn(desk)
    told = [one["voucher"] for service in story["services"] for one in service["vouchers"]]
    told += [one["voucher"] for one in story["vouchers"]]

    assert story["persons"] == [person]
    assert sorted(told) == sorted(line["voucher"] for line in desk.document("statement", person)["lines"])


def test_a_service_is_found_by_each_of_its_names(desk: Desk) -> None:
    story = drawn(desk)[1]
    service = next(one for one in story["services"] if one["vouchers"] and len(one["records"]) > 1)
    record = service["records"][0]
    names = [
        service["service"], str(service["vouchers"][0]["voucher"]), record["external_id"],
        f"{record['platform']}:{record['external_id']}",
    ]  # fmt: skip

    assert [desk.story(name)["services"] for name in names] == [[service]] * len(names)
    assert service["ties"]
    assert service["deciding"] in {f"{one['platform']}:{one['external_id']}" for one in service["records"]}


def test_every_conflict_leads_to_what_it_is_about(desk: Desk) -> None:
    for conflict in desk.document("conflicts"):
        found = desk.story(conflict["id"])
        told = {one["external_id"] for service in found["services"] for one in service["records"]}
        assert {one["external_id"] for one in conflict["records"]} <= told | {
            one["external_id"] for one in found["records"]
        }


def test_a_drawing_is_told_with_the_reason_that_was_given(desk: Desk) -> None:
    voucher = drawn(desk)[1]["vouchers"][0]
    (alone,) = desk.story(str(voucher["voucher"]))["vouchers"]

    assert (alone, alone["reason_given"], alone["seconds"]) == (voucher, "陪护老人", 1800)
    assert "陪护老人" in desk.type("explain", str(voucher["voucher"])).words()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_stories_are_told_in_sentences(desk: Desk, language: str) -> None:
    for one in desk.document("balances"):
        story, words = desk.story(one["person"]), desk.type("explain", one["person"], "--lang", language).words()
        for service in story["services"]:
            assert service["service"] in words
            assert all(conflict["id"] in words for conflict in service["conflicts"])
        assert all(record["external_id"] in words for record in story["records"])


def test_records_that_count_for_nothing_are_told_with_the_reason(desk: Desk) -> None:
    stories = [desk.story(one["person"]) for one in desk.document("balances")]
    apart = [record for story in stories for record in story["records"]]

    assert apart
    assert all(record["disposition"] == "out_of_scope" and record["out_of_scope"] for record in apart)
    one = apart[0]
    assert desk.story(f"{one['platform']}:{one['external_id']}")["records"] == [one]


@pytest.mark.parametrize(("reference", "shown"), [("nobody", "n*"), ("99999", "99999"), ("10012345678", "****5678")])
def test_what_nobody_knows_is_refused_and_no_number_repeated(desk: Desk, reference: str, shown: str) -> None:
    said = desk.type("explain", reference)

    assert (said.code, said.out) == (2, "")
    assert shown in said.err
    assert reference == shown or reference not in said.err


def test_balances_are_told_person_by_person(desk: Desk) -> None:
    found, lines = desk.document("balances"), desk.type("balances").words().splitlines()

    assert [one["person"] in line for one, line in zip(found, lines, strict=True)] == [True] * len(found)
    assert all(f"{one['available_seconds'] / 3600:.2f}" in line for one, line in zip(found, lines, strict=True))


def test_a_statement_is_told_line_by_line(desk: Desk) -> None:
    person = drawn(desk)[0]
    found, lines = desk.document("statement", person), desk.type("statement", person).words().splitlines()

    assert len(lines) == len(found["lines"]) + 2
    assert person in lines[0]
    assert f"{found['available_seconds'] / 3600:.2f}" in lines[-1]
    for line, told in zip(found["lines"], lines[1:-1], strict=True):
        assert line["service_date"] in told
        assert str(line["voucher"]) in told


def test_conflicts_are_listed_and_shown_with_what_each_side_says(desk: Desk) -> None:
    found = desk.document("conflicts")
    listed = desk.type("conflicts").words()

    assert found
    assert all(one["id"] in listed for one in found)
    for one in found:
        told = desk.type("conflicts", "show", one["id"].lower()).words()
        assert one["id"] in told
        assert all(record["external_id"] in told for record in one["records"])
        assert desk.document("conflicts", "show", one["id"]) == one


def test_conflicts_may_be_asked_for_by_kind_station_and_state(desk: Desk) -> None:
    found = desk.document("conflicts")
    kind, station = found[0]["kind"], next(one["station"] for one in found if one["station"])

    assert desk.document("conflicts", "--kind", kind) == [one for one in found if one["kind"] == kind]
    assert desk.document("conflicts", "--station", station) == [one for one in found if one["station"] == station]
    assert desk.document("conflicts", "--state", "decided") == []
    said = desk.type("conflicts", "show", "C-NOBODY")
    assert (said.code, said.out) == (2, "")


BRIDGE_ITEMS = [
    "credit_rule", "rounding", "duplicate", "waiting", "in_conflict", "out_of_scope", "pending", "withdrawn",
    "elsewhere_only", "undelivered", "decided", "opening", "unplanned",
]  # fmt: skip


def closes(bridge: Any) -> bool:  # noqa: ANN401 - a JSON document
    """Say whether every platform's side of a bridge leads to the book, by its own figures."""
    return all(
        side["residual_seconds"] == 0
        and side["reported_seconds"] + sum(side["items"].values()) == bridge["ledger_seconds"]
        for side in bridge["platforms"].values()
    )


def test_the_bridge_has_the_shape_that_scripts_rely_on(desk: Desk) -> None:
    bridge = desk.document("bridge")

    assert list(bridge) == ["station", "person", "month", "ledger_seconds", "platforms"]
    assert (bridge["station"], bridge["person"], bridge["month"]) == (None, None, None)
    assert list(bridge["platforms"]) == ["national", "guangxi"]
    for side in bridge["platforms"].values():
        assert list(side) == ["reported_seconds", "items", "residual_seconds", "unreadable_rows"]
        assert list(side["items"]) == BRIDGE_ITEMS
    assert closes(bridge)


def test_the_bridge_closes_for_every_station_person_and_month_and_its_parts_add_up(desk: Desk) -> None:
    whole = desk.document("bridge")
    people = [one["person"] for one in desk.document("balances")]
    lines = [line for person in people for line in desk.document("statement", person)["lines"]]
    of_stations = [desk.document("bridge", "--station", f"CZ0{number}") for number in range(1, 8)]
    of_people = [desk.document("bridge", "--person", person) for person in people]
    months = sorted({line["service_date"][:7] for line in lines})
    of_months = [desk.document("bridge", "--month", month) for month in months]

    assert whole["ledger_seconds"] == sum(line["seconds"] for line in lines if line["what"] in {"post", "reverse"}) > 0
    assert all(map(closes, (*of_stations, *of_people, *of_months)))
    for parts in (of_stations, of_people, of_months):
        assert sum(part["ledger_seconds"] for part in parts) == whole["ledger_seconds"]
    one = desk.document("bridge", "--person", people[0], "--station", "CZ01", "--month", months[0])
    assert closes(one)
    assert (one["person"], one["station"], one["month"]) == (people[0], "CZ01", months[0])


def test_each_figure_of_the_bridge_opens_to_what_explain_knows(desk: Desk) -> None:
    for side in desk.document("bridge", "--services")["platforms"].values():
        for item, seconds in side["items"].items():
            assert sum(piece["seconds"] for piece in side["services"].get(item, ())) == seconds
        assert sum(piece["seconds"] for piece in side["services"]["reported"]) == side["reported_seconds"]
        for item in side["services"]:
            piece = side["services"][item][0]
            assert desk.story(piece["service"] or piece["record"])["reference"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_bridge_is_told_item_by_item(desk: Desk, language: str) -> None:
    bridge, words = desk.document("bridge"), desk.type("bridge", "--lang", language).words()
    for side in bridge["platforms"].values():
        figures = [side["reported_seconds"], bridge["ledger_seconds"], *filter(None, side["items"].values())]
        assert all(show_hours(seconds) in words for seconds in figures)
    pieces = desk.document("bridge", "--services")["platforms"]["guangxi"]["services"]["credit_rule"]
    assert pieces[0]["service"] in desk.type("bridge", "--services", "--lang", language).words()


@pytest.mark.parametrize("wrong", [["--station", "CZ99"], ["--person", "nobody"], ["--month", "2022-13"]])
def test_a_bridge_of_nothing_there_is_refused(desk: Desk, wrong: list[str]) -> None:
    said = desk.type("bridge", *wrong)

    assert (said.code, said.out) == (2, "")


@pytest.mark.store_file
def test_a_bridge_that_does_not_close_asks_for_a_person(copied: Desk) -> None:
    with sqlite3.connect(copied.folder / "shiqiao.db") as store:
        assert store.execute("UPDATE standing SET seconds = seconds + 60 WHERE seconds IS NOT NULL").rowcount
    said = copied.type("bridge", "--json")

    assert said.code == 1
    assert json.loads(said.out)["platforms"]["guangxi"]["residual_seconds"] > 0
    assert "shiqiao verify" in said.err


def test_the_report_brings_the_bridge_as_a_page(desk: Desk, tmp_path: Path) -> None:
    said = desk.type("report", "--out", tmp_path / "out")

    assert said.code == 0
    page = (tmp_path / "out" / "bridge.html").read_text(encoding="utf-8")
    assert show_hours(desk.document("bridge")["ledger_seconds"]) in page


def test_a_report_of_a_run_that_never_was_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    assert desk.type("report", "--out", tmp_path / "out", "--run", "999").code == 2
    assert desk.type("report", "--out", tmp_path / "file").code == 2
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.store_file  # what a hand in a server's tables leaves is tested beside the store
def test_promises_that_hold_are_told_as_well_as_one_that_is_broken(copied: Desk) -> None:
    checks = copied.document("verify")["checks"]
    assert len(copied.type("verify").words().splitlines()) == len(checks)
    SqliteHome(copied.folder).edit_unguarded("UPDATE voucher SET prepared_by = 'x' WHERE number = 2")
    said, document = copied.type("verify"), copied.type("verify", "--json")

    assert (said.code, document.code) == (3, 3)
    (broken,) = [one for one in json.loads(document.out)["checks"] if not one["ok"]]
    assert broken == {"name": "bodies", "ok": False, "detail": "voucher 2: prepared_by"}
    assert "voucher 2: prepared_by" in said.out


def test_before_its_first_night_a_bank_only_knows_the_next(desk: Desk) -> None:
    assert desk.before["status as document"].document() == {
        "platforms": {}, "last": None, "next": "2022-10-22T02:30:00+08:00", "stops": [], "sweeps": [],
    }  # fmt: skip
    assert desk.before["status"].words().splitlines() == [desk.type("schedule", "status").out.splitlines()[-1]]


def test_after_a_night_the_schedule_tells_how_far_was_read(desk: Desk) -> None:
    found = desk.document("schedule", "status")
    words = desk.type("schedule", "status").words()

    assert set(found["platforms"]) == {"national", "guangxi"}
    assert {one["outcome"] for one in found["platforms"].values()} == {"complete"}
    assert found["last"]["outcome"] == "complete"
    assert "中国志愿服务网" in words
    assert all(one["through"][:10] in words for one in found["platforms"].values())


@pytest.fixture
def _signals() -> Iterator[None]:
    """Put back what a service that stops on signals has changed."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_signals")
@pytest.mark.filterwarnings("default")
def test_a_schedule_gives_up_when_no_night_can_find_its_settings_right(copied: Desk) -> None:
    secretless = {name: value for name, value in copied.environ.items() if not name.endswith("_SECRET")}
    later = secretless | {"SHIQIAO_NOW": "2022-10-22T02:30:00+08:00"}
    said = Desk(copied.folder, copied.city, later).type("schedule", "run")

    assert said.code == 2
    assert "SHIQIAO_NATIONAL_SECRET" in said.err


@pytest.mark.parametrize("hours", ["0", "-1", "0.0001", "half", "nan"])
def test_only_a_positive_figure_of_hours_can_be_drawn(desk: Desk, hours: str) -> None:
    draw = ["redeem", "CZ01-0001", "--for", "self", "--reason", "陪护", "--by", "韦站长", f"--hours={hours}"]

    assert desk.type(*draw).code == 2


def test_rules_put_in_force_are_shown_booked_and_lie_in_the_place_of_the_file(copied: Desk, tmp_path: Path) -> None:
    place = copied.folder / "rulesets" / "liuzhou-chengzhong.toml"
    longer, richer = tmp_path / "longer.toml", tmp_path / "richer.toml"
    longer.write_text(place.read_text("utf-8").replace("grace_days = 14", "grace_days = 20"), encoding="utf-8")
    richer.write_text(longer.read_text("utf-8").replace("credit_hours = 1\n", "credit_hours = 1.5\n"), encoding="utf-8")
    order = ["--by", "覃主任", "--reason", "延长等候"]
    assert copied.type("rules", "activate", longer, *order).code == 0
    assert place.read_bytes() == longer.read_bytes()
    again = copied.type("rules", "activate", longer, *order)
    assert (again.code, "没有改动" in again.words()) == (0, True)

    shown = copied.type("rules", "impact", richer, "--json").document()
    assert {"rules", "in_force", "code", "total", "stations", "claims_by_rule", "stops", "examples"} <= shown.keys()
    assert shown["total"]["corrected"] > 0
    assert sum(one["corrected"] for one in shown["stations"]) == shown["total"]["corrected"]
    words = copied.type("rules", "impact", richer).words()
    assert f"更正 {shown['total']['corrected']}" in words
    assert shown["code"] in words

    stale = copied.type("rules", "activate", richer, *order, "--expect", "000000000000")
    assert (stale.code, place.read_bytes()) == (1, longer.read_bytes())
    place.with_suffix(".new").mkdir()
    assert copied.type("rules", "activate", richer, *order).code == 2
    assert copied.type("rules", "impact", richer, "--json").document()["total"] == shown["total"]
    place.with_suffix(".new").rmdir()
    done = copied.type("rules", "activate", richer, *order, "--expect", shown["code"])
    assert (done.code, "完全一致" in done.words()) == (0, True)


def test_an_auditor_gets_the_book_and_checks_it_alone(copied: Desk, tmp_path: Path) -> None:
    said = copied.type("verify", "--export", tmp_path / "first")
    assert said.code == 0
    assert copied.type("verify", "--head", tmp_path / "first" / "head.json", "--json").document()["ok"]
    assert copied.type("verify", "--head", tmp_path / "nowhere.json").code == 2
    program = [sys.executable, "-I", "verify_export.py"]
    alone = subprocess.run(
        program, cwd=tmp_path / "first", capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert (alone.returncode, alone.stderr) == (0, "")
    assert "全部相符 / all is well" in alone.stdout


def test_a_demo_of_two_nights_leads_to_a_report(tmp_path: Path) -> None:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        codes = [cli.run(["demo", "--dir", str(tmp_path / "demo"), "--people", "5"], {}) for _ in range(2)]

    assert codes == [0, 0]  # an earlier demo makes room for the next
    assert out.getvalue().count("$ shiqiao sync") == 4
    assert (tmp_path / "demo" / "report" / "conflicts.html").exists()


def test_a_demo_makes_no_room_in_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")

    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        assert cli.run(["demo", "--dir", str(tmp_path)], {}) == 2
    assert (tmp_path / "mine").read_text() == "mine"
