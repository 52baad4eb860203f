"""``init``: set up a folder that works at once, and until then is none.

All is written into a folder within, and moved out at the end, the settings last: whoever finds settings finds all.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from importlib import resources
from pathlib import Path

import click

from domain.clock import Clock
from domain.errors import UsageError
from local_store.store import open_store
from local_store.vault import create_key_file
from shiqiao.clock import open_clock
from shiqiao.frame import verb
from shiqiao.front import DONE, Front
from shiqiao.settings.load import load_settings

SETTINGS_NAME = "shiqiao.toml"
RULES_NAME = "liuzhou-chengzhong.toml"
SETTING_UP = ".setting-up"
_MOVED_OUT = {"rulesets", "shiqiao.db", "shiqiao.key"}


@verb("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.pass_obj
def command(front: Front, folder: Path) -> int:
    """Write settings, keys, rules and an empty store into a folder that is new or empty."""
    clock = open_clock(front.environ)
    try:
        _set_up(folder.absolute(), clock)
    except OSError as error:
        raise UsageError("init_not_writable", folder=str(folder), problem=_problem(error)) from None
    front.show("init_done", folder=str(folder))
    front.tell("init_next", folder=str(folder))
    return DONE


def _set_up(folder: Path, clock: Clock) -> None:
    """Write everything, or take away again what was written."""
    with ExitStack() as undo:
        if not folder.exists():
            folder.mkdir()
            undo.callback(shutil.rmtree, folder, ignore_errors=True)
        elif any(folder.iterdir()) and not _is_broken_off(folder):
            raise UsageError("init_not_empty", folder=str(folder))
        else:
            undo.callback(_empty, folder)
            _empty(folder)
        _write(folder / SETTING_UP, clock)
        _move_out(folder)
        undo.pop_all()


def _is_broken_off(folder: Path) -> bool:
    """Say whether all that a folder has was left by a process that was killed while it set the folder up."""
    names = {path.name for path in folder.iterdir()}
    are_settings_inside = (folder / SETTING_UP / SETTINGS_NAME).exists()
    return names == {SETTING_UP} or (are_settings_inside and names <= {SETTING_UP, *_MOVED_OUT})


def _write(room: Path, clock: Clock) -> None:
    (room / "rulesets").mkdir(parents=True)
    _copy("shiqiao.settings", "template.toml", room / SETTINGS_NAME)
    _copy("rulesets", RULES_NAME, room / "rulesets" / RULES_NAME)
    stored = load_settings(room / SETTINGS_NAME).store
    create_key_file(stored.key_file)
    open_store(stored.url, stored.key_file, clock).close()


def _move_out(folder: Path) -> None:
    room = folder / SETTING_UP
    for path in sorted(room.iterdir(), key=lambda path: path.name == SETTINGS_NAME):
        path.rename(folder / path.name)
    room.rmdir()


def _copy(package: str, name: str, to: Path) -> None:
    to.write_bytes(resources.files(package).joinpath(name).read_bytes())


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _problem(error: OSError) -> str:
    return "missing_folder" if isinstance(error, FileNotFoundError) else "not_writable"
