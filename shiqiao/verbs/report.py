"""``report``: write the conflict report as page, workbook and JSON."""

from __future__ import annotations

from pathlib import Path

import click

from desk.bridge.draw import draw_bridge
from desk.gather import report_data
from desk.report.bridge import KEPT_MAX, render_bridge
from desk.report.write import write_page, write_report
from desk.words.words import words
from domain.errors import UsageError
from shiqiao.frame import option, verb
from shiqiao.front import DONE, Front
from shiqiao.house import open_house

BRIDGE_PAGE = "bridge.html"


@verb("report")
@option("--out", "folder", type=click.Path(path_type=Path), required=True, metavar="DIR", help="option_out")
@option("--run", "run", type=int, metavar="R", help="option_run")
@click.pass_obj
def command(front: Front, *, folder: Path, run: int | None) -> int:
    """Write the report of the last run, or of ``--run``."""
    house = open_house(front)
    rules = house.rules()
    with house.store() as store, store.reading() as tx:
        data = report_data(tx, rules, house.settings.bank.name, house.clock.now(), run)
        bridge = draw_bridge(tx, rules, kept_max=KEPT_MAX)
    said = words(front.words.language).knowing(rules.platform_names())
    try:
        written = write_report(data, said, folder)
        page = render_bridge(bridge, said, data.bank, data.generated_at, rules.station_names)
        written += (write_page(page, folder, BRIDGE_PAGE),)
    except OSError:
        raise UsageError("report_not_writable", folder=str(folder)) from None
    for path in written:
        front.show("report_written", file=str(path))
    return DONE
