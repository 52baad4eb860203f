"""Drawn facts for the planner's properties: a few visits of one or two persons, as three sources tell them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from domain.claims import Claim
from domain.records import HOURS_STREAM, RecordKey, RecordState
from domain.subjects import Subject
from tests.planning import LATER, STATION, claim, person, subject

PEOPLE = {1: person(101, has_licence=True), 2: person(102, "name-2")}
SPANS = ["", "", "09:00-09:42", "09:00-10:00", "09:30-10:30", "14:00-21:00"]
CATEGORIES = ["emotional_support"] * 4 + ["professional"] * 2 + ["escort", "recreation", None]
STATES = [RecordState.EFFECTIVE] * 6 + [RecordState.PENDING, RecordState.WITHDRAWN]


@st.composite
def _claims(draw: st.DrawFn, name: str) -> Claim:
    platform = draw(st.sampled_from(["guangxi", "national", "station"]))
    identity = draw(st.sampled_from([1, 1, 1, 1, 2]))
    made = claim(
        platform,
        name,
        LATER + timedelta(days=draw(st.sampled_from([0, 0, 0, 1, 2]))),
        draw(st.sampled_from(SPANS)),
        draw(st.sampled_from([None, None, None, 1800, 3600])),
        category=draw(st.sampled_from(CATEGORIES)),
        state=draw(st.sampled_from(STATES)),
        is_gone=draw(st.integers(0, 9)) == 0,
        is_special=draw(st.integers(0, 9)) == 0,
        identity=identity,
        name_token=PEOPLE[identity].name_token,
    )
    return replace(made, activity_id=draw(st.sampled_from(["a", "a", "b"])))


@st.composite
def _with_reference(draw: st.DrawFn, said: Claim, others: list[Claim]) -> Claim:
    if said.key.platform == "station" or not others or draw(st.integers(0, 4)):
        return said
    other = draw(st.sampled_from(others))
    if draw(st.booleans()):
        return replace(said, carried_from=other.key)
    return replace(said, business_key="SQ" + other.key.external_id)


@st.composite
def subjects(draw: st.DrawFn, most: int = 7) -> Subject:
    """Draw a subject with up to ``most`` claims."""
    plain = [draw(_claims(f"R{n}")) for n in range(draw(st.integers(1, most)))]
    said = [draw(_with_reference(one, plain[:n])) for n, one in enumerate(plain)]
    entries = {one.key for one in said if one.key.platform == "station"}
    keyed = [replace(one, business_key="SQ" + one.key.external_id) if one.key in entries else one for one in said]
    return subject(*keyed, people=PEOPLE)


def key(platform: str, name: str) -> RecordKey:
    """Give the key of a drawn or written claim."""
    return RecordKey(platform, name, STATION if platform == "station" else HOURS_STREAM)
