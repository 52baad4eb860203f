"""The floors: the least that anybody could do with the same bytes, in raw sockets, raw SQL and plain Python."""

from __future__ import annotations

import hashlib
import json
import socket
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import orjson

from bench.wire import read_message

_REQUEST = b"POST / HTTP/1.1\r\nHost: floor\r\nContent-Length: 1\r\n\r\nx"
_BATCH = 1000


def connect(path: Path) -> sqlite3.Connection:
    """Open a database as durable as the store's."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def pull(port: int, calls: int, database: Path) -> int:
    """Read every answer from a raw socket, parse it, upsert its rows as they are; give the number of rows."""
    store, rows_seen = connect(database), 0
    store.execute("CREATE TABLE IF NOT EXISTS record (id TEXT PRIMARY KEY, body BLOB)")
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for _ in range(calls):
            connection.sendall(_REQUEST)
            rows = rows_of(orjson.loads(read_message(connection)))
            store.execute("BEGIN IMMEDIATE")
            store.executemany(
                "INSERT INTO record VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
                [(str(row.get("id") or row.get("recordId")), orjson.dumps(row)) for row in rows],
            )
            store.execute("COMMIT")
            rows_seen += len(rows)
    store.close()
    return rows_seen


def rows_of(answer: object) -> list[dict[str, object]]:
    """Give the rows of either platform's envelope."""
    while isinstance(answer, dict):
        inner = answer.get("records", answer.get("list", answer.get("data")))
        answer = orjson.loads(inner) if isinstance(inner, str) else inner
    return answer if isinstance(answer, list) else []


def match(database: Path) -> int:
    """Stream claims by person and day from SQLite and pair platforms by count; no rules, no evidence."""
    days: dict[tuple[int, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    statement = (
        "SELECT claim.identity, claim.service_date, record.platform FROM claim "
        "JOIN record ON record.number = claim.record WHERE claim.state = 'effective' ORDER BY 1, 2"
    )
    with sqlite3.connect(database) as connection:
        count = 0
        for identity, day, platform in connection.execute(statement):
            days[identity, day][platform] += 1
            count += 1
    return count if sum(min(by.values()) for by in days.values()) else 0


def apply(vouchers: Sequence[tuple[str, int, int]], database: Path) -> int:
    """Book (key, person, seconds) with a unique key, a balance row and a hash chain, a thousand a transaction."""
    store = connect(database)
    store.execute("CREATE TABLE voucher (number INTEGER PRIMARY KEY, key TEXT UNIQUE, body TEXT, hash TEXT)")
    store.execute("CREATE TABLE transfer (voucher INTEGER, debit INTEGER, credit INTEGER, seconds INTEGER)")
    store.execute("CREATE TABLE balance (account INTEGER PRIMARY KEY, seconds INTEGER)")
    accounts = {0, *(person for _, person, _ in vouchers)}
    store.executemany("INSERT INTO balance VALUES (?, 0)", [(account,) for account in sorted(accounts)])
    previous, number = "", 0
    for start in range(0, len(vouchers), _BATCH):
        rows, legs = [], []
        for key, person, seconds in vouchers[start : start + _BATCH]:
            number += 1
            body = json.dumps([key, person, seconds])
            previous = hashlib.sha256(f"{previous}{number}{body}".encode()).hexdigest()
            rows.append((number, key, body, previous))
            legs.append((number, 0, person, seconds))
        store.execute("BEGIN IMMEDIATE")
        store.executemany("INSERT INTO voucher VALUES (?, ?, ?, ?)", rows)
        store.executemany("INSERT INTO transfer VALUES (?, ?, ?, ?)", legs)
        store.executemany("UPDATE balance SET seconds = seconds - ? WHERE account = ?", [(s, d) for _, d, _, s in legs])
        store.executemany("UPDATE balance SET seconds = seconds + ? WHERE account = ?", [(s, c) for _, _, c, s in legs])
        store.execute("COMMIT")
    store.close()
    return number
