"""Services as this platform takes them, and what it answers to each; it sees no network."""

from __future__ import annotations

from adapters.answers import shown_message
from adapters.base import Receipt, Submission
from adapters.crypto import FieldCipher
from adapters.guizhiyuan import profile
from adapters.guizhiyuan.wire import SubmitResult
from domain.clock import SHANGHAI
from domain.errors import BrokenAnswer


def sent_row(submission: Submission, cipher: FieldCipher) -> dict[str, str]:
    """Give a service in this platform's names."""
    starts_at, ends_at = submission.starts_at.astimezone(SHANGHAI), submission.ends_at.astimezone(SHANGHAI)
    return {
        "clientRef": submission.business_key,
        "volunteerNo": submission.person.volunteer_number,
        "volunteerName": submission.person.name,
        "idType": profile.ID_TYPE_CODES[submission.person.id_type],
        "idNoEnc": cipher.encrypt(submission.person.id_number),
        "orgCode": submission.organisation,
        "activityId": submission.activity_id,
        "serviceType": submission.category_code,
        "serviceDate": starts_at.date().isoformat(),
        "startTime": f"{starts_at:%H:%M}",
        "endTime": f"{ends_at:%H:%M}",
    }


def receipts(platform: str, submissions: tuple[Submission, ...], results: list[SubmitResult]) -> tuple[Receipt, ...]:
    """Give each submission its result, in the order of the submissions.

    Raises:
        BrokenAnswer: the results are not one for each, or one that succeeded has no id.
    """
    by_key = {result.business_key: result for result in results}
    if by_key.keys() != {row.business_key for row in submissions} or len(results) != len(submissions):
        raise BrokenAnswer("counts_differ", platform=platform, what=profile.SUBMIT_HOURS)
    return tuple(_receipt(platform, row, by_key[row.business_key]) for row in submissions)


def _receipt(platform: str, submission: Submission, result: SubmitResult) -> Receipt:
    if not result.ok:
        person = submission.person
        refusal = shown_message(result.message, person.name, person.id_number, person.volunteer_number)
        return Receipt(submission.business_key, "", refusal or profile.SUBMIT_HOURS)
    if not result.external_id:
        raise BrokenAnswer("answer_shape", platform=platform, what=profile.SUBMIT_HOURS, field="recordId")
    return Receipt(submission.business_key, result.external_id, "")
