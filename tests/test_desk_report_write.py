from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from desk.report.arrange import is_unsettled
from desk.report.values import StationState
from desk.report.write import write_report
from desk.words.words import words
from tests.desk_report_night import night

CHINESE = words("zh")


def test_a_report_is_three_files_and_one_per_station(tmp_path: Path) -> None:
    written = write_report(night(), CHINESE, tmp_path / "new" / "folder")
    names = {path.relative_to(tmp_path / "new" / "folder").as_posix() for path in written}
    stations = {f"stations/{one.name}.html" for one in night().stations}
    assert names == {"conflicts.html", "conflicts.xlsx", "conflicts.json"} | stations
    assert {path for path in (tmp_path / "new").rglob("*") if path.is_file()} == set(written)


def test_the_json_lists_what_is_unsettled(tmp_path: Path) -> None:
    write_report(night(), CHINESE, tmp_path)
    listed = json.loads((tmp_path / "conflicts.json").read_text(encoding="utf-8"))
    assert [one["id"] for one in listed] == [one.conflict_id for one in night().conflicts if is_unsettled(one)]


def test_an_earlier_report_is_replaced(tmp_path: Path) -> None:
    write_report(night(), CHINESE, tmp_path)
    before = (tmp_path / "conflicts.html").read_text(encoding="utf-8")
    write_report(replace(night(), conflicts=()), CHINESE, tmp_path)
    after = (tmp_path / "conflicts.html").read_text(encoding="utf-8")
    assert "C0000000010" in before
    assert "C0000000010" not in after


def test_a_station_cannot_choose_where_its_file_goes(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    named = (StationState("CZ01", "../../河东/站"), StationState("CZ02", "河东 站"), StationState("CZ03", "河东 站"))
    written = write_report(replace(night(), stations=named, conflicts=()), CHINESE, folder)
    names = [path.relative_to(folder).as_posix() for path in written[3:]]
    assert names == ["stations/河东_站-CZ01.html", "stations/河东_站-CZ02.html", "stations/河东_站-CZ03.html"]


def test_a_folder_that_cannot_be_written_to_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    blocked = tmp_path / "report"
    blocked.write_text("a file stands here")
    with pytest.raises(OSError, match="report"):
        write_report(night(), CHINESE, blocked)
    assert blocked.read_text() == "a file stands here"


def test_what_a_killed_report_left_goes_with_a_later_one_and_another_at_work_is_left_alone(tmp_path: Path) -> None:
    left, at_work = tmp_path / ".writing-left", tmp_path / ".writing-at-work"
    for room in (left, at_work):
        room.mkdir()
        (room / "conflicts.html").write_text("half a pag")
    written_at = at_work.stat().st_mtime - 3700
    os.utime(left, (written_at, written_at))
    write_report(night(), CHINESE, tmp_path)
    assert sorted(path.name for path in tmp_path.glob(".writing-*")) == [".writing-at-work"]
