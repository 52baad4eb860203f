"""Spoil an input by chance: its bytes, its structure, its values, its cells, or a part of its archive."""

from __future__ import annotations

import copy
import csv
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

Json = Any
SPLINTERS = (
    b"\\ud800", b"null", b'"', b"9" * 40, b"1e999", b"\xff", b"[", b"{", b"-", "\u202e".encode(), b"\0", b"\\u0000",
    b"\xef\xbb\xbf", "覃".encode("gb18030"), b",", b"\r\n", b"'", b"<", b"&#0;", b"NaN", "　".encode(), b"=1+1",
)  # fmt: skip
ODD: tuple[Json, ...] = (
    None, True, False, 0, -1, 1, 2**53 + 1, 10**30, 1e300, -0.0, 0.1, "", " ", "　", "\ud800", "\0", "？", "�",
    "9" * 200, "a" * 70_000, [], {}, [[]], {"list": []}, "0000-00-00", "2022-02-30 10:00:00", "2022-03-01 10:00:00",
    "59:59:59", "9999-12-31 23:59:59", "2022-03-01T10:00:00+99:00", "2022-03-01T24:00:00+08:00", "NaN", "-0",
    "０．７０", "0.705", "1e2", "24.00", "24.01", "²", "٣", "2", "VALID", "是",
    "\u202e覃", "SQ" + "A" * 24, "../..", "{0}", "%s",
)  # fmt: skip
CELLS = (
    "", " ", "\0", "　", "同上", "合计", "示例", "填表人：", "=1+1", '"', "'", "\n", "4.599E+17", "459900195503071227",
    "１２", "2022/3/5", "3月5日", "44625", "2022-02-30", "14:30", "下午2点半", "24:00", "25:61", "是", "√", "城中",
    "陪聊", "覃小英、韦阿芳", "a" * 5000, "国家平台", "-", "/", "无", "P1", "P2", "E1", "高血压", "1e999", "²³",
    "\u202e", "NaN", "٣٤",
)  # fmt: skip


def mutated(kind: str, seed: bytes, chance: random.Random) -> bytes:
    """Give the input spoilt in one or several ways; ``kind`` is json, csv, xlsx or text."""
    drawn = chance.random()
    if drawn < 0.2:
        return _bytes(seed, chance)
    return _STRUCTURED[kind](seed, chance) if drawn < 0.8 else _text(seed, chance)


def _bytes(seed: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(seed)
    for _ in range(chance.choice((1, 1, 1, 2, 5, 30))):
        place = chance.randrange(len(spoilt) + 1)
        match chance.randrange(6):
            case 0:
                del spoilt[place : place + chance.randrange(1, 40)]
            case 1:
                spoilt[place:place] = chance.choice(SPLINTERS)
            case 2:
                start = chance.randrange(len(spoilt) + 1)
                spoilt[place:place] = spoilt[start : start + chance.randrange(60)]
            case 3:
                del spoilt[chance.choice((place, len(spoilt))) :]
            case _ if place < len(spoilt):
                spoilt[place] = chance.randrange(256)
    return bytes(spoilt)


def _text(seed: bytes, chance: random.Random) -> bytes:
    """Spoil characters and lines, so that what comes of it is text still."""
    text = seed.decode("utf-8", "replace")
    for _ in range(chance.choice((1, 1, 2, 4))):
        place = chance.randrange(len(text) + 1)
        match chance.randrange(4):
            case 0:
                text = text[:place] + text[place + chance.randrange(1, 12) :]
            case 1:
                text = text[:place] + chance.choice(CELLS) + text[place:]
            case 2:
                text = text[:place] + chance.choice("0-[]{}=\"'.,:#\n\0é龘　０") + text[place + chance.randrange(2) :]
            case _:
                lines = text.splitlines(keepends=True)
                lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines or [""]))
                text = "".join(lines)
    return text.encode()


# JSON ----------------------------------------------------------------------------------------------------------------

Spot = tuple[Any, Any]


def _spots(value: Json, found: list[Spot]) -> list[Spot]:
    """List every place in a value: the container and the key or number within it."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inside in list(items):
        found.append((value, key))
        if isinstance(inside, dict | list):
            _spots(inside, found)
    return found


def _json(seed: bytes, chance: random.Random) -> bytes:
    value = copy.deepcopy(json.loads(seed.decode("utf-8", "replace")))
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        spots = _spots(value, [])
        if spots:
            container, key = chance.choice(spots)
            chance.choice(_JSON_MOVES)(container, key, chance)
    if chance.random() < 0.02:
        value = chance.choice(([value], *ODD))
    return json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


def _put_odd(container: Json, key: Json, chance: random.Random) -> None:
    container[key] = chance.choice(ODD)


def _edit(container: Json, key: Json, chance: random.Random) -> None:
    text = str(container[key])
    place = chance.randrange(len(text) + 1)
    sign = chance.choice(' 0?０-.:"\\\ud800\0é龘·�')
    container[key] = text[:place] + sign + text[place + chance.randrange(3) :]


def _retype(container: Json, key: Json, chance: random.Random) -> None:
    value = container[key]
    container[key] = chance.choice((str(value), [value], {"list": value}, len(str(value)), json.dumps(value)))


def _take_out(container: Json, key: Json, _chance: random.Random) -> None:
    del container[key]


def _twice(container: Json, key: Json, chance: random.Random) -> None:
    if isinstance(container, list):
        container.insert(chance.randrange(len(container) + 1), copy.deepcopy(container[key]))
    else:
        container[f"{key}{chance.choice(('', ' ', '2'))}"] = container[key]


def _swap(container: Json, key: Json, chance: random.Random) -> None:
    other = chance.choice(list(container) if isinstance(container, dict) else range(len(container)))
    container[key], container[other] = container[other], container[key]


_JSON_MOVES = (_put_odd, _put_odd, _edit, _edit, _retype, _take_out, _twice, _swap)


# Tables --------------------------------------------------------------------------------------------------------------


def _csv(seed: bytes, chance: random.Random) -> bytes:
    rows = list(csv.reader(io.StringIO(seed.decode())))
    for _ in range(chance.choice((1, 1, 2, 3))):
        chance.choice(_TABLE_MOVES)(rows, chance)
    text = io.StringIO()
    csv.writer(text, delimiter=chance.choice(",,,,;\t"), lineterminator=chance.choice(("\n", "\r\n"))).writerows(rows)
    encoding = chance.choice(("utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16"))
    return text.getvalue().encode(encoding, "replace")


def _cell(rows: list[list[str]], chance: random.Random) -> None:
    row = chance.choice(rows[1:] or rows)
    if row:
        row[chance.randrange(len(row))] = chance.choice(CELLS)


def _typo(rows: list[list[str]], chance: random.Random) -> None:
    row = chance.choice(rows)
    if row:
        place = chance.randrange(len(row))
        cut = chance.randrange(len(row[place]) + 1)
        row[place] = row[place][:cut] + chance.choice("0O?·　，1/") + row[place][cut + chance.randrange(2) :]


def _row_again(rows: list[list[str]], chance: random.Random) -> None:
    rows.insert(chance.randrange(len(rows) + 1), list(chance.choice(rows)))


def _row_out(rows: list[list[str]], chance: random.Random) -> None:
    if len(rows) > 1:
        del rows[chance.randrange(len(rows))]


def _column_moved(rows: list[list[str]], chance: random.Random) -> None:
    one, other = chance.randrange(len(rows[0]) or 1), chance.randrange(len(rows[0]) or 1)
    for row in rows:
        if max(one, other) < len(row):
            row[one], row[other] = row[other], row[one]


def _column_pushed_down(rows: list[list[str]], chance: random.Random) -> None:
    place = chance.randrange(len(rows[0]) or 1)
    column = [row[place] if place < len(row) else "" for row in rows]
    for row, cell in zip(rows[1:], ["", *column[1:]], strict=False):
        if place < len(row):
            row[place] = cell


def _title(rows: list[list[str]], chance: random.Random) -> None:
    rows.insert(0, [chance.choice(CELLS)])


_TABLE_MOVES: tuple[Callable[[list[list[str]], random.Random], None], ...] = (
    _cell, _cell, _cell, _typo, _typo, _row_again, _row_out, _column_moved, _column_pushed_down, _title,
)  # fmt: skip


# Archives ------------------------------------------------------------------------------------------------------------


def _xlsx(seed: bytes, chance: random.Random) -> bytes:
    """Spoil one part of the archive and pack it again, so that the reader of the part sees it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(seed)) as archive, zipfile.ZipFile(packed, "w") as spoilt:
        names = archive.namelist()
        weights = [8 if "sheet" in name or "Strings" in name else 1 for name in names]
        (chosen,) = chance.choices(names, weights)
        for name in names:
            part = archive.read(name)
            if name == chosen:
                part = _bytes(part, chance) if chance.random() < 0.3 else _xml(part, chance)
            spoilt.writestr(name, part)
    return packed.getvalue()


def _xml(part: bytes, chance: random.Random) -> bytes:
    """Put other values between tags and into attributes; the XML stays whole."""
    text = part.decode("utf-8", "replace")
    for _ in range(chance.choice((1, 1, 2, 4))):
        found = list(_XML_VALUE.finditer(text))
        if found:
            value = chance.choice(found)
            put = chance.choice((chance.choice(CELLS), chance.choice(_XML_VALUES), chance.choice(found).group()))
            text = text[: value.start()] + escape(put, {'"': "&quot;"}) + text[value.end() :]
    return text.encode()


_XML_VALUE = re.compile(r'(?<=>)[^<>]+(?=</)|(?<==")[^"<>]*(?=")')
_XML_VALUES = (
    "A1",
    "XFD1048576",
    "s",
    "str",
    "inlineStr",
    "e",
    "b",
    "d",
    "n",
    "0",
    "-1",
    "99999",
    "1e308",
    "44625.5",
    "14",
)
_STRUCTURED = {"json": _json, "csv": _csv, "xlsx": _xlsx, "text": _text}
