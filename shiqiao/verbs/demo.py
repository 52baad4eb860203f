"""``demo``: a made-up city's first night and its second, through the same commands that a person would type."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import click

from domain.errors import UsageError
from sandbox.city import City, build_city
from sandbox.lists import write_lists
from sandbox.second_day import second_day
from sandbox.serve import GUANGXI_PORT, NATIONAL_PORT, Sandbox, start
from shiqiao.cli import run
from shiqiao.frame import option, verb
from shiqiao.front import ACT, DONE, Front
from shiqiao.verbs.init import SETTINGS_NAME
from shiqiao.verbs.sandbox import exported

MARK = ".shiqiao-demo"
CALLS_PER_SECOND_MAX = 5


@verb("demo")
@option("--dir", "folder", type=click.Path(path_type=Path), default=Path("demo"), metavar="D", help="option_demo_dir")
@option("--people", type=click.IntRange(1, 5000), default=300, metavar="N", help="option_sandbox_people")
@click.pass_obj
def command(front: Front, *, folder: Path, people: int) -> int:
    """Start the sandbox, run two nights, write the report, say where it is."""
    _clear(folder)
    city = build_city(people)
    with start(city, calls_per_second_max=CALLS_PER_SECOND_MAX) as sandbox:
        front.show("demo_sandbox", people=people, national=sandbox.national_url, guangxi=sandbox.guangxi_url)
        show = _Show(front, folder, dict(front.environ) | dict(exported(sandbox, city)))
        _set_up(show, city, sandbox)
        _nights(show, city, sandbox)
    front.show("demo_done", folder=str(folder / "report"))
    return DONE


@dataclass(frozen=True, slots=True)
class _Show:
    """A person at the keyboard: types a command, sees what it says."""

    front: Front
    folder: Path
    environ: Mapping[str, str]

    def at(self, instant: str) -> _Show:
        return replace(self, environ={**self.environ, "SHIQIAO_NOW": instant})

    def say(self, code: str) -> None:
        click.echo()
        self.front.show(code)

    def type(self, *words: str, config: bool = True) -> None:
        settings = ["--config", str(self.folder / SETTINGS_NAME)] if config else []
        click.echo(f"$ shiqiao {shlex.join([*words, *settings])}")
        code = run([*words, *settings, "--lang", self.front.words.language], self.environ)
        if code not in (DONE, ACT):
            raise UsageError("demo_broke_off", verb=words[0], exit_code=code)


def _clear(folder: Path) -> None:
    """Make room: an earlier demo goes, anything else stays."""
    if folder.exists() and not folder.is_dir():
        raise UsageError("init_not_writable", folder=str(folder), problem="not_writable")
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise UsageError("init_not_empty", folder=str(folder))
        shutil.rmtree(folder)


def _set_up(show: _Show, city: City, sandbox: Sandbox) -> None:
    show.say("demo_set_up")
    show.type("init", str(show.folder), config=False)
    (show.folder / MARK).touch()
    settings = show.folder / SETTINGS_NAME
    text = settings.read_text(encoding="utf-8")
    text = text.replace(f"http://127.0.0.1:{NATIONAL_PORT}", sandbox.national_url)
    settings.write_text(text.replace(f"http://127.0.0.1:{GUANGXI_PORT}", sandbox.guangxi_url), encoding="utf-8")
    roster, entries = write_lists(city, show.folder / "lists")
    show.type("people", "import", str(roster))
    show.type("entries", "import", str(entries))


def _nights(show: _Show, city: City, sandbox: Sandbox) -> None:
    show.say("demo_first_night")
    show.type("sync")
    show.say("demo_day_passes")
    second_day(city, sandbox)
    later = show.at(city.second_night.isoformat())
    later.say("demo_second_night")
    later.type("sync")
    later.say("demo_morning")
    later.type("verify")
    later.type("report", "--out", str(show.folder / "report"))
