"""The conformance suite: what every adapter keeps, whatever its platform speaks.

Inherit ``AdapterContract`` in a class named ``Test…``, and say how the platform speaks by the attributes and hooks at
its top. The suite runs the adapter against a raw socket on loopback. Beside the class stands a folder of recorded
pages: ``NAME.json`` holds an answer to ``read_hours`` byte for byte, ``NAME.expected.json`` what it must become.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.base import Adapter, Page, Receipt, Submission, Window
from domain.clock import SHANGHAI
from domain.errors import BrokenAnswer, PlatformError, Refused, Throttled, UnknownOutcome, Unreachable
from domain.records import QUARANTINE_REASONS, PersonAsSaid, Record
from tests.adapter_contract import server as wire
from tests.adapter_contract.clock import NIGHT, StandingClock
from tests.adapter_contract.server import Asked, ScriptedServer, Step, whole

ALWAYS = Window(None, None)
PERSON = PersonAsSaid("覃小英", "resident", "459900195503071227", "GX7")

Fault = Callable[[bytes], Step]
WIRE_FAULTS: dict[str, tuple[Fault, type[PlatformError]]] = {
    "cut off": (wire.cut_off, Unreachable),
    "cut off silently": (wire.cut_off_silently, BrokenAnswer),
    "reset": (wire.reset, Unreachable),
    "garbage": (wire.garbage, Unreachable),
    "redirect": (wire.redirect, BrokenAnswer),
    "bomb": (wire.bomb, BrokenAnswer),
    "flood": (wire.flood, BrokenAnswer),
    "silence": (wire.silence, Unreachable),
    "drip": (wire.drip, Unreachable),
    "dripping head": (wire.drip_head, Unreachable),
    "server error": (lambda _body: whole(b"", 502), Unreachable),
    "web page": (lambda _body: whole(b"<html><body>WAF</body></html>"), BrokenAnswer),
    "empty": (lambda _body: whole(b""), BrokenAnswer),
    "half the text": (lambda body: whole(body[: len(body) // 2]), BrokenAnswer),
    "another shape": (lambda _body: whole(b"[]"), BrokenAnswer),
    "null": (lambda _body: whole(b"null"), BrokenAnswer),
    "deep": (lambda _body: whole(b"[" * 100_000), BrokenAnswer),
    "not found": (lambda _body: whole(b"nothing here", 404), BrokenAnswer),
}


class AdapterContract(ABC):
    """What every adapter keeps. The hooks without a body are the inheriting class's to write."""

    folder: Path
    """Where the recorded pages are."""
    scope: str
    """The team or organisation of the recorded pages and of ``row``."""
    page_rows_max: int
    """How many rows the platform gives at most in one page."""

    @abstractmethod
    def make(self, base_url: str, clock: StandingClock) -> Adapter:
        """Make the adapter, with limits: half a second per call, three attempts."""

    @abstractmethod
    def log_in(self, asked: Asked) -> Step | None:
        """Answer a log-in; None for any other request."""

    @abstractmethod
    def row(self, number: int) -> dict[str, Any]:
        """Give a row of hours that can be read, another one for each number."""

    @abstractmethod
    def listing(self, pages: list[list[Any]]) -> list[bytes]:
        """Give the answers in which the platform lists these rows, page by page."""

    @abstractmethod
    def row_count(self, recorded: bytes) -> int:
        """Count the rows in a recorded page."""

    @abstractmethod
    def session_over(self) -> Step:
        """Answer that the session is over."""

    @abstractmethod
    def refusal(self, message: str) -> bytes:
        """Give the platform's refusal in these words."""

    @abstractmethod
    def submitted(self, submissions: tuple[Submission, ...], refused: set[int], message: str) -> bytes:
        """Give the answer to ``submit`` in which these numbers are refused and the others are stored as ``1000+n``."""

    # --- the suite -----------------------------------------------------------------------------------------------

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one case of each recording, and one of each fault."""
        if "recording" in metafunc.fixturenames:
            folder: Path = metafunc.cls.folder
            found = sorted(path.name.removesuffix(".expected.json") for path in folder.glob("*.expected.json"))
            assert found, folder
            metafunc.parametrize("recording", found)
        if "fault" in metafunc.fixturenames:
            metafunc.parametrize("fault", sorted(WIRE_FAULTS))

    def test_a_recorded_page_becomes_the_expected_records(self, recording: str) -> None:
        body = (self.folder / f"{recording}.json").read_bytes()
        expected = json.loads((self.folder / f"{recording}.expected.json").read_text(encoding="utf-8"))
        page, _ = self._read([whole(body)])
        assert [as_plain(record) for record in page.records] == expected["records"]
        assert [
            {"external_id": row.external_id, "reason": row.reason, "field": row.field} for row in page.quarantined
        ] == expected["quarantined"]
        assert page.total == expected["total"]
        assert (page.next_cursor is None) == expected["is_last"]

    def test_every_row_of_a_recorded_page_is_accounted_for(self, recording: str) -> None:
        body = (self.folder / f"{recording}.json").read_bytes()
        page, _ = self._read([whole(body)])
        assert page.raw == body
        assert len(page.records) + len(page.quarantined) == self.row_count(body)
        assert {row.reason for row in page.quarantined} <= set(QUARANTINE_REASONS)

    def test_nothing_shows_a_person(self, recording: str) -> None:
        page, _ = self._read([whole((self.folder / f"{recording}.json").read_bytes())])
        shown = repr(page)
        for record in page.records:
            assert record.person.name not in shown
            assert not record.person.id_number or record.person.id_number not in shown
            assert not record.remark or record.remark not in shown

    def test_a_quarantined_row_is_kept_whole(self) -> None:
        spoilt = {name: value for name, value in self.row(1).items() if "id" not in name.lower()}
        page, _ = self._read([whole(self.listing([[spoilt]])[0])])
        assert json.loads(page.quarantined[0].raw) == spoilt

    def test_reading_on_to_the_last_page_sees_every_row_once(self) -> None:
        rows = [self.row(number) for number in range(2 * self.page_rows_max + 1)]
        bodies = self.listing([rows[: self.page_rows_max], rows[self.page_rows_max : -1], rows[-1:]])
        seen: list[Record] = []
        with self._server([whole(body) for body in bodies]).running() as server:
            adapter = self.make(server.url, StandingClock())
            cursor = None
            for is_last in (False, False, True):
                page = adapter.read_hours(self.scope, ALWAYS, cursor)
                seen += page.records
                cursor = page.next_cursor
                assert (cursor is None) == is_last
                assert page.total == len(rows)
            adapter.close()
        assert len({record.key for record in seen}) == len(seen) == len(rows)

    def test_a_page_that_comes_twice_is_no_page(self) -> None:
        rows = [self.row(number) for number in range(self.page_rows_max)]
        first, second, _ = self.listing([rows, rows, [self.row(-1)]])
        with self._server([whole(first), *[whole(second)] * 3]).running() as server:
            adapter = self.make(server.url, StandingClock())
            page = adapter.read_hours(self.scope, ALWAYS, None)
            with pytest.raises(BrokenAnswer) as caught:
                adapter.read_hours(self.scope, ALWAYS, page.next_cursor)
            adapter.close()
        assert caught.value.code == "page_repeated"

    def test_an_empty_listing_is_the_last_page(self) -> None:
        page, _ = self._read([whole(self.listing([[]])[0])])
        assert (page.records, page.quarantined, page.total, page.next_cursor) == ((), (), 0, None)

    def test_a_row_of_any_shape_leaves_the_others_readable(self) -> None:
        odd: list[Any] = [None, 7, "row", [], {}, {"id": {}, "recordId": {}}]
        page, _ = self._read([whole(self.listing([[*odd, self.row(1)]])[0])])
        assert len(page.quarantined) == len(odd)
        assert len(page.records) == 1

    def test_any_value_in_any_field_leaves_the_others_readable(self) -> None:
        odd: list[Any] = [None, True, -1, 1e300, 10**30, "", "\ud800", "？", "9" * 200, [], {}, "0000-00-00", "NaN"]
        rows = [{**self.row(1), name: value} for name in self.row(1) for value in odd]
        for start in range(0, len(rows), self.page_rows_max - 1):
            part = rows[start : start + self.page_rows_max - 1]
            page, _ = self._read([whole(self.listing([[*part, self.row(2)]])[0])])
            assert len(page.records) + len(page.quarantined) == len(part) + 1
            assert page.records[-1].person.name

    def test_a_read_is_tried_again(self, fault: str) -> None:
        body = self.listing([[self.row(1)]])[0]
        step, _ = WIRE_FAULTS[fault]
        page, asked = self._read([step(body), step(body), whole(body)])
        assert len(page.records) == 1
        assert len(asked) == 3

    def test_a_read_that_keeps_failing_is_never_an_empty_page(self, fault: str) -> None:
        body = self.listing([[self.row(1)]])[0]
        step, error = WIRE_FAULTS[fault]
        with pytest.raises(error) as caught:
            self._read([step(body)] * 3)
        assert type(caught.value) is not Refused
        assert PERSON.name not in str(caught.value)

    def test_a_write_is_sent_once_and_a_lost_answer_is_an_unknown_outcome(self, fault: str) -> None:
        submissions = (self.submission(0),)
        step, _ = WIRE_FAULTS[fault]
        body = self.submitted(submissions, set(), "")
        with self._server([step(body), whole(body)]).running() as server:
            adapter = self.make(server.url, StandingClock())
            with pytest.raises(UnknownOutcome):
                adapter.submit(submissions, "R1")
            adapter.close()
        assert len(server.asked) == 1

    def test_a_write_that_never_connected_is_known_not_to_be_done(self) -> None:
        clock = StandingClock()
        with self._server([]).running() as server:
            adapter = self.make(server.url, clock)
            adapter.check()
        with pytest.raises(Unreachable):
            adapter.submit((self.submission(0),), "R1")
        adapter.close()
        assert len(clock.sleeps) == 2

    def test_a_session_that_is_over_is_renewed_once_and_the_page_asked_for_again(self) -> None:
        body = self.listing([[self.row(1)]])[0]
        page, asked = self._read([self.session_over(), whole(body)])
        assert len(page.records) == 1
        assert len(asked) == 2

    def test_a_session_that_stays_over_is_a_refusal(self) -> None:
        with pytest.raises(Refused):
            self._read([self.session_over(), self.session_over()])

    def test_a_write_is_sent_again_after_the_session_was_over(self) -> None:
        submissions = (self.submission(0),)
        receipts, asked = self._submit(
            submissions, [self.session_over(), whole(self.submitted(submissions, set(), ""))]
        )
        assert receipts[0].external_id == "1000"
        assert len(asked) == 2

    def test_a_refusal_is_not_asked_again_and_tells_of_no_person(self) -> None:
        with self._server([whole(self.refusal("覃小英459900195503071227无权限"))]).running() as server:
            adapter = self.make(server.url, StandingClock())
            with pytest.raises(Refused) as caught:
                adapter.read_hours(self.scope, ALWAYS, None)
            adapter.close()
        assert len(server.asked) == 1
        assert "459900195503071227" not in str(caught.value)

    @pytest.mark.parametrize("told", ["7", "Thu, 31 Mar 2022 18:30:07 GMT", None, "soon"])
    def test_a_platform_that_is_asked_too_often_is_waited_for(self, told: str | None) -> None:
        clock = StandingClock()
        headers = () if told is None else (("Retry-After", told),)
        body = self.listing([[self.row(1)]])[0]
        with self._server([whole(b"", 429, headers), whole(body)]).running() as server:
            adapter = self.make(server.url, clock)
            adapter.read_hours(self.scope, ALWAYS, None)
            adapter.close()
        waited = sum(clock.sleeps)
        assert waited >= 7 if told in {"7", "Thu, 31 Mar 2022 18:30:07 GMT"} else 0 < waited < 7

    def test_a_platform_that_wants_an_hours_rest_gets_it(self) -> None:
        clock = StandingClock()
        with self._server([whole(b"", 429, (("Retry-After", "3600"),))]).running() as server:
            adapter = self.make(server.url, clock)
            with pytest.raises(Throttled):
                adapter.read_hours(self.scope, ALWAYS, None)
            adapter.close()
        assert sum(clock.sleeps) < 3600

    def test_the_platforms_clock_is_followed(self) -> None:
        body = self.listing([[self.row(1)]])[0]
        with self._server([whole(body, headers=(("Date", "Thu, 31 Mar 2022 18:20:00 GMT"),))]).running() as server:
            adapter = self.make(server.url, StandingClock())
            adapter.read_hours(self.scope, ALWAYS, None)
            adapter.close()
        assert adapter.platform_now() == NIGHT - timedelta(minutes=10)

    def test_no_packing_is_asked_for(self) -> None:
        _, asked = self._read([whole(self.listing([[self.row(1)]])[0])])
        assert asked[0].headers["accept-encoding"] == "identity"

    def test_each_submission_gets_its_own_receipt(self) -> None:
        submissions = tuple(self.submission(number) for number in range(3))
        message = "覃小英时间重叠"
        receipts, _ = self._submit(submissions, [whole(self.submitted(submissions, {1}, message))])
        assert [receipt.business_key for receipt in receipts] == [row.business_key for row in submissions]
        assert [receipt.external_id for receipt in receipts] == ["1000", "", "1002"]
        assert [receipt.refusal for receipt in receipts] == ["", "***时间重叠", ""]

    def test_receipts_that_do_not_fit_the_submissions_are_an_unknown_outcome(self) -> None:
        submissions = tuple(self.submission(number) for number in range(3))
        with pytest.raises(UnknownOutcome):
            self._submit(submissions, [whole(self.submitted(submissions[:2], set(), ""))])

    def test_what_was_submitted_cannot_be_read_on_the_wire(self) -> None:
        submissions = (self.submission(0),)
        _, asked = self._submit(submissions, [whole(self.submitted(submissions, set(), ""))])
        assert PERSON.id_number not in repr(asked)

    def test_nothing_to_submit_is_no_call(self) -> None:
        receipts, asked = self._submit((), [])
        assert (receipts, asked) == ((), [])

    def test_more_than_fifty_are_not_sent_at_once(self) -> None:
        with pytest.raises(ValueError, match="51"):
            self._submit(tuple(self.submission(number) for number in range(51)), [])

    # --- what the suite is made of -------------------------------------------------------------------------------

    def submission(self, number: int) -> Submission:
        """Give a service to be submitted, another one for each number."""
        starts_at = (NIGHT - timedelta(days=3)).astimezone(SHANGHAI).replace(hour=9, minute=number)
        key = f"SQ{'A' * 22}{chr(65 + number // 26)}{chr(65 + number % 26)}"
        return Submission(
            key, PERSON, self.scope, "P1", "450202003000000000", "4501", starts_at, starts_at + timedelta(minutes=42)
        )

    def _server(self, steps: list[Step]) -> ScriptedServer:
        return ScriptedServer(steps, self.log_in)

    def _read(self, steps: list[Step]) -> tuple[Page, list[Asked]]:
        with self._server(steps).running() as server:
            adapter = self.make(server.url, StandingClock())
            try:
                page = adapter.read_hours(self.scope, ALWAYS, None)
            finally:
                adapter.close()
        return page, server.asked

    def _submit(
        self, submissions: tuple[Submission, ...], steps: list[Step]
    ) -> tuple[tuple[Receipt, ...], list[Asked]]:
        with self._server(steps).running() as server:
            adapter = self.make(server.url, StandingClock())
            try:
                receipts = adapter.submit(submissions, "R1")
            finally:
                adapter.close()
        return receipts, server.asked


def as_plain(record: Record) -> dict[str, Any]:
    """Give a record as an expectation writes it."""
    return {
        "external_id": record.key.external_id,
        "state": record.state.value,
        "state_code": record.state_code,
        "person": [
            record.person.name,
            record.person.id_type,
            record.person.id_number,
            record.person.volunteer_number,
        ],
        "organisation": [record.organisation, record.organisation_name],
        "activity": [record.activity_id, record.activity_name],
        "codes": [record.category_code, record.object_code],
        "is_honour": record.is_honour,
        "service_date": record.service_date.isoformat(),
        "span": [record.starts_at and record.starts_at.isoformat(), record.ends_at and record.ends_at.isoformat()],
        "reported_seconds": record.reported_seconds,
        "duration": [record.duration.low_seconds, record.duration.high_seconds],
        "entered_at": record.entered_at and record.entered_at.isoformat(),
        "updated_at": record.updated_at.isoformat(),
        "carried_from": record.carried_from and str(record.carried_from),
        "business_key": record.business_key,
        "remark": record.remark,
    }
