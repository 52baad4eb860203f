from __future__ import annotations

from dataclasses import replace

import pytest

from tests.planted import garden
from tests.planted.garden import ROOT, Bug, bugs, caught_by, main, planted_text

pytestmark = pytest.mark.checkout
CANARY = next(bug for bug in bugs() if bug.is_canary)


@pytest.mark.parametrize("bug", bugs(), ids=lambda bug: bug.name)
def test_every_bug_can_still_be_planted(bug: Bug) -> None:
    text = (ROOT / bug.file).read_text(encoding="utf-8")
    planted = planted_text(bug, text)
    assert planted != text
    compile(planted, bug.file, "exec")


def test_a_bug_that_the_house_has_outgrown_is_told() -> None:
    with pytest.raises(ValueError, match="0 times"):
        planted_text(CANARY, "")


def test_the_canary_is_caught_by_the_first_life() -> None:
    assert caught_by(CANARY).startswith("seed 1: ")


def test_a_bug_that_is_none_is_missed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    harmless = replace(CANARY, name="harmless", wrong=f"{CANARY.right}  # as it should be")
    monkeypatch.setattr(garden, "bugs", lambda: [harmless])
    monkeypatch.setattr(garden, "SEEDS", [1])
    monkeypatch.setattr(garden, "DAYS", 2)
    monkeypatch.setattr(garden, "caught_by", lambda bug, days=2: caught_by(bug, days))
    assert main([]) == 1
    assert "MISSED  harmless" in capsys.readouterr().out
