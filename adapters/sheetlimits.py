"""What a sheet may cost to read, and the fault of one that may not be read at all."""

from __future__ import annotations

FILE_BYTES_MAX = 50_000_000
UNPACKED_BYTES_MAX = 200_000_000
PARTS_MAX = 2_000
ROWS_MAX = 200_000
COLUMNS_MAX = 500
CELLS_MAX = 10_000_000
REPEATED_TEXT_BYTES_MAX = 1_000_000_000


class SheetFault(Exception):  # noqa: N818 - a fault between the modules that read sheets, never shown
    """A file that is not read: ``code`` and ``data`` are those of the ``UsageError`` that tells of it."""

    def __init__(self, code: str, **data: str) -> None:
        """Keep the code and what fills its sentence."""
        super().__init__(code)
        self.code = code
        self.data = data
