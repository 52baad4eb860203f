"""Find the sentence for a code, in the language that was asked for."""

from __future__ import annotations

import itertools
import string
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from domain.errors import (
    BrokenAnswer,
    PlatformError,
    Refused,
    ShiqiaoError,
    Throttled,
    UnknownOutcome,
    Unreachable,
    UsageError,
)

LANGUAGES = ("zh", "en")
_ADVICE: tuple[tuple[type[PlatformError], str], ...] = (
    (Unreachable, "advice_unreachable"), (Throttled, "advice_throttled"), (Refused, "advice_refused"),
    (BrokenAnswer, "advice_broken"), (UnknownOutcome, "advice_unknown"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """All sentences of one language, by code; a sentence's gaps are ``{name}``."""

    language: str
    sentences: Mapping[str, str]

    def has(self, code: str) -> bool:
        """Tell whether there is a sentence for ``code``."""
        return code in self.sentences

    def say(self, code: str, **data: str | int) -> str:
        """Give the sentence for ``code``; what has no sentence yet is shown by its code and data rather than lost."""
        sentence = self.sentences.get(code)
        if sentence is None:
            return " ".join([code, *(f"{name}={value}" for name, value in data.items())])
        return _Gaps().vformat(sentence, (), data)

    def say_error(self, error: ShiqiaoError) -> str:
        """Give the sentence for an error of the house, on one line; its ``problem`` is a code with a sentence too.

        Where a fault lies on no line of a file (line 0), the sentence ``<code>_whole`` speaks of the file as a whole.
        """
        code = f"{error.code}_whole"
        is_whole = error.data.get("line") == 0 and self.has(code)
        return " ".join(self.say(code if is_whole else error.code, **self._worded(error.data)).splitlines())

    def advise(self, error: PlatformError) -> str:
        """Give what a person should do about a platform that failed so: wait, or not."""
        return self.say(next((code for kind, code in _ADVICE if isinstance(error, kind)), "remedy_platform"))

    def _worded(self, data: Mapping[str, str | int]) -> dict[str, str | int]:
        if "problem" not in data:
            return dict(data)
        code = f"problem_{data['problem']}"
        return {**data, "problem": self.say(code if self.has(code) else "problem_other")}


class _Gaps(string.Formatter):
    """Fill a sentence's gaps; a gap without a value shows as ``?``, for a poor sentence is better than none."""

    def get_value(self, key: int | str, args: Sequence[object], kwargs: Mapping[str, object]) -> object:
        del args
        return kwargs.get(str(key), "?")


def read_words(language: str) -> Words:
    """Read the sentences of ``language`` (``zh`` or ``en``) from the package."""
    text = resources.files(__package__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    return Words(language, {code: sentence for table in tables.values() for code, sentence in table.items()})


def chosen_language(arguments: Sequence[str], environ: Mapping[str, str]) -> str:
    """Give the language that the arguments (``--lang en``), else ``SHIQIAO_LANG``, ask for; Chinese by default.

    It is read before the arguments are parsed, so that a mistake in them is told in the right language too.

    Raises:
        UsageError: ``SHIQIAO_LANG`` names a language that there is not.
    """
    asked = _asked_languages(arguments)
    if asked:
        return asked[-1] if asked[-1] in LANGUAGES else LANGUAGES[0]
    language = environ.get("SHIQIAO_LANG", "").strip() or LANGUAGES[0]
    if language not in LANGUAGES:
        raise UsageError("lang_unknown", known="、".join(LANGUAGES))
    return language


def _asked_languages(arguments: Sequence[str]) -> list[str]:
    apart = [after for argument, after in itertools.pairwise(arguments) if argument == "--lang"]
    joined = [argument.partition("=")[2] for argument in arguments if argument.startswith("--lang=")]
    return apart + joined
