"""The alarm clock rings at once, rings again, and stops when told."""

from threading import Event, Thread

import pytest

from scheduler.ticker import tick

PATIENCE_SECONDS = 30


@pytest.mark.filterwarnings("default")
def test_it_looks_at_once_and_again_until_it_is_stopped() -> None:
    looked, stopped, looks = Event(), Event(), []

    def look() -> None:
        looks.append(1)
        if len(looks) >= 2:
            looked.set()

    ticking = Thread(target=tick, args=(look, 1, stopped))
    ticking.start()
    assert looked.wait(PATIENCE_SECONDS)
    stopped.set()
    ticking.join(PATIENCE_SECONDS)

    assert not ticking.is_alive()
