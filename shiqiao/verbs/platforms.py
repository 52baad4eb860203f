"""``platforms``: what is set up; ``platforms check``: whether one of them answers."""

from __future__ import annotations

import click

from shiqiao.frame import json_option, verb_group
from shiqiao.front import DONE, Front
from shiqiao.house import open_house
from shiqiao.settings.load import load_settings
from shiqiao.settings.model import PlatformSettings


@verb_group("platforms", invoke_without_command=True)
@json_option
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> int:
    """List the platforms of the settings."""
    if context.invoked_subcommand is None:
        _list_platforms(context.obj, as_json=as_json)
    return DONE


@command.command("check")
@click.argument("name")
@click.pass_obj
def check(front: Front, name: str) -> int:
    """Log in to one platform."""
    house = open_house(front)
    with house.adapters([name]) as adapters:
        adapters[name].check()
        behind = house.clock.now() - adapters[name].platform_now()
    front.show("platform_answers", platform=name, seconds=round(abs(behind).total_seconds()))
    return DONE


def _list_platforms(front: Front, *, as_json: bool) -> None:
    found = [_described(name, platform) for name, platform in load_settings(front.config).platforms.items()]
    if as_json:
        front.give(found)
        return
    for platform in found:
        does = "platform_line_delivers" if platform["can_deliver"] else "platform_line"
        front.show(does, name=str(platform["name"]), adapter=str(platform["adapter"]))


def _described(name: str, platform: PlatformSettings) -> dict[str, object]:
    transport = ["interface"] if "base_url" in platform.own_keys else []
    return {"name": name, "adapter": platform.adapter, "transport": transport, "can_deliver": platform.deliver}
