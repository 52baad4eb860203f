from __future__ import annotations

import stat
from pathlib import Path

import pytest

from domain.errors import StoreError, UsageError
from local_store.vault import create_key_file, open_vault


def test_a_new_key_file_is_its_owners_alone_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "key"
    create_key_file(path)
    written = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(UsageError) as refusal:
        create_key_file(path)
    assert refusal.value.code == "key_file_exists"
    assert path.read_bytes() == written


@pytest.mark.parametrize(
    ("content", "mode", "code"),
    [
        (None, 0o600, "key_file_missing"),
        (b"", 0o600, "key_file_broken"),
        (b"lookup AAAA\nseal 00000000 AAAA\n", 0o600, "key_file_broken"),
        ("密钥".encode("gb18030"), 0o600, "key_file_broken"),
        (b"lookup AAAA\n", 0o640, "key_file_open_to_others"),
    ],
)
def test_a_key_file_that_cannot_serve_is_named(tmp_path: Path, content: bytes | None, mode: int, code: str) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    with pytest.raises(UsageError) as refusal:
        open_vault(path)
    assert refusal.value.code == code


def test_what_was_sealed_opens_only_in_its_own_place(folder: Path) -> None:
    vault = open_vault(folder / "shiqiao.key")
    sealed = vault.seal("person/1/said", "覃小溪".encode())
    assert vault.open("person/1/said", sealed).decode() == "覃小溪"
    for place, data in (("person/2/said", sealed), ("person/1/said", sealed[:-1] + bytes([sealed[-1] ^ 1]))):
        with pytest.raises(StoreError, match="seal_broken"):
            vault.open(place, data)
    assert vault.seal("person/1/said", "覃小溪".encode()) != sealed


def test_an_older_seal_key_still_opens_and_the_last_one_seals(folder: Path, tmp_path: Path) -> None:
    before = open_vault(folder / "shiqiao.key")
    create_key_file(tmp_path / "other")
    lookup, old = (folder / "shiqiao.key").read_text().splitlines()
    new = (tmp_path / "other").read_text().splitlines()[1]
    rotated = tmp_path / "rotated"
    rotated.touch(0o600)
    rotated.write_text(f"{lookup}\n{old}\n{new}\n")
    after = open_vault(rotated)
    assert after.open("a/1/b", before.seal("a/1/b", b"x")) == b"x"
    assert after.token("name", "覃小溪") == before.token("name", "覃小溪")
    with pytest.raises(StoreError, match="seal_broken"):
        before.open("a/1/b", after.seal("a/1/b", b"x"))


def test_tokens_of_one_word_differ_by_purpose_and_by_key(folder: Path, tmp_path: Path) -> None:
    create_key_file(tmp_path / "other")
    vaults = (open_vault(folder / "shiqiao.key"), open_vault(tmp_path / "other"))
    purposes = ("identity", "name", "volunteer", "check", "workbook")
    tokens = {vault.token(purpose, "1") for vault in vaults for purpose in purposes}
    assert len(tokens) == 10
    assert vaults[0].token("identity", "a", "b") != vaults[0].token("identity", "ab")
    assert "***" in repr(vaults[0])


def test_a_folder_is_no_key_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="key_file_broken"):
        open_vault(tmp_path)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("seal 03030303 ", "seal 0303 "), ("seal 03030303 ", "seal 030303zz "), ("lookup ", "look "), ("seal ", "sael ")],
)
def test_a_key_file_with_a_slip_is_refused(tmp_path: Path, right: str, wrong: str) -> None:
    path = tmp_path / "key"
    create_key_file(path, lambda size: b"\x03" * size)
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong))
    with pytest.raises(UsageError, match="key_file_broken"):
        open_vault(path)
