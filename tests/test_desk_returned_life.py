"""What becomes of a returned workbook: sound rows are booked at once, the answer can be mended and sent back again."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from desk.decide.act import Desk, Outcome
from desk.decide.said import Said
from desk.returned.answer import answer_path, answer_sheet
from desk.returned.take_in import End, take_in
from desk.words.words import words
from domain.conflicts import ConflictState
from domain.errors import UsageError
from local_store import runs
from tests.morning import CHINESE, HANDCRAFT, OPERATOR, REASON, Morning, ends, refusals
from tests.spreadsheet import Spreadsheet

OUTCOME = "结果"


@pytest.fixture
def morning(tmp_path: Path) -> Iterator[Morning]:
    morning = Morning(tmp_path)
    yield morning
    morning.bank.close()


def credited_seconds(morning: Morning, person: int) -> int:
    return sum(morning.bank.credited(morning.people[person].local_number).values())


def conflict_of(morning: Morning, person: int) -> str:
    """Give the conflict about the visit that only the national platform shows of a person."""
    number = morning.people[person].local_number
    return next(one.conflict_id for one in morning.conflicts("uncorroborated") if one.local_number == number)


def test_rows_are_booked_as_decided_and_the_rest_stays(morning: Morning) -> None:
    sheet = morning.sheet()
    void, credit, accept = (conflict_of(morning, person) for person in (2, 3, 4))
    sheet.fill(sheet.line_of(void), "不予记入", "", REASON, OPERATOR)
    sheet.fill(sheet.line_of(credit), "按填写小时记", 1.25, REASON, OPERATOR)
    sheet.fill(sheet.line_of(accept), "以全国网为准", "", REASON, "莫主任")
    taken = morning.returned(sheet)

    assert ends(taken) == ["done"] * 3
    assert [credited_seconds(morning, person) for person in (2, 3, 4)] == [0, 4500, 3600]
    assert taken.moved_seconds == 4500 + 3600
    assert {morning.state(one) for one in (void, credit, accept)} == {"decided"}
    assert len(morning.conflicts("uncorroborated")) == 2
    assert morning.bank.faults_found() == []
    with morning.bank.store.reading() as tx:
        said = {row[0]: row[1:] for row in tx.connection.exec_driver_sql(
            "SELECT conflict_id, code, argument, decided_by FROM decision").all()}  # fmt: skip
    assert said == {
        void: ("void", "", OPERATOR),
        credit: ("credit", "1.25", OPERATOR),
        accept: ("accept", "national", "莫主任"),
    }


@pytest.mark.parametrize(
    ("cells", "seconds"),
    [
        (("credit:1.5", ""), 5400),
        (("CREDIT：1.5", 1.5), 5400),
        (("按1.5小时记", "1.50"), 5400),
        (("credit", "1.5小时"), 5400),
        (("credit", "90分钟"), 5400),
        (("credit", "０．５ "), 1800),
        (("credit", 0.30000000000000004), 1080),
        (("credit", 1.0), 3600),
        (("credit:5", ""), 18_000),
        (("accept:national", "/"), 3600),
        (("Take the word of National", ""), 3600),
    ],
)
def test_a_decision_may_be_written_in_many_ways(morning: Morning, cells: tuple[str | float, ...], seconds: int) -> None:
    sheet, conflict = morning.sheet(), conflict_of(morning, 2)
    sheet.fill(sheet.line_of(conflict), *cells, f"  {REASON}\n二楼 ", f" {OPERATOR}　")
    taken = morning.returned(sheet)
    booked = taken.count(End.DONE) == 1
    assert booked or taken.count(End.PROPOSED) == 1
    assert taken.moved_seconds == seconds
    assert credited_seconds(morning, 2) == (seconds if booked else 0)


def test_a_bad_row_is_refused_alone(morning: Morning) -> None:
    sheet = morning.sheet()
    sheet.fill(sheet.line_of(conflict_of(morning, 2)), "不予记入", "", REASON, OPERATOR)
    sheet.fill(sheet.line_of(conflict_of(morning, 3)), "credit", 99.0, REASON, OPERATOR)
    sheet.fill(sheet.line_of(conflict_of(morning, 4)), "以全国网为准", "", REASON, OPERATOR)
    taken = morning.returned(sheet)
    assert sorted(ends(taken)) == ["done", "done", "refused"]
    assert (credited_seconds(morning, 3), credited_seconds(morning, 4)) == (0, 3600)


def test_with_plan_nothing_is_written_and_the_same_is_said(morning: Morning) -> None:
    sheet, conflict = morning.sheet(), conflict_of(morning, 4)
    sheet.fill(sheet.line_of(conflict), "以全国网为准", "", REASON, OPERATOR)
    path = sheet.save(morning.folder / "filled.xlsx")
    before = _rows_of_store(morning)
    planned = morning.take_in(path, is_plan_only=True)
    assert _rows_of_store(morning) == before
    assert not answer_path(path).exists()

    done = morning.take_in(path)
    assert ends(planned) == ends(done) == ["done"]
    assert planned.moved_seconds == done.moved_seconds == 3600


def _rows_of_store(morning: Morning) -> dict[str, int]:
    tables = ("decision", "run", "voucher", "transfer", "conflict", "standing")
    with morning.bank.store.reading() as tx:
        return {one: tx.connection.exec_driver_sql(f"SELECT COUNT(*) FROM {one}").scalar_one() for one in tables}  # noqa: S608 - named above


def test_the_same_file_twice_does_nothing_more(morning: Morning) -> None:
    sheet = morning.sheet()
    for person, decision in ((2, "不予记入"), (3, "credit:1.50"), (4, "退回站点核实")):
        sheet.fill(sheet.line_of(conflict_of(morning, person)), decision, "", REASON, OPERATOR)
    path = sheet.save(morning.folder / "filled.xlsx")
    assert ends(morning.take_in(path)) == ["done"] * 3
    before = _rows_of_store(morning)
    assert ends(morning.take_in(path)) == ["already"] * 3
    assert _rows_of_store(morning) == before
    morning.night()
    assert ends(morning.take_in(path)) == ["already"] * 3


def test_a_file_does_not_do_again_what_somebody_took_back(morning: Morning) -> None:
    sheet, conflict = morning.sheet(), conflict_of(morning, 4)
    sheet.fill(sheet.line_of(conflict), "以全国网为准", "", REASON, OPERATOR)
    path = sheet.save(morning.folder / "filled.xlsx")
    morning.take_in(path)
    morning.desk.undo([conflict], "莫主任")
    assert credited_seconds(morning, 4) == 0
    assert refusals(morning.take_in(path)) == ["returned_evidence_changed"]
    assert credited_seconds(morning, 4) == 0


def test_a_row_that_somebody_else_decided_meanwhile_is_refused(morning: Morning) -> None:
    sheet, conflict = morning.sheet(), conflict_of(morning, 4)
    sheet.fill(sheet.line_of(conflict), "以全国网为准", "", REASON, OPERATOR)
    morning.decide(conflict, "void")
    assert refusals(morning.returned(sheet)) == ["returned_decided_otherwise"]
    assert credited_seconds(morning, 4) == 0


def test_a_row_that_somebody_else_decided_just_so_is_done_with(morning: Morning) -> None:
    sheet, conflict = morning.sheet(), conflict_of(morning, 4)
    sheet.fill(sheet.line_of(conflict), "credit:1", "", REASON, OPERATOR)
    morning.decide(conflict, "credit:1.00")
    assert ends(morning.returned(sheet)) == ["already"]


def test_a_row_whose_cause_is_gone_is_refused(morning: Morning) -> None:
    sheet, conflict = morning.sheet(), conflict_of(morning, 4)
    sheet.fill(sheet.line_of(conflict), "不予记入", "", REASON, OPERATOR)
    visit = next(one for one in morning.conflicts("uncorroborated") if one.conflict_id == conflict)
    assert visit.service_date is not None
    morning.show_in_guangxi(morning.people[4], visit.service_date, HANDCRAFT)
    morning.night()
    assert morning.state(conflict) == "closed"
    assert refusals(morning.returned(sheet)) == ["returned_closed"]
    assert credited_seconds(morning, 4) == 3600


def test_a_row_whose_evidence_has_changed_is_refused_until_it_was_looked_at_anew(morning: Morning) -> None:
    (differing,) = morning.conflicts("hours_differ")
    sheet = morning.sheet()
    sheet.fill(sheet.line_of(differing.conflict_id), "以桂志愿为准", "", REASON, OPERATOR)
    row = int(next(side.external_id for side in differing.sides if side.platform == "guangxi"))
    morning.town.guangxi.edit(row, duration_minutes=180, end_time="12:00")
    morning.night()
    assert morning.state(differing.conflict_id) == "open"
    taken = morning.returned(sheet)
    assert refusals(taken) == ["returned_evidence_changed"]

    answer = Spreadsheet(answer_path(morning.folder / "returned.xlsx"))
    line = answer.line_of(differing.conflict_id)
    assert "3.00" in answer.read(line, "各处记录")
    assert [answer.read(line, heading) for heading in ("处理意见", "理由", "处理人")] == ["", REASON, OPERATOR]
    answer.type(line, "处理意见", "以桂志愿为准")
    assert ends(morning.returned(answer, "again.xlsx")) in (["done"], ["proposed"])


def test_the_same_row_twice_counts_once(morning: Morning) -> None:
    sheet, conflict = morning.sheet(), conflict_of(morning, 4)
    line = sheet.line_of(conflict)
    sheet.fill(line, "以全国网为准", "", REASON, OPERATOR)
    sheet.copy_line(line)
    sheet.fill(sheet.copy_line(line), "", "", "", "")
    taken = morning.returned(sheet)
    assert ends(taken) == ["done", "refused"]
    assert refusals(taken) == ["returned_twice"]
    assert credited_seconds(morning, 4) == 3600


def test_more_than_four_hours_wait_for_a_second_person(morning: Morning) -> None:
    sheet = morning.sheet()
    ids = [conflict_of(morning, person) for person in range(5)]
    for conflict in ids:
        sheet.fill(sheet.line_of(conflict), "以全国网为准", "", REASON, OPERATOR)
    path = sheet.save(morning.folder / "filled.xlsx")
    planned = morning.take_in(path, is_plan_only=True)
    taken = morning.take_in(path)
    assert ends(planned) == ends(taken) == ["proposed"] * 5
    assert planned.moved_seconds == taken.moved_seconds == 5 * 3600
    assert credited_seconds(morning, 4) == 0
    assert ends(morning.take_in(path)) == ["already"] * 5
    morning.desk.agree(ids, "莫主任")
    assert credited_seconds(morning, 4) == 3600
    assert ends(morning.take_in(path)) == ["already"] * 5


def test_what_waits_for_a_second_person_cannot_be_filled_in(morning: Morning) -> None:
    sheet = morning.sheet()
    ids = [conflict_of(morning, person) for person in range(5)]
    for conflict in ids:
        sheet.fill(sheet.line_of(conflict), "以全国网为准", "", REASON, OPERATOR)
    morning.returned(sheet)
    later = morning.sheet("later.xlsx")
    later.fill(later.line_of(ids[0]), "不予记入", "", REASON, OPERATOR)
    assert refusals(morning.returned(later)) == ["returned_proposal_waits"]


# --- however it was saved --------------------------------------------------------------------------------------------


def test_rows_and_columns_may_stand_in_any_order_under_any_sheet_name(morning: Morning) -> None:
    sheet, conflict = morning.sheet(), conflict_of(morning, 4)
    sheet.fill(sheet.line_of(conflict), "以全国网为准", "", REASON, OPERATOR)
    sheet.turn_lines()
    sheet.swap_columns("处理意见", "编号")
    sheet.swap_columns("校验", "各处记录")
    sheet.delete_line(next(line for line in sheet.lines if sheet.read(line, "编号") == conflict_of(morning, 2)))
    sheet.add_column("我的备注", "=不归你们管")
    sheet.rename_sheets()
    taken = morning.returned(sheet)
    assert ends(taken) == ["done"]
    assert len(taken.rows) == 7


def test_an_english_workbook_is_settled_and_answered_in_english(morning: Morning) -> None:
    english = words("en")
    sheet, conflict = Spreadsheet(morning.report("english.xlsx", english)), conflict_of(morning, 4)
    line = sheet.line_of(conflict)
    for heading, value in (("Decision", "Take the word of National"), ("Reason", "work order"), ("By", "Wei")):
        sheet.type(line, heading, value)
    path = sheet.save(morning.folder / "returned.xlsx")
    assert ends(morning.take_in(path, english)) == ["done"]
    answer = Spreadsheet(answer_path(path))
    assert answer.read(answer.line_of(conflict), "Outcome") == "done"


# --- the answer ------------------------------------------------------------------------------------------------------


def test_the_answer_says_of_every_row_what_came_of_it_and_only_bad_ones_can_be_mended(morning: Morning) -> None:
    sheet = morning.sheet()
    good, bad, blank = (conflict_of(morning, person) for person in (2, 3, 4))
    sheet.fill(sheet.line_of(good), "不予记入", "", REASON, OPERATOR)
    sheet.fill(sheet.line_of(bad), "credit", 1.5, "", OPERATOR)
    morning.returned(sheet)
    answer = Spreadsheet(answer_path(morning.folder / "returned.xlsx"))

    assert answer.ids == sheet.ids
    said = {answer.read(line, "编号"): answer.read(line, OUTCOME) for line in answer.lines}
    assert (said[good], said[bad], said[blank]) == ("done", "refused returned_reason_missing", "blank")
    line = answer.line_of(bad)
    assert [answer.read(line, one) for one in ("处理意见", "小时数", "理由", "处理人")] == [
        "credit",
        "1.5",
        "",
        OPERATOR,
    ]

    answer.type(line, "理由", REASON)
    again = morning.returned(answer, "mended.xlsx")
    assert sorted(ends(again)) == ["already", "done"]
    assert credited_seconds(morning, 3) == 5400


def test_a_row_that_was_tampered_with_comes_back_as_it_was_and_undecided(morning: Morning) -> None:
    sheet, conflict = morning.sheet(), conflict_of(morning, 4)
    line = sheet.line_of(conflict)
    sheet.fill(line, "不予记入", "", REASON, OPERATOR)
    before = sheet.read(line, "各处记录")
    sheet.type(line, "各处记录", "全国网：没有")
    sheet.type(line, "编号", conflict_of(morning, 3))
    assert refusals(morning.returned(sheet)) == ["returned_tampered"]
    answer = Spreadsheet(answer_path(morning.folder / "returned.xlsx"))
    assert answer.read(line, "处理意见") == ""
    if answer.read(line, "编号") == conflict:
        assert answer.read(line, "各处记录") == before
    assert set(ends(morning.returned(answer, "again.xlsx"))) == set()


def test_a_done_row_of_an_answer_cannot_be_made_to_say_something_else(morning: Morning) -> None:
    sheet, conflict = morning.sheet(), conflict_of(morning, 4)
    sheet.fill(sheet.line_of(conflict), "不予记入", "", REASON, OPERATOR)
    morning.returned(sheet)
    answer = Spreadsheet(answer_path(morning.folder / "returned.xlsx"))
    answer.type(answer.line_of(conflict), "处理意见", "以全国网为准")
    assert refusals(morning.returned(answer, "again.xlsx")) == ["returned_decided_otherwise"]
    assert credited_seconds(morning, 4) == 0


def test_an_id_or_phone_number_that_somebody_typed_is_not_in_the_answer(morning: Morning) -> None:
    sheet = morning.sheet()
    number, phone = morning.people[2].id_number, morning.people[2].phone
    sheet.fill(sheet.line_of(conflict_of(morning, 2)), "不予记入", "", f"本人{number}", OPERATOR)
    sheet.fill(sheet.line_of(conflict_of(morning, 3)), "不予记入", "", REASON, f"电话{phone}")
    stray = sheet.copy_line(sheet.line_of(conflict_of(morning, 4)))
    sheet.fill(stray, number, "", REASON, OPERATOR)
    for heading in ("编号", "行号", "姓名"):
        sheet.type(stray, heading, number)
    morning.returned(sheet)
    inside = _inside(answer_path(morning.folder / "returned.xlsx"))
    assert "签到表" in inside
    assert number not in inside
    assert phone not in inside


def test_nobodys_name_or_number_is_in_the_answer(morning: Morning) -> None:
    sheet = morning.sheet()
    sheet.fill(sheet.line_of(conflict_of(morning, 2)), "不予记入", "", REASON, OPERATOR)
    sheet.fill(sheet.line_of(conflict_of(morning, 3)), "不予记入", "", "", OPERATOR)
    morning.returned(sheet)
    inside = _inside(answer_path(morning.folder / "returned.xlsx"))
    told = {text for one in morning.people for text in (one.name, one.id_number, one.phone, one.national_number)}
    assert [text for text in told if text and text in inside] == []


def _inside(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


def test_where_no_answer_can_be_written_nothing_is_decided(morning: Morning, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("desk.report.write.tempfile.TemporaryDirectory", full)
    sheet, conflict = morning.sheet(), conflict_of(morning, 4)
    sheet.fill(sheet.line_of(conflict), "不予记入", "", REASON, OPERATOR)
    with pytest.raises(UsageError, match="returned_folder_not_writable"):
        morning.returned(sheet)
    assert morning.state(conflict) == "open"


def test_an_answer_that_could_not_be_put_in_its_place_can_be_had_by_importing_again(morning: Morning) -> None:
    sheet, conflict = morning.sheet(), conflict_of(morning, 4)
    sheet.fill(sheet.line_of(conflict), "不予记入", "", REASON, OPERATOR)
    path = sheet.save(morning.folder / "filled.xlsx")
    answer_path(path).mkdir()
    with pytest.raises(UsageError, match="returned_answer_not_written"):
        morning.take_in(path)
    assert morning.state(conflict) == "decided"
    answer_path(path).rmdir()
    assert ends(morning.take_in(path)) == ["already"]
    assert answer_path(path).is_file()
    assert [one.name for one in morning.folder.iterdir() if one.name.startswith(".")] == []


def test_out_of_which_file_decisions_came_is_kept(morning: Morning) -> None:
    sheet = morning.sheet()
    sheet.fill(sheet.line_of(conflict_of(morning, 4)), "不予记入", "", REASON, OPERATOR)
    path = sheet.save(morning.folder / "filled.xlsx")
    with answer_sheet(path):
        taken = take_in(morning.desk, path, CHINESE)
    with morning.bank.store.reading() as tx:
        (run,) = runs.last(tx, 1, "decisions")
    (number,) = (row.outcome.decision for row in taken.rows if row.outcome)
    assert json.loads(run.tally)["file_digest"] == hashlib.sha256(path.read_bytes()).hexdigest() == taken.digest
    assert json.loads(run.tally)["decisions"] == [number]
    assert run.outcome == "complete"


def test_after_a_decision_the_workbook_lists_it_no_more(morning: Morning) -> None:
    conflict = conflict_of(morning, 4)
    morning.decide(conflict, "void")
    assert conflict not in morning.sheet().ids
    assert date(2022, 8, 5) not in {one.service_date for one in morning.conflicts("uncorroborated")}
    assert morning.state(conflict) == ConflictState.DECIDED


def test_a_row_that_is_overtaken_between_the_check_and_the_decision_is_refused(
    morning: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet, conflict = morning.sheet(), conflict_of(morning, 4)
    sheet.fill(sheet.line_of(conflict), "以全国网为准", "", REASON, OPERATOR)
    decide = Desk.decide

    def overtaken(desk: Desk, said: list[Said], *, is_plan_only: bool = False) -> list[Outcome]:
        monkeypatch.undo()
        morning.decide(conflict, "void")
        return decide(desk, said, is_plan_only=is_plan_only)

    monkeypatch.setattr(Desk, "decide", overtaken)
    assert refusals(morning.returned(sheet)) == ["decision_overtaken"]
    assert morning.state(conflict) == "decided"
    answer = Spreadsheet(answer_path(morning.folder / "returned.xlsx"))
    assert answer.read(answer.line_of(conflict), "处理意见") == ""


def test_a_row_that_was_settled_and_is_asked_about_again_says_so(
    morning: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet, conflict = morning.sheet(), conflict_of(morning, 4)
    sheet.fill(sheet.line_of(conflict), "以全国网为准", "", REASON, OPERATOR)
    reopened = Outcome(conflict, ConflictState.DECIDED, 1, 3600)
    monkeypatch.setattr(Desk, "decide", lambda *_, **__: [reopened])
    (row,) = (row for row in morning.returned(sheet).rows if row.end is End.DONE)
    assert row.is_open_again
