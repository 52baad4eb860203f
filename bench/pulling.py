"""What a pull needs of the house, and nothing else: a store, a clock, a platform to be heard."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import httpx

from adapters import registry
from bench.population import DATA_KEY, FIRST_NIGHT, RESPONSE_KEY
from bench.tape import Tape, playing
from local_store import runs
from local_store.lease import lease
from local_store.store import Store, open_store
from local_store.vault import create_key_file
from mapping.load import load_rules
from mapping.rules import RuleSet
from sync.pull import Puller
from sync.source import PullTally, Source

PLATFORMS = ("national", "guangxi")
_ADAPTERS = {"national": "chinavolunteer", "guangxi": "guizhiyuan"}
_NATIONAL_KEYS = {
    "request_key": DATA_KEY.key, "request_iv": DATA_KEY.iv, "response_key": RESPONSE_KEY.key,
    "response_iv": RESPONSE_KEY.iv,
}  # fmt: skip
_KEYS = {"national": _NATIONAL_KEYS, "guangxi": {"data_key": DATA_KEY.key, "data_iv": DATA_KEY.iv}}


@dataclass(slots=True)
class StandingClock:
    """The bank's clock stands still, the machine's runs.

    With ``is_patient`` False nobody waits: a platform's limit of calls measures the platform, not us.
    """

    instant: datetime = FIRST_NIGHT
    is_patient: bool = False

    def now(self) -> datetime:
        """Give the bank's instant."""
        return self.instant

    def real_now(self) -> datetime:
        """Give the machine's instant."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Give the machine's seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, if at all."""
        if self.is_patient:
            time.sleep(seconds)


@dataclass(slots=True)
class TimedWire(httpx.BaseTransport):
    """Carries calls and notes when each began and ended, its answer read."""

    inner: httpx.HTTPTransport = field(default_factory=httpx.HTTPTransport)
    calls: list[tuple[float, float]] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass one call on and read its answer to the end."""
        begun = time.perf_counter()
        response = self.inner.handle_request(request)
        body = response.read()
        self.calls.append((begun, time.perf_counter()))
        return httpx.Response(response.status_code, headers={"Date": response.headers.get("Date", "")}, content=body)

    def seconds(self) -> float:
        """Give how long at least one call was under way."""
        total, until = 0.0, 0.0
        for begun, ended in sorted(self.calls):
            total += max(0.0, ended - max(begun, until))
            until = max(until, ended)
        return total


def load_house_rules() -> RuleSet:
    """Give the rule set that the town lives by."""
    with resources.as_file(resources.files("rulesets") / "liuzhou-chengzhong.toml") as path:
        return load_rules(path)


@contextmanager
def opened(url: str, folder: Path, clock: StandingClock) -> Iterator[Store]:
    """Open a store, with its key in ``folder``; both are made where they are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "key").exists():
        create_key_file(folder / "key")
    store = open_store(url, folder / "key", clock)
    try:
        yield store
    finally:
        store.close()


def sqlite_url(folder: Path) -> str:
    """Give the url of the SQLite store in a folder."""
    return f"sqlite:///{folder / 'store.db'}"


def source(platform: str, port: int, rules: RuleSet, clock: StandingClock, wire: TimedWire | None = None) -> Source:
    """Give a platform whose answers are heard at ``port``."""
    settings = {"base_url": f"http://127.0.0.1:{port}", "app_id": "bench", "app_secret": "bench", **_KEYS[platform]}
    chance = random.Random(1)  # noqa: S311 - jitters waits
    adapter = registry.make(_ADAPTERS[platform], platform, settings, clock=clock, random=chance, transport=wire)
    return Source(adapter, rules.scopes(platform), "bench")


@contextmanager
def played(
    tapes: dict[str, Tape], rules: RuleSet, clock: StandingClock, wire: TimedWire | None = None
) -> Iterator[list[Source]]:
    """Play a night's tapes; give the sources that hear them."""
    with ExitStack() as stack:
        sources = []
        for platform, tape in tapes.items():
            one = source(platform, stack.enter_context(playing(tape)), rules, clock, wire)
            stack.callback(one.adapter.close)
            sources.append(one)
        yield sources


def pull(store: Store, one: Source, rules: RuleSet, clock: StandingClock) -> PullTally:
    """Read one platform into the store: checked, with its claims."""
    with lease(store, "bench") as held:
        with held.writing() as tx:
            run = runs.begin(tx, "sync", clock.now(), rules.version)
        return Puller(held, one, rules, clock, run, silent).pull()


def silent(_what: str, _done: int, _total: int | None) -> None:
    """Show no progress."""
