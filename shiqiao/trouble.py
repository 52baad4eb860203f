"""Keep where an unforeseen error happened, for the maintainer, without what it said."""

from __future__ import annotations

import os
import tempfile
import traceback
from pathlib import Path


def write_trouble(error: Exception) -> Path:
    """Write the way to an unforeseen error into a new file (mode 0600) and give its path.

    Only kinds, files, lines and functions are written: an unforeseen message may hold a person's data or a secret.
    """
    handle, name = tempfile.mkstemp(prefix="shiqiao-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        fault: BaseException | None = error
        while fault is not None:
            file.write(f"{type(fault).__module__}.{type(fault).__qualname__}\n")
            frames = traceback.extract_tb(fault.__traceback__)
            file.writelines(f"  {frame.filename}:{frame.lineno} {frame.name}\n" for frame in frames)
            fault = fault.__cause__ or fault.__context__
    return Path(name)
