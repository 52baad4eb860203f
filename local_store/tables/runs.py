"""Tables of what the store knows of itself and of its runs."""

from __future__ import annotations

from local_store.tables.base import Row, check, link, number_key, sealed, table_of, whole_seconds, words


class StoreFactRow(Row, table=True):
    """One fact about the store itself: what key opens it."""

    __tablename__ = "store_fact"

    name: str = words(primary=True)
    value: str = words()


class NumberLineRow(Row, table=True):
    """The last number given out of each kind; a number belongs to a transaction and comes back with it."""

    __tablename__ = "number_line"

    name: str = words(primary=True)
    last: int = whole_seconds()


class RunRow(Row, table=True):
    """One execution; the row stands before work starts. ``tally`` is JSON."""

    __tablename__ = "run"
    __table_args__ = (check("outcome", "outcome IN ('running', 'complete', 'partial', 'held', 'failed')"),)

    number: int = number_key()
    kind: str = words()
    started_at: int = whole_seconds()
    finished_at: int | None = whole_seconds(optional=True)
    rules_version: str = words()
    outcome: str = words()
    tally: str = words()


class RulesActivationRow(Row, table=True):
    """A rule set that was put in force; the last one is."""

    __tablename__ = "rules_activation"

    number: int = number_key()
    rules_version: str = words()
    activated_by: str = words()
    activated_at: int = whole_seconds()
    sealed: bytes = sealed()


class LeaseRow(Row, table=True):
    """The right to be the only runner. ``fence`` rises with every holder; times are the machine's own."""

    __tablename__ = "lease"

    name: str = words(primary=True)
    fence: int
    holder: str = words()
    host: str = words()
    process: str = words()
    beat_at: int | None = whole_seconds(optional=True)


class RawPageRow(Row, table=True):
    """One answer of a platform as it came, compressed and sealed."""

    __tablename__ = "raw_page"

    number: int = number_key()
    run: int = link("run.number")
    platform: str = words()
    scope: str = words()
    kept_at: int = whole_seconds()
    sealed: bytes = sealed()


class CoverageRow(Row, table=True):
    """One window of update times that was read completely, in one run or in several; no start: from the beginning.

    ``run`` is the last that read of it.
    """

    __tablename__ = "coverage"
    __table_args__ = (check("kind", "kind IN ('increment', 'week', 'sweep')"),)

    number: int = number_key()
    platform: str = words(index=True)
    scope: str = words()
    kind: str = words()
    window_start_at: int | None = whole_seconds(optional=True)
    window_end_at: int = whole_seconds()
    run: int = link("run.number")
    settings_fingerprint: str = words()
    recorded_at: int = whole_seconds()


class SweepAskedRow(Row, table=True):
    """Why an organisation must be read whole before its next turn; ``figures`` is JSON, what was found.

    ``short``: it suddenly showed far fewer rows. ``summary``: its platform's sums of days differ from ours; with
    ``tried_on`` it was swept for that, and they still do.
    """

    __tablename__ = "sweep_asked"
    __table_args__ = (check("reason", "reason IN ('short', 'summary')"),)

    platform: str = words(primary=True)
    scope: str = words(primary=True)
    reason: str = words(primary=True)
    asked_run: int = link("run.number")
    figures: str = words()
    tried_on: str | None = words(optional=True)


class MonthSummedRow(Row, table=True):
    """What a platform last said of one month of an organisation: a digest of its day sums.

    ``agreed_on``: the day on which our own sums last were the same; none, where they were not.
    """

    __tablename__ = "month_summed"

    platform: str = words(primary=True)
    scope: str = words(primary=True)
    month: str = words(primary=True)
    asked_on: str = words()
    digest: str = words()
    agreed_on: str | None = words(optional=True)


class ReleaseUseRow(Row, table=True):
    """How a release of a safety stop was used up: booked under it, exceeded, or no longer needed (lapsed)."""

    __tablename__ = "release_use"
    __table_args__ = (check("outcome", "outcome IN ('booked', 'exceeded', 'lapsed')"),)

    decision: int = number_key("decision.number")
    run: int = link("run.number")
    platform: str = words()
    station: str = words()
    outcome: str = words()
    taken_seconds: int = whole_seconds()


STORE_FACT = table_of(StoreFactRow)
NUMBER_LINE = table_of(NumberLineRow)
RUN = table_of(RunRow)
RULES_ACTIVATION = table_of(RulesActivationRow)
LEASE = table_of(LeaseRow)
RAW_PAGE = table_of(RawPageRow)
COVERAGE = table_of(CoverageRow)
SWEEP_ASKED = table_of(SweepAskedRow)
MONTH_SUMMED = table_of(MonthSummedRow)
RELEASE_USE = table_of(ReleaseUseRow)
