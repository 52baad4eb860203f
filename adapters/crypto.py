"""The ciphers of the platforms: SM4-CBC with PKCS#7 padding, SM3 and HMAC-SM3."""

from __future__ import annotations

import base64
import re

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SM3, Hash
from cryptography.hazmat.primitives.hmac import HMAC

from domain.errors import UsageError

_BLOCK_BITS = 128
_KEY = re.compile(r"[0-9A-Fa-f]{32}")


class FieldCipher:
    """SM4-CBC under one key and IV, to and from base64 text."""

    def __init__(self, key: bytes, iv: bytes) -> None:
        """Take key and IV, 16 bytes each."""
        self._cipher = Cipher(SM4(key), CBC(iv))

    def __repr__(self) -> str:
        """Show nothing of the key."""
        return "FieldCipher(***)"

    def encrypt(self, text: str) -> str:
        """Give the base64 of the encrypted UTF-8 bytes of ``text``."""
        padder = padding.PKCS7(_BLOCK_BITS).padder()
        encryptor = self._cipher.encryptor()
        padded = padder.update(text.encode()) + padder.finalize()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def decrypt(self, encoded: str) -> str:
        """Give the text behind base64.

        Raises:
            ValueError: no base64, no whole blocks, wrong padding, no UTF-8; the message holds nothing of either text.
        """
        decryptor = self._cipher.decryptor()
        unpadder = padding.PKCS7(_BLOCK_BITS).unpadder()
        try:
            padded = decryptor.update(base64.b64decode(encoded, validate=True)) + decryptor.finalize()
            return (unpadder.update(padded) + unpadder.finalize()).decode()
        except ValueError:
            raise ValueError("undecryptable") from None


def field_cipher(key: tuple[str, str], iv: tuple[str, str]) -> FieldCipher:
    """Make a cipher of (setting's name, 32 hex digits) for key and IV.

    Raises:
        UsageError: one of them is malformed; it names the setting, never the value.
    """
    return FieldCipher(_key_bytes(*key), _key_bytes(*iv))


def _key_bytes(setting: str, digits: str) -> bytes:
    if not _KEY.fullmatch(digits):
        raise UsageError("key_malformed", setting=setting)
    return bytes.fromhex(digits)


def sm3_hex(message: bytes) -> str:
    """Give the SM3 digest in lower-case hex."""
    digest = Hash(SM3())
    digest.update(message)
    return digest.finalize().hex()


def hmac_sm3_hex(key: bytes, message: bytes) -> str:
    """Give the HMAC-SM3 in lower-case hex."""
    digest = HMAC(key, SM3())
    digest.update(message)
    return digest.finalize().hex()
