"""An export proves itself: the program beside it, which knows nothing of us, finds every edit of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desk.auditor import verify_export
from desk.auditor.export import BOOK, HEAD, PROGRAM, compare_head, read_head, write_export
from desk.verify import verify
from domain.errors import UsageError
from domain.ledger import AccountKind, Transfer, VoucherKind, person_account, reversal, service_account
from domain.services import Booking, Standing
from local_store import ledger, people, services, voucher_reasons
from local_store.store import Store, open_store
from local_store.vault import create_key_file
from tests.local_store.makers import Makers
from tests.stores import STORES

Line = dict[str, Any]
Edit = Callable[[list[Line]], None]


def book_some(store: Store, make: Makers) -> None:
    """Book two visits, draw a part of one, and reverse the other."""
    with store.writing() as tx:
        make.roster(tx, make.roster_row(1))
        run, person = make.run(tx), people.all_people(tx)[0].number
        (first, second) = ledger.post(tx, [make.draft(person, 1800), make.draft(person, 3600, "S2#1")], run)
        drawn = Transfer(
            person_account(AccountKind.AVAILABLE, person), service_account(AccountKind.REDEEMED, "CZ01", "escort"), 600
        )
        draft = replace(
            make.draft(person, 1, "R1"), kind=VoucherKind.REDEEM, transfers=(drawn,), service_id="", revision=0
        )
        (redeemed,) = ledger.post(tx, [draft], run)
        voucher_reasons.keep(tx, redeemed, "陪护")
        legs = reversal(ledger.transfers_of(tx, [second])[second], person, ledger.balances(tx, [person])[person])
        back = replace(
            make.draft(person, 1, "S2#2"), kind=VoucherKind.REVERSE, transfers=legs, reverses=second, revision=2
        )
        (last,) = ledger.post(tx, [back], run)
        day = back.service_date
        services.save_standings(tx, [
            Standing("S1", 1, Booking(person, day, "emotional_support", "CZ01", 1800), None, first, person),
            Standing("S2", 2, None, None, last, person),
        ])  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    create_key_file(tmp_path / "shiqiao.key")
    make = Makers()
    store = open_store(STORES.url(tmp_path / "shiqiao.db"), tmp_path / "shiqiao.key", make.clock)
    book_some(store, make)
    yield store
    store.close()


@pytest.fixture
def folder(store: Store, tmp_path: Path) -> Path:
    with store.reading() as tx:
        assert [path.name for path in write_export(tx, tmp_path / "out")] == [BOOK, HEAD, PROGRAM]
    return tmp_path / "out"


def lines_of(folder: Path) -> list[Line]:
    return [json.loads(line) for line in (folder / BOOK).read_text(encoding="utf-8").splitlines()]


def write_lines(folder: Path, lines: list[Line]) -> None:
    (folder / BOOK).write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def run_alone(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", folder / PROGRAM, *arguments],
        capture_output=True, text=True, encoding="utf-8", check=False, cwd=folder.parent,
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, done.stdout


def broken(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, set[str]]:
    """Give the exit code, and the checks that failed by their English words."""
    code = verify_export.main([str(folder), *more])
    said = capsys.readouterr().out
    names = {english: name for name, _, english in verify_export.CHECKS}
    found = {line.partition(" / ")[2].partition("  ")[0] for line in said.splitlines() if line.startswith("✘ ")}
    return code, {names[one] for one in found}


def test_both_agree_on_a_sound_book(store: Store, folder: Path) -> None:
    with store.reading() as tx:
        assert [check for check in verify(tx) if not check.ok] == []
    code, said = run_alone(folder)
    assert (code, said.count("✔"), said.count("✘")) == (0, 10, 0)


def test_there_is_no_personal_data_in_it(folder: Path) -> None:
    said = (folder / BOOK).read_text(encoding="utf-8")
    assert "CZ-0001" not in said
    assert "覃" not in said
    assert "陪护" not in said


def vouchers(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line["kind"] == "voucher"]


def of_kind(kind: str, lines: list[Line]) -> list[Line]:
    return [line for line in lines if line["kind"] == kind]


def in_body(number: int, old: str, new: str) -> Edit:
    def edit(lines: list[Line]) -> None:
        voucher = vouchers(lines)[number - 1]
        assert old in voucher["body"]
        voucher["body"] = voucher["body"].replace(old, new)

    return edit


def setting(kind: str, place: int, name: str, value: Any) -> Edit:  # noqa: ANN401 - whatever JSON holds
    def edit(lines: list[Line]) -> None:
        line = of_kind(kind, lines)[place]
        assert line[name] != value
        line[name] = value

    return edit


def without(kind: str, place: int) -> Edit:
    return lambda lines: lines.remove(of_kind(kind, lines)[place])


def twice(kind: str, place: int) -> Edit:
    return lambda lines: lines.append(of_kind(kind, lines)[place])


def swapped(lines: list[Line]) -> None:
    one, other = vouchers(lines)[:2]
    for name in ("body", "recorded_at", "run", "transfers"):
        one[name], other[name] = other[name], one[name]


EDITS: dict[str, tuple[Edit, set[str]]] = {
    "an amount in a body": (in_body(1, ",1800]", ",1801]"), {"chain", "bodies", "balances", "standings"}),
    "an amount in a transfer": (setting("voucher", 0, "transfers", [[1, 1, 2, 1801]]), {"bodies"}),
    "a person": (in_body(1, '"person":1', '"person":2'), {"chain", "standings"}),
    "a day": (in_body(1, "2022-10-01", "2022-10-02"), {"chain", "standings"}),
    "a reason": (in_body(1, '"reason":"', '"reason":"x'), {"chain"}),
    "a decision": (in_body(1, '"decision":null', '"decision":7'), {"chain"}),
    "the rules": (in_body(1, '"rules_version":"', '"rules_version":"x'), {"chain"}),
    "the run": (setting("voucher", 0, "run", 99), {"chain"}),
    "the instant": (setting("voucher", 0, "recorded_at", 1), {"chain"}),
    "a hash": (setting("voucher", 1, "hash", "0" * 64), {"chain"}),
    "a voucher gone": (without("voucher", 1), {"numbers", "chain", "keys", "reversals", "balances"}),
    "the last voucher gone": (without("voucher", 3), {"head", "balances", "standings"}),
    "two vouchers swapped": (swapped, {"chain"}),
    "a voucher again": (twice("voucher", 0), {"numbers", "chain", "keys", "balances", "head"}),
    "what is reversed": (in_body(4, '"reverses":2', '"reverses":1'), {"chain", "reversals"}),
    "a balance": (setting("account", 0, "seconds", 5), {"balances"}),
    "an account's code": (setting("account", 0, "code", "available:9"), {"bodies", "balances"}),
    "an account gone": (without("account", 0), {"bodies", "balances"}),
    "an account again": (twice("account", 0), {"balances"}),
    "a standing": (setting("standing", 0, "seconds", 1), {"standings"}),
    "a standing gone": (without("standing", 1), {"standings"}),
    "a standing again": (twice("standing", 1), {"standings"}),
    "the head's number": (setting("head", 0, "number", 3), {"head"}),
    "the head gone": (without("head", 0), {"head"}),
    "a line that is none": (lambda lines: lines.append({"kind": "gift"}), {"lines"}),
    "a figure that is a word": (setting("account", 0, "seconds", "5"), {"lines", "balances"}),
}


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_of_an_export_is_found(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit, expected = EDITS[name]
    lines = lines_of(folder)
    edit(lines)
    write_lines(folder, lines)
    code, found = broken(folder, capsys)
    assert code == 1
    assert expected <= found


def test_a_head_of_its_own_is_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / HEAD).write_text(json.dumps({"number": 4, "hash": "f" * 64}), encoding="utf-8")
    assert broken(folder, capsys) == (1, {"head"})


def forged(folder: Path, keep: int) -> None:
    """Cut the tail and write everything behind it anew, as whoever knows the format could."""
    lines = lines_of(folder)
    cut = vouchers(lines)[keep:]
    kept = [line for line in lines if line not in cut]
    last = vouchers(kept)[-1]
    sums: dict[int, int] = {}
    for voucher in vouchers(kept):
        for _, debit, credit, seconds in voucher["transfers"]:
            sums[debit] = sums.get(debit, 0) - seconds
            sums[credit] = sums.get(credit, 0) + seconds
    for line in of_kind("account", kept):
        line["seconds"] = sums.get(line["number"], 0)
    for line in of_kind("head", kept):
        line |= {"number": last["number"], "hash": last["hash"]}
    standing = of_kind("standing", kept)[1]
    standing |= {"revision": 1, "seconds": 3600, "service_date": "2022-10-01", "voucher": 2}
    write_lines(folder, kept)
    (folder / HEAD).write_text(json.dumps({"number": last["number"], "hash": last["hash"]}), encoding="utf-8")


def test_a_tail_that_was_cut_cleanly_is_found_by_an_earlier_head_alone(
    store: Store, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with store.reading() as tx:
        write_export(tx, tmp_path / "earlier")
    assert broken(folder, capsys, "--head", str(tmp_path / "earlier" / HEAD)) == (0, set())
    forged(folder, 3)
    assert broken(folder, capsys) == (0, set())
    assert broken(folder, capsys, "--head", str(tmp_path / "earlier" / HEAD)) == (1, {"earlier"})


def test_the_store_itself_is_compared_with_an_earlier_head(store: Store, folder: Path) -> None:
    earlier = read_head(folder / HEAD)
    with store.reading() as tx:
        assert compare_head(tx, earlier).ok
        assert compare_head(tx, {"number": 0, "hash": "0" * 64}).ok
        assert compare_head(tx, earlier | {"number": 5}).detail == "voucher 5: missing"
        assert compare_head(tx, earlier | {"hash": "f" * 64}).detail == "voucher 4: hash"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"number": "x", "hash": ""}'])
def test_a_head_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "head.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="head_unreadable"):
        read_head(tmp_path / "head.json")


@pytest.mark.parametrize("arguments", [["--unknown"], ["a", "b"], ["--head"], ["/nowhere"]])
def test_what_cannot_be_read_is_told_apart_from_what_is_wrong(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify_export.main(arguments) == 2
    assert capsys.readouterr().out


def test_the_program_shares_nothing_with_the_house() -> None:
    source = Path(verify_export.__file__).read_text(encoding="utf-8")
    imported = {
        line.split()[1].partition(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))
    }
    assert imported <= sys.stdlib_module_names
