"""An address in the settings may be called, or is refused by the setting's name."""

from __future__ import annotations

import pytest

from adapters.base_url import checked_base_url
from domain.errors import UsageError


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8101",
        "http://localhost:8101/",
        "http://[::1]:8101",
        "https://example.org/base",
        "https://127.0.0.1",
    ],
)
def test_https_and_this_machine_may_be_called(url: str) -> None:
    assert checked_base_url("national", url) == url


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.org", "base_url_not_https"),
        ("http://10.0.0.1:8101", "base_url_not_https"),
        ("http://127.0.0.1.example.org", "base_url_not_https"),
        ("ftp://127.0.0.1", "base_url_malformed"),
        ("127.0.0.1:8101", "base_url_malformed"),
        ("https://", "base_url_malformed"),
        ("https://example.org:0", "base_url_malformed"),
        ("https://example.org:port", "base_url_malformed"),
        ("https://[::1", "base_url_malformed"),
        ("https://exam ple.org", "base_url_malformed"),
        ("https://a..b", "base_url_malformed"),
        ("https://例子.org", "base_url_malformed"),
        ("https://example.org\n", "base_url_malformed"),
        ("https://example.org?a=b", "base_url_malformed"),
        ("https://me:pass@example.org", "base_url_has_password"),
    ],
)
def test_another_base_url_is_refused_by_the_settings_name(url: str, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked_base_url("national", url)
    assert (caught.value.code, caught.value.data) == (code, {"setting": "platforms.national.base_url"})
