"""Both platforms served on loopback for a city, until stopped."""

from __future__ import annotations

from datetime import datetime
from types import TracebackType
from typing import Self

from sandbox.cipher import KeyPair, Secrets, chance, draw_keys
from sandbox.city import City
from sandbox.clock import PlatformClock
from sandbox.guangxi import GuangxiPlatform
from sandbox.listener import Listener
from sandbox.national import NationalPlatform

NATIONAL_PORT, GUANGXI_PORT = 8101, 8102
APP_ID = "demo"


class Sandbox:
    """The two platforms behind their doors, holding one city; a context manager that stops them."""

    def __init__(
        self, city: City, *, national_port: int = 0, guangxi_port: int = 0, calls_per_second_max: int | None = None
    ) -> None:
        """Serve ``city``; port 0 takes a free one. Secrets and keys come from the city's seed.

        Raises:
            OSError: a port is taken.
        """
        source = chance("sandbox secrets", city.seed)
        national_secret, guangxi_secret = source.randbytes(16).hex(), source.randbytes(16).hex()
        request, response, data = draw_keys(source), draw_keys(source), draw_keys(source)
        self.secrets = _name_secrets(national_secret, guangxi_secret, request, response, data)
        self.national = NationalPlatform(
            Secrets(APP_ID, national_secret, response), request, PlatformClock(city.first_night), seed=city.seed
        )
        self.guangxi = GuangxiPlatform(
            Secrets(APP_ID, guangxi_secret, data),
            PlatformClock(city.first_night),
            seed=city.seed,
            calls_per_second_max=calls_per_second_max,
        )
        self.national.load(city.teams, city.projects, city.national_volunteers, city.national_records)
        self.guangxi.load(city.organisations, city.activities, city.guangxi_volunteers, city.guangxi_records)
        self._doors = [Listener(self.national, national_port)]
        try:
            self._doors.append(Listener(self.guangxi, guangxi_port))
        except OSError:
            self.stop()
            raise
        self.national_url, self.guangxi_url = (door.url for door in self._doors)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def set_clocks(self, instant: datetime) -> None:
        """Move both platforms' clocks to ``instant``, from where they run on."""
        self.national.clock.set(instant)
        self.guangxi.clock.set(instant)

    def stop(self) -> None:
        """Close both doors and wait until they are closed."""
        for door in self._doors:
            door.begin_stop()
        for door in self._doors:
            door.stop()


def start(
    city: City, *, national_port: int = 0, guangxi_port: int = 0, calls_per_second_max: int | None = None
) -> Sandbox:
    """Serve both platforms for a city; ``calls_per_second_max`` is Guangxi's limit (the contract's is 5)."""
    return Sandbox(
        city, national_port=national_port, guangxi_port=guangxi_port, calls_per_second_max=calls_per_second_max
    )


def _name_secrets(
    national_secret: str, guangxi_secret: str, request: KeyPair, response: KeyPair, data: KeyPair
) -> dict[str, dict[str, str]]:
    """Give the secrets by platform, under the names that the settings use."""
    return {
        "national": {
            "app_id": APP_ID,
            "app_secret": national_secret,
            "request_key": request.key,
            "request_iv": request.iv,
            "response_key": response.key,
            "response_iv": response.iv,
        },
        "guangxi": {"app_id": APP_ID, "app_secret": guangxi_secret, "data_key": data.key, "data_iv": data.iv},
    }
