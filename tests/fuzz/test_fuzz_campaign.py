"""The long runs tell of what they find by the line that finds it again, whatever it was that broke."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.fuzz import campaign
from tests.fuzz.catalogue import spoilt, targets
from tests.fuzz.target import READ, Target


def test_a_number_stands_for_an_input() -> None:
    target = targets()["national-hours"]
    ten = dict(spoilt(target, 0, 10))
    assert dict(spoilt(target, 7, 1)) == {7: ten[7]}
    assert len(set(ten.values())) == 10


def test_a_run_without_a_find_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert campaign.main(["head", "csv", "--here", "--runs", "20"]) == 0
    assert READ in capsys.readouterr().out


def test_a_target_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        campaign.main(["nonsense", "--here"])
    assert "national-hours" in capsys.readouterr().err


def _breaking(body: bytes) -> str:
    raise AssertionError(len(body))


def test_a_find_is_told_by_its_number(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    broken = Target("head", lambda: [b"7"], _breaking, "text")
    monkeypatch.setattr(campaign, "targets", lambda: {"head": broken})
    with pytest.raises(AssertionError):
        campaign.main(["head", "--here", "--first", "42", "--runs", "3"])
    assert capsys.readouterr().out.endswith("python -m tests.fuzz head --here --first 42 --runs 1\n")


def test_a_parser_that_ends_the_process_is_a_find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nkill -ABRT $$\n", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    assert campaign.main(["head", "--runs", "1"]) == 1
