"""``resolve`` as people type it: what it says, its exit codes, its document; in bulk, agreed to, taken back."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from domain.conflicts import ConflictState
from shiqiao import cli
from tests.deciding import BOSS, HOUR, SECOND, Bank

SETTINGS = """
[bank]
district = "450202"
rules = "rules.toml"
[store]
url = "{url}"
key_file = "shiqiao.key"
"""
WHY = ("--reason", "查了签到表", "--by", BOSS)


class Terminal:
    """A bank's folder, and the command run there in this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bank = Bank(folder)
        url = self.bank.url
        (folder / "shiqiao.toml").write_text(SETTINGS.format(url=url), encoding="utf-8")
        shipped = resources.files("rulesets").joinpath("liuzhou-chengzhong.toml").read_text(encoding="utf-8")
        (folder / "rules.toml").write_text(shipped, encoding="utf-8")

    def type(self, *words: str, language: str = "zh") -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        environ = {"SHIQIAO_NOW": self.bank.make.clock.now().isoformat(), "SHIQIAO_LANG": language}
        with redirect_stdout(out), redirect_stderr(err):
            code = cli.run([*words, "--config", str(self.folder / "shiqiao.toml")], environ)
        return code, out.getvalue(), err.getvalue()

    def document(self, *words: str) -> Any:  # noqa: ANN401 - a parsed JSON text
        return json.loads(self.type(*words, "--json")[1])


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(tmp_path)
    bank = made.bank
    for number in (1, 2, 3):
        longer = bank.national(number, f"N{number}", hours=5)
        bank.say(bank.guangxi(number, f"G{number}"), longer, is_special=True)
    yield made
    bank.close()


def ids(terminal: Terminal) -> list[str]:
    return sorted(one.conflict.conflict_id for one in terminal.bank.cases("hours_differ", None))


def test_a_decision_is_taken_told_and_booked(terminal: Terminal) -> None:
    first = ids(terminal)[0]
    code, out, err = terminal.type("resolve", first.lower(), "--as", "以桂志愿为准", *WHY)
    assert (code, err) == (0, "")
    assert out == f"{first}：已处理，账面变动1.00小时\n"
    assert sum(terminal.bank.available(number) for number in (1, 2, 3)) == HOUR
    code, out, _ = terminal.type("resolve", "--undo", first, "--by", BOSS, language="en")
    assert (code, out) == (0, f"{first}: open, moves 1.00 h of the book\n")
    assert terminal.bank.accounts() == {}


def test_the_document_says_what_came_of_each(terminal: Terminal) -> None:
    first = ids(terminal)[0]
    taken, refused = terminal.document("resolve", first, "C0", "--as", "credit:1", *WHY)
    assert taken == {
        "id": first, "state": "decided", "decision": 1, "moved_seconds": HOUR, "booked": True, "problem": None,
    }  # fmt: skip
    assert (refused["id"], refused["decision"], refused["problem"]) == ("C0", None, "没有待核事项 C0。")


def test_a_command_in_bulk_says_first_how_many_and_how_much(terminal: Terminal) -> None:
    code, out, err = terminal.type("resolve", "--kind", "hours_differ", "--as", "credit:1", *WHY, "--plan")
    assert (code, err.splitlines()[0]) == (0, "选中3件，涉及15.00小时。")
    assert out.count("（未执行）") == 3
    assert terminal.bank.accounts() == {}
    code, _, err = terminal.type("resolve", "--kind", "hours_differ", "--as", "credit:1", *WHY)
    assert (code, err.splitlines()[-1]) == (0, "采纳3件，未采纳0件，账面变动3.00小时。")
    assert [terminal.bank.available(number) for number in (1, 2, 3)] == [HOUR] * 3


def test_much_waits_for_a_second_person_and_says_so(terminal: Terminal) -> None:
    first = ids(terminal)[0]
    code, out, err = terminal.type("resolve", "--all-of-cause", first, "--as", "accept:national", *WHY)
    assert (code, out.count("待复核")) == (1, 3)
    assert "--agree" in err
    code, _, err = terminal.type("resolve", "--agree", "--kind", "hours_differ", "--by", f" {BOSS}\u3000")
    assert (code, err.count("另一个人")) == (3, 3)
    code, _, _ = terminal.type("resolve", "--agree", *ids(terminal), "--by", SECOND)
    assert code == 0
    assert [terminal.bank.available(number) for number in (1, 2, 3)] == [5 * HOUR] * 3


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        (("--station", "城中街道"), 3), (("--month", "2022-10"), 3), (("--month", "2022-09"), 0),
        (("--station", "CZ02"), 0), (("--cause", "hours_differ/hours_disagree/CZ01"), 3), (("--kind", "overlap"), 0),
    ],
)  # fmt: skip
def test_conflicts_are_chosen_by_what_they_share(terminal: Terminal, chosen: tuple[str, ...], count: int) -> None:
    code, out, _ = terminal.type("resolve", *chosen, "--as", "ignore", *WHY)
    assert (code, out.count("\n")) == (0 if count else 2, count)


@pytest.mark.parametrize(
    "words",
    [
        ("--as", "void", *WHY), ("C0", "--kind", "overlap", "--as", "void", *WHY), ("C0", "--by", BOSS),
        ("C0", "--undo", "--agree", "--by", BOSS), ("--undo", "--kind", "overlap", "--by", BOSS),
        ("C0", "--undo", "--as", "void", "--by", BOSS), ("C0", "--agree", "--plan", "--by", BOSS),
        ("C0", "--as", "void", *WHY), ("C0", "--as", "sameish", *WHY), ("--month", "2022-13", "--as", "void", *WHY),
        ("--station", "CZ99", "--as", "void", *WHY), ("--all-of-cause", "C0", "--as", "void", *WHY),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_unclear_is_refused_in_a_sentence(terminal: Terminal, words: tuple[str, ...], language: str) -> None:
    code, out, err = terminal.type("resolve", *words, language=language)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) <= 3
    assert not any(sign in err for sign in ("resolve_", "decision_", "conflict_", "_unreadable"))
    assert all(one.state is ConflictState.OPEN for one in terminal.bank.cases("hours_differ", None))


def test_what_is_not_possible_names_what_is(terminal: Terminal) -> None:
    code, _, err = terminal.type("resolve", ids(terminal)[0], "--as", "same", *WHY)
    assert code == 2
    for name in (
        "以该平台为准（accept）",
        "按填写小时记（credit）",
        "不予记入（void）",
        "退回站点核实（return）",
        "维持现状（ignore）",
    ):
        assert name in err
    assert "distinct" not in err


def test_causes_are_listed_with_one_of_their_conflicts(terminal: Terminal) -> None:
    code, out, err = terminal.type("conflicts", "--causes")
    assert code == 0
    assert "时长不一致  3件  15.00小时" in out
    assert "共3件，归为1个原因" in err
    (cause,) = terminal.document("conflicts", "--causes")
    assert (cause["cause"], cause["count"], sorted(cause["ids"])) == (
        "hours_differ/hours_disagree/CZ01",
        3,
        ids(terminal),
    )


def test_a_conflict_that_came_back_says_what_has_changed(terminal: Terminal) -> None:
    bank = terminal.bank
    conflict = bank.cases("hours_differ")[0].conflict
    number = conflict.person or 0
    bank.decide(conflict.conflict_id, "credit:1")
    bank.say(bank.national(number, f"N{number}", hours=4, updated_at=bank.make.clock.now()), is_special=True)
    (listed,) = [one for one in terminal.document("conflicts") if one["id"] == conflict.conflict_id]
    assert (len(listed["changed"]), listed["state"], listed["age_working_days"]) == (1, "open", 0)
    code, out, _ = terminal.type("conflicts", "show", conflict.conflict_id)
    assert code == 0
    assert "处理后有变化" in out


def test_a_station_that_is_asked_is_told_until_when(terminal: Terminal) -> None:
    first = ids(terminal)[0]
    terminal.type("resolve", first, "--as", "退回站点核实", *WHY)
    assert "已请站点核实，至 2022-10-28" in terminal.type("conflicts", "show", first)[1]
    (listed,) = terminal.document("conflicts", "--state", "returned")
    assert (listed["decision"], listed["asked_until"]) == ("return", "2022-10-28")


def test_a_decided_conflict_shows_what_was_decided_and_by_whom_until_it_is_taken_back(terminal: Terminal) -> None:
    first = ids(terminal)[0]
    terminal.type("resolve", first, "--as", "credit:1", *WHY)
    assert f"处理意见：按1小时记（{BOSS}）" in terminal.type("conflicts", "show", first)[1]
    assert f"Decision: Credit 1 h (by {BOSS})" in terminal.type("conflicts", "show", first, language="en")[1]
    terminal.type("resolve", "--undo", first, "--by", BOSS)
    assert "处理意见" not in terminal.type("conflicts", "show", first)[1]


@pytest.mark.parametrize("act", ["--undo", "--agree"])
def test_a_number_that_no_conflict_bears_is_wrong_use_of_every_act(terminal: Terminal, act: str) -> None:
    code, _, err = terminal.type("resolve", act, "CNOBODY", "--by", SECOND)
    assert (code, "没有待核事项 CNOBODY" in err) == (2, True)


@pytest.mark.parametrize("blank", ["", " ", "\u3000"])
def test_a_blank_reason_is_called_blank(terminal: Terminal, blank: str) -> None:
    code, _, err = terminal.type("resolve", ids(terminal)[0], "--as", "void", "--reason", blank, "--by", BOSS)
    assert (code, "--reason 不能是空白" in err) == (2, True)
