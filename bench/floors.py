"""The floors: the least that anybody could do with the same bytes, in raw sockets, raw SQL and plain Python."""

from __future__ import annotations

import hashlib
import json
import socket
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson

from bench.tape import read_message
from bench.town import Town
from bench.visits import Told

REQUEST = b"POST / HTTP/1.1\r\nHost: floor\r\nContent-Length: 1\r\n\r\nx"
BATCH = 1000
Rows = list[dict[str, Any]]
Plain = tuple[Any, ...]


def connect(path: Path) -> sqlite3.Connection:
    """Open a database as durable as the store's."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


# --- pull ------------------------------------------------------------------------------------------------------------


def pull(port: int, calls: int, database: Path) -> int:
    """Read every answer from a raw socket, parse it, upsert its rows as they are; give the number of rows."""
    store, seen = connect(database), 0
    store.execute("CREATE TABLE IF NOT EXISTS record (id TEXT PRIMARY KEY, body BLOB)")
    for rows in answers(port, calls):
        store.execute("BEGIN IMMEDIATE")
        store.executemany(
            "INSERT INTO record VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            [(id_of(row), orjson.dumps(row)) for row in rows],
        )
        store.execute("COMMIT")
        seen += len(rows)
    store.close()
    return seen


def answers(port: int, calls: int) -> Iterator[Rows]:
    """Ask ``calls`` times over one raw socket and give the rows of each answer."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for _ in range(calls):
            connection.sendall(REQUEST)
            yield rows_of(orjson.loads(read_message(connection)))


def rows_of(answer: object) -> Rows:
    """Give the rows of either platform's envelope; none for a log-in."""
    while isinstance(answer, dict):
        inner = answer.get("records", answer.get("data"))
        answer = orjson.loads(inner) if isinstance(inner, str) else inner
    return answer if isinstance(answer, list) else []


def id_of(row: dict[str, Any]) -> str:
    """Give a row's id on either platform."""
    return str(row.get("id") or row.get("recordId"))


# --- match -----------------------------------------------------------------------------------------------------------


def save_plainly(town: Town, database: Path) -> int:
    """Keep the town's rows in one plain table, indexed by person; give how many."""
    store = sqlite3.connect(database)
    store.execute(
        "CREATE TABLE said (person INTEGER, day INTEGER, platform INTEGER, start INTEGER, finish INTEGER, "
        "minutes INTEGER, category INTEGER)"
    )
    for platform, rows in enumerate((town.national, town.guangxi)):
        store.executemany(
            "INSERT INTO said VALUES (?, ?, ?, ?, ?, ?, ?)",
            (_plain(row, platform, has_times=platform == 0 or town.has_times) for row in rows),
        )
    store.execute("CREATE INDEX by_person ON said (person, day)")
    store.commit()
    store.close()
    return town.records


def _plain(row: Told, platform: int, *, has_times: bool) -> tuple[int | None, ...]:
    minutes = row.end - row.start if platform == 0 else row.figure
    start, end = (row.start, row.end) if has_times else (None, None)
    return row.person, row.day, platform, start, end, minutes, row.kind


def match(database: Path) -> tuple[int, int]:
    """Stream people, pair each day's rows one to one by overlap, else by figure, and tell apart what differs.

    No rules, no evidence, no ties, no states. Gives the rows read and the pairs found.
    """
    rows_read = pairs = 0
    connection = sqlite3.connect(database)
    statement = "SELECT person, day, platform, start, finish, minutes, category FROM said ORDER BY person, day"
    for _, rows in groupby(connection.execute(statement), itemgetter(0, 1)):
        today = list(rows)
        rows_read += len(today)
        if len(today) > 1:
            pairs += _pair_day(today)
    connection.close()
    return rows_read, pairs


def _pair_day(today: list[Plain]) -> int:
    free = [row for row in today if row[2]]
    found = differing = 0
    for left in today:
        if left[2] or not free:
            continue
        best = max(free, key=lambda right: _likeness(left, right))
        if _likeness(left, best):
            free.remove(best)
            found += 1
            differing += left[6] != best[6] or not best[5] <= left[5] < best[5] + 30
    return found


def _likeness(left: Plain, right: Plain) -> int:
    if right[3] is not None:
        shared: int = min(left[4], right[4]) - max(left[3], right[3])
        return max(0, shared)
    return 1 + int(right[5] <= left[5] < right[5] + 30) + int(left[6] == right[6])


# --- apply -----------------------------------------------------------------------------------------------------------


def apply(vouchers: Sequence[tuple[str, int, int]], database: Path) -> int:
    """Book (key, person, seconds) with a unique key, a balance row and a hash chain, a thousand a transaction."""
    store = connect(database)
    for statement in BOOK:
        store.execute(statement)
    accounts = {0, *(person + 1 for _, person, _ in vouchers)}
    store.execute("BEGIN IMMEDIATE")
    store.executemany("INSERT INTO balance VALUES (?, 0)", [(account,) for account in sorted(accounts)])
    store.execute("COMMIT")
    for rows, legs in batches(vouchers):
        store.execute("BEGIN IMMEDIATE")
        store.executemany("INSERT INTO voucher VALUES (?, ?, ?, ?)", rows)
        store.executemany("INSERT INTO transfer VALUES (?, ?, ?, ?)", legs)
        store.executemany("UPDATE balance SET seconds = seconds - ? WHERE account = ?", [(s, d) for _, d, _, s in legs])
        store.executemany("UPDATE balance SET seconds = seconds + ? WHERE account = ?", [(s, c) for _, _, c, s in legs])
        store.execute("COMMIT")
    store.close()
    return len(vouchers)


BOOK = (
    "CREATE TABLE voucher (number INTEGER PRIMARY KEY, key TEXT UNIQUE, body TEXT, hash TEXT)",
    "CREATE TABLE transfer (voucher INTEGER, debit INTEGER, credit INTEGER, seconds INTEGER)",
    "CREATE TABLE balance (account INTEGER PRIMARY KEY, seconds BIGINT)",
)
Batch = tuple[list[tuple[int, str, str, str]], list[tuple[int, int, int, int]]]


def batches(vouchers: Sequence[tuple[str, int, int]]) -> Iterator[Batch]:
    """Give the rows of vouchers, chained by their hashes, and of their legs, a thousand at a time."""
    previous, number = "", 0
    for start in range(0, len(vouchers), BATCH):
        rows, legs = [], []
        for key, person, seconds in vouchers[start : start + BATCH]:
            number += 1
            body = json.dumps([key, person, seconds])
            previous = hashlib.sha256(f"{previous}{number}{body}".encode()).hexdigest()
            rows.append((number, key, body, previous))
            legs.append((number, 0, person + 1, seconds))
        yield rows, legs
