from __future__ import annotations

import json
import re
import subprocess
import zlib
from pathlib import Path

import pytest

from desk.report.html import render_html
from desk.words.words import words
from tests.desk_report_night import night

ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-pdf-header-footer", "--disable-dev-shm-usage",
)  # fmt: skip
A4_POINTS = (595, 842)


def printed(browser: str, page: Path, room: Path) -> bytes:
    target = room / "page.pdf"
    command = [browser, *ARGUMENTS, f"--user-data-dir={room / 'profile'}", f"--print-to-pdf={target}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return target.read_bytes()


@pytest.mark.browser
@pytest.mark.parametrize("station", [None, "CZ06"])
def test_it_prints_on_a4_with_each_station_on_a_page_of_its_own(
    browser: str, tmp_path: Path, station: str | None
) -> None:
    page = tmp_path / "conflicts.html"
    page.write_text(render_html(night(), words("zh"), station), encoding="utf-8")
    pdf = printed(browser, page, tmp_path)
    text = pdf + b"".join(_inflated(stream) for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL))
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", text)
    assert {tuple(round(float(side)) for side in box) for box in boxes} == {A4_POINTS}
    assert len(boxes) >= (1 + 3 + 1 if station is None else 1 + 1 + 1)


FRAME = """<!doctype html><iframe style="width:390px;height:800px;border:0"></iframe><p></p><script>
const [frame] = document.getElementsByTagName("iframe"), [said] = document.getElementsByTagName("p");
frame.onload = () => { said.textContent = "wide " + frame.contentDocument.documentElement.scrollWidth; };
frame.srcdoc = PAGE;
</script>"""


@pytest.mark.browser
@pytest.mark.parametrize("station", [None, "CZ06"])
def test_nothing_of_it_is_cut_off_on_a_telephone(browser: str, tmp_path: Path, station: str | None) -> None:
    page = tmp_path / "frame.html"
    report = json.dumps(render_html(night(), words("zh"), station)).replace("</", "<\\/")
    page.write_text(FRAME.replace("PAGE", report), encoding="utf-8")
    command = [
        browser,
        *ARGUMENTS,
        f"--user-data-dir={tmp_path / 'profile'}",
        "--hide-scrollbars",
        "--dump-dom",
        page.as_uri(),
    ]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    assert re.findall("<p>wide [0-9]*</p>", shown) == ["<p>wide 390</p>"]


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""
