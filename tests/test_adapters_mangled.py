"""Spoilt pages and files end as what can be read, as quarantined rows, or as a declared error, and as nothing else."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from adapters.base import Adapter
from adapters.registry import make
from domain.errors import PlatformError
from tests import test_adapters_chinavolunteer as national
from tests import test_adapters_guizhiyuan as guangxi
from tests.adapter_contract.clock import MiddlingChance, StandingClock
from tests.adapter_contract.contract import ALWAYS
from tests.fuzz.catalogue import KEPT, kept, spoilt, targets
from tests.fuzz.lists import UNREADABLE
from tests.fuzz.mutate import mutated
from tests.fuzz.target import QUARANTINED, READ

SPOILT_LEAST = 50_000
WHOLE_ADAPTER_PAGES = 400
COUNTS = {
    "national-hours": 7000, "guangxi-hours": 7000, "guangxi-gateway": 3000, "national-volunteers": 4000,
    "guangxi-volunteers": 4000, "guangxi-summary": 3000, "national-login": 2000, "guangxi-login": 2000,
    "national-receipts": 2000, "guangxi-receipts": 2000, "id-number": 3000, "cipher": 2000, "roster": 4000,
    "entries": 4000, "csv": 2000, "workbook": 800, "roster-workbook": 400, "rule-file": 1500, "shipped-rule-file": 500,
    "head": 2000, "returned": 300, "returned-csv": 1500,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_spoilt_inputs_are_read_or_refused_and_lose_nothing(name: str) -> None:
    target, ended = targets()[name], Counter[str]()
    for number, body in spoilt(target, 0, COUNTS[name]):
        try:
            ended[target.run(body)] += 1
        except BaseException as find:
            find.add_note(f"again: python -m tests.fuzz {name} --first {number} --runs 1")
            raise
    assert ended.total() == COUNTS[name]
    assert COUNTS[name] * 0.01 < ended[READ] < COUNTS[name] * 0.99, ended


def test_every_target_is_given_its_share_of_the_promised_number() -> None:
    assert set(COUNTS) == set(targets())
    assert sum(COUNTS.values()) >= SPOILT_LEAST


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_sound_inputs_and_those_that_once_broke_something_end_well(name: str) -> None:
    target = targets()[name]
    assert {target.run(body) for body in target.seeds()} <= {READ, QUARANTINED, UNREADABLE}
    for body in kept(name):
        assert target.run(body)


def test_what_is_kept_belongs_to_a_target() -> None:
    assert {folder.name for folder in KEPT.iterdir()} <= set(COUNTS)


def _answering(current: list[bytes]) -> Callable[[httpx.Request], httpx.Response]:
    logins = {"national": json.dumps(national.LOGIN), "guangxi": json.dumps(guangxi.wrapped(guangxi.LOGIN))}

    def answer(request: httpx.Request) -> httpx.Response:
        if b"auth.token" in request.content:
            return httpx.Response(200, text=logins["guangxi"])
        if "login" in request.url.path:
            return httpx.Response(200, text=logins["national"])
        return httpx.Response(200, content=current[0])

    return answer


def _adapter(platform: str, current: list[bytes]) -> tuple[Adapter, Path, str]:
    name, suite, settings = {
        "national": ("chinavolunteer", national.TestChinaVolunteer, national.SETTINGS),
        "guangxi": ("guizhiyuan", guangxi.TestGuizhiyuan, guangxi.SETTINGS),
    }[platform]
    wire = httpx.MockTransport(_answering(current))
    adapter = make(name, platform, settings, clock=StandingClock(), random=MiddlingChance(), transport=wire)
    return adapter, suite.folder, suite.scope


@pytest.mark.parametrize("platform", ["national", "guangxi"])
def test_a_spoilt_page_through_the_whole_adapter_is_a_page_or_an_error_of_the_platform(platform: str) -> None:
    chance = random.Random(20220401)  # noqa: S311 - the same pages each time
    current = [b""]
    adapter, folder, scope = _adapter(platform, current)
    bodies = [path.read_bytes() for path in sorted(folder.glob("*.json")) if not path.stem.endswith(".expected")]
    read = failed = 0
    for _ in range(WHOLE_ADAPTER_PAGES):
        current[0] = mutated("json", chance.choice(bodies), chance)
        try:
            page = adapter.read_hours(scope, ALWAYS, None)
        except PlatformError:
            failed += 1
        else:
            assert page.raw == current[0]
            assert all(record.content() for record in page.records)
            read += 1
    assert min(read, failed) > WHOLE_ADAPTER_PAGES // 10
