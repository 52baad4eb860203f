"""Writing a report to a folder: each file whole or not at all."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from desk.report.arrange import is_unsettled, stations
from desk.report.html import render_html
from desk.report.json import to_json
from desk.report.values import ReportData, StationState
from desk.report.workbook import write_workbook
from desk.words.words import Words

STATIONS_FOLDER = "stations"
_ROOM = ".writing-"
_ROOM_SECONDS_MAX = 3600


def write_report(data: ReportData, words: Words, folder: Path) -> tuple[Path, ...]:
    """Write the page, the workbook, the JSON and one page per station; give the files, the page first.

    A file of an earlier report is replaced in one step, so that a reader sees the old one or the new one.

    Raises:
        OSError: the folder cannot be written to.
    """
    unsettled = list(filter(is_unsettled, data.conflicts))
    document = _list_of(to_json(unsettled, words))
    made: dict[str, Any] = {}
    with writing_room(folder) as room:
        written = [
            _write(room, folder / "conflicts.html", _text(render_html(data, words, made=made))),
            _write(room, folder / "conflicts.xlsx", lambda path: write_workbook(data, words, path)),
            _write(room, folder / "conflicts.json", _text(document)),
        ]
        for station, path in station_paths(data, words, folder).items():
            written.append(_write(room, path, _text(render_html(data, words, station, made))))
    return tuple(written)


def write_page(page: str, folder: Path, name: str) -> Path:
    """Write one more page into a report's folder; give its file.

    Raises:
        OSError: the folder cannot be written to.
    """
    with writing_room(folder) as room:
        return _write(room, folder / name, _text(page))


def station_paths(data: ReportData, words: Words, folder: Path) -> dict[str, Path]:
    """Give each station's file by the station's code; it bears the station's name, and its code if two share one."""
    found = stations(data)
    names = [_file_name(station, words) for station in found]
    files = [
        name if names.count(name) == 1 else f"{name}-{_plain(station.code)}"
        for station, name in zip(found, names, strict=True)
    ]
    return {station.code: folder / STATIONS_FOLDER / f"{file}.html" for station, file in zip(found, files, strict=True)}


def _file_name(station: StationState, words: Words) -> str:
    """Leave in a name only what every file system takes."""
    return _plain(station.name or words.page("no_station")) or _plain(station.code)


def _plain(text: str) -> str:
    return re.sub(r"[^\w-]+", "_", text).strip("_")


def _list_of(found: list[dict[str, Any]]) -> str:
    """Spell a list as JSON, one entry a line."""
    return "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in found) + "\n]\n"


def _text(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text, encoding="utf-8", newline="\n")


def _write(room: Path, path: Path, put: Callable[[Path], object]) -> Path:
    path.parent.mkdir(exist_ok=True)
    waiting = room / path.name
    put(waiting)
    waiting.replace(path)
    return path


@contextmanager
def writing_room(folder: Path) -> Iterator[Path]:
    """Give a folder to write in that is gone afterwards; with it goes what a killed process left an hour ago."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=_ROOM) as name:
        room = Path(name)
        made_at = room.stat().st_mtime
        for other in folder.glob(f"{_ROOM}*"):
            with suppress(FileNotFoundError):
                if made_at - other.stat().st_mtime > _ROOM_SECONDS_MAX:
                    shutil.rmtree(other)
        yield room
