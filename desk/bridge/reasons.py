"""Why each record and each booking counts where it does: every second goes to an item on its own reason, or to none.

Nothing here is the remainder of anything else: what the rules make of a claim is worked out from the claim, and only
where the book holds just that, or just what a decision says, is the booking explained.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from desk.bridge.items import Item, Piece, Side
from desk.bridge.worth import Worth
from domain.actions import Disposition
from domain.conflicts import ConflictKind, ConflictState
from domain.records import STATION_PLATFORM, RecordState
from local_store.bridge import Booked, Part, Told, Whose
from local_store.grounds import Case, Grounds
from mapping.rules import RuleSet

_SETTLED = frozenset({Disposition.BOOKED.value, Disposition.OUT_OF_SCOPE.value})
_WAYS = (Disposition.IN_CONFLICT.value, Disposition.WAITING.value, Disposition.PENDING.value)


class Place(NamedTuple):
    """Where something counts in the bridge."""

    station: str
    person: int | None
    month: str


class _Visit(NamedTuple):
    """One service as the bridge sees it: all its records, those that their platforms still show, what is booked."""

    told: Sequence[Told]
    shown: Sequence[Told]
    booked_at: Place
    booked_seconds: int
    cases: Sequence[Case]
    is_settled: bool

    @property
    def settled_way(self) -> str:
        """Give where its effective records are once it is settled: what is not booked then is worth nothing."""
        return Disposition.BOOKED if self.booked_seconds else Disposition.OUT_OF_SCOPE


class _Ruling(NamedTuple):
    """What should stand for a settled service: ``due_seconds``, by the rules or by a decision.

    ``speaking`` are its members, one a platform; ``word`` is the one whose word counts.
    """

    speaking: dict[str, Told]
    word: Told | None
    due_seconds: int
    is_decided: bool
    is_special: bool


class Reasons:
    """Gives every record and booking of a part of the bank its item, platform by platform."""

    def __init__(self, rules: RuleSet, grounds: Grounds, whose: Mapping[int, Whose], part: Part) -> None:
        """Keep what all of them rest on."""
        self._rules = rules
        self._grounds = grounds
        self._whose = whose
        self._part = part
        self._worth = Worth(rules)

    def pieces(self, told: list[Told]) -> Iterator[Piece]:
        """Give the pieces of one service, or of one record that belongs to none."""
        if not told[0].service_id:
            yield from self._apart(told[0])
            return
        visit = self._visit(told)
        is_settled = any(one.disposition in _SETTLED for one in told)
        ruling = self._ruling(visit) if is_settled else None
        for platform in self._rules.readings:
            mine = [one for one in visit.shown if one.platform == platform]
            if ruling is not None:
                yield from self._settled(visit, ruling, platform, mine)
            else:
                yield from self._open(visit, platform, mine)

    def sides(self, told: list[Told]) -> Iterator[Piece]:
        """Give what the two sides are made of: every record that its platform shows, and the booking."""
        for one in told:
            if one.platform in self._rules.readings and _is_shown(one) and self._part.holds(*self._place(one)):
                yield self._piece(one, Side.REPORTED, one.reported_seconds)
        first = told[0]
        place = self._booked_at(first)
        if first.booked_seconds and self._part.holds(*place):
            day, booked = first.booked_date or "", first.booked_seconds
            for platform in self._rules.readings:
                yield Piece(platform, Side.LEDGER, place.station, place.month, booked, first.service_id, "", day)

    def of_left_behind(self, one: Booked) -> Iterator[Piece]:
        """Give the pieces of a booking of which no record speaks any more: only a safety stop leaves it standing."""
        item = Item.IN_CONFLICT if self._grounds.is_stopped else None if one.is_settled else Item.UNPLANNED
        place = Place(one.station, self._grounds.merged.get(one.person, one.person), one.service_date[:7])
        if self._part.holds(*place):
            for platform in self._rules.readings:
                yield Piece(
                    platform, item, place.station, place.month, one.seconds, one.service_id, "", one.service_date
                )

    # --- records of no service ---------------------------------------------------------------------------------------

    def _apart(self, one: Told) -> Iterator[Piece]:
        if one.platform not in self._rules.readings or not _is_shown(one):
            return
        item = None
        if one.disposition == Disposition.OUT_OF_SCOPE and self._is_outside(one):
            item = Item.OUT_OF_SCOPE
        elif one.disposition == Disposition.COVERED_BY_OPENING and self._is_covered(one):
            item = Item.OPENING
        yield from self._less(one, item, is_settled=self._whose[one.identity].is_settled)

    def _is_outside(self, one: Told) -> bool:
        grounds = self._grounds
        return bool(one.out_of_scope) or (
            one.identity in grounds.outside_identities
            or (one.platform, one.activity_id) in grounds.outside_activities
            or one.record in grounds.honours
        )

    def _is_covered(self, one: Told) -> bool:
        person = self._grounds.bound.get(one.record, self._whose[one.identity].person)
        return person is not None and one.service_date <= self._grounds.openings.get(person, "")

    # --- services ----------------------------------------------------------------------------------------------------

    def _visit(self, told: list[Told]) -> _Visit:
        told.sort(key=_key)
        first = told[0]
        cases = (
            [case for one in told for case in self._grounds.cases.get(one.record, ())] if self._grounds.cases else []
        )
        return _Visit(
            told=told,
            shown=[one for one in told if _is_shown(one)],
            booked_at=self._booked_at(first),
            booked_seconds=first.booked_seconds or 0,
            cases=cases,
            is_settled=all(self._whose[one.identity].is_settled for one in told),
        )

    def _ruling(self, visit: _Visit) -> _Ruling:
        """Find what should stand by the rules or, where the book says otherwise, by a decision that says just that."""
        speaking: dict[str, Told] = {}
        for one in visit.shown:
            if one.state == RecordState.EFFECTIVE and one.disposition == visit.settled_way:
                speaking.setdefault(one.platform, one)
        is_special = any(one.is_special for one in speaking.values())
        word = self._worth.deciding(speaking)
        due = 0 if word is None else self._worth.credit(word, is_special=is_special)
        booked = visit.booked_seconds
        is_decided = booked != due and booked in self._decided_figures(visit, is_special=is_special)
        return _Ruling(speaking, word, booked if is_decided else due, is_decided, is_special)

    def _decided_figures(self, visit: _Visit, *, is_special: bool) -> set[int]:
        """Give every figure that a decision which stands makes of a service."""
        named = self._grounds.decided.get(visit.told[0].service_id)
        cases = [case for case in visit.cases if case.state == ConflictState.DECIDED]
        figures: set[int] = set()
        for case in [*cases, *([named] if named else [])]:
            figures |= self._worth.decided(case, visit.told, is_special=is_special)
        return figures

    def _settled(self, visit: _Visit, ruling: _Ruling, platform: str, mine: list[Told]) -> Iterator[Piece]:
        """Give the pieces of a service that is booked, or is worth nothing, for one platform."""
        member = ruling.speaking.get(platform)
        for one in mine:
            if one is not member:
                yield from self._less(one, self._item_beside(one, visit), is_settled=visit.is_settled)
        if member is None:
            absent = self._item_without(visit, ruling, platform, mine)
            yield from self._more(visit, platform, absent, ruling.due_seconds)
        elif visit.booked_seconds and visit.booked_at != self._place(member):
            item = self._item_elsewhere(visit, ruling, member)
            yield from self._more(visit, platform, item, ruling.due_seconds)
            yield from self._less(member, item, is_settled=visit.is_settled)
        else:
            yield from self._agreed(visit, ruling, member)
        unexplained = visit.booked_seconds - ruling.due_seconds
        yield from self._more(visit, platform, None, unexplained)

    def _agreed(self, visit: _Visit, ruling: _Ruling, member: Told) -> Iterator[Piece]:
        """Give what lies between a member's figure and what is due for it."""
        said = member.reported_seconds
        if ruling.is_decided or ruling.word is None:
            own = self._worth.credit(member, is_special=ruling.is_special)
            yield from self._between(visit, member, self._item_of_own(member, ruling), own - said)
            yield from self._between(visit, member, Item.DECIDED, ruling.due_seconds - own)
            return
        item: Item | None = self._item_of_own(ruling.word, ruling)
        if item is Item.ROUNDING and not self._worth.meet(member, ruling.word):
            item = Item.DECIDED if self._is_decided(visit, ruling) else None
        yield from self._between(visit, member, item, ruling.due_seconds - said)

    def _item_of_own(self, word: Told, ruling: _Ruling) -> Item:
        is_actual = self._worth.is_actual(word, is_special=ruling.is_special)
        return Item.ROUNDING if is_actual else Item.CREDIT_RULE

    def _item_beside(self, one: Told, visit: _Visit) -> Item | None:
        """Give the item of a record that is not its platform's member of a settled service."""
        if one.disposition == Disposition.PENDING:
            return Item.PENDING if one.state == RecordState.PENDING else None
        if one.disposition != visit.settled_way or one.state != RecordState.EFFECTIVE:
            return None
        cases = self._grounds.cases.get(one.record, ())
        return Item.DUPLICATE if any(case.kind == ConflictKind.DUPLICATE for case in cases) else None

    def _item_without(self, visit: _Visit, ruling: _Ruling, platform: str, mine: list[Told]) -> Item:
        """Give the item of a booking for which a platform has no effective record."""
        if ruling.is_decided or visit.told[0].service_id in self._grounds.decided:
            return Item.DECIDED
        entry, since = ruling.speaking.get(STATION_PLATFORM), self._rules.deliver_from.get(platform)
        if entry is not None and not mine and since is not None and entry.service_date >= since.isoformat():
            return Item.UNDELIVERED
        return Item.ELSEWHERE_ONLY

    def _item_elsewhere(self, visit: _Visit, ruling: _Ruling, member: Told) -> Item | None:
        """Give the item of a booking at another station, month or person than a platform says: as the word is there."""
        if self._is_decided(visit, ruling) or member.record in self._grounds.bound:
            return Item.DECIDED
        is_said_there = ruling.word is not None and self._place(ruling.word) == visit.booked_at
        return Item.ELSEWHERE_ONLY if is_said_there else None

    def _is_decided(self, visit: _Visit, ruling: _Ruling) -> bool:
        is_named = visit.told[0].service_id in self._grounds.decided
        return ruling.is_decided or is_named or any(case.state == ConflictState.DECIDED for case in visit.cases)

    def _open(self, visit: _Visit, platform: str, mine: list[Told]) -> Iterator[Piece]:
        """Give the pieces of a service that is held, waits, is pending or withdrawn, for one platform."""
        held = self._held(visit)
        for one in mine:
            yield from self._less(one, self._item_of_open(one, visit, held), is_settled=visit.is_settled)
        ways = {one.disposition for one in visit.told}
        way = next((way for way in _WAYS if way in ways), None)
        item = held if way == Disposition.IN_CONFLICT or held else None
        if item is None and way in {Disposition.WAITING, Disposition.PENDING}:
            item = Item(way)
        yield from self._more(visit, platform, item, visit.booked_seconds)

    def _item_of_open(self, one: Told, visit: _Visit, held: Item | None) -> Item | None:
        match one.disposition:
            case Disposition.IN_CONFLICT:
                return held
            case Disposition.WAITING:
                return None if self._worth.suffices(visit.shown) else Item.WAITING
            case Disposition.PENDING:
                return Item.PENDING if one.state == RecordState.PENDING else None
            case Disposition.WITHDRAWN:
                return Item.WITHDRAWN if any(said.state == RecordState.WITHDRAWN for said in visit.told) else None
            case _:
                return None

    def _held(self, visit: _Visit) -> Item | None:
        """Give the item of a service that is held: by a conflict or a safety stop, or by a decision to leave it."""
        blocking = [case.state for case in visit.cases if case.is_blocking]
        if any(state != ConflictState.DECIDED for state in blocking):
            return Item.IN_CONFLICT
        if blocking:
            return Item.DECIDED
        is_beside = any(self._whose[one.identity].person in self._grounds.astray for one in visit.told)
        return Item.IN_CONFLICT if self._grounds.is_stopped or is_beside else None

    # --- pieces ------------------------------------------------------------------------------------------------------

    def _booked_at(self, one: Told) -> Place:
        person, day = one.booked_person, one.booked_date or ""
        return Place(one.booked_station or "", person and self._grounds.merged.get(person, person), day[:7])

    def _place(self, one: Told) -> Place:
        return Place(one.station, self._whose[one.identity].person, one.service_date[:7])

    def _less(self, one: Told, item: Item | None, *, is_settled: bool) -> Iterator[Piece]:
        """Take a record's figure away, where the part holds it."""
        place = self._place(one)
        if one.reported_seconds and self._part.holds(*place):
            yield self._piece(one, _told_item(item, is_settled=is_settled), -one.reported_seconds)

    def _between(self, visit: _Visit, member: Told, item: Item | None, seconds: int) -> Iterator[Piece]:
        if seconds and self._part.holds(*self._place(member)):
            yield self._piece(member, _told_item(item, is_settled=visit.is_settled), seconds)

    def _more(self, visit: _Visit, platform: str, item: Item | None, seconds: int) -> Iterator[Piece]:
        """Add what is booked, where the part holds it."""
        if seconds and self._part.holds(*visit.booked_at):
            station, _, month = visit.booked_at
            said, first = _told_item(item, is_settled=visit.is_settled), visit.told[0]
            yield Piece(platform, said, station, month, seconds, first.service_id, "", first.booked_date or "")

    @staticmethod
    def _piece(one: Told, item: Item | Side | None, seconds: int) -> Piece:
        day = one.service_date
        record = f"{one.platform}:{one.external_id}"
        return Piece(one.platform, item, one.station, day[:7], seconds, one.service_id, record, day)


def _told_item(item: Item | None, *, is_settled: bool) -> Item | None:
    """Say of what nothing explains that the next night has yet to see it, where something changed since the last."""
    return item if item is not None or is_settled else Item.UNPLANNED


def _is_shown(one: Told) -> bool:
    """Say whether a platform still shows a record and has not withdrawn it: only then does it report its hours."""
    return one.state != RecordState.WITHDRAWN and not one.is_gone


def _key(one: Told) -> tuple[str, str, str]:
    return one.platform, one.external_id, one.stream
