from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from sandbox.cipher import chance
from sync import spell
from tests.simulation import campaign, life
from tests.simulation.campaign import kept_seeds, live_all, lived
from tests.simulation.life import Manner, live

DAYS = 25
SHA256_DIGITS = 64


@pytest.mark.parametrize("seed", [*kept_seeds(), 1])
def test_whatever_befalls_a_bank_its_book_is_right_every_morning(seed: int, tmp_path: Path) -> None:
    story = live(seed, tmp_path, DAYS)
    assert story.nights > DAYS // 2
    assert story.faults
    assert story.vouchers


def test_the_same_seed_gives_the_same_life_to_the_byte(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("once", "again")]
    for folder in folders:
        folder.mkdir()
    once, again = (live(3, folder, DAYS) for folder in folders)
    assert once == again
    assert len(once.digest) == SHA256_DIGITS


def test_the_digest_of_a_life_tells_of_a_single_nonce(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("once", "again")]
    for folder in folders:
        folder.mkdir()
    once = live(3, folders[0], 3)
    with patch.object(
        life, "chance", lambda *words: chance(*words, "other") if words[0] == "seals" else chance(*words)
    ):
        again = live(3, folders[1], 3)
    assert once.end == again.end
    assert once.digest != again.digest


@pytest.mark.parametrize("seed", [4, 8])
def test_the_order_of_platforms_and_the_size_of_pages_change_nothing(seed: int, tmp_path: Path) -> None:
    manners = [Manner(is_calm=True, page_size=100), Manner(is_calm=True, order=("guangxi", "national"), page_size=3)]
    stories = []
    for number, manner in enumerate(manners):
        (tmp_path / str(number)).mkdir()
        stories.append(live(seed, tmp_path / str(number), DAYS, manner))
    one, other = stories
    assert one.end == other.end
    assert one.vouchers
    assert one.compared


def test_a_bank_that_pays_a_minute_for_everything_is_told_by_the_line_that_replays_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _live_here(monkeypatch, tmp_path)
    with patch.object(spell, "credit_seconds", lambda *_, **__: 60):
        assert campaign.main(["--seed", "1", "--days", "20"]) == 1
    told = capsys.readouterr().out
    assert "python -m tests.simulation --seed 1 --days 20" in told
    assert re.search(r"\d{17}[\dX]", told) is None
    line = next(line for line in told.splitlines() if "python -m tests.simulation" in line)
    with patch.object(spell, "credit_seconds", lambda *_, **__: 60):
        assert campaign.main(line.split()[3:]) == 1
    assert campaign.main(line.split()[3:]) == 0


def test_too_few_faults_are_no_proof(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _live_here(monkeypatch, tmp_path)
    assert campaign.main(["--seed", "1", "--days", "3", "--each", "30"]) == 1
    assert "times, and not 30" in capsys.readouterr().out


def _live_here(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Live in this process, where something may be patched."""

    def live_one_by_one(seeds: Iterable[int], days: int, _workers: int, manner: Manner) -> Iterator[campaign.Lived]:
        return (lived(seed, days, folder, manner) for seed in seeds)

    monkeypatch.setattr(campaign, "live_all", live_one_by_one)


def test_lives_are_lived_side_by_side() -> None:
    stories = [one.story for one in live_all([6, 7], days=1, workers=2)]
    assert [story.seed for story in stories if story] == [6, 7]
