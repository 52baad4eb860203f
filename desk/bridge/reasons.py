"""Why each record and each booking counts where it does: every second goes to an item on its own reason, or to none.

Nothing here is the remainder of anything else: what the rules make of a claim is worked out from the claim, and only
where the book holds just that, or just what a decision says, is the booking explained.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from desk.bridge.items import Item, Piece, Side
from desk.bridge.visits import (
    BOOKED,
    DECIDED,
    EFFECTIVE,
    PENDING,
    WITHDRAWN,
    WORTHLESS,
    Place,
    Ruling,
    Visit,
    Visits,
    is_shown,
)
from domain.actions import Disposition
from domain.conflicts import ConflictKind
from domain.records import STATION_PLATFORM
from local_store.bridge_rows import Booked, Part, Told, Whose
from local_store.grounds import Grounds
from mapping.rules import RuleSet

_WAYS = (Disposition.IN_CONFLICT.value, Disposition.WAITING.value, Disposition.PENDING.value)


class Reasons:
    """Gives every record and booking of a part of the bank its item, platform by platform."""

    def __init__(self, rules: RuleSet, grounds: Grounds, whose: Mapping[int, Whose], part: Part) -> None:
        """Keep what all of them rest on."""
        self._platforms = tuple(rules.readings)
        self._deliver_from = {platform: day.isoformat() for platform, day in rules.deliver_from.items()}
        self._grounds = grounds
        self._whose = whose
        self._part = part
        self._is_whole = part == Part()
        self._visits = Visits(rules, grounds, whose)
        self._out: list[Piece] = []

    def pieces(self, told: list[Told]) -> list[Piece]:
        """Give the pieces of one service, or of one record that belongs to none."""
        self._out = []
        if not told[0].service_id:
            self._apart(told[0])
            return self._out
        visit = self._visits.visit(told)
        is_settled = any(one.disposition in {BOOKED, WORTHLESS} for one in told)
        ruling = self._visits.ruling(visit) if is_settled else None
        for platform in self._platforms:
            mine = [one for one in visit.shown if one.platform == platform]
            if ruling is not None:
                self._settled(visit, ruling, platform, mine)
            else:
                self._open(visit, platform, mine)
        return self._out

    def sides(self, told: list[Told]) -> Iterator[tuple[Side, Piece]]:
        """Give what the two sides are made of: every record that its platform shows, and the booking."""
        for one in told:
            if one.platform in self._platforms and is_shown(one) and self._part.holds(*self._visits.place(one)):
                yield Side.REPORTED, _piece(one, None, one.reported_seconds)
        first = told[0]
        if first.booked_seconds and self._part.holds(*(place := self._visits.booked_at(first))):
            for platform in self._platforms:
                yield Side.LEDGER, _piece_of_booking(platform, None, first, place, first.booked_seconds)

    def of_left_behind(self, one: Booked) -> Iterator[Piece]:
        """Give the pieces of a booking of which no record speaks any more: only a safety stop leaves it standing."""
        item = Item.IN_CONFLICT if self._grounds.is_stopped else None if one.is_settled else Item.UNPLANNED
        person, month = self._grounds.merged.get(one.person, one.person), one.service_date[:7]
        if self._part.holds(one.station, person, month):
            for platform in self._platforms:
                yield Piece(platform, item, one.station, month, one.seconds, one.service_id, "", one.service_date)

    # --- records of no service ---------------------------------------------------------------------------------------

    def _apart(self, one: Told) -> None:
        if one.platform not in self._platforms or not is_shown(one):
            return
        item = None
        if one.disposition == Disposition.OUT_OF_SCOPE and self._is_outside(one):
            item = Item.OUT_OF_SCOPE
        elif one.disposition == Disposition.COVERED_BY_OPENING and self._is_covered(one):
            item = Item.OPENING
        self._less(one, item, is_settled=self._whose[one.identity].is_settled)

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

    # --- services that are booked, or worth nothing ------------------------------------------------------------------

    def _settled(self, visit: Visit, ruling: Ruling, platform: str, mine: Sequence[Told]) -> None:
        member = ruling.speaking.get(platform)
        for one in mine:
            if one is not member:
                self._less(one, self._item_beside(one, visit), is_settled=visit.is_settled)
        if member is None:
            self._more(visit, platform, self._item_without(visit, ruling, platform, mine), ruling.due_seconds)
        elif visit.booked_seconds and visit.booked_at != self._visits.place(member):
            item = self._item_elsewhere(visit, ruling, member)
            self._more(visit, platform, item, ruling.due_seconds)
            self._less(member, item, is_settled=visit.is_settled)
        else:
            self._agreed(visit, ruling, member)
        if visit.booked_seconds != ruling.due_seconds:
            self._more(visit, platform, None, visit.booked_seconds - ruling.due_seconds)

    def _agreed(self, visit: Visit, ruling: Ruling, member: Told) -> None:
        """Put down what lies between a member's figure and what is due for it."""
        said, worth = member.reported_seconds, self._visits.worth
        if ruling.by_decision or ruling.word is None:
            own = worth.credit(member, is_special=ruling.is_special)
            self._between(visit, member, self._item_of_own(member, ruling), own - said)
            self._between(visit, member, Item.DECIDED, ruling.due_seconds - own)
            return
        if ruling.due_seconds == said:
            return
        item: Item | None = self._item_of_own(ruling.word, ruling)
        if item is Item.ROUNDING and not worth.meet(member, ruling.word):
            item = Item.DECIDED if self._visits.is_decided(visit, ruling) else None
        self._between(visit, member, item, ruling.due_seconds - said)

    def _item_of_own(self, word: Told, ruling: Ruling) -> Item:
        is_actual = self._visits.worth.is_actual(word, is_special=ruling.is_special)
        return Item.ROUNDING if is_actual else Item.CREDIT_RULE

    def _item_beside(self, one: Told, visit: Visit) -> Item | None:
        """Give the item of a record that is not its platform's member of a settled service."""
        if one.disposition == Disposition.PENDING:
            return Item.PENDING if one.state == PENDING else None
        if one.disposition != visit.way or one.state != EFFECTIVE:
            return None
        cases = self._grounds.cases.get(one.record, ())
        is_told = any(case.kind == ConflictKind.DUPLICATE for case in cases)
        return Item.DUPLICATE if is_told or one.record in self._grounds.same else None

    def _item_without(self, visit: Visit, ruling: Ruling, platform: str, mine: Sequence[Told]) -> Item:
        """Give the item of a booking for which a platform has no effective record."""
        if ruling.by_decision or visit.service_id in self._grounds.decided:
            return Item.DECIDED
        entry, since = ruling.speaking.get(STATION_PLATFORM), self._deliver_from.get(platform)
        is_due = entry is not None and not mine and since is not None and entry.service_date >= since
        return Item.UNDELIVERED if is_due else Item.ELSEWHERE_ONLY

    def _item_elsewhere(self, visit: Visit, ruling: Ruling, member: Told) -> Item | None:
        """Give the item of a booking at another station, month or person than a platform says: as the word is there."""
        if self._visits.is_decided(visit, ruling) or member.record in self._grounds.bound:
            return Item.DECIDED
        is_said_there = ruling.word is not None and self._visits.place(ruling.word) == visit.booked_at
        return Item.ELSEWHERE_ONLY if is_said_there else None

    # --- services that are held, wait, are pending or withdrawn ------------------------------------------------------

    def _open(self, visit: Visit, platform: str, mine: Sequence[Told]) -> None:
        held = self._held(visit)
        for one in mine:
            self._less(one, self._item_of_open(one, visit, held), is_settled=visit.is_settled)
        if visit.booked_seconds:
            ways = {one.disposition for one in visit.told}
            way = next((way for way in _WAYS if way in ways), None)
            waits = None if way in {None, Disposition.IN_CONFLICT} else Item(way)
            self._more(visit, platform, held or waits, visit.booked_seconds)

    def _item_of_open(self, one: Told, visit: Visit, held: Item | None) -> Item | None:
        match one.disposition:
            case Disposition.IN_CONFLICT:
                return held
            case Disposition.WAITING:
                return None if self._visits.worth.suffices(visit.shown) else Item.WAITING
            case Disposition.PENDING:
                return Item.PENDING if one.state == PENDING else None
            case Disposition.WITHDRAWN:
                return Item.WITHDRAWN if any(said.state == WITHDRAWN for said in visit.told) else None
            case _:
                return None

    def _held(self, visit: Visit) -> Item | None:
        """Give the item of a service that is held: by a conflict or a safety stop, or by a decision to leave it."""
        blocking = [case.state for case in visit.cases if case.is_blocking]
        if any(state != DECIDED for state in blocking):
            return Item.IN_CONFLICT
        if blocking:
            return Item.DECIDED
        beside = self._grounds.astray | self._grounds.unsure
        is_beside = any(self._whose[one.identity].person in beside for one in visit.told)
        return Item.IN_CONFLICT if self._grounds.is_stopped or is_beside else None

    # --- pieces ------------------------------------------------------------------------------------------------------

    def _less(self, one: Told, item: Item | None, *, is_settled: bool) -> None:
        """Take a record's figure away, where the part holds it."""
        if one.reported_seconds and (self._is_whole or self._part.holds(*self._visits.place(one))):
            self._out.append(_piece(one, _settled_item(item, is_settled=is_settled), -one.reported_seconds))

    def _between(self, visit: Visit, member: Told, item: Item | None, seconds: int) -> None:
        if seconds and (self._is_whole or self._part.holds(*self._visits.place(member))):
            self._out.append(_piece(member, _settled_item(item, is_settled=visit.is_settled), seconds))

    def _more(self, visit: Visit, platform: str, item: Item | None, seconds: int) -> None:
        """Add what is booked, where the part holds it."""
        if seconds and (self._is_whole or self._part.holds(*visit.booked_at)):
            said = _settled_item(item, is_settled=visit.is_settled)
            self._out.append(_piece_of_booking(platform, said, visit.told[0], visit.booked_at, seconds))


def _piece(one: Told, item: Item | None, seconds: int) -> Piece:
    day = one.service_date
    record = f"{one.platform}:{one.external_id}"
    return Piece(one.platform, item, one.station, day[:7], seconds, one.service_id, record, day)


def _piece_of_booking(platform: str, item: Item | None, first: Told, place: Place, seconds: int) -> Piece:
    return Piece(platform, item, place.station, place.month, seconds, first.service_id, "", first.booked_date or "")


def _settled_item(item: Item | None, *, is_settled: bool) -> Item | None:
    """Say of what nothing explains that the next night has yet to see it, where something changed since the last."""
    return item if item is not None or is_settled else Item.UNPLANNED
