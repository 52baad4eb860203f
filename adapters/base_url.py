"""Which addresses may be called: https anywhere, plain http on this machine alone (the sandbox)."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from domain.errors import UsageError

_HOST_NAME = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*\.?")


def checked_base_url(platform: str, url: str) -> str:
    """Give the URL back if it may be called.

    Raises:
        UsageError: names the setting, and shows nothing of the URL.
    """
    setting = f"platforms.{platform}.base_url"
    parts = _parts(url)
    if parts is None:
        raise UsageError("base_url_malformed", setting=setting)
    if parts.username is not None or parts.password is not None:
        raise UsageError("base_url_has_password", setting=setting)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise UsageError("base_url_not_https", setting=setting)
    return url


def _parts(url: str) -> SplitResult | None:
    """Take a URL apart; None where it is not whole, or more than a base."""
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in {"http", "https"} and parts.port != 0 and _is_host(parts.hostname or "")
    except ValueError:
        return None
    is_base = not parts.query and not parts.fragment and url.isascii() and url.isprintable() and " " not in url
    return parts if is_whole and is_base else None


def _is_host(host: str) -> bool:
    return _HOST_NAME.fullmatch(host) is not None or _address(host) is not None


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
