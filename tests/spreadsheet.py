"""A person at a spreadsheet: opens the report's workbook, types into cells and saves, all else as it was written."""

from __future__ import annotations

import re
import zipfile
from copy import deepcopy
from pathlib import Path
from xml.etree import ElementTree as ET

from defusedxml.ElementTree import fromstring

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ROWS = "xl/worksheets/sheet2.xml"
_A = f"{{{_MAIN}}}"

ET.register_namespace("", _MAIN)
ET.register_namespace("r", _LINKS)


class Spreadsheet:
    """The workbook's sheet of conflicts; lines count from 1, the headings stand in line 1."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            self._parts = {name: archive.read(name) for name in archive.namelist()}
        self._sheet = fromstring(self._parts[_ROWS])
        texts = fromstring(self._parts["xl/sharedStrings.xml"])
        self._texts = ["".join(part.text or "" for part in one.iter(f"{_A}t")) for one in texts.iter(f"{_A}si")]
        self.headings = {self.text(1, letters): letters for letters in self._letters(1)}

    @property
    def lines(self) -> list[int]:
        """Give the lines below the headings."""
        return [int(row.get("r", "0")) for row in self._sheet.iter(f"{_A}row")][1:]

    @property
    def ids(self) -> list[str]:
        """Give what stands in the first cell of every line."""
        return [self.text(line, "A") for line in self.lines]

    def line_of(self, conflict_id: str) -> int:
        """Give the line of a conflict."""
        return self.lines[self.ids.index(conflict_id)]

    def read(self, line: int, heading: str) -> str:
        """Give the text under a heading."""
        return self.text(line, self.headings[heading])

    def text(self, line: int, letters: str) -> str:
        """Give the text of a cell."""
        cell = self._cell(line, letters)
        value = cell.findtext(f"{_A}v") or ""
        if cell.get("t") == "s":
            return self._texts[int(value)]
        return "".join(part.text or "" for part in cell.iter(f"{_A}t")) if cell.get("t") == "inlineStr" else value

    def type(self, line: int, heading: str, value: str | float) -> None:
        """Type a text or a number into a cell."""
        self._put(self._cell(line, self.headings[heading]), value)

    def fill(self, line: int, *values: str | float) -> None:
        """Fill in a row's 处理意见, 小时数, 理由 and 处理人, as many as are given."""
        for heading, value in zip(("处理意见", "小时数", "理由", "处理人"), values, strict=False):
            self.type(line, heading, value)

    def type_formula(self, line: int, heading: str, formula: str, result: str) -> None:
        """Put a formula into a cell, with its last result."""
        cell = self._cell(line, self.headings[heading])
        self._empty(cell)
        cell.set("t", "str")
        ET.SubElement(cell, f"{_A}f").text = formula
        ET.SubElement(cell, f"{_A}v").text = result

    def copy_line(self, line: int) -> int:
        """Copy a row below the last one; give its line."""
        data = next(self._sheet.iter(f"{_A}sheetData"))
        copied = deepcopy(self._row(line))
        data.append(copied)
        last = max(self.lines) + 1
        self._renumber(copied, last)
        return last

    def delete_line(self, line: int) -> None:
        """Take a row out; those below move up."""
        data = next(self._sheet.iter(f"{_A}sheetData"))
        data.remove(self._row(line))
        for number, row in enumerate(data, 1):
            self._renumber(row, number)

    def turn_lines(self) -> None:
        """Sort the rows the other way round."""
        data = next(self._sheet.iter(f"{_A}sheetData"))
        head, *rows = list(data)
        data[:] = [head, *reversed(rows)]
        for number, row in enumerate(data, 1):
            self._renumber(row, number)

    def delete_column(self, heading: str) -> None:
        """Empty a column and its heading."""
        letters = self.headings.pop(heading)
        for line in (1, *self.lines):
            self._empty(self._cell(line, letters))

    def swap_columns(self, one: str, other: str) -> None:
        """Let two columns change places, headings and all."""
        for line in (1, *self.lines):
            first, second = (self._cell(line, self.headings[heading]) for heading in (one, other))
            kept = list(first), first.attrib.pop("t", None)
            first[:], second_type = list(second), second.attrib.pop("t", None)
            second[:] = kept[0]
            for cell, kind in ((first, second_type), (second, kept[1])):
                if kind is not None:
                    cell.set("t", kind)
        self.headings[one], self.headings[other] = self.headings[other], self.headings[one]

    def add_column(self, heading: str, value: str) -> None:
        """Write a column of one's own behind all others."""
        row_ends = "Z"
        for line in (1, *self.lines):
            cell = ET.SubElement(self._row(line), f"{_A}c", {"r": f"{row_ends}{line}"})
            self._put(cell, heading if line == 1 else value)

    def rename_sheets(self) -> None:
        """Give every sheet another name."""
        names = iter(("一", "二", "三"))
        text = self._parts["xl/workbook.xml"].decode()
        self._parts["xl/workbook.xml"] = re.sub(
            r'<sheet name="[^"]*"', lambda _: f'<sheet name="{next(names)}"', text
        ).encode()

    def save(self, path: Path) -> Path:
        """Save it under another name."""
        self._parts[_ROWS] = ET.tostring(self._sheet, encoding="utf-8", xml_declaration=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, part in self._parts.items():
                archive.writestr(name, part)
        return path

    def _row(self, line: int) -> ET.Element:
        return next(row for row in self._sheet.iter(f"{_A}row") if row.get("r") == str(line))

    def _cell(self, line: int, letters: str) -> ET.Element:
        return next(cell for cell in self._row(line) if cell.get("r") == f"{letters}{line}")

    def _letters(self, line: int) -> list[str]:
        return [re.sub(r"\d", "", cell.get("r", "")) for cell in self._row(line)]

    def _put(self, cell: ET.Element, value: str | float) -> None:
        self._empty(cell)
        if isinstance(value, str):
            cell.set("t", "inlineStr")
            holder = ET.SubElement(ET.SubElement(cell, f"{_A}is"), f"{_A}t")
            holder.text = value
            holder.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        else:
            ET.SubElement(cell, f"{_A}v").text = repr(value)

    @staticmethod
    def _empty(cell: ET.Element) -> None:
        cell.attrib.pop("t", None)
        cell[:] = []

    @staticmethod
    def _renumber(row: ET.Element, line: int) -> None:
        row.set("r", str(line))
        for cell in row:
            cell.set("r", re.sub(r"\d+", str(line), cell.get("r", "")))
