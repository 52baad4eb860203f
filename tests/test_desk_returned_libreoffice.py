"""The workbook goes through a real spreadsheet program, which saves it in its own way, and still comes back whole."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.gather import row_seal
from desk.returned.answer import answer_path
from desk.returned.read import read_returned
from tests.morning import OPERATOR, REASON, Morning, ends, refusals

OFFICE = shutil.which("soffice")
SECONDS_MAX = 120

pytestmark = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed here")


@pytest.fixture
def morning(tmp_path: Path) -> Iterator[Morning]:
    morning = Morning(tmp_path)
    yield morning
    morning.bank.close()


def saved_as(path: Path, ending: str, profile: Path) -> Path:
    """Let LibreOffice open a file and save it as another kind, in a folder of its own."""
    folder = path.parent / f"as-{ending}-{path.stem}"
    subprocess.run(
        [str(OFFICE), f"-env:UserInstallation=file://{profile}", "--headless", "--norestore",
         "--convert-to", ending, "--outdir", str(folder), str(path)],
        check=True, capture_output=True, timeout=SECONDS_MAX,
    )  # fmt: skip
    return folder / f"{path.stem}.{ending}"


def filled(morning: Morning) -> Path:
    """Fill in a row of each sort: settled, with hours as a number, refused, tampered with."""
    sheet = morning.sheet()
    first, second, third, fourth, _ = (sheet.line_of(one.conflict_id) for one in morning.conflicts("uncorroborated"))
    sheet.fill(first, "以全国网为准", "", REASON, OPERATOR)
    sheet.fill(second, "按填写小时记", 1.5, f"{REASON}  \n二楼", OPERATOR)
    sheet.fill(third, "不予记入", "", "", OPERATOR)
    sheet.fill(fourth, "不予记入", "", REASON, OPERATOR)
    sheet.type(fourth, "小时", "2.00")
    return sheet.save(morning.folder / "filled.xlsx")


@pytest.mark.parametrize("way", [("xlsx",), ("ods", "xlsx")], ids="-".join)
def test_what_libreoffice_saved_again_is_read_as_it_was(morning: Morning, way: tuple[str, ...]) -> None:
    path, profile = filled(morning), morning.folder / "profile"
    for ending in way:
        path = saved_as(path, ending, profile)
    taken = morning.take_in(path)
    assert sorted(ends(taken)) == ["done", "done", "refused", "refused"]
    assert sorted(refusals(taken)) == ["returned_reason_missing", "returned_tampered"]
    assert len(taken.rows) == len(morning.sheet("before.xlsx").ids) + 2


def test_an_untouched_workbook_saved_again_breaks_no_seal(morning: Morning) -> None:
    path = saved_as(saved_as(morning.report(), "ods", morning.folder / "p"), "xlsx", morning.folder / "p")
    with morning.bank.store.reading() as tx:
        seal = row_seal(tx)
    rows = read_returned(path).rows
    assert len(rows) == len(morning.conflicts())
    assert all(seal.is_whole(row.code, row.key, row.version, row.shown) for row in rows)


def test_an_answer_that_libreoffice_saved_can_be_sent_back(morning: Morning) -> None:
    first = morning.take_in(filled(morning))
    answer = saved_as(answer_path(morning.folder / "filled.xlsx"), "xlsx", morning.folder / "profile")
    again = morning.take_in(answer)
    assert sorted(ends(first)) == ["done", "done", "refused", "refused"]
    assert sorted(ends(again)) == ["already", "already", "refused"]
