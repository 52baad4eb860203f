"""The bar chart of the stations as plain geometry; the template draws it, in patterns that survive black and white."""

from __future__ import annotations

from dataclasses import dataclass

from desk.report.arrange import StationLine

WIDTH = 1000
ROW_HEIGHT = 36
_NAME_WIDTH = 150
_LABEL_WIDTH = 300


@dataclass(frozen=True, slots=True)
class Bar:
    """One station's bar, in the drawing's units: first what is to be settled, then what is back at the station."""

    line: StationLine
    y: int
    x: int
    open_width: int
    returned_width: int

    @property
    def end_x(self) -> int:
        """Give where the bar ends."""
        return self.x + self.open_width + self.returned_width


@dataclass(frozen=True, slots=True)
class Chart:
    """All bars and the size of the drawing."""

    bars: tuple[Bar, ...]
    width: int
    height: int


def chart(lines: tuple[StationLine, ...]) -> Chart:
    """Scale the stations' counts to the longest of them."""
    longest = max((line.count + line.returned_count for line in lines), default=0) or 1
    room = WIDTH - _NAME_WIDTH - _LABEL_WIDTH
    bars = tuple(
        Bar(
            line=line,
            y=place * ROW_HEIGHT,
            x=_NAME_WIDTH,
            open_width=line.count * room // longest,
            returned_width=line.returned_count * room // longest,
        )
        for place, line in enumerate(lines)
    )
    return Chart(bars, WIDTH, len(bars) * ROW_HEIGHT)
