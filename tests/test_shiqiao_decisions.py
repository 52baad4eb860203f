"""``decisions import`` as it is typed: what is shown, what is written beside the file, and how the command ends."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from shiqiao import cli
from tests.morning import OPERATOR, REASON, Morning
from tests.nights import store_url
from tests.spreadsheet import Spreadsheet

SETTINGS = """
[bank]
district = "450202"
rules = "rules.toml"
[store]
url = "{url}"
key_file = "shiqiao.key"
"""


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    out: str
    err: str

    def document(self) -> Any:  # noqa: ANN401 - a parsed JSON text
        assert self.err == ""
        return json.loads(self.out)


@pytest.fixture
def morning(tmp_path: Path) -> Iterator[Morning]:
    morning = Morning(tmp_path)
    home = tmp_path / "bank"
    with resources.as_file(resources.files("rulesets") / "liuzhou-chengzhong.toml") as path:
        shutil.copy(path, home / "rules.toml")
    (home / "shiqiao.toml").write_text(SETTINGS.format(url=store_url(home)), encoding="utf-8")
    yield morning
    morning.bank.close()


def typed(morning: Morning, *words: str | Path) -> Said:
    out, err = io.StringIO(), io.StringIO()
    command = ["decisions", "import", *map(str, words), "--config", str(morning.folder / "bank" / "shiqiao.toml")]
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.run(command, {"SHIQIAO_NOW": morning.town.clock.at.isoformat()})
    return Said(code, out.getvalue(), err.getvalue())


def filled(morning: Morning, *rows: tuple[str | float, ...]) -> Path:
    """Fill in the first rows about visits that only one platform shows."""
    sheet = morning.sheet()
    for one, cells in zip(morning.conflicts("uncorroborated"), rows, strict=False):
        sheet.fill(sheet.line_of(one.conflict_id), *cells)
    return sheet.save(morning.folder / "conflicts-填好.xlsx")


ACCEPTED = ("以全国网为准", "", REASON, OPERATOR)
REFUSED = ("按填写小时记", "许多", "", OPERATOR)


def test_all_rows_done_is_done(morning: Morning) -> None:
    said = typed(morning, filled(morning, ACCEPTED))
    assert (said.code, said.err) == (0, "")
    assert "已办，账面变动 1.00 小时" in said.out
    assert "办了 1，待复核 0，以前已办 0，未收 0，没填 7" in said.out
    answer = morning.folder / "conflicts-填好-结果.xlsx"
    assert str(answer) in said.out
    sheet = Spreadsheet(answer)
    assert sorted({sheet.read(line, "结果") for line in sheet.lines}) == [
        "已办，账面变动 1.00 小时",
        "没有填处理意见，未动",
    ]


def test_a_refused_row_asks_for_a_person_and_says_what_is_wrong(morning: Morning) -> None:
    said = typed(morning, filled(morning, ACCEPTED, REFUSED))
    assert said.code == 1
    assert "未收：看不懂小时数“许多”，请写成 1.5 这样，要大于 0。没有写理由。" in said.out
    assert "已办的不会重复" in said.err


def test_with_plan_nothing_is_written_and_refused_rows_are_told(morning: Morning) -> None:
    path = filled(morning, ACCEPTED, REFUSED)
    said = typed(morning, path, "--plan")
    assert said.code == 1
    assert "可办，账面将变动 1.00 小时" in said.out
    assert "只看未办。共 8 行：可办 1，要复核 0，以前已办 0，不能收 1，没填 6" in said.out
    assert sorted(one.name for one in morning.folder.iterdir()) == ["bank", "conflicts-填好.xlsx", "conflicts.xlsx"]
    assert len(morning.conflicts("uncorroborated")) == 5


def test_what_needs_a_second_person_is_said(morning: Morning) -> None:
    path = filled(morning, *[ACCEPTED] * 5)
    plan, said = typed(morning, path, "--plan", "--json"), typed(morning, path)
    planned = plan.document()
    assert planned["second_person_needed"] is True
    assert (planned["proposed"], planned["moved_seconds"]) == (5, 18_000)
    assert (plan.code, said.code) == (0, 1)
    assert "已提出，账面将变动 1.00 小时，要另一个人复核才入账" in said.out
    assert "resolve --agree" in said.err
    again = typed(morning, path)
    assert again.out.count("还在等另一个人复核，未入账") == 5
    assert "没有再办" not in again.out


def test_json_tells_every_row(morning: Morning) -> None:
    path = filled(morning, ACCEPTED, REFUSED)
    said = typed(morning, path, "--json")
    document = said.document()
    assert said.code == 1
    assert {key: document[key] for key in ("plan", "done", "proposed", "already", "refused", "blank")} == {
        "plan": False, "done": 1, "proposed": 0, "already": 0, "refused": 1, "blank": 6,
    }  # fmt: skip
    assert document["answer"] == str(path.with_name("conflicts-填好-结果.xlsx"))
    rows = {row["outcome"]: row for row in document["rows"] if row["outcome"] != "blank"}
    assert rows["done"]["state"] == "decided"
    assert (rows["done"]["moved_seconds"], rows["done"]["problems"]) == (3600, [])
    assert rows["refused"]["problems"] == ["returned_hours_unreadable", "returned_reason_missing"]
    assert rows["refused"]["line"] in range(2, 10)
    again = typed(morning, path, "--json").document()
    assert (again["already"], again["refused"], again["moved_seconds"]) == (1, 1, 0)


def test_the_answer_mended_and_sent_back_is_done(morning: Morning) -> None:
    typed(morning, filled(morning, ACCEPTED, REFUSED))
    sheet = Spreadsheet(morning.folder / "conflicts-填好-结果.xlsx")
    line = next(line for line in sheet.lines if sheet.read(line, "结果").startswith("未收"))
    sheet.fill(line, "不予记入", "", REASON)
    said = typed(morning, sheet.save(morning.folder / "再来.xlsx"))
    assert said.code == 0
    assert "办了 1，待复核 0，以前已办 1，未收 0，没填 6" in said.out


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_code_is_left_in_what_is_said(morning: Morning, lang: str) -> None:
    tampered = morning.sheet()
    lines = [tampered.line_of(one.conflict_id) for one in morning.conflicts("uncorroborated")]
    tampered.fill(lines[0], *ACCEPTED)
    tampered.type(lines[0], "小时", "9.00")
    tampered.fill(lines[1], *REFUSED)
    tampered.fill(lines[2], "同一次", "", REASON, OPERATOR)
    tampered.fill(lines[3], *ACCEPTED)
    said = typed(morning, tampered.save(morning.folder / "f.xlsx"), "--lang", lang)
    assert said.code == 1
    assert "原来填的“以全国网为准”已清空" in said.out or "What had been filled in (“以全国网为准”)" in said.out
    for word in ("returned_", "decision_", "uncorroborated", "?", "None"):
        assert word not in said.out.replace("5 typed for 0.5?", "") + said.err


@pytest.mark.parametrize(
    ("body", "said_of_it"),
    [(None, "找不到文件"), (b"PK\x03\x04", "已损坏"), (b"a,b\n1,2\n", "找不到表头"), (b"%PDF-1.4", "不是 XLSX")],
)
def test_a_file_that_cannot_be_read_is_wrong_use(morning: Morning, body: bytes | None, said_of_it: str) -> None:
    path = morning.folder / "file.xlsx"
    if body is not None:
        path.write_bytes(body)
    said = typed(morning, path)
    assert (said.code, said.out) == (2, "")
    assert said_of_it in said.err
    assert not (morning.folder / "file-结果.xlsx").exists()


@pytest.mark.parametrize("folder", [".", "/", ".."])
@pytest.mark.parametrize("plan", [(), ("--plan",)])
def test_a_folder_is_no_workbook(morning: Morning, folder: str, plan: tuple[str, ...]) -> None:
    said = typed(morning, Path(folder), *plan)
    assert (said.code, said.out) == (2, "")
    assert "文件" in said.err


def test_another_banks_workbook_is_wrong_use(morning: Morning, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = Morning(tmp_path_factory.mktemp("other"))
    said = typed(morning, filled(other, ACCEPTED))
    other.bank.close()
    assert said.code == 2
    assert "不是这个时间银行的" in said.err


def test_a_folder_that_is_not_there_is_told_in_words(morning: Morning) -> None:
    said = typed(morning, morning.folder / "nowhere" / "file.xlsx")
    assert said.code == 2
    assert "找不到文件" in said.err
