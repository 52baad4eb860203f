"""A person at the keyboard: types the installed command in a shell of their own, and keeps what it said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.city import City
from sandbox.lists import write_lists
from sandbox.serve import GUANGXI_PORT, NATIONAL_PORT, Sandbox
from shiqiao.verbs.sandbox import exported
from tests.stores import STORES

SECONDS_MAX = 120


@dataclass(frozen=True, slots=True)
class Said:
    """What one call of the command gave."""

    code: int
    out: str
    err: str

    def document(self) -> Any:  # noqa: ANN401 - a parsed JSON text
        """Give the one JSON document on stdout; anything beside it, or a word on stderr, is a failure."""
        assert self.err == ""
        return json.loads(self.out)


@dataclass(slots=True)
class Keyboard:
    """A folder with settings that lead to a running sandbox; ``said`` is everything that was ever printed."""

    folder: Path
    environ: dict[str, str]
    said: list[Said] = field(default_factory=list)

    def type(self, *words: str | Path, **environ: str) -> Said:
        """Run ``shiqiao`` with these words, in the folder."""
        command = [str(Path(sys.executable).parent / "shiqiao"), *map(str, words)]
        counted = {name: said for name, said in os.environ.items() if name.startswith("COVERAGE_")}
        environment = {"PATH": os.environ["PATH"], "TMPDIR": str(self.folder), **counted, **self.environ, **environ}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, check=False, timeout=SECONDS_MAX
        )
        self.said.append(Said(done.returncode, done.stdout.decode(), done.stderr.decode()))
        return self.said[-1]

    def at(self, instant: datetime) -> Keyboard:
        """Let the bank's clock stand at another instant from now on."""
        self.environ["SHIQIAO_NOW"] = instant.isoformat()
        return self


def set_up(folder: Path, city: City, sandbox: Sandbox) -> Keyboard:
    """Make a bank in ``folder/bank`` whose settings lead to ``sandbox``, and its lists in ``folder/lists``."""
    home = Keyboard(folder, dict(exported(sandbox, city)))
    assert home.type("init", "bank").code == 0
    STORES.move_in(folder / "bank")
    settings = folder / "bank" / "shiqiao.toml"
    text = settings.read_text(encoding="utf-8")
    text = text.replace(f"http://127.0.0.1:{NATIONAL_PORT}", sandbox.national_url)
    settings.write_text(text.replace(f"http://127.0.0.1:{GUANGXI_PORT}", sandbox.guangxi_url), encoding="utf-8")
    write_lists(city, folder / "lists")
    return Keyboard(folder / "bank", home.environ, home.said)
