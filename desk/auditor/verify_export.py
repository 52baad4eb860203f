"""核对时间银行账本的导出文件；Check an exported time-bank book.

    python3 verify_export.py [FOLDER] [--head EARLIER_HEAD.json]

FOLDER（默认为本文件所在的文件夹）里有 book.jsonl 和 head.json。只需 Python 3.8 以上，
不用装别的程序，不连网络，什么也不改。--head 与以前交来的账首比对：那以前的账不得删、不得改。
FOLDER (where this file lies, if not given) holds book.jsonl and head.json. It needs nothing but Python 3.8 or later,
uses no network and changes nothing. --head compares with a head that was handed over earlier: nothing up to it may have
been cut off or written anew. It exits with 0 if all is well, 1 if something is wrong, 2 if it could not be read.

It shares no code with the program that wrote the book, so that each checks the other.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any, Dict, List, Tuple  # noqa: UP035 - an older Python shall do

Read = List[Tuple[int, Dict[str, Any], List[Tuple[str, str, int]]]]  # noqa: UP006

BEGINNING = "0" * 64
FIELDS = (
    "key", "kind", "person", "service_id", "revision", "service_date", "prepared_by", "rules_version", "reason",
    "decision", "reverses", "records", "transfers",
)  # fmt: skip
SHOWN = 10
OF_SERVICES = ("post", "reverse", "opening")
BELOW_NOTHING_NEVER = ("available", "held", "surplus")
CHECKS = (
    ("lines", "每一行都读得懂", "every line can be read"),
    ("numbers", "凭证连号，不缺不重", "vouchers are numbered without a gap"),
    ("chain", "校验链不断", "the chain of hashes holds"),
    ("bodies", "凭证内容齐全，与分录一致", "vouchers are whole and say what their transfers do"),
    ("keys", "每笔入账只有一次，版次相连", "every booking is there once, revision after revision"),
    ("reversals", "每笔冲正只冲一次，分毫不差", "each voucher is reversed at most once, and exactly"),
    ("balances", "余额等于分录之和，全部合计为零", "balances are the sums of the transfers, and make nought together"),
    ("bounds", "任何时候没有人的账户透支", "nobody's account was ever overdrawn"),
    ("standings", "各次服务的账面与凭证一致", "standings agree with the vouchers"),
    ("head", "账本末尾与账首文件一致", "the book ends where its head says"),
    ("earlier", "与以前交来的账首一致", "nothing before the earlier head was changed"),
)


class Book:
    """The export, line by line; ``faults`` are by check."""

    def __init__(self) -> None:
        """Begin empty."""
        self.faults: dict[str, list[str]] = {name: [] for name, _, _ in CHECKS}
        self.codes: dict[int, str] = {}
        self.balances: dict[str, int] = {}
        self.vouchers: list[tuple[int, int, int, str, str, list[list[int]]]] = []
        self.standings: dict[str, Any] = {}
        self.heads: list[tuple[int, str]] = []

    def wrong(self, check: str, what: str) -> None:
        """Write down what is wrong."""
        self.faults[check].append(what)

    def read(self, path: Path) -> None:
        """Take in the whole file."""
        with path.open(encoding="utf-8", newline="\n") as file:
            for number, said in enumerate(file, 1):
                try:
                    self.take(json.loads(said))
                except (ValueError, KeyError, TypeError):
                    self.wrong("lines", f"line {number}")

    def take(self, line: dict[str, Any]) -> None:
        """Take in one line."""
        kind = line["kind"]
        if kind == "account":
            if line["number"] in self.codes or line["code"] in self.codes.values():
                self.wrong("balances", f"account {line['number']} twice")
            self.codes[whole(line["number"])] = text(line["code"])
            self.balances[text(line["code"])] = whole(line["seconds"])
        elif kind == "voucher":
            self.vouchers.append((
                whole(line["number"]), whole(line["recorded_at"]), whole(line["run"]), text(line["body"]),
                text(line["hash"]), [[whole(one) for one in leg] for leg in line["transfers"]],
            ))  # fmt: skip
        elif kind == "standing":
            if line["service_id"] in self.standings:
                self.wrong("standings", f"service {line['service_id']} twice")
            self.standings[text(line["service_id"])] = line
        elif kind == "head":
            self.heads.append((whole(line["number"]), text(line["hash"])))
        elif kind != "rules":
            raise ValueError(kind)


def whole(value: object) -> int:
    """Give a whole number, or refuse."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(value)
    return value


def text(value: object) -> str:
    """Give a text, or refuse."""
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def check_chain(book: Book) -> dict[int, str]:
    """Recompute the chain; give the hash of every voucher as it must be."""
    previous, expected, hashes = BEGINNING, 1, {0: BEGINNING}
    for number, recorded_at, run, body, stated, _ in book.vouchers:
        if number != expected:
            book.wrong("numbers", f"voucher {number} instead of {expected}")
        said = f"{previous}\n{number}\n{recorded_at}\n{run}\n{body}"
        if hashlib.sha256(said.encode("utf-8")).hexdigest() != stated:
            book.wrong("chain", f"voucher {number}")
        previous, expected = stated, number + 1
        hashes[number] = stated
    return hashes


def check_bodies(book: Book) -> Read:
    """Take the bodies apart; give them as (number, body, legs by code)."""
    read: Read = []
    for number, _, _, body, _, transfers in book.vouchers:
        try:
            said = json.loads(body)
            is_whole = tuple(said) == FIELDS and bool(said["transfers"])
            legs = [(text(debit), text(credit), whole(seconds)) for debit, credit, seconds in said["transfers"]]
        except (ValueError, KeyError, TypeError):
            book.wrong("bodies", f"voucher {number}")
            continue
        tabled = [(book.codes.get(debit), book.codes.get(credit), seconds) for _, debit, credit, seconds in transfers]
        in_order = [leg[0] for leg in transfers] == list(range(1, len(transfers) + 1))
        sound = all(debit != credit and seconds > 0 for debit, credit, seconds in legs)
        if not (is_whole and in_order and sound and tabled == legs):
            book.wrong("bodies", f"voucher {number}")
        read.append((number, said, legs))
    return read


def check_keys(book: Book, read: Read) -> None:
    """See that every key is there once, that the vouchers of a service count from 1 and carry it in the key."""
    keys: set[str] = set()
    last: dict[str, tuple[str, int]] = {}
    for number, said, _ in read:
        if said["key"] in keys:
            book.wrong("keys", f"voucher {number}: {said['key']} twice")
        keys.add(said["key"])
        service, revision = said["service_id"], said["revision"]
        if service and said["kind"] in OF_SERVICES:
            before = last.get(service)
            follows = revision == (before[1] + 1 if before else 1) and said["key"] == f"{service}#{revision}"
            turns = (said["kind"] == "reverse") == bool(before and before[0] != "reverse")
            if not (follows and turns):
                book.wrong("keys", f"voucher {number}: {said['key']}")
            last[service] = (said["kind"], revision)


def check_reversals(book: Book, read: Read) -> None:
    """See that a reversal takes back one earlier voucher of the same service and person, whole, from where it came."""
    earlier: dict[int, tuple[Any, ...]] = {}
    taken_back: set[int] = set()
    for number, said, legs in read:
        source = sorted({debit for debit, _, _ in legs})
        target = sorted({credit for _, credit, _ in legs})
        total = sum(seconds for _, _, seconds in legs)
        back = said["reverses"]
        if said["kind"] == "reverse" or back is not None:
            there = earlier.get(back)
            same = (said["service_id"], said["person"], target, total)
            if said["kind"] != "reverse" or there != same or back in taken_back:
                book.wrong("reversals", f"voucher {number}")
            taken_back.add(back)
        earlier[number] = (said["service_id"], said["person"], source, total)


def check_balances(book: Book, read: Read) -> None:
    """Add all transfers up, and look at every step that nobody has less than nothing."""
    sums = dict.fromkeys(book.balances, 0)
    for number, _, legs in read:
        for debit, credit, seconds in legs:
            sums[debit] = sums.get(debit, 0) - seconds
            sums[credit] = sums.get(credit, 0) + seconds
            for code in (debit, credit):
                kind = code.partition(":")[0]
                if (kind in BELOW_NOTHING_NEVER and sums[code] < 0) or (kind == "deficit" and sums[code] > 0):
                    book.wrong("bounds", f"voucher {number}: {code}")
    for code in sorted(set(sums) | set(book.balances)):
        if book.balances.get(code) != sums.get(code):
            book.wrong("balances", f"{code}: {book.balances.get(code)} instead of {sums.get(code)}")
    if sum(book.balances.values()):
        book.wrong("balances", f"sum {sum(book.balances.values())}")


def check_standings(book: Book, read: Read) -> None:
    """See that each service stands where its last voucher left it."""
    left: dict[str, dict[str, Any]] = {}
    for number, said, legs in read:
        if said["service_id"] and said["kind"] in OF_SERVICES:
            is_booked = said["kind"] != "reverse"
            left[said["service_id"]] = {
                "kind": "standing", "service_id": said["service_id"], "revision": said["revision"],
                "person": said["person"], "service_date": said["service_date"] if is_booked else None,
                "seconds": sum(seconds for _, _, seconds in legs) if is_booked else None, "voucher": number,
            }  # fmt: skip
    for service in sorted(set(left) | set(book.standings)):
        if left.get(service) != book.standings.get(service):
            book.wrong("standings", f"service {service}")


def check_heads(book: Book, hashes: dict[int, str], folder: Path, earlier: Path | None) -> None:
    """Compare the book's end with its heads, and with one that was handed over earlier."""
    last = book.vouchers[-1][0] if book.vouchers else 0
    if len(book.heads) != 1:
        book.wrong("head", f"{len(book.heads)} heads")
    for number, sealed in (*book.heads, read_head(folder / "head.json")):
        if number != last or hashes.get(number) != sealed:
            book.wrong("head", f"{last} instead of {number}")
    if earlier:
        number, sealed = read_head(earlier)
        if hashes.get(number) != sealed:
            book.wrong("earlier", f"voucher {number}: {'hash' if number in hashes else 'missing'}")


def read_head(path: Path) -> tuple[int, str]:
    """Read a head from its file."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return whole(found["number"]), text(found["hash"])


def main(arguments: list[str]) -> int:
    """Read the arguments and the export, and check it."""
    words, earlier = list(arguments), None
    if "--head" in words:
        place = words.index("--head")
        if place + 1 >= len(words):
            return unreadable("--head")
        earlier = Path(words[place + 1])
        del words[place : place + 2]
    if len(words) > 1 or any(one.startswith("-") for one in words):
        sys.stdout.write(__doc__)
        return 2
    folder = Path(words[0]) if words else Path(__file__).resolve().parent
    book = Book()
    try:
        book.read(folder / "book.jsonl")
        check_heads(book, check_chain(book), folder, earlier)
    except (OSError, ValueError, KeyError, TypeError) as error:
        return unreadable(getattr(error, "filename", None) or str(folder))
    read = check_bodies(book)
    for check in (check_keys, check_reversals, check_balances, check_standings):
        check(book, read)
    return tell(book, has_earlier=earlier is not None)


def unreadable(what: str) -> int:
    """Say that something could not be read at all; give the exit code."""
    sys.stdout.write(f"✘ 读不了 / cannot be read: {what}\n")
    return 2


def tell(book: Book, *, has_earlier: bool) -> int:
    """Say what was found; give the exit code."""
    for name, chinese, english in CHECKS:
        if name == "earlier" and not has_earlier:
            continue
        faults = book.faults[name]
        shown = "; ".join(faults[:SHOWN]) + (f" … ({len(faults)})" if len(faults) > SHOWN else "")
        sys.stdout.write(f"{'✘' if faults else '✔'} {chinese} / {english}  {shown}\n")
    broken = sum(bool(found) for found in book.faults.values())
    last = book.vouchers[-1] if book.vouchers else (0, 0, 0, "", BEGINNING)
    sys.stdout.write(f"凭证 {len(book.vouchers)} 张，账首 / vouchers, head: {last[0]} {last[4]}\n")
    if broken:
        sys.stdout.write(f"有 {broken} 项不符，这份账不可信 / {broken} checks failed: do not trust this book\n")
    else:
        sys.stdout.write("全部相符 / all is well\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
