"""``sandbox``: the modelled platforms on this machine, until they are stopped."""

from __future__ import annotations

import shlex
import signal
import threading
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from importlib import resources
from pathlib import Path

import click

from domain.errors import UsageError
from sandbox.city import City, build_city
from sandbox.lists import write_lists
from sandbox.serve import GUANGXI_PORT, NATIONAL_PORT, Sandbox, start
from shiqiao.frame import option, verb
from shiqiao.front import DONE, Front

PORT = click.IntRange(0, 65535)


@verb("sandbox")
@option("--people", type=click.IntRange(1, 100_000), default=300, metavar="N", help="option_sandbox_people")
@option("--seed", type=int, default=1, metavar="N", help="option_sandbox_seed")
@option("--national-port", type=PORT, default=NATIONAL_PORT, metavar="PORT", help="option_sandbox_port")
@option("--guangxi-port", type=PORT, default=GUANGXI_PORT, metavar="PORT", help="option_sandbox_port")
@option("--lists", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="option_sandbox_lists")
@click.pass_obj
def command(  # noqa: PLR0913 - one for each option
    front: Front, *, people: int, seed: int, national_port: int, guangxi_port: int, lists: Path | None
) -> int:
    """Serve a made-up city; what a shell needs to reach it goes to stdout."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    city = build_city(people, seed)
    try:
        if lists is not None:
            write_lists(city, lists)
        sandbox = start(city, national_port=national_port, guangxi_port=guangxi_port)
    except OSError as error:
        raise UsageError("sandbox_not_started", number=error.errno or 0) from None
    with sandbox, suppress(KeyboardInterrupt):
        _show_way(front, sandbox, city)
        threading.Event().wait()
    return DONE


def _show_way(front: Front, sandbox: Sandbox, city: City) -> None:
    for name, value in exported(sandbox, city):
        click.echo(f"export {name}={shlex.quote(value)}")
    front.tell("sandbox_stands", national=sandbox.national_url, guangxi=sandbox.guangxi_url, people=len(city.people))
    front.tell("sandbox_hint")


def exported(sandbox: Sandbox, city: City) -> Iterator[tuple[str, str]]:
    """Give the clock, and each secret under the name of the variable in which freshly made settings look for it."""
    yield "SHIQIAO_NOW", city.first_night.isoformat()
    settings = tomllib.loads(resources.files("shiqiao.settings").joinpath("template.toml").read_text(encoding="utf-8"))
    for platform, secrets in sandbox.secrets.items():
        for key, value in secrets.items():
            kind, _, variable = str(settings["platforms"][platform][key]).partition(":")
            if kind == "env":
                yield variable, value
