"""Mangled pages end as a page or as an error of the platform, and as nothing else."""

from __future__ import annotations

import json
import random
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

PAGES = 1500
SPLINTERS = (b"\\ud800", b"null", b'"', b"9" * 40, b"1e999", b"\xff", b"[", b"{", b"-", "\u202e".encode())


def _mangled(body: bytes, chance: random.Random) -> bytes:
    mangled = bytearray(body)
    for _ in range(chance.choice((1, 1, 1, 2, 5, 30))):
        place = chance.randrange(len(mangled))
        match chance.randrange(4):
            case 0:
                del mangled[place : place + chance.randrange(1, 40)]
            case 1:
                mangled[place:place] = chance.choice(SPLINTERS)
            case _:
                mangled[place] = chance.randrange(256)
    return bytes(mangled)


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
def test_a_mangled_page_is_a_page_or_an_error_of_the_platform(platform: str) -> None:
    chance = random.Random(20220401)  # noqa: S311 - the same pages each time
    current = [b""]
    adapter, folder, scope = _adapter(platform, current)
    bodies = [path.read_bytes() for path in sorted(folder.glob("*.json")) if not path.stem.endswith(".expected")]
    read = failed = 0
    for _ in range(PAGES):
        current[0] = _mangled(chance.choice(bodies), chance)
        try:
            page = adapter.read_hours(scope, ALWAYS, None)
        except PlatformError:
            failed += 1
        else:
            assert page.raw == current[0]
            assert all(record.content() for record in page.records)
            read += 1
    assert read > PAGES // 10
    assert failed > PAGES // 10
