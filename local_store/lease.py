"""The lease (租约): the right to be the only runner, kept by a heartbeat and fenced by a number that only rises."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import bindparam, select, update

from domain.errors import OperatorError, StoreError
from local_store.dialects import insert_rows
from local_store.store import Store
from local_store.tables.runs import LEASE
from local_store.transaction import Tx, seconds_of

BEAT_SECONDS = 10
DEAD_AFTER_SECONDS = 60
_NAME = "run"
_BEAT = (
    update(LEASE)
    .where(LEASE.c.name == _NAME, LEASE.c.fence == bindparam("mine"), LEASE.c.beat_at.is_not(None))
    .values(beat_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that is held; ``fence`` is its number."""

    store: Store
    fence: int

    @contextmanager
    def writing(self) -> Iterator[Tx]:
        """Open a transaction that only the holder may commit: an old runner that wakes up writes nothing.

        Raises:
            OperatorError: ``lease_lost``.
        """
        with self.store.writing() as tx:
            self.check(tx)
            yield tx

    def reading(self) -> AbstractContextManager[Tx]:
        """Open a transaction that only reads."""
        return self.store.reading()

    def check(self, tx: Tx) -> None:
        """Make sure, within the transaction that writes, that nobody has taken over; beat as well.

        Raises:
            OperatorError: ``lease_lost``.
        """
        if not tx.count(_BEAT, {"mine": self.fence, "now": seconds_of(tx.clock.real_now())}):
            raise OperatorError("lease_lost")

    def beat(self) -> None:
        """Say that the holder lives."""
        with self.store.writing() as tx:
            self.check(tx)

    def release(self) -> None:
        """Give the lease back; one that was lost is another's and stays."""
        with self.store.writing() as tx:
            mine = update(LEASE).where(LEASE.c.name == _NAME, LEASE.c.fence == self.fence)
            tx.connection.execute(mine.values(beat_at=None))


def acquire(store: Store, holder: str) -> Lease:
    """Take the lease; a holder that died on this host is succeeded at once, any other after 60 s without a beat.

    Raises:
        OperatorError: ``run_in_progress``, with the holder's name.
    """
    host, process = socket.gethostname(), _process_mark(os.getpid())
    with store.writing() as tx:
        now = seconds_of(store.clock.real_now())
        held = tx.connection.execute(select(LEASE).where(LEASE.c.name == _NAME).with_for_update()).one_or_none()
        if held is None:
            row = {"name": _NAME, "fence": 1, "holder": holder, "host": host, "process": process, "beat_at": now}
            insert_rows(tx.connection, LEASE, [row])
            return Lease(store, 1)
        is_dead_here = held.host == host and _process_mark(_number_of(held.process)) != held.process
        if held.beat_at is not None and now - held.beat_at <= DEAD_AFTER_SECONDS and not is_dead_here:
            raise OperatorError("run_in_progress", holder=held.holder)
        taken = {"fence": held.fence + 1, "holder": holder, "host": host, "process": process, "beat_at": now}
        tx.connection.execute(update(LEASE).where(LEASE.c.name == _NAME).values(**taken))
    return Lease(store, held.fence + 1)


@contextmanager
def lease(store: Store, holder: str) -> Iterator[Lease]:
    """Hold the lease for a while, with a heartbeat of its own, and give it back."""
    held = acquire(store, holder)
    stopped = threading.Event()
    heart = threading.Thread(target=_keep_beating, args=(held, stopped), name="lease", daemon=True)
    heart.start()
    try:
        yield held
    except BaseException:
        with suppress(StoreError):  # what went wrong is told, not that the store cannot hear of it either
            _end(held, heart, stopped)
        raise
    _end(held, heart, stopped)


def _end(held: Lease, heart: threading.Thread, stopped: threading.Event) -> None:
    stopped.set()
    heart.join()
    held.release()


def _keep_beating(held: Lease, stopped: threading.Event) -> None:
    """Beat until told to stop; a lost lease needs no heart, and a store that cannot answer is asked again later."""
    while not stopped.wait(BEAT_SECONDS):
        try:
            held.beat()
        except OperatorError:
            return
        except StoreError:
            continue


def _process_mark(number: int) -> str:
    """Give what no later process of the same number has: its number and, where the machine tells it, its start."""
    try:
        started = (
            Path(f"/proc/{number}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[19]
        )
    except OSError:
        started = "" if _is_alive(number) else "gone"
    return f"{number} {started}"


def _number_of(mark: str) -> int:
    return int(mark.partition(" ")[0])


def _is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
