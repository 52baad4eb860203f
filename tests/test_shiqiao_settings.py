"""Settings: what may stand in the file, what is refused and by which words, and that no value is ever repeated."""

from __future__ import annotations

import os
from datetime import time
from importlib import resources
from pathlib import Path

import pytest

from domain.errors import UsageError
from shiqiao.settings.load import SETTINGS_BYTES_MAX, load_settings
from shiqiao.settings.references import resolve_secrets

WHOLE = """
[bank]
district = "450202"
rules = "rulesets/liuzhou-chengzhong.toml"
[store]
url = "sqlite:///shiqiao.db"
key_file = "shiqiao.key"
[platforms.national]
adapter = "chinavolunteer"
base_url = "http://127.0.0.1:8101"
app_id = "demo"
app_secret = "env:SHIQIAO_NATIONAL_SECRET"
request_key = "file:keys/request"
deliver = true
[schedule]
timezone = "Asia/Shanghai"
nightly = "02:30"
"""
SECRET = "0123456789abcdef" * 2


def _written(folder: Path, text: str) -> Path:
    path = folder / "shiqiao.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_whole_file_is_read_with_paths_from_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(_written(tmp_path, WHOLE))

    assert settings.bank.district == "450202"
    assert settings.bank.rules == tmp_path / "rulesets/liuzhou-chengzhong.toml"
    assert settings.store.url == f"sqlite:///{tmp_path}/shiqiao.db"
    assert settings.store.key_file == tmp_path / "shiqiao.key"
    assert settings.platforms["national"].deliver is True
    assert settings.platforms["national"].own_keys == {
        "base_url": "http://127.0.0.1:8101",
        "app_id": "demo",
        "app_secret": "env:SHIQIAO_NATIONAL_SECRET",
        "request_key": "file:keys/request",
    }
    assert settings.schedule.nightly == time(2, 30)

    monkeypatch.chdir(tmp_path)
    assert load_settings(Path("shiqiao.toml")) == settings


def test_absolute_places_stay_as_they_are(tmp_path: Path) -> None:
    text = WHOLE.replace("sqlite:///shiqiao.db", "sqlite:////var/lib/x.db").replace('"shiqiao.key"', '"/etc/x.key"')
    settings = load_settings(_written(tmp_path, text))

    assert (settings.store.url, settings.store.key_file) == ("sqlite:////var/lib/x.db", Path("/etc/x.key"))


def test_a_database_without_a_password_in_its_address_is_taken(tmp_path: Path) -> None:
    url = "postgresql+psycopg://bank@host/name"

    assert load_settings(_written(tmp_path, WHOLE.replace("sqlite:///shiqiao.db", url))).store.url == url


def test_the_template_is_a_whole_file(tmp_path: Path) -> None:
    template = resources.files("shiqiao.settings").joinpath("template.toml").read_text(encoding="utf-8")
    settings = load_settings(_written(tmp_path, template))

    assert {name: platform.adapter for name, platform in settings.platforms.items()} == {
        "national": "chinavolunteer",
        "guangxi": "guizhiyuan",
    }


MISTAKES = [
    ("[bank]", "[bnak]", "bnak", "unknown_key", 2),
    ('district = "450202"', 'distrikt = "450202"', "bank.distrikt", "unknown_key", 3),
    ('district = "450202"', "", "bank.district", "missing_key", 2),
    ('district = "450202"', "district = 450202", "bank.district", "string_type", 3),
    ('district = "450202"', 'district = "柳州"', "bank.district", "district", 3),
    ('rules = "rulesets/liuzhou-chengzhong.toml"', 'rules = ""', "bank.rules", "empty", 4),
    ('rules = "rulesets/liuzhou-chengzhong.toml"', "rules = 4", "bank.rules", "string_type", 4),
    ("sqlite:///shiqiao.db", "mysql://host/name", "store.url", "store_scheme", 6),
    ("sqlite:///shiqiao.db", "sqlite://", "store.url", "store_file", 6),
    ("sqlite:///shiqiao.db", "sqlite:///:memory:", "store.url", "store_file", 6),
    ("sqlite:///shiqiao.db", f"postgresql+psycopg://u:{SECRET}@h/n", "store.url", "secret_literal", 6),
    ("sqlite:///shiqiao.db", f"postgresql+psycopg://h/n?user=u&password={SECRET}", "store.url", "secret_literal", 6),
    ('key_file = "shiqiao.key"', 'keyfile = "shiqiao.key"', "store.keyfile", "unknown_key", 7),
    ('adapter = "chinavolunteer"', "", "platforms.national.adapter", "missing_key", 8),
    ('app_id = "demo"', "app_id = 7", "platforms.national.app_id", "string_type", 11),
    ('app_id = "demo"', "[platforms.national.more]", "platforms.national.more", "string_type", 11),
    ("deliver = true", 'deliver = "yes"', "platforms.national.deliver", "bool_type", 14),
    ("env:SHIQIAO_NATIONAL_SECRET", SECRET, "platforms.national.app_secret", "secret_literal", 12),
    ("env:SHIQIAO_NATIONAL_SECRET", "env:", "platforms.national.app_secret", "secret_literal", 12),
    ("file:keys/request", SECRET, "platforms.national.request_key", "secret_literal", 13),
    ('app_id = "demo"', f'other_iv = "{SECRET}"', "platforms.national.other_iv", "secret_literal", 11),
    ('app_id = "demo"', f'key = "{SECRET}"', "platforms.national.key", "secret_literal", 11),
    ("[platforms.national]", "[platforms.station]", "platforms.station", "platform_name", 8),
    ("[platforms.national]", '[platforms."国家"]', "platforms.国家", "platform_name", 8),
    ("Asia/Shanghai", "Asia/Liuzhou", "schedule.timezone", "timezone", 16),
    ("Asia/Shanghai", "../etc/passwd", "schedule.timezone", "timezone", 16),
    ("02:30", "2:30", "schedule.nightly", "clock_time", 17),
    ('"02:30"', "02:30:00", "schedule.nightly", "clock_time", 17),
    ("[schedule]", "[schedule]\nweekly = true", "schedule.weekly", "unknown_key", 16),
    ("[bank]", 'file = "x"\n[bank]', "file", "unknown_key", 2),
    ("[bank]", "platforms = 3\n[bank]", "platforms", "dict_type", 2),
]


@pytest.mark.parametrize(("right", "wrong", "key", "problem", "line"), MISTAKES)
def test_a_mistake_is_told_with_its_place(  # noqa: PLR0917 - one column of the table each
    tmp_path: Path, right: str, wrong: str, key: str, problem: str, line: int
) -> None:
    text = WHOLE.replace(right, wrong, 1)
    if key == "platforms" and problem == "dict_type":
        text = text.partition("[platforms.national]")[0]
    with pytest.raises(UsageError) as caught:
        load_settings(_written(tmp_path, text))

    told = caught.value
    assert told.code == "settings_invalid"
    assert told.data == {"file": str(tmp_path / "shiqiao.toml"), "line": line, "key": key, "problem": problem}
    assert SECRET not in repr(told)
    assert told.__context__ is None or told.__suppress_context__


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[bank]\ndistrict = \n", 2),
        ("[bank\n", 1),
        ('a = "x', 1),
        ("a = 1\n\n\na = 2", 4),
        ("\x00", 1),
        ("[" * 5000, 1),
    ],
)
def test_broken_toml_is_told_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(UsageError) as caught:
        load_settings(_written(tmp_path, text))

    assert caught.value.code == "settings_syntax"
    assert caught.value.data["line"] == line


def test_what_is_no_text_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shiqiao.toml"
    assert _refusal(path) == ("settings_missing", "missing_file")
    path.write_bytes(b"[bank]\nname = '\xff\xfe'\n")
    assert _refusal(path) == ("settings_unreadable", "not_utf8")
    path.write_bytes(b"#" * (SETTINGS_BYTES_MAX + 1))
    assert _refusal(path) == ("settings_unreadable", "too_large")
    path.unlink()
    os.mkfifo(path)
    assert _refusal(path) == ("settings_unreadable", "not_a_file")
    assert _refusal(tmp_path) == ("settings_unreadable", "not_a_file")
    assert _refusal(path / "below") == ("settings_unreadable", "unreadable")


def _refusal(path: Path) -> tuple[str, str | int]:
    with pytest.raises(UsageError) as caught:
        load_settings(path)
    return caught.value.code, caught.value.data["problem"]


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = _written(tmp_path, "\ufeff" + WHOLE)

    assert load_settings(path).bank.district == "450202"


def test_secrets_come_from_environment_and_files(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/request").write_text(f"{SECRET}\n", encoding="utf-8")
    keys = {"app_secret": "env:THE_SECRET", "request_key": "file:keys/request", "app_id": "env:as-it-is"}

    assert resolve_secrets(keys, "platforms.national", tmp_path, {"THE_SECRET": " hush "}) == {
        "app_secret": "hush",
        "request_key": SECRET,
        "app_id": "env:as-it-is",
    }


@pytest.mark.parametrize("environ", [{}, {"THE_SECRET": ""}, {"THE_SECRET": "  "}])
def test_a_secret_that_is_not_set_is_named(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        resolve_secrets({"app_secret": "env:THE_SECRET"}, "platforms.national", tmp_path, environ)

    assert caught.value.code == "secret_not_set"
    assert caught.value.data == {"key": "platforms.national.app_secret", "variable": "THE_SECRET"}


@pytest.mark.parametrize(
    ("content", "problem"), [(None, "missing_file"), (b"", "empty"), (b"\xff", "not_utf8"), (b"a" * 5000, "too_large")]
)
def test_a_secret_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None, problem: str) -> None:
    if content is not None:
        (tmp_path / "request").write_bytes(content)
    with pytest.raises(UsageError) as caught:
        resolve_secrets({"request_key": "file:request"}, "platforms.national", tmp_path, {})

    assert caught.value.code == "secret_file"
    assert caught.value.data["problem"] == problem
