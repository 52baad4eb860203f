"""The usual mistakes, planted into a year of visits: each is one small function, how often it happens is a table."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime

from sandbox.people import Volunteer
from sandbox.visits import Clerk, Visit


def plant_mistakes(
    visits: Sequence[Visit], people: Sequence[Volunteer], clerk: Clerk, source: random.Random, now: datetime
) -> list[Visit]:
    """Spoil some visits, and give those that should not be there at all."""
    return []
