"""Text is decoded where that is beyond doubt, and called broken where it is not."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.fields import FieldFaultError, text_at
from adapters.texts import parsed_json, readable


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_json_is_parsed_as_it_was_written(value: object) -> None:
    assert parsed_json(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")) == value


@given(st.binary(max_size=200))
def test_no_bytes_end_in_another_error(noise: bytes) -> None:
    with suppress(ValueError):
        parsed_json(noise)


def test_whole_numbers_stay_whole() -> None:
    assert parsed_json(b"9007199254740993") == 9007199254740993


def test_a_whole_answer_in_gb18030_is_decoded() -> None:
    said = {"name": "联通", "team": "城中时间银行志愿服务队"}
    assert parsed_json(json.dumps(said, ensure_ascii=False).encode("gb18030")) == said


def test_one_field_in_gb18030_leaves_the_others_alone() -> None:
    body = '{"team":"城中时间银行","name":"'.encode() + "韦阿芳".encode("gb18030") + b'"}'
    row = parsed_json(body)
    assert row["team"] == "城中时间银行"
    assert readable(row["name"]) == "韦阿芳"


@pytest.mark.parametrize(
    "text",
    ["覃小英", "阿依古丽·买买提", "㐂雨", "𠮷野", "Ann Lee", "José", "É", "黄　秀兰", "卫生健康", "联通", "", "１２"],
)
def test_what_is_no_broken_text_is_left_as_written(text: str) -> None:
    assert readable(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "覃小英".encode("gb18030").decode("utf-8", "replace"),
        "覃小英".encode().decode("gb18030", "replace"),
        "韦阿芳兰".encode().decode("gb18030"),
        "覃小英".encode("gb18030").decode("latin-1"),
        "\ud800",
        "覃\udcff",
    ],
)
def test_lost_characters_are_noticed(text: str) -> None:
    with pytest.raises(ValueError, match="broken text"):
        readable(text)


def test_a_nul_stands_in_no_text() -> None:
    with pytest.raises(FieldFaultError) as fault:
        text_at({"activityName": "暖心\0陪聊"}, "activityName")
    assert (fault.value.reason, fault.value.field) == ("text_broken", "activityName")
