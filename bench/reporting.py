"""The measure of the morning's report: everything that ``report`` writes, of a store with five thousand conflicts."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bench.figures import Row
from bench.peak import peak_mb
from bench.pulling import StandingClock, load_house_rules, opened, sqlite_url
from bench.workshop import SECOND_NIGHT, Workshop, insist, one_core
from desk.bridge.draw import draw_bridge
from desk.bridge.values import Bridge
from desk.gather import report_data
from desk.report.bridge import KEPT_MAX, render_bridge
from desk.report.write import write_page, write_report
from desk.words.words import words
from mapping.rules import RuleSet

CONFLICTS = 5000
_RECORDS_LEAST = 98_000  # a town of so many has as many conflicts
_BANK = "城中区时间银行"


def measure_report(shop: Workshop) -> list[Row]:
    """Write the whole report, bridge included, and draw the bridge alone; once more in a process of its own."""
    town = shop.town(max(shop.sizes.records, _RECORDS_LEAST))
    room = shop.lived(town)
    written = Row(f"report: pages, workbook, bridge; {CONFLICTS:,} conflicts, {town.records:,} records", "s", "< 5 s")
    drawn = Row(f"the bridge alone, {town.records:,} records", "s")
    peak = Row("peak memory of that report", "MB", "≤ 200 MB")
    for _ in range(shop.sizes.rounds):
        with one_core():
            seconds, count = shop.timed(written.what, partial(report, room, shop.room("report"), shop.rules))
            insist(count >= CONFLICTS)
            written.ours.append(seconds)
            seconds, bridge = shop.timed(drawn.what, partial(_bridge, room, shop.rules))
            insist(bridge.is_closed)
            drawn.ours.append(seconds)
    peak.ours.append(peak_mb("report", sqlite_url(room), str(room), str(shop.room("report"))))
    return [written, peak, drawn]


def report(room: Path, folder: Path, rules: RuleSet | None = None) -> int:
    """Write the report of a store as the command does; give how many conflicts it tells of."""
    found, clock, said = rules or load_house_rules(), StandingClock(SECOND_NIGHT), words("zh")
    with opened(sqlite_url(room), room, clock) as store, store.reading() as tx:
        data = report_data(tx, found, _BANK, clock.now())
        bridge = draw_bridge(tx, found, kept_max=KEPT_MAX)
    write_report(data, said, folder)
    write_page(render_bridge(bridge, said, _BANK, data.generated_at, found.station_names), folder, "bridge.html")
    return len(data.conflicts)


def _bridge(room: Path, rules: RuleSet) -> Bridge:
    with opened(sqlite_url(room), room, StandingClock(SECOND_NIGHT)) as store, store.reading() as tx:
        return draw_bridge(tx, rules)
