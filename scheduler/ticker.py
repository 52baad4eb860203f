"""The alarm clock: APScheduler rings, and whoever set it looks whether anything is due."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler


def tick(look: Callable[[], None], every_seconds: int, stopped: Event) -> None:
    """Call ``look`` at once and then every so many seconds until ``stopped`` is set; a look that runs is let finish.

    Nothing is remembered between two processes (memory store), a late ring still rings (no misfire limit), rings that
    were missed count as one (coalesce), and never two looks run at once.
    """
    ticker = BackgroundScheduler(
        jobstores={"default": MemoryJobStore()},
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        timezone="UTC",
    )
    look()
    ticker.add_job(look, "interval", seconds=every_seconds)
    ticker.start()
    stopped.wait()
    ticker.shutdown(wait=True)
