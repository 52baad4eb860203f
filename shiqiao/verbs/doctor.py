"""``doctor``: is everything in order; changes nothing."""

from __future__ import annotations

import click

from domain.errors import PlatformError, Refused, UsageError
from shiqiao.checkup import Finding, look_over
from shiqiao.clock import is_held
from shiqiao.frame import json_option, verb
from shiqiao.front import ACT, DONE, Front
from shiqiao.house import House, open_house


@verb("doctor")
@json_option
@click.pass_obj
def command(front: Front, *, as_json: bool) -> int:
    """Look at everything and give 1 where a person must act."""
    house = open_house(front)
    findings = []
    for finding in look_over(house):
        findings.append(finding)
        if not as_json:
            _show(front, house, finding)
    if as_json:
        front.give({"ok": _is_well(findings), "checks": [_described(front, finding) for finding in findings]})
    return DONE if _is_well(findings) else ACT


def _is_well(findings: list[Finding]) -> bool:
    return all(finding.error is None for finding in findings)


def _show(front: Front, house: House, finding: Finding) -> None:
    if finding.error is None:
        at = {"settings": str(house.settings.file), "clock": _clock(front, house)}.get(finding.name, "")
        front.show("doctor_well", name=_name(front, finding), detail=at)
        return
    sentence = front.words.say_error(finding.error)
    front.show("doctor_ill", name=_name(front, finding), detail=sentence, remedy=_remedy(front, finding))


def _clock(front: Front, house: House) -> str:
    """Give the bank's instant, and say so where it is not the present."""
    now = house.clock.now().isoformat()
    return front.words.say("doctor_clock_held", now=now) if is_held(front.environ) else now


def _described(front: Front, finding: Finding) -> dict[str, object]:
    detail = front.words.say_error(finding.error) if finding.error else ""
    remedy = _remedy(front, finding) if finding.error else ""
    return {"name": finding.name, "ok": finding.error is None, "detail": detail, "remedy": remedy}


def _name(front: Front, finding: Finding) -> str:
    kind, _, platform = finding.name.partition(".")
    return front.words.say(f"doctor_{kind}", platform=platform)


def _remedy(front: Front, finding: Finding) -> str:
    """Give what to do, by who must act."""
    match finding.error:
        case UsageError():
            return front.words.say("remedy_usage")
        case Refused() as refusal:
            return front.words.advise(refusal)
        case PlatformError():
            return front.words.say("remedy_platform")
        case _:
            return front.words.say("remedy_store")
