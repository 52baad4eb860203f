"""What may be decided of one conflict, as a list to choose from."""

from __future__ import annotations

from desk.report.values import ReportConflict
from domain.decisions import DecisionCode, possible_decisions


def choices(conflict: ReportConflict) -> tuple[str, ...]:
    """Give the decisions offered for a conflict, arguments filled in as far as they are known.

    ``accept`` is offered once for each side that has a record; ``person`` names the roster's person if there is one,
    else, like ``credit`` and ``approve``, it stands bare and whoever decides says whom or how much.
    """
    offered: list[str] = []
    for code in possible_decisions(conflict.kind, is_blocking=conflict.is_blocking):
        if code is DecisionCode.ACCEPT:
            offered += [f"{code}:{platform}" for platform in dict.fromkeys(side.platform for side in conflict.sides)]
        elif code is DecisionCode.PERSON and conflict.local_number:
            offered.append(f"{code}:{conflict.local_number}")
        else:
            offered.append(str(code))
    return tuple(offered)
