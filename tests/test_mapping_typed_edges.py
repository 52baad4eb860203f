"""Where reading and refusing meet: the longest name that is one, the first hour that is no night, a blank too many."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from domain.clock import SHANGHAI
from domain.idnumber import RESIDENT
from mapping.typed import TypedProblem, is_nothing, typed_hours
from mapping.typed_people import (
    parts_of_list,
    typed_confirmer,
    typed_entry_id,
    typed_id_number,
    typed_local_number,
    typed_name,
    typed_phone,
    typed_platform_number,
)
from mapping.typed_times import typed_span, typed_time

DAY = date(2022, 3, 5)


def test_blanks_within_a_figure_do_not_matter() -> None:
    assert (typed_hours("1 小时"), typed_hours("0 . 5")) == (3600, 1800)
    assert typed_id_number("4.6 E + 17", RESIDENT) == TypedProblem("id_eaten")
    assert typed_time("2022-03-05   14:30", DAY) == time(14, 30)


@pytest.mark.parametrize("text", ["", " ", "无", "没有", "否", "/", "-", "—", "0"])
def test_words_and_strokes_that_stand_for_nothing(text: str) -> None:
    assert is_nothing(text)


def test_a_foreign_number_may_begin_with_any_letter_and_holds_letters_and_digits_only() -> None:
    assert typed_id_number("X123", "other") == "X123"
    assert typed_id_number("A1?", "passport") == TypedProblem("id_shape")


@pytest.mark.parametrize("text", ["459900801150103", "459900853110503"])
def test_an_old_number_is_refused_for_its_birth_date_alone(text: str) -> None:
    assert typed_id_number(text, RESIDENT) == TypedProblem("id_birth_date")


def test_a_name_has_at_most_sixty_characters() -> None:
    assert typed_name("韦" * 60) == typed_confirmer("韦" * 60) == "韦" * 60
    assert typed_name("韦" * 61) == TypedProblem("name_unreadable")
    assert typed_confirmer("韦" * 61) == TypedProblem("confirmer_no_name")


def test_a_number_has_at_most_sixty_four_characters() -> None:
    for typed in (typed_local_number, typed_entry_id, typed_platform_number):
        assert typed("A" * 64) == "A" * 64
        assert typed("A" * 65) == TypedProblem("number_unreadable")


def test_an_entry_needs_a_number_of_letters_and_digits() -> None:
    assert typed_entry_id(" ") == TypedProblem("cell_missing")
    assert typed_entry_id("=1+1") == TypedProblem("number_unreadable")


def test_no_number_may_be_said_in_several_ways() -> None:
    assert [typed_platform_number(text) for text in ("", "无", "/", "-")] == [""] * 4
    assert [typed_phone(text) for text in ("", "无", "/")] == [""] * 3


def test_a_cell_that_lists_things_is_parted_however_it_was_typed() -> None:
    assert parts_of_list(" national，桂志愿; 全国网 |a/b、c ") == ["national", "桂志愿", "全国网", "a", "b", "c"]
    assert parts_of_list(" ") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("下午12:30", time(12, 30)), ("中午2:00", time(14)), ("中午11:30", time(11, 30)),
        ("14:30:15", time(14, 30, 15)),
        ("6:00", time(6)), ("0.98958333", time(23, 45)), ("晚上8点", time(20)),
    ],
)  # fmt: skip
def test_times_at_the_edge_of_a_part_of_the_day(text: str, found: time) -> None:
    assert typed_time(text, DAY) == found


@pytest.mark.parametrize("text", ["0.604184", "0.99999", "中午3:00"])
def test_a_fraction_that_is_no_minute_and_a_noon_that_is_none_are_refused(text: str) -> None:
    problem = "time_at_night" if text.startswith("中午") else "time_unreadable"
    assert typed_time(text, DAY) == TypedProblem(problem)


def test_a_span_may_be_typed_with_its_day() -> None:
    assert typed_span("2022-03-05 09:00", "2022-03-05 10:00:00", DAY) == (
        datetime(2022, 3, 5, 9, tzinfo=SHANGHAI), datetime(2022, 3, 5, 10, tzinfo=SHANGHAI),
    )  # fmt: skip
