"""What comes into being as files while its writer is killed: a new bank, a report, another rule file."""

from __future__ import annotations

import json
import stat
import zipfile
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from desk.gather import report_data
from desk.report.write import write_report
from desk.verify import verify
from desk.words.words import words
from domain.clock import Clock
from local_store import runs
from local_store.store import open_store
from mapping.load import load_rules
from shiqiao.cli import run
from shiqiao.settings.load import load_settings
from tests.effects import Effects
from tests.kill.nights import EVENING, enter, first_night_over, town_and_clerk
from tests.kill.scene import Scene
from tests.simulation.house import House

BANK, REPORT, SETTINGS, OTHER_RULES = "bank", "report", "shiqiao.toml", "other.toml"


@dataclass(frozen=True, slots=True)
class _Desk:
    """A folder with a bank, and whoever types there."""

    folder: Path
    clock: Clock

    def type(self, *said: str) -> None:
        bank = self.folder / BANK
        surroundings = {"SHIQIAO_NOW": EVENING.isoformat(), "SHIQIAO_CONFIG": str(bank / SETTINGS)}
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            code = run([*said], surroundings)
        assert code == 0, f"{said}: {code}"


def _desk(clock: Clock, folder: Path) -> _Desk:
    return _Desk(folder, clock)


def _contents(folder: Path) -> dict[str, bytes]:
    """Give what stands in files, but for what a killed writer was about to write and nobody looks at."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


# A new bank -----------------------------------------------------------------------------------------------------------


def _before_bank(_: Path) -> Clock:
    return town_and_clerk()[0].clock


def _set_up(desk: _Desk, _: Effects) -> None:
    """Set up a bank, if the one who did so before did not come to its end."""
    if not (desk.folder / BANK / SETTINGS).exists():
        desk.type("init", str(desk.folder / BANK))


def _new_bank(desk: _Desk) -> object:
    bank = desk.folder / BANK
    modes = [stat.S_IMODE((bank / name).stat().st_mode) for name in ("shiqiao.key", SETTINGS)]
    files = {name: content for name, content in _contents(bank).items() if name.endswith(".toml")}
    return _names(bank), modes, files, _broken(desk)


def _names(bank: Path) -> list[str]:
    return sorted(path.name for path in bank.iterdir() if not path.name.startswith("."))


def _broken(desk: _Desk) -> list[str]:
    stored = load_settings(desk.folder / BANK / SETTINGS).store
    with closing(open_store(stored.url, stored.key_file, desk.clock, create=False)) as store, store.reading() as tx:
        return [check.name for check in verify(tx) if not check.ok]


def _is_half_a_bank(folder: Path) -> str:
    """Say what is wrong with a bank that has its settings: it must be whole."""
    if not (folder / BANK / SETTINGS).exists():
        return ""
    names, broken = _names(folder / BANK), _broken(_Desk(folder, _before_bank(folder)))
    return "" if (len(names), broken) == (4, []) else f"half a bank: {names}, {broken}"


# A report -------------------------------------------------------------------------------------------------------------


def _before_report(folder: Path) -> House:
    """A report was written; since then there was another night."""
    house = first_night_over(folder)
    _write_report(house, Effects())
    house.run()
    house.close()
    return house


def _write_report(house: House, _: Effects) -> None:
    with house.store.reading() as tx:
        data = report_data(tx, house.rules, "城中区时间银行", house.town.clock.now(), None)
    write_report(data, words("zh"), house.folder / REPORT)


def _report(house: House) -> object:
    return (_contents(house.folder / REPORT),)


def _is_half_a_report(folder: Path) -> str:
    for name, content in _contents(folder / REPORT).items():
        if not (content.rstrip().endswith(b"</html>") or _is_readable(folder / REPORT / name)):
            return f"half a file: {name}"
    return ""


def _is_readable(path: Path) -> bool:
    try:
        if path.suffix == ".json":
            json.loads(path.read_bytes())
            return True
        with zipfile.ZipFile(path) as book:
            return book.testzip() is None
    except (ValueError, zipfile.BadZipFile):
        return False


# Another rule file ----------------------------------------------------------------------------------------------------


def _before_rules(folder: Path) -> Clock:
    clock = _before_bank(folder)
    _Desk(folder, clock).type("init", str(folder / BANK))
    rules = (folder / BANK / "rulesets" / "liuzhou-chengzhong.toml").read_text(encoding="utf-8")
    (folder / OTHER_RULES).write_text(f"{rules}\n# 修订\n", encoding="utf-8")
    return clock


def _activate(desk: _Desk, _: Effects) -> None:
    desk.type("rules", "activate", str(desk.folder / OTHER_RULES), "--by", "莫主任", "--reason", "调整标准")


def _in_force(desk: _Desk) -> object:
    settings = load_settings(desk.folder / BANK / SETTINGS)
    stored = settings.store
    with closing(open_store(stored.url, stored.key_file, desk.clock, create=False)) as store, store.reading() as tx:
        said = runs.rules_in_force(tx)
    return said == load_rules(settings.bank.rules).version, settings.bank.rules.read_bytes(), _broken(desk)


def _is_half_a_rule_file(folder: Path) -> str:
    rules = load_settings(folder / BANK / SETTINGS).bank.rules.read_bytes()
    whole = (folder / OTHER_RULES).read_bytes()
    return "" if rules in {whole, whole.removesuffix("\n# 修订\n".encode())} else "half a rule file"


FILES = (
    Scene("init", _before_bank, _desk, _set_up, _new_bank, _is_half_a_bank, is_of_files=True),
    Scene("report", _before_report, enter, _write_report, _report, _is_half_a_report, is_of_files=True),
    Scene("rules", _before_rules, _desk, _activate, _in_force, _is_half_a_rule_file, is_of_files=True),
)
