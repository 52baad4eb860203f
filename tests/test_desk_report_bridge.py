"""The bridge's page: every figure stands there, opens to its services, and prints on A4."""

from __future__ import annotations

import re
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pytest

from desk.bridge.items import Item, Piece
from desk.bridge.values import Bridge, Column
from desk.report.bridge import KEPT_MAX, MONTHS_MAX, render_bridge
from desk.words.words import LANGUAGES, words
from tests.desk_report_night import DAY, at
from tests.test_desk_report_browser import printed

STATIONS = {"CZ06": "河东站", "CZ01": "城中<站>"}
LANDSCAPE = (842, 595)


def piece(item: Item | None, station: str, month: str, seconds: int, number: int = 0) -> Piece:
    return Piece("national", item, station, month, seconds, f"S{number:016X}", "", f"{month}-03")


def bridge(months: int = 2, pieces: int = 1, residual: int = 0) -> Bridge:
    """Make a bridge of one station in several months: each reports two hours, of which ``pieces`` half hours wait."""
    made = Bridge(None, None, None, ("national",), {}, {("national", "CZ06"): 3})
    for number in range(months):
        month = f"{2021 + number // 12}-{number % 12 + 1:02d}"
        column = Column(ledger_seconds=7200 - 1800 * pieces + residual, reported_seconds=7200)
        for place in range(pieces):
            column.add(piece(Item.WAITING, "CZ06", month, -1800, place), kept_max=None)
        made.cells["CZ06", month] = {"national": column}
    return made


def page(made: Bridge, lang: str = "zh") -> str:
    return render_bridge(made, words(lang), "城中区", at(DAY, "07:30"), STATIONS)


class Tables(HTMLParser):
    """The rows of every table, each as the texts of its cells; of a figure that opens, only the figure."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._inside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
        if tag not in {"meta", "br"}:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._inside.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self._inside) and not ("details" in self._inside and "summary" not in self._inside):
            self.rows[-1][-1] += data.strip()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_stands_in_its_line(lang: str) -> None:
    rows = Tables(page(bridge(), lang)).rows
    figures = [["2.00", "-0.50", "–", "1.50"], ["2.00", "-0.50", "–", "1.50"]]
    assert [row[2:] for row in rows if row[0] in {"2021-01", "2021-02"}] == figures
    assert [row[1:] for row in rows if row[0] == "河东站"] == [["4.00", "-1.00", "–", "3.00"]]
    assert [row[1] for row in rows if len(row) == 3] == ["4.00", "-1.00", "0.00", "3.00"]


def test_a_figure_opens_to_the_first_of_its_services_and_counts_the_rest() -> None:
    text = page(bridge(months=1, pieces=KEPT_MAX + 3))
    month = text[text.index("2021-01<") :]
    assert re.findall(r"S\d{16}", month) == [f"S{number:016d}" for number in range(KEPT_MAX)]
    assert "还有3条" in month


def test_what_is_unexplained_is_said_first() -> None:
    assert "未说明差额为 0" in page(bridge())
    text = page(bridge(residual=60))
    assert "未说明差额为 0" not in text
    assert text.index("有说不清的差额") < text.index("<table")
    assert [row[1] for row in Tables(text).rows if len(row) == 3] == ["4.00", "-1.00", "0.03", "3.03"]


def test_months_of_long_ago_are_in_the_stations_sums_alone() -> None:
    rows = Tables(page(bridge(months=MONTHS_MAX + 5))).rows
    months = [row[0] for row in rows if re.fullmatch(r"\d{4}-\d\d", row[0])]
    assert months == [f"2022-{month:02d}" for month in range(5, 0, -1)] + [f"2021-{m:02d}" for m in range(12, 5, -1)]
    assert [row[1] for row in rows if row[0] == "河东站"] == ["34.00"]


def test_rows_without_a_figure_are_told_of_and_names_are_no_markup() -> None:
    made = bridge()
    made.cells["CZ01", "2021-01"] = {"national": Column(ledger_seconds=0, reported_seconds=0)}
    text = page(made)
    assert "另有3行读不懂" in text
    assert "<站>" not in text


@pytest.mark.browser
def test_it_prints_on_a4_on_its_side(browser: str, tmp_path: Path) -> None:
    file = tmp_path / "bridge.html"
    file.write_text(page(bridge(months=12, pieces=3)), encoding="utf-8")
    pdf = printed(browser, file, tmp_path)
    text = pdf + b"".join(_inflated(stream) for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL))
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", text)
    assert {tuple(round(float(side)) for side in box) for box in boxes} == {LANDSCAPE}


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""
