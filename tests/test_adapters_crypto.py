"""The ciphers give what other programs give, and say nothing of what they cannot open."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.crypto import field_cipher, hmac_sm3_hex, sm3_hex
from domain.errors import UsageError

KEY, IV = "00112233445566778899aabbccddeeff", "0f0e0d0c0b0a09080706050403020100"
CIPHER = field_cipher(("key", KEY), ("iv", IV))


def test_sm4_gives_what_openssl_gives() -> None:
    # printf 459900195503071227 | openssl enc -sm4-cbc -K … -iv … -base64
    encoded = "zEA7ubfC6o7Tbpmntmz05DZN7lz7la7GX8fdRaSX5wU="
    assert CIPHER.encrypt("459900195503071227") == encoded
    assert CIPHER.decrypt(encoded) == "459900195503071227"


def test_sm3_gives_the_figure_of_its_standard() -> None:
    # GB/T 32905-2016, example 1
    assert sm3_hex(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_hmac_sm3_gives_what_openssl_gives() -> None:
    # printf abc | openssl dgst -sm3 -hmac key
    assert hmac_sm3_hex(b"key", b"abc") == "28e63256e7c5a087b1f073265dc53092163f7b82729735d06f28f10af9d52393"


@given(st.text())
def test_what_was_encrypted_is_decrypted(text: str) -> None:
    assert CIPHER.decrypt(CIPHER.encrypt(text)) == text


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "459900195503071227",
        "####",
        base64.b64encode(b"0" * 16).decode(),
        base64.b64encode(b"0" * 15).decode(),
        "雨",
    ],
)
def test_what_cannot_be_decrypted_is_said_without_showing_it(encoded: str) -> None:
    with pytest.raises(ValueError, match="undecryptable") as caught:
        CIPHER.decrypt(encoded)
    assert caught.value.__suppress_context__


@given(st.binary(max_size=64))
def test_no_bytes_are_decrypted_into_another_error(noise: bytes) -> None:
    with suppress(ValueError):
        CIPHER.decrypt(base64.b64encode(noise).decode())


@pytest.mark.parametrize("digits", ["", "0" * 31, "0" * 33, "z" * 32, "０" * 32, "0" * 32 + "\n"])
def test_a_malformed_key_is_named_and_not_shown(digits: str) -> None:
    with pytest.raises(UsageError) as caught:
        field_cipher(("platforms.national.data_key", digits), ("iv", IV))
    assert caught.value.data == {"setting": "platforms.national.data_key"}


def test_a_cipher_shows_no_key() -> None:
    assert repr(CIPHER) == "FieldCipher(***)"
