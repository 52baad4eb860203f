"""What was judged, in sentences: each conflict as it stands, who decided what and why, and what has changed since."""

from __future__ import annotations

from datetime import datetime

from desk.evidence import changes
from desk.words.words import Words
from domain.conflicts import Conflict
from domain.hours import show_hours
from local_store.cases import Case, Judged
from mapping.rules import RuleSet
from shiqiao.front import Front


class CaseTelling:
    """Tells of conflicts; ``said`` are the desk's words, with the platforms' names."""

    def __init__(self, front: Front, said: Words, rules: RuleSet) -> None:
        """Keep what every sentence needs."""
        self._front, self._said, self._rules = front, said, rules

    def tell(self, case: Case) -> None:
        """Tell how a conflict stands, and every decision with what became of it."""
        conflict = case.found.conflict
        self._front.show(
            "story_conflict", conflict=conflict.conflict_id, kind=self._said.kind(conflict.kind).name,
            state=self._said.say("conflict_states", case.found.state.value), since=show_instant(case.found.since),
            reason=self._reason(conflict),
        )  # fmt: skip
        for judged in case.judged:
            self._judged(judged, conflict.evidence)

    def foretell(self, conflict: Conflict) -> None:
        """Tell of a conflict that the facts give today and that no run has written down yet."""
        self._front.show(
            "story_foreseen", conflict=conflict.conflict_id, kind=self._said.kind(conflict.kind).name,
            reason=self._reason(conflict),
        )  # fmt: skip

    def _reason(self, conflict: Conflict) -> str:
        return self._said.reason(conflict.kind, conflict.reason, conflict.details, is_blocking=conflict.is_blocking)

    def _judged(self, judged: Judged, evidence: tuple[str, ...]) -> None:
        said, front = judged.decision, self._front
        front.show(
            "story_judged", decision=said.number, by=said.decided_by, at=show_instant(said.decided_at),
            what=self._said.decision(":".join(part for part in (said.code, said.argument) if part)),
            reason=said.reason, hours=show_hours(judged.moved_seconds),
        )  # fmt: skip
        if judged.is_proposed and judged.undone_at is None:
            front.show("story_proposed")
        if judged.agreed_by:
            front.show("story_agreed", by=judged.agreed_by, at=show_instant(judged.agreed_at))
        if judged.undone_at is not None:
            front.show("story_undone", by=judged.undone_by, at=show_instant(judged.undone_at))
            return
        for change in changes(said.evidence, evidence, self._said, self._rules):
            front.show("story_changed", change=change)


def show_instant(instant: datetime | None) -> str:
    """Show an instant to the minute."""
    return "-" if instant is None else instant.strftime("%Y-%m-%d %H:%M")
