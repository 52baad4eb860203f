"""Services as this platform takes them, and what it answers to each; it sees no network."""

from __future__ import annotations

from datetime import datetime

from adapters.answers import shown_message
from adapters.base import Receipt, Submission
from adapters.chinavolunteer import profile
from adapters.chinavolunteer.wire import WriteResult
from adapters.crypto import FieldCipher
from domain.clock import SHANGHAI
from domain.errors import BrokenAnswer
from domain.hours import show_hours


def local_text(instant: datetime | None) -> str:
    """Write an instant as the platform does; an open end is empty."""
    return "" if instant is None else instant.astimezone(SHANGHAI).strftime(profile.LOCAL_TIME)


def sent_row(submission: Submission, cipher: FieldCipher) -> dict[str, str]:
    """Give a service in the names that this platform writes by; they differ from those it reads by."""
    span_seconds = int((submission.ends_at - submission.starts_at).total_seconds())
    return {
        "albx0021": submission.area_code,
        "albx0176": submission.activity_id,
        "albx0177": submission.organisation,
        "name": submission.person.name,
        "albx0175": submission.person.volunteer_number,
        "cardno": cipher.encrypt(submission.person.id_number),
        "bz": submission.business_key,
        "type": profile.WRITE_TYPE,
        "start": local_text(submission.starts_at),
        "end": local_text(submission.ends_at),
        "albx0172": show_hours(span_seconds),
    }


def receipts(platform: str, submissions: tuple[Submission, ...], results: list[WriteResult]) -> tuple[Receipt, ...]:
    """Give each submission its result, in the order of the submissions.

    Raises:
        BrokenAnswer: the results are not one for each, or one that succeeded has no id.
    """
    by_index = {result.index: result for result in results}
    if sorted(by_index) != list(range(len(submissions))) or len(results) != len(submissions):
        raise BrokenAnswer("counts_differ", platform=platform, what=profile.ADD_HOURS)
    return tuple(_receipt(platform, row, by_index[index]) for index, row in enumerate(submissions))


def _receipt(platform: str, submission: Submission, result: WriteResult) -> Receipt:
    if result.code != profile.DONE_CODE:
        person = submission.person
        refusal = shown_message(result.message, person.name, person.id_number, person.volunteer_number)
        return Receipt(submission.business_key, "", refusal or result.code)
    if not result.external_id:
        raise BrokenAnswer("answer_shape", platform=platform, what=profile.ADD_HOURS, field="data.id")
    return Receipt(submission.business_key, result.external_id, "")
