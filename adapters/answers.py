"""What every platform's answer must prove before anything in it is believed: that it is whole, and JSON."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from adapters.texts import parsed_json
from adapters.transport import Answer
from domain.errors import BrokenAnswer, Refused

M = TypeVar("M", bound=BaseModel)
MESSAGE_CHARACTERS_MAX = 80

_OK = 200
_NO_RIGHT = (401, 403)
_TELLING = re.compile(r"[0-9０-９]{4,}[Xx]?|[A-Za-z0-9+/=_-]{12,}")
_ECHOED = re.compile(r'[{\[<"].*', re.DOTALL)
_MASK = "***"


def json_of(answer: Answer, *, platform: str, what: str) -> Any:  # noqa: ANN401 - a model looks at it next
    """Give the JSON of an answer.

    Raises:
        BrokenAnswer: the answer is empty, a web page, cut off, or no JSON.
        Refused: its status says that we have no right.
    """
    body = answer.body.removeprefix(BOM_UTF8).strip()
    is_page = body.startswith(b"<")
    if answer.status in _NO_RIGHT and is_page:
        # A firewall says so as well, and it is not the platform: what it stopped may pass a moment later.
        raise BrokenAnswer("answer_html", platform=platform, what=what)
    if answer.status in _NO_RIGHT:
        raise Refused("platform_refused", platform=platform, what=what, platform_code=answer.status, message="")
    if answer.status != _OK:
        raise BrokenAnswer("answer_status", platform=platform, what=what, status=answer.status)
    if not body:
        raise BrokenAnswer("answer_empty", platform=platform, what=what)
    if is_page:
        raise BrokenAnswer("answer_html", platform=platform, what=what)
    try:
        return parsed_json(body)
    except ValueError:
        raise BrokenAnswer("answer_not_json", platform=platform, what=what) from None


def shaped(model: type[M], value: object, *, platform: str, what: str) -> M:
    """Give the value in the model's shape.

    Raises:
        BrokenAnswer: it has another; the field is named, its value is not.
    """
    try:
        return model.model_validate(value)
    except ValidationError as fault:
        # The library's own message quotes the value: only the place goes on.
        place = ".".join(str(part) for part in fault.errors(include_input=False, include_url=False)[0]["loc"])
    raise BrokenAnswer("answer_shape", platform=platform, what=what, field=place)


def shown_message(message: str | None, *hidden: str) -> str:
    """Give a platform's message without whatever could tell of a person.

    That is what is ``hidden``, long numbers, long codes, and the data that some platforms put behind their words.
    """
    text = _ECHOED.sub(_MASK, message or "")
    for part in sorted(filter(None, hidden), key=len, reverse=True):
        text = text.replace(part, _MASK)
    return _TELLING.sub(_MASK, text)[:MESSAGE_CHARACTERS_MAX]
