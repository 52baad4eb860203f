"""Faults of the connection and of HTTP: whatever was answered, it does not arrive, not whole, or as something else."""

from __future__ import annotations

import gzip
import zlib

from domain.errors import Unreachable
from tests.wire_faults.door import Spoil, Telling
from tests.wire_faults.faults import Fault, broken, harmless, throttled, unreachable
from tests.wire_faults.life import ANSWER_BYTES_MAX

STALL_SECONDS = 0.15
_DRIPS = 45
_HTML = "text/html;charset=UTF-8"
_FIREWALL = "<!DOCTYPE html><html><body>您的访问可能对网站造成威胁，已被云防护拦截</body></html>".encode()
_TEXT = "text/plain"


def refuse_connection(telling: Telling) -> None:
    """Go down: this call is dropped, the next ones find nobody."""
    telling.door.refuse_connections()
    telling.reset()


def say_nothing(telling: Telling) -> None:
    """Close as if there had been no request; so does a server that has just given up a kept connection."""
    del telling


def reset(telling: Telling) -> None:
    """Drop the connection instead of an answer."""
    telling.reset()


def reset_in_head(telling: Telling) -> None:
    """Drop the connection in the middle of the head."""
    telling.send(telling.head(length=9)[:40])
    telling.reset()


def close_in_head(telling: Telling) -> None:
    """Close in the middle of the head."""
    telling.send(telling.head(length=9)[:40])


def _half(telling: Telling) -> bytes:
    return telling.head(length=len(telling.reply.body)) + telling.reply.body[: len(telling.reply.body) // 2]


def reset_in_body(telling: Telling) -> None:
    """Drop the connection in the middle of the body."""
    telling.send(_half(telling))
    telling.reset()


def close_in_body(telling: Telling) -> None:
    """Close before the promised length is there."""
    telling.send(_half(telling))


def close_one_byte_early(telling: Telling) -> None:
    """Close where but one byte is missing."""
    telling.send(telling.head(length=len(telling.reply.body)) + telling.reply.body[:-1])


def close_without_length(telling: Telling) -> None:
    """Close in the middle of a body whose length was never told."""
    telling.send(telling.head("Connection: close") + telling.reply.body[: len(telling.reply.body) // 2])


def chunks_cut_off(telling: Telling) -> None:
    """Close between two chunks."""
    half = telling.reply.body[: len(telling.reply.body) // 2]
    telling.send(telling.head("Transfer-Encoding: chunked") + b"%x\r\n%s\r\n" % (len(half), half))


def chunks_without_end(telling: Telling) -> None:
    """Send every chunk but the last, empty one, which says that this was all."""
    body = telling.reply.body
    telling.send(telling.head("Transfer-Encoding: chunked") + b"%x\r\n%s\r\n" % (len(body), body))


def chunks_of_no_size(telling: Telling) -> None:
    """Send a chunk whose size is no number."""
    telling.send(telling.head("Transfer-Encoding: chunked") + b"zz\r\n" + telling.reply.body)


def garbage(telling: Telling) -> None:
    """Answer with what is no HTTP at all."""
    telling.send(b"\x16\x03\x01 \xff\xfe\r\n\r\n")


def another_protocol(telling: Telling) -> None:
    """Answer as a mail server would."""
    telling.send(b"220 mail ESMTP\r\n")


def head_too_large(telling: Telling) -> None:
    """Send a head of which there is no end."""
    telling.send(telling.head(length=9)[:-2] + b"X-Trace: " + b"a" * 300_000 + b"\r\n\r\n123456789")


def two_lengths(telling: Telling) -> None:
    """Promise two lengths."""
    telling.send(telling.head("Content-Length: 7", length=len(telling.reply.body)) + telling.reply.body)


def length_of_nothing(telling: Telling) -> None:
    """Promise a length below nought."""
    telling.send(telling.head(length=-5) + telling.reply.body)


def length_too_short(telling: Telling) -> None:
    """Promise less than is sent; what is left over stays on the wire, before the next answer."""
    body = telling.reply.body
    telling.is_kept_open = True
    telling.send(telling.head(length=len(body) // 2) + body)


def _drip(telling: Telling, data: bytes) -> None:
    """Send byte by byte, a second of the house's clock each: no single read is long, the whole is."""
    for byte in data[:_DRIPS]:
        telling.door.clock.sleep(1)
        telling.send(bytes([byte]))
    telling.wait_for_hanging_up()


def drip(telling: Telling) -> None:
    """Let the body drip."""
    telling.send(telling.head(length=len(telling.reply.body) + _DRIPS))
    _drip(telling, telling.reply.body + b" " * _DRIPS)


def drip_head(telling: Telling) -> None:
    """Let the head drip."""
    telling.send(telling.head(length=9)[:-2] + b"X-Slow: ")
    _drip(telling, b"a" * _DRIPS)


def stall(telling: Telling) -> None:
    """Take the request and say nothing."""
    telling.wait_for_hanging_up()


def stall_in_body(telling: Telling) -> None:
    """Fall silent in the middle of the body."""
    telling.send(_half(telling))
    telling.wait_for_hanging_up()


def flood(telling: Telling) -> None:
    """Send more than anybody asked for."""
    telling.send(telling.head("Connection: close") + b"[" * (ANSWER_BYTES_MAX + 1))


def packed(encoding: str) -> Spoil:
    """Answer packed, which was not asked for."""

    def spoil(telling: Telling) -> None:
        body = zlib.compress(telling.reply.body) if encoding == "deflate" else gzip.compress(telling.reply.body)
        telling.whole(body, f"Content-Encoding: {encoding}")

    return spoil


def bomb(telling: Telling) -> None:
    """Send a kilobyte that would unpack to a megabyte."""
    telling.whole(gzip.compress(b"0" * 1_000_000), "Content-Encoding: gzip")


def status(number: int, body: bytes = b"", *headers: str, kind: str = _TEXT) -> Spoil:
    """Answer with another status."""
    return lambda telling: telling.whole(body, *headers, status=number, kind=kind)


def elsewhere(number: int) -> Spoil:
    """Point somewhere else."""
    return status(number, b"", "Location: http://127.0.0.1:9/elsewhere")


def too_often(*told: str) -> Spoil:
    """Ask for fewer calls, and say how long to wait, or not."""
    return status(429, "请求过于频繁".encode(), *(f"Retry-After: {one}" for one in told))


def _in_a_while(telling: Telling) -> None:
    """Ask for fewer calls until an instant a few seconds ahead."""
    telling.whole(b"", f"Retry-After: {telling.door.date(ahead_seconds=7)}", status=429)


def _next_month(telling: Telling) -> None:
    """Ask for fewer calls until next month."""
    telling.whole(b"", f"Retry-After: {telling.door.date(ahead_seconds=2_600_000)}", status=429)


def after_hints(telling: Telling) -> None:
    """Send hints before the answer."""
    telling.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
    telling.whole()


def in_chunks(telling: Telling) -> None:
    """Send the answer in chunks."""
    body = telling.reply.body
    parts = [body[start : start + 100] for start in range(0, len(body), 100)]
    telling.is_kept_open = True
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])
    telling.send(telling.head("Transfer-Encoding: chunked") + chunks)


def until_it_closes(telling: Telling) -> None:
    """Send the whole answer, and let its end be the closing."""
    telling.send(telling.head("Connection: close") + telling.reply.body)


def of_old(telling: Telling) -> None:
    """Answer in the old protocol, header names in small letters."""
    head = telling.head(length=len(telling.reply.body)).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    telling.send(head.replace(b"Content-Length", b"content-length") + telling.reply.body)


def called(kind: str) -> Spoil:
    """Send the right answer under the name of another kind."""
    return lambda telling: telling.whole(kind=kind)


CONNECTION = (
    Fault(
        "refused connection",
        refuse_connection,
        Unreachable,
        "platform_unreachable",
        calls=1,
        is_passing=False,
        is_spreading=True,
    ),
    unreachable("cut_off", "reset", reset),
    unreachable("cut_off", "closed without a byte", say_nothing),
    unreachable("cut_off", "reset in the head", reset_in_head),
    unreachable("cut_off", "closed in the head", close_in_head),
    unreachable("cut_off", "reset in the body", reset_in_body),
    unreachable("cut_off", "closed in the body", close_in_body),
    unreachable("cut_off", "one byte short", close_one_byte_early),
    broken("answer_not_json", "closed in a body without length", close_without_length),
    unreachable("cut_off", "chunks cut off", chunks_cut_off),
    unreachable("cut_off", "chunks without end", chunks_without_end),
    unreachable("cut_off", "chunk of no size", chunks_of_no_size),
    unreachable("cut_off", "garbage", garbage),
    unreachable("cut_off", "another protocol", another_protocol),
    unreachable("cut_off", "head too large", head_too_large),
    unreachable("cut_off", "two lengths", two_lengths),
    unreachable("cut_off", "length below nought", length_of_nothing),
    broken("answer_not_json", "length too short", length_too_short),
    unreachable("timeout", "drip", drip),
    unreachable("timeout", "dripping head", drip_head),
    unreachable("timeout", "stall", stall, read_seconds_max=STALL_SECONDS),
    unreachable("timeout", "stall in the body", stall_in_body, read_seconds_max=STALL_SECONDS),
    broken("answer_too_big", "flood", flood),
    *(broken("answer_encoded", f"packed {one}", packed(one)) for one in ("deflate", "br")),
    broken("answer_encoded", "bomb", bomb),
)

STATUS = (
    *(unreachable("server_error", f"status {one}", status(one, b"Bad Gateway")) for one in (500, 502, 511)),
    unreachable("server_error", "maintenance page", status(503, _FIREWALL, "Retry-After: 7200", kind=_HTML)),
    *(broken("answer_redirected", f"redirect {one}", elsewhere(one)) for one in (301, 307)),
    broken("answer_status", "no content", status(204)),
    broken("answer_status", "a part", status(206, b"{}")),
    *(broken("answer_status", f"status {one}", status(one, b"no")) for one in (400, 404, 407, 413)),
    *(broken("answer_html", f"firewall {one}", status(one, _FIREWALL, kind=_HTML)) for one in (401, 403)),
    broken("answer_html", "log-in page behind blanks", status(200, b"\xef\xbb\xbf\r\n" + _FIREWALL)),
    throttled("429 seconds", too_often("7"), 7),
    throttled("429 date", _in_a_while, 7),
    throttled("429 bare", too_often()),
    throttled("429 nonsense", too_often("soon")),
    throttled("429 a date that was", too_often("Thu, 31 Mar 2005 18:30:07 GMT")),
    throttled("429 an hour", too_often("3600"), is_too_long=True),
    throttled("429 a month", _next_month, is_too_long=True),
)

ODD: tuple[Fault, ...] = (
    harmless("hints before it", after_hints),
    harmless("in chunks", in_chunks),
    harmless("until it closes", until_it_closes),
    harmless("old protocol", of_old),
    *(harmless(f"called {one}", called(one)) for one in ("text/html", "text/plain;charset=GBK")),
)
