"""Adapters are found by what is installed, and an unknown one is answered with those that are."""

from __future__ import annotations

import pytest

from adapters.registry import installed, make
from domain.errors import UsageError
from tests.adapter_contract.clock import MiddlingChance, StandingClock
from tests.test_adapters_guizhiyuan import SETTINGS


def test_both_platforms_of_the_first_night_are_installed() -> None:
    assert {"chinavolunteer", "guizhiyuan"} <= set(installed())


def test_an_adapter_bears_the_name_that_the_settings_give_it() -> None:
    adapter = make("guizhiyuan", "桂", SETTINGS, clock=StandingClock(), random=MiddlingChance())
    assert adapter.platform == "桂"
    assert adapter.can_deliver
    adapter.close()


def test_keys_of_the_house_are_no_business_of_an_adapter() -> None:
    settings = {**SETTINGS, "adapter": "guizhiyuan", "deliver": "true"}
    make("guizhiyuan", "guangxi", settings, clock=StandingClock(), random=MiddlingChance()).close()


def test_an_unknown_setting_is_named() -> None:
    settings = {**SETTINGS, "app_secrte": "x"}
    with pytest.raises(UsageError) as caught:
        make("guizhiyuan", "guangxi", settings, clock=StandingClock(), random=MiddlingChance())
    assert (caught.value.code, caught.value.data["setting"]) == ("setting_unknown", "platforms.guangxi.app_secrte")


def test_an_unknown_adapter_is_answered_with_those_that_are_installed() -> None:
    with pytest.raises(UsageError) as caught:
        make("guizhiyaun", "guangxi", SETTINGS, clock=StandingClock(), random=MiddlingChance())
    assert caught.value.data["setting"] == "platforms.guangxi.adapter"
    assert "guizhiyuan" in str(caught.value.data["known"])
