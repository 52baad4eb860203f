"""The shape of ``shiqiao.toml``: every key that may stand in it."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from domain.records import STATION_PLATFORM
from shiqiao.settings.checks import clock_time, district_code, fault, path_of, store_url, timezone_name
from shiqiao.settings.references import is_reference, is_secret_name

FolderPath = Annotated[Path, BeforeValidator(path_of)]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class _Table(BaseModel):
    """A table of the file: strict, without unknown keys, silent about values."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class BankSettings(_Table):
    """``[bank]``: whose time bank this is, and the absolute path of its rule file."""

    district: Annotated[str, AfterValidator(district_code)]
    rules: FolderPath
    name: Text = "时间银行"


class StoreSettings(_Table):
    """``[store]``: the store's URL and its key file, both absolute."""

    url: Annotated[str, AfterValidator(store_url)]
    key_file: FolderPath


class PlatformSettings(_Table):
    """``[platforms.NAME]``: the adapter that speaks to it, and that adapter's own keys, handed on as they are.

    A key that names a secret (``…_secret``, ``…_key``, ``…_iv``, ``…_token``, ``…_password``) holds a reference:
    ``env:NAME`` or ``file:PATH``.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Annotated[str, Field(max_length=2000)]]

    adapter: Text
    deliver: bool = False

    @model_validator(mode="after")
    def _secrets_are_references(self) -> PlatformSettings:
        for name, value in self.own_keys.items():
            if is_secret_name(name) and not is_reference(value):
                raise fault(f"secret_literal:{name}")
        return self

    @property
    def own_keys(self) -> dict[str, str]:
        """Give the adapter's own keys; secrets among them are still references."""
        return dict(self.__pydantic_extra__ or {})


class ScheduleSettings(_Table):
    """``[schedule]``: when the nights run."""

    timezone: Annotated[str, AfterValidator(timezone_name)] = "Asia/Shanghai"
    nightly: Annotated[time, BeforeValidator(clock_time)] = time(2, 30)


class Settings(_Table):
    """A whole settings file; ``file`` is where it was read from."""

    file: Path
    bank: BankSettings
    store: StoreSettings
    platforms: dict[str, PlatformSettings] = {}
    schedule: ScheduleSettings = ScheduleSettings()

    @field_validator("platforms")
    @classmethod
    def _names_are_plain(cls, platforms: dict[str, PlatformSettings]) -> dict[str, PlatformSettings]:
        for name in platforms:
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name) or name == STATION_PLATFORM:
                raise fault(f"platform_name:{name}")
        return platforms
