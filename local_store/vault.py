"""The only holder of keys: seals personal data, and turns it into tokens by which it is found again.

The key file has one line ``lookup <base64>``, which lives as long as the store, and lines ``seal <key id> <base64>``,
the last of which seals; older ones still open.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import stat
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import StoreError, UsageError

_KEY_BYTES = 32
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12
_TOKEN_BYTES = 16
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Vault:
    """Keys in memory, never shown. Tokens are 32 hex digits, each purpose under a key of its own."""

    __slots__ = ("_opening", "_sealing", "_sealing_id", "_token_keys")

    def __init__(self, lookup_key: bytes, seal_keys: dict[bytes, bytes], random_bytes: Callable[[int], bytes]) -> None:
        """Derive the keys; the last of ``seal_keys`` (by key id) seals."""
        purposes = ("identity", "name", "volunteer", "fingerprint", "check", "workbook")
        self._token_keys = {purpose: _derived(lookup_key, purpose) for purpose in purposes}
        self._opening = {key_id: AESGCM(_derived(key, "seal")) for key_id, key in seal_keys.items()}
        self._sealing_id = list(seal_keys)[-1]
        self._sealing = (self._opening[self._sealing_id], random_bytes)

    def __repr__(self) -> str:
        """Show no key."""
        return "Vault(***)"

    def seal(self, place: str, data: bytes) -> bytes:
        """Encrypt ``data`` so that it opens only at ``place`` (``table/row/column``): key id, nonce, ciphertext."""
        cipher, random_bytes = self._sealing
        nonce = random_bytes(_NONCE_BYTES)
        return self._sealing_id + nonce + cipher.encrypt(nonce, data, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """Decrypt what was sealed for ``place``.

        Raises:
            StoreError: ``seal_broken``: altered, moved from another row, or sealed with a key we do not have.
        """
        cipher = self._opening.get(sealed[:_KEY_ID_BYTES])
        rest = _KEY_ID_BYTES + _NONCE_BYTES
        try:
            if cipher is not None:
                return cipher.decrypt(sealed[_KEY_ID_BYTES:rest], sealed[rest:], place.encode())
        except InvalidTag:
            pass
        raise StoreError("seal_broken", table=place.partition("/")[0])

    def token(self, purpose: str, *parts: str) -> str:
        """Give the keyed hash of ``parts`` for one purpose (``identity name volunteer check workbook``)."""
        return self.token_of_bytes(purpose, "\0".join(parts).encode())

    def token_of_bytes(self, purpose: str, data: bytes) -> str:
        """Give the keyed hash of ``data`` for one purpose (``fingerprint``)."""
        return hmac.digest(self._token_keys[purpose], data, "sha256")[:_TOKEN_BYTES].hex()


def create_key_file(path: Path, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
    """Write a new key file that only its owner may read, down to the disk: nothing that it seals may outlive it.

    Raises:
        UsageError: ``key_file_exists``: nothing is ever written over a key.
    """
    lookup, key_id, seal = random_bytes(_KEY_BYTES), random_bytes(_KEY_ID_BYTES), random_bytes(_KEY_BYTES)
    lines = f"lookup {_written(lookup)}\nseal {key_id.hex()} {_written(seal)}\n"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError("key_file_exists", path=str(path)) from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())


def open_vault(path: Path, random_bytes: Callable[[int], bytes] = os.urandom) -> Vault:
    """Read the key file.

    Raises:
        UsageError: ``key_file_missing``, ``key_file_open_to_others`` (its mode is not 0600), ``key_file_broken``.
    """
    try:
        if path.is_dir():
            raise UsageError("key_file_broken", path=str(path))
        if os.name == "posix" and path.stat().st_mode & _OTHERS:
            raise UsageError("key_file_open_to_others", path=str(path))
        lines = path.read_text(encoding="ascii").split("\n")
    except UnicodeDecodeError:
        raise UsageError("key_file_broken", path=str(path)) from None
    except OSError:
        raise UsageError("key_file_missing", path=str(path)) from None
    try:
        return _read(lines, random_bytes)
    except (ValueError, IndexError, binascii.Error):
        raise UsageError("key_file_broken", path=str(path)) from None


def _read(lines: list[str], random_bytes: Callable[[int], bytes]) -> Vault:
    words = [line.split() for line in lines if line.strip()]
    (lookup,) = (_key(word[1]) for word in words if word[0] == "lookup")
    seals = {_key_id(word[1]): _key(word[2]) for word in words if word[0] == "seal"}
    return Vault(lookup, seals, random_bytes)


def _key_id(text: str) -> bytes:
    key_id = bytes.fromhex(text)
    if len(key_id) != _KEY_ID_BYTES:
        raise ValueError(len(key_id))
    return key_id


def _key(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != _KEY_BYTES:
        raise ValueError(len(key))
    return key


def _written(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=f"shiqiao/{purpose}".encode()).derive(key)
