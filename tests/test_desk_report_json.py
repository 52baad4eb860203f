from __future__ import annotations

import json

from desk.report.json import to_json
from desk.words.words import words
from domain.conflicts import ConflictKind
from tests.desk_report_night import night

CHINESE = words("zh")


def test_a_conflict_has_the_agreed_fields() -> None:
    conflicts = [one for one in night().conflicts if one.kind is ConflictKind.DATE_DIFFERS]
    assert to_json(conflicts, CHINESE) == [
        {
            "id": "C0000000012",
            "kind": "date_differs",
            "state": "returned",
            "person": "CZ0012",
            "person_name": "蓝*珍",
            "station": "CZ02",
            "service_date": "2022-10-18",
            "records": [
                {
                    "platform": "national",
                    "external_id": "NATIONAL-000305",
                    "seconds": 1800,
                    "service_date": "2022-10-18",
                },
                {
                    "platform": "guangxi",
                    "external_id": "GUANGXI-000306",
                    "seconds": 1800,
                    "service_date": "2022-10-19",
                },
            ],
            "seconds_at_stake": 1800,
            "blocking": True,
            "since": "2022-10-19",
            "reason": "只有日期差一天，其余都对得上",
            "suggestion": "查派单，定日期",
            "decision": None,
        }
    ]


def test_what_is_unknown_is_null() -> None:
    guard, stranger = (
        to_json([one for one in night().conflicts if one.kind is kind], CHINESE)[0]
        for kind in (ConflictKind.GUARD, ConflictKind.UNKNOWN_PERSON)
    )
    assert (guard["person"], guard["person_name"], guard["service_date"], guard["records"]) == (None, None, None, [])
    assert (stranger["person"], len(stranger["records"])) == (None, 15)


def test_every_conflict_of_a_night_can_be_written_as_json() -> None:
    written = json.loads(json.dumps(to_json(night().conflicts, CHINESE)))
    assert [one["id"] for one in written] == [one.conflict_id for one in night().conflicts]
    assert written[-1]["decision"] == "void"
