"""The report as a browser shows and prints it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from desk.report.html import render_html
from desk.words.words import words
from tests.desk_report_night import night

pytestmark = pytest.mark.browser

A4_POINTS = (595, 842)


def _printed(browser: str, page: Path) -> bytes:
    """Print a page as Chromium does on its own, with no network but the loopback; give the PDF."""
    target = page.with_suffix(".pdf")
    subprocess.run(  # noqa: S603 - the browser that was found, on a page that we wrote
        [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            f"--user-data-dir={page.parent / 'profile'}", "--host-resolver-rules=MAP * ~NOTFOUND",
            "--no-pdf-header-footer", f"--print-to-pdf={target}", page.as_uri(),
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return target.read_bytes()


def _pages(pdf: bytes) -> list[tuple[int, int]]:
    """Give width and height of every page, in points."""
    boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", pdf)
    return [(round(float(width)), round(float(height))) for width, height in boxes]


def test_the_report_prints_on_a4_with_each_station_on_a_page_of_its_own(browser: str, tmp_path: Path) -> None:
    data = night()
    page = tmp_path / "conflicts.html"
    page.write_text(render_html(data, words("zh")), encoding="utf-8")
    pages = _pages(_printed(browser, page))
    stations = {conflict.station for conflict in data.conflicts if conflict.station}

    assert set(pages) == {A4_POINTS}
    assert len(pages) > len(stations)
