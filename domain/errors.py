"""Every error of the house, grouped by who must act; they carry data, the front door finds the words.

::

    ShiqiaoError
    ├── UsageError            the person at the keyboard: a setting, a file, an argument   (exit 2)
    ├── OperatorError         an operator: the book or a rule refuses what was asked       (exit 3)
    ├── PlatformError         the platform or its operator; the other platforms go on      (exit 1)
    │   ├── Unreachable       no answer in time: tried again, then the slice is partial
    │   ├── Throttled         too many calls: waited as told, then the slice is partial
    │   ├── Refused           the platform's own refusal (bad key, no right, bad request)
    │   ├── BrokenAnswer      not the agreed shape: HTML, empty, cut off, wrong counts
    │   └── UnknownOutcome    a write whose answer was lost: look it up, never send it again
    └── StoreError            the maintainer: the store is newer, altered, not ours or cannot be reached; what is
                              to be tried again says so                                    (exit 3)
"""

from __future__ import annotations


class ShiqiaoError(Exception):
    """Anything the house says no to.

    ``code`` names the sentence in the front door's word list; ``data`` fills its gaps and never holds personal data or
    secrets.
    """

    def __init__(self, code: str, **data: str | int) -> None:
        """Keep the sentence's code and what fills its gaps."""
        super().__init__(code, data)
        self.code = code
        self.data = data

    def __str__(self) -> str:
        """Show code and data, for logs."""
        return " ".join([self.code, *(f"{key}={value}" for key, value in self.data.items())])


class UsageError(ShiqiaoError):
    """The person at the keyboard must mend a setting, a file or an argument."""


class OperatorError(ShiqiaoError):
    """The book or a rule refuses what was asked; an operator must decide otherwise."""


class PlatformError(ShiqiaoError):
    """A platform failed; its slice is partial and the others go on."""


class Unreachable(PlatformError):  # noqa: N818 - named for what happened
    """No complete answer came in time."""


class Throttled(PlatformError):  # noqa: N818
    """The platform asked for fewer calls, for longer than we wait."""


class Refused(PlatformError):  # noqa: N818
    """The platform said no in its own words."""


class BrokenAnswer(PlatformError):  # noqa: N818
    """The answer does not have the agreed shape; never read as "no rows"."""


class UnknownOutcome(PlatformError):  # noqa: N818
    """A write was sent and its answer was lost."""


class StoreError(ShiqiaoError):
    """The store is newer than this program, altered, not ours, or cannot be reached."""
