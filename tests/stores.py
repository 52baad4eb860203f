"""Where the tests' stores live: each in a file or, with ``--store postgresql``, in a database of its own."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import make_url

from tests.postgresql import TEMPLATE, Server

_URL = re.compile(r'^url = "([^"]*)"', re.MULTILINE)


class Stores:
    """Gives every store its place, and takes the databases away again."""

    def __init__(self) -> None:
        """Begin with files."""
        self.server: Server | None = None
        self._made: list[str] = []

    def url(self, file: Path, template: str = TEMPLATE) -> str:
        """Give a place for a store: this file, or a new database made after ``template``."""
        if self.server is None:
            return f"sqlite:///{file}"
        self._made.append(self.server.create(template))
        return self.server.url(self._made[-1])

    def move_in(self, bank: Path) -> None:
        """Let a bank that was just set up keep its store where all tests do."""
        if self.server is not None:
            self._lead(bank, self.url(bank / "shiqiao.db"))
            (bank / "shiqiao.db").unlink()

    def part(self, copy: Path) -> None:
        """Let a bank whose folder was copied have a store of its own."""
        if self.server is not None:
            database = make_url(_URL.findall((copy / "shiqiao.toml").read_text(encoding="utf-8"))[0]).database
            self._lead(copy, self.url(copy / "shiqiao.db", str(database)))

    @staticmethod
    def _lead(bank: Path, url: str) -> None:
        settings = bank / "shiqiao.toml"
        settings.write_text(_URL.sub(f'url = "{url}"', settings.read_text(encoding="utf-8"), count=1), encoding="utf-8")

    def drop_all(self) -> None:
        """Take the databases away."""
        while self.server is not None and self._made:
            self.server.drop(self._made.pop())


STORES = Stores()
