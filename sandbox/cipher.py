"""SM3 and SM4 as the modelled platforms use them, and the keys that they hand out to an application."""

from __future__ import annotations

import base64
import random
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, hmac, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK_BITS = 128


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An SM4 key and its IV, 32 hex digits each."""

    key: str
    iv: str

    def __repr__(self) -> str:
        """Show neither."""
        return "KeyPair(***)"

    def seal(self, text: str) -> str:
        """Encrypt a text: base64 of SM4-CBC with PKCS#7 padding."""
        padder = padding.PKCS7(_BLOCK_BITS).padder()
        encryptor = self._cipher().encryptor()
        padded = padder.update(text.encode()) + padder.finalize()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt what ``seal`` made.

        Raises:
            ValueError: it is not base64, not whole blocks, wrongly padded or not UTF-8.
        """
        unpadder = padding.PKCS7(_BLOCK_BITS).unpadder()
        decryptor = self._cipher().decryptor()
        padded = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
        return (unpadder.update(padded) + unpadder.finalize()).decode()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.SM4(bytes.fromhex(self.key)), modes.CBC(bytes.fromhex(self.iv)))


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one platform gives its application. ``request`` is unused (None) where there is but one data key."""

    app_id: str
    app_secret: str
    response: KeyPair
    request: KeyPair | None = None

    def __repr__(self) -> str:
        """Show the application only."""
        return f"Secrets({self.app_id})"


def chance(*seed: int | str) -> random.Random:
    """Give a repeatable source of chance, named by what it is for."""
    return random.Random("/".join(map(str, seed)))  # noqa: S311 - must repeat; protects nothing


def draw_keys(source: random.Random) -> KeyPair:
    """Draw a key and an IV for the sandbox's own use."""
    return KeyPair(source.randbytes(16).hex(), source.randbytes(16).hex())


def sm3(message: bytes) -> str:
    """Give the SM3 digest in lower-case hex."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(message)
    return digest.finalize().hex()


def hmac_sm3(key: bytes, message: bytes) -> str:
    """Give the HMAC-SM3 in lower-case hex."""
    code = hmac.HMAC(key, hashes.SM3())
    code.update(message)
    return code.finalize().hex()
