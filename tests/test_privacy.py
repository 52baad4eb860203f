"""Nobody's number, name, phone or secret stands in clear in anything that a bank leaves behind."""

from __future__ import annotations

import base64
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pytest

from sandbox.city import City, build_city
from sandbox.guangxi_rows import GuangxiRecord
from sandbox.national_rows import NationalRecord
from sandbox.serve import Sandbox, start
from tests.keyboard import Keyboard, set_up
from tests.spreadsheet import Spreadsheet

BASE64_PHASES = 3


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(people=14, seed=8)


@pytest.fixture(scope="module")
def sandbox(city: City) -> Iterator[Sandbox]:
    with start(city) as running:
        yield running


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory, city: City, sandbox: Sandbox) -> Keyboard:
    """Give the keyboard of a bank that was used for everything once, with troubles on the way."""
    keyboard = set_up(tmp_path_factory.mktemp("privacy"), city, sandbox)
    lists = keyboard.folder.parent / "lists"
    number = city.people[0].local_number
    keyboard.type("people", "import", lists / "roster.csv")
    keyboard.type("people", "import", lists / "entries.csv")
    keyboard.type("entries", "import", lists / "entries.csv")
    keyboard.type("sync", SHIQIAO_GUANGXI_SECRET=sandbox.secrets["guangxi"]["data_key"])
    keyboard.type("sync", "--lang", "en")
    for verb in (["conflicts"], ["balances"], ["statement", number], ["explain", number], ["verify"], ["doctor"]):
        keyboard.type(*verb)
        keyboard.type(*verb, "--json")
    keyboard.type("redeem", number, "--hours", "0.5", "--for", "self", "--reason", "陪护", "--by", "韦站长")
    keyboard.type("report", "--out", "report")
    filled_in = _filled_in(keyboard.folder, city)
    for form in (["--plan", "--json"], []):
        assert keyboard.type("decisions", "import", filled_in, *form).code == 1
    filled_in.unlink()  # what people typed into a file of theirs is not ours to sweep; the answer to it is
    sandbox.national.withdraw(city.national_records[-1].record_id)
    later = city.first_night + timedelta(days=1)
    sandbox.set_clocks(later)
    keyboard.at(later).type("sync", "--json")
    for personal in (city.people[0].id_number, city.people[1].name, city.people[2].phone):
        keyboard.type("statement", personal)
        keyboard.type("explain", personal)
    assert {said.code for said in keyboard.said} <= {0, 1, 2, 3}
    return keyboard


def _filled_in(folder: Path, city: City) -> Path:
    """Fill in every row of the report's workbook, some as they must not be, with people's data typed into them."""
    sheet = Spreadsheet(folder / "report" / "conflicts.xlsx")
    for line in sheet.lines:
        match line % 4:
            case 0:
                sheet.fill(line, "维持现状", "", "签到表", "韦站长")
            case 1:
                sheet.fill(line, "维持现状", "", f"本人{city.people[0].id_number}", "韦站长")
            case 2:
                sheet.fill(line, city.people[1].id_number, city.people[1].phone, city.people[2].phone, "韦站长")
            case _:
                sheet.fill(line, "维持现状", "", "签到表", "")
                sheet.type(line, "编号", city.people[3].id_number)
    return sheet.save(folder / "filled.xlsx")


# --- the sweep -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trace:
    """One secret found in one place; what was found is not repeated."""

    place: str
    kind: str
    spelling: str


def sweep(places: dict[str, bytes], planted: dict[str, set[str]]) -> list[Trace]:
    """Look for every planted text in every place, in every spelling; each kind and spelling is told once a place."""
    traces = {
        Trace(place, kind, spelling)
        for kind, texts in planted.items()
        for text in texts
        for spelling, needle in _spellings(text)
        for place, content in places.items()
        if needle in content
    }
    return sorted(traces, key=lambda trace: (trace.place, trace.kind, trace.spelling))


def _spellings(text: str) -> Iterator[tuple[str, bytes]]:
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        yield encoding, text.encode(encoding)
    yield "url", quote(text).encode()
    yield "json", text.encode("ascii", "backslashreplace")
    yield "hex", text.encode().hex().encode()
    for phase in range(BASE64_PHASES):
        yield "base64", _base64_inside(text.encode(), phase)


def _base64_inside(text: bytes, phase: int) -> bytes:
    """Give the letters that stand for ``text`` wherever it begins within a longer base64 text."""
    written = base64.b64encode(bytes(phase) + text)
    cut = -(-phase * 8 // 6) if phase else 0
    whole_bits = (phase + len(text)) * 8 // 6
    return written[cut:whole_bits]


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    content = path.read_bytes()
    yield path.name, content
    if zipfile.is_zipfile(BytesIO(content)):
        with zipfile.ZipFile(BytesIO(content)) as packed:
            yield from ((f"{path.name}/{name}", packed.read(name)) for name in packed.namelist())


def _left_behind(keyboard: Keyboard) -> dict[str, bytes]:
    """Give everything in the bank's folder (its scratch files too), and everything that it printed."""
    places = {
        name: content
        for path in sorted(keyboard.folder.rglob("*"))
        if path.is_file()
        for name, content in _contents(path)
    }
    for number, said in enumerate(keyboard.said):
        places[f"said {number}"] = (said.out + said.err).encode()
    return places


def _planted(city: City, sandbox: Sandbox) -> dict[str, set[str]]:
    records: list[NationalRecord | GuangxiRecord] = [*city.national_records, *city.guangxi_records]
    return {
        "id number": {one.id_number for one in city.people} | {one.id_number for one in records},
        "name": {one.name for one in city.people} | {one.name for one in records},
        "phone": {person.phone for person in city.people},
        "secret": {
            value for keys in sandbox.secrets.values() for name, value in keys.items() if name != "app_id"
        },
        "volunteer number": {number for one in city.people for number in (one.national_number, one.guangxi_number)},
        "beneficiary": {"陆奶奶", "梁爷爷", "潘奶奶", "甘爷爷"},
        "confirmer": {"社区值班员"},
        "remark": {"排队久，特殊情况2小时", "代缴电费", "上门聊天"},
    }  # fmt: skip


def test_nothing_personal_is_left_behind(used: Keyboard, city: City, sandbox: Sandbox) -> None:
    found = sweep(_left_behind(used), _planted(city, sandbox))

    assert not found, "\n".join(map(str, found))


@pytest.mark.store_file
def test_what_is_left_behind_is_worth_sweeping(used: Keyboard) -> None:
    places = _left_behind(used)

    expected = {
        "shiqiao.db",
        "conflicts.html",
        "conflicts.xlsx",
        "conflicts.xlsx/xl/workbook.xml",
        "conflicts.json",
        "filled-结果.xlsx/xl/sharedStrings.xml",
    }
    assert expected <= set(places)
    assert len(places["shiqiao.db"]) > 100_000
    assert sum(len(said.out) for said in used.said) > 5_000


@pytest.mark.parametrize(
    "spelled",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("gb18030"),
        lambda text: quote(text).encode(),
        lambda text: base64.b64encode(text.encode()),
        lambda text: base64.b64encode(b"x" + text.encode() + b"yz"),
        lambda text: base64.b64encode(b"xy" + text.encode() + b"z"),
        lambda text: text.encode("ascii", "backslashreplace"),
        lambda text: text.encode().hex().encode(),
    ],
)
@pytest.mark.parametrize("kind", ["id number", "name", "phone", "secret", "volunteer number", "beneficiary"])
def test_the_sweep_finds_what_leaked(city: City, sandbox: Sandbox, kind: str, spelled: Callable[[str], bytes]) -> None:
    planted = _planted(city, sandbox)
    leaked = min(planted[kind])
    places = {"log": b"before " + spelled(leaked) + b" behind", "clean": b"nothing"}

    assert {(trace.place, trace.kind) for trace in sweep(places, planted)} == {("log", kind)}


def test_the_sweep_reads_a_workbook_unpacked(tmp_path: Path, city: City, sandbox: Sandbox) -> None:
    planted = _planted(city, sandbox)
    with zipfile.ZipFile(tmp_path / "leak.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", f"<t>{city.people[0].name}</t>")
    found = sweep(dict(_contents(tmp_path / "leak.xlsx")), planted)

    assert {(trace.place, trace.kind) for trace in found} == {("leak.xlsx/xl/sharedStrings.xml", "name")}
