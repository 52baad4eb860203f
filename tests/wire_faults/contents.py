"""Faults of what is in an answer that arrives whole: no JSON, no envelope, a refusal, an ended session, counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from email.utils import format_datetime
from typing import Any

from domain.errors import BrokenAnswer, Refused
from tests.wire_faults.door import PLACES, Place, Spoil, Telling
from tests.wire_faults.faults import LATER_PAGES, PAGES, TOKEN, Fault, broken, harmless, refused

Inner = dict[str, Any]


def body(make: Callable[[bytes], bytes]) -> Spoil:
    """Put other bytes in the place of the right ones."""
    return lambda telling: telling.whole(make(telling.reply.body))


def instead(text: bytes) -> Spoil:
    """Answer this and nothing else."""
    return body(lambda _right: text)


def _text(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def outer(**changes: object) -> Spoil:
    """Change the outermost envelope; None stands for null, an ellipsis takes a field away."""
    return body(lambda right: _text(_changed(json.loads(right), changes)))


def inner(**changes: object) -> Spoil:
    """Change what is inside: Guangxi's second envelope, or national data's own fields."""

    def spoil(telling: Telling) -> None:
        envelope = json.loads(telling.reply.body)
        envelope["data"] = json.dumps(_changed(json.loads(envelope["data"]), changes), ensure_ascii=False)
        telling.whole(_text(envelope))

    return spoil


def _changed(value: Inner, changes: dict[str, object]) -> Inner:
    return {name: one for name, one in (value | changes).items() if one is not ...}


def listing(change: Callable[[Listing], None]) -> Spoil:
    """Change the rows or counts of a page, in either platform's way of writing them."""

    def spoil(telling: Telling) -> None:
        page = Listing(telling)
        change(page)
        telling.whole(page.text())

    return spoil


class Listing:
    """A page of a listing taken apart: its rows, its total, and what is around them."""

    def __init__(self, telling: Telling) -> None:
        self.is_national = telling.platform == "national"
        self.envelope: Inner = json.loads(telling.reply.body)
        if self.is_national:
            self.around = self.envelope
            data = self.envelope["data"]
            self.rows: list[Inner] = data["list"] if isinstance(data, dict) else data
        else:
            self._second: Inner = json.loads(self.envelope["data"])
            self.around = self._second["data"]
            self.rows = self.around["records"]
            self.asked: Inner = json.loads(telling.request.form["biz_content"])

    @property
    def total(self) -> int:
        """Give how many rows the platform says that there are."""
        return int(self.around["totalCount" if self.is_national else "total"])

    @total.setter
    def total(self, count: int) -> None:
        self.around["totalCount" if self.is_national else "total"] = count

    @property
    def id_field(self) -> str:
        """Give the name of the field that a row is known by."""
        return "id" if self.is_national else "recordId"

    def text(self) -> bytes:
        """Put the page together again."""
        if self.is_national:
            self.envelope["data"] = self.rows
        else:
            self.around["records"] = self.rows
            self.envelope["data"] = json.dumps(self._second, ensure_ascii=False)
        return _text(self.envelope)


def _one_more(page: Listing) -> None:
    page.total += 1


def _one_row_less(page: Listing) -> None:
    del page.rows[0]


def _no_rows(page: Listing) -> None:
    page.rows.clear()


def _a_row_twice(page: Listing) -> None:
    page.rows[-1] = page.rows[0]


def _one_row_more(page: Listing) -> None:
    page.rows.append({**page.rows[0], page.id_field: "77777777777777777777777777777777"})


def _number_of_another_page(page: Listing) -> None:
    page.around["pageNo"] = 7


def _more_pages(page: Listing) -> None:
    page.around["pageCount"] = 4


def _fewer_pages(page: Listing) -> None:
    page.around["pageCount"] = 1


def _same_cursor(page: Listing) -> None:
    page.around["nextCursor"] = page.asked["cursor"]


def _no_cursor_told(page: Listing) -> None:
    del page.around["nextCursor"]


def _empty_cursor(page: Listing) -> None:
    page.around["nextCursor"] = ""


def _ends_early(page: Listing) -> None:
    page.around["nextCursor"] = None


def page_again(telling: Telling) -> None:
    """Give the rows of the page before once more, under the number of this one."""
    page, before = Listing(telling), Listing(replace(telling, reply=replace(telling.reply, body=telling.page_before)))
    page.rows = before.rows
    if page.is_national:
        page.total, page.around["pageCount"] = len(PAGES) * len(before.rows), len(PAGES)
    telling.whole(page.text())


def session_over(telling: Telling) -> None:
    """Say that the session is over."""
    if telling.platform == "national":
        telling.whole("登录超时".encode(), status=404)
    else:
        inner(code=401, success=False, message="accessToken已过期", data=None)(telling)


def refusal(telling: Telling) -> None:
    """Refuse in the platform's own words."""
    if telling.platform == "national":
        outer(code=9999, message="系统繁忙，请稍后再试", data=None)(telling)
    else:
        inner(code=500, success=False, message="系统异常", data=None)(telling)


def refusal_with_403(telling: Telling) -> None:
    """Refuse under a status that says so, in an envelope that says so too."""
    telling.whole(_text({"code": 403, "success": False, "message": "无权限", "data": None}), status=403)


def login_data(change: Callable[[Inner], None]) -> Spoil:
    """Change what a log-in gives."""

    def spoil(telling: Telling) -> None:
        envelope = json.loads(telling.reply.body)
        if telling.platform == "national":
            change(envelope["data"])
        else:
            second = json.loads(envelope["data"])
            change(second["data"])
            envelope["data"] = json.dumps(second)
        telling.whole(_text(envelope))

    return spoil


def _token(value: object) -> Spoil:
    def change(data: Inner) -> None:
        data[next(name for name in data if "oken" in name)] = value

    return login_data(change)


def _lifetime(value: object) -> Spoil:
    return login_data(lambda data: data.update(expiresIn=value))


def dated(text: str | None, **ahead: float) -> Spoil:
    """Send the right answer with another ``Date``: this one, or one so far off the platform's time."""

    def spoil(telling: Telling) -> None:
        off = telling.door.clock.at + timedelta(**ahead)
        told = format_datetime(off.astimezone(UTC), usegmt=True) if ahead else text
        telling.date = told
        telling.whole()

    return spoil


ANY = (
    broken("answer_empty", "empty body", instead(b"")),
    broken("answer_empty", "blank body", instead(b"\xef\xbb\xbf \r\n\t ")),
    broken("answer_not_json", "half the text", body(lambda right: right[: len(right) // 2])),
    broken("answer_not_json", "twice in a row", body(lambda right: right * 2)),
    broken("answer_not_json", "tail behind it", body(lambda right: right + b"<!-- 0.02 s -->")),
    broken("answer_not_json", "UTF-16", body(lambda right: right.decode().encode("utf-16"))),
    broken("answer_not_json", "deep", instead(b"[" * 20_000)),
    broken("answer_not_json", "words", instead("系统繁忙，请稍后再试".encode())),
    *(broken("answer_shape", f"only {text.decode()}", instead(text)) for text in (b"null", b"[]", b"{}", b'"ok"')),
    broken("answer_shape", "no code", outer(code=...)),
    broken("answer_shape", "code of another kind", outer(code=[0])),
    broken("answer_shape", "data null", outer(data=None)),
    broken("answer_shape", "data a number", outer(data=7)),
    broken("answer_shape", "success a word", outer(success="true"), PLACES, "guangxi"),
    broken("answer_not_json", "data cut", outer(data='{"code": 200, "succ'), PLACES, "guangxi"),
    broken("answer_shape", "data inside null", inner(data=None), PLACES, "guangxi"),
    broken("answer_shape", "code inside missing", inner(code=...), PLACES, "guangxi"),
    refused("refusal", refusal),
    refused("refusal under 403", refusal_with_403),
    refused("outer refusal", outer(code="500", success=False, message="网关错误"), "guangxi"),
    refused("outer code of another kind", outer(code="201"), "guangxi"),
    refused("success false outside", outer(success=False), "guangxi"),
    refused("success false inside", inner(success=False), "guangxi"),
    harmless("byte order mark", body(lambda right: b"\xef\xbb\xbf" + right)),
    harmless("blanks around it", body(lambda right: b"\r\n  " + right + b"\n\n")),
    harmless("GB18030", body(lambda right: right.decode().encode("gb18030"))),
    harmless("Chinese as escapes", body(lambda right: json.dumps(json.loads(right)).encode())),
    harmless("fields of tomorrow", outer(traceId="x", extra={"a": [1]})),
    harmless("no Date", dated(None)),
    harmless("Date of no year of ours", dated("Thu, 31 Mar 1904 18:30:07 GMT")),
    harmless("Date a little ahead", dated("", seconds=200)),
)


def _passes(name: str, spoil: Spoil, places: tuple[Place, ...] = tuple(PAGES), *platforms: str) -> Fault:
    """Give a fault that shows only when the listing is at its end, and has it read again from its beginning."""
    fault = broken("counts_disagree", name, spoil, places, *platforms)
    return Fault(fault.name, fault.spoil, BrokenAnswer, fault.code, places, fault.platforms, calls=None)


_PAGES = tuple(PAGES)
LISTING = (
    broken("counts_differ", "one more told at the end", listing(_one_more), (PAGES[-1],), "national"),
    broken("counts_differ", "one row less", listing(_one_row_less), _PAGES, "national"),
    broken("counts_differ", "one row more", listing(_one_row_more), _PAGES, "national"),
    broken("counts_differ", "no rows", listing(_no_rows), _PAGES, "national"),
    broken("counts_differ", "number of another page", listing(_number_of_another_page), _PAGES, "national"),
    broken("counts_differ", "more pages told", listing(_more_pages), _PAGES, "national"),
    broken("counts_differ", "fewer pages told", listing(_fewer_pages), _PAGES, "national"),
    _passes("one more told", listing(_one_more), (PAGES[0], PAGES[1])),
    _passes("one more told at the end", listing(_one_more), (PAGES[-1],), "guangxi"),
    _passes("one row less", listing(_one_row_less), _PAGES, "guangxi"),
    _passes("a row twice", listing(_a_row_twice)),
    _passes("no rows", listing(_no_rows), _PAGES, "guangxi"),
    broken("page_repeated", "page again", page_again, tuple(LATER_PAGES)),
    broken("page_repeated", "cursor again", listing(_same_cursor), tuple(LATER_PAGES), "guangxi"),
    broken("answer_shape", "no cursor told", listing(_no_cursor_told), _PAGES, "guangxi"),
    broken("answer_shape", "empty cursor", listing(_empty_cursor), _PAGES, "guangxi"),
    _passes("ends in the middle", listing(_ends_early), (PAGES[1],), "guangxi"),
    broken("counts_differ", "ends after the first page", listing(_ends_early), (PAGES[0],), "guangxi"),
    Fault("session over", session_over, Refused, "session_over", _PAGES, calls=2),
    harmless("Date a day ahead", dated("", days=1), _PAGES),
)

LOG_IN = (
    *(
        broken("answer_shape", f"token {name}", _token(value), (TOKEN,))
        for name, value in (
            ("null", None), ("empty", ""), ("a number", 7), ("of two lines", "a\r\nHost: b"), ("in Chinese", "令牌"),
            ("too long", "a" * 5000), ("a list", ["a"]),
        )
    ),
    *(
        broken("answer_shape", f"life {name}", _lifetime(value), (TOKEN,))
        for name, value in (("null", None), ("below nought", -1), ("a word", "long"), ("a fraction", 1.5))
    ),
    harmless("life nought", _lifetime(0), (TOKEN,)),
    harmless("life for ever", _lifetime(10**12), (TOKEN,)),
)  # fmt: skip

CLOCKS = (
    harmless("Date a month behind", dated("", days=-31), PLACES),
    harmless("Date an hour behind", dated("", hours=-1), PLACES),
)
