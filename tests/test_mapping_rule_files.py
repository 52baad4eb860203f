"""A rule file, as a new process reads it: every key arrives, and every fault is told with its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib import reload
from pathlib import Path

import pytest

import mapping.load
import mapping.rulefile
from domain.errors import UsageError
from mapping.rules import Category, Period, Reading, RuleSet, Tenure, WordRule

TEXT = """\
document = "文号一"
valid_from = 2021-10-01
valid_to = 2023-12-31
confirmations = ["station"]
excluded_words = ["例会"]
special_words = ["特殊"]
ordinary_words = ["无特殊"]

[limits]
cap_hours = 1500
grace_days = 14
tolerance_seconds = 60
day_note_hours = 8
day_hold_hours = 12.5
minimum_age = 18

[platforms.one]
names = ["一号", "No1"]
number_headings = ["一号编号"]
objects = ["03"]
general_prefixes = ["00"]
tells_honours = true
deliver_from = 2022-01-01

[platforms.two]
names = ["二号"]

[[periods]]
first_day = 2021-10-01
last_day = 2021-12-31
suffices = ["one"]
decides = "one"

[[periods]]
first_day = 2022-01-01
last_day = 2023-12-31
suffices = ["one", "two"]
decides = "two"

[[categories]]
code = "escort"
name = "陪伴"
aliases = ["陪同"]
credit_hours = 0.5
codes.two = ["4503"]
words.one = ["陪", "伴"]

[[categories]]
code = "care"
name = "照护"
credit_hours = "actual"
needs_licence = true
codes.two = ["4506"]

[[stations]]
code = "A"
name = "甲站"
aliases = ["甲"]
teams = [
    { platform = "one", organisation = "T1", area = "450202000000000000" },
    { platform = "two", organisation = "G1", first_day = 2022-01-01, last_day = 2022-12-31 },
]
projects = [{ platform = "one", category = "escort", project = "P1" }]

[[stations]]
code = "B"
name = "乙站"
teams = [{ platform = "two", organisation = "G1", first_day = 2023-01-01 }]
"""

Load = Callable[[str], RuleSet]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Read a text as a rule file, as a new process does, whose models are built when they are loaded."""
    reload(mapping.rulefile)
    fresh = reload(mapping.load)

    def read(text: str) -> RuleSet:
        file = tmp_path / "rules.toml"
        file.write_text(text, encoding="utf-8")
        rules: RuleSet = fresh.load_rules(file)
        return rules

    return read


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def test_every_key_arrives(load: Load) -> None:
    assert load(TEXT) == RuleSet(
        version="文号一#e354e9de0a0b",
        document="文号一",
        valid_from=date(2021, 10, 1),
        valid_to=date(2023, 12, 31),
        cap_seconds=1500 * 3600,
        grace_days=14,
        tolerance_seconds=60,
        day_note_seconds=8 * 3600,
        day_hold_seconds=45_000,
        minimum_age=18,
        confirmations_needed=frozenset({"station"}),
        station_names={"A": "甲站", "B": "乙站"},
        station_aliases={"A": "A", "甲站": "A", "甲": "A", "B": "B", "乙站": "B"},
        categories={"escort": Category("escort", "陪伴", 1800, False), "care": Category("care", "照护", None, True)},  # noqa: FBT003 - as the file has it
        category_aliases={"escort": "escort", "陪伴": "escort", "陪同": "escort", "care": "care", "照护": "care"},
        platform_aliases={"one": "one", "一号": "one", "No1": "one", "two": "two", "二号": "two"},
        number_headings={"一号编号": "one"},
        periods=(
            Period(date(2021, 10, 1), date(2021, 12, 31), frozenset({"one"}), "one"),
            Period(date(2022, 1, 1), date(2023, 12, 31), frozenset({"one", "two"}), "two"),
        ),
        tenures=(
            Tenure("A", "one", "T1", "450202000000000000", date(2021, 10, 1), None),
            Tenure("A", "two", "G1", "", date(2022, 1, 1), date(2022, 12, 31)),
            Tenure("B", "two", "G1", "", date(2023, 1, 1), None),
        ),
        readings={
            "one": Reading(
                codes={},
                words=(
                    WordRule("陪", "escort", "陪伴：项目名称含“陪”"),
                    WordRule("伴", "escort", "陪伴：项目名称含“伴”"),
                ),
                general_prefixes=("00",),
                objects=frozenset({"03"}),
                tells_honours=True,
            ),
            "two": Reading(
                codes={"4503": "escort", "4506": "care"},
                words=(),
                general_prefixes=(),
                objects=frozenset(),
                tells_honours=False,
            ),
        },
        excluded_words=("例会",),
        special_words=("特殊",),
        ordinary_words=("无特殊",),
        deliver_from={"one": date(2022, 1, 1)},
        projects={("one", "A", "escort"): "P1"},
    )


def test_a_file_keeps_its_version_however_it_is_laid_out(load: Load) -> None:
    same = changed("cap_hours = 1500\ngrace_days = 14", "# remark\ngrace_days = 14\ncap_hours = 1500.00")
    assert load(same).version == load(TEXT).version
    assert load(changed("grace_days = 14", "grace_days = 15")).version != load(TEXT).version


HERS, HEADED = "stations[2].teams[1].organisation", "platforms.two.number_headings"
FAULTS = [
    ("valid_to = 2023-12-31", "valid_to = 2021-09-30", 3, "valid_to", "days_reversed"),
    ("day_hold_hours = 12.5", "day_hold_hours = 7.99", 14, "limits.day_hold_hours", "hold_below_note"),
    ('name = "照护"', 'name = "陪同"', 48, "categories[2].aliases", "twice"),
    ('names = ["二号"]', 'names = ["No1"]', 26, "platforms.two.names", "twice"),
    ("[platforms.two]", '[platforms.two]\nnumber_headings = ["一号编号"]', 26, HEADED, "twice"),
    ('name = "乙站"', 'name = "甲"', 65, "stations[2].aliases", "twice"),
    ('suffices = ["one"]', 'suffices = ["eins"]', 31, "periods[1].suffices", "unknown_platform"),
    ('decides = "one"', 'decides = "eins"', 32, "periods[1].decides", "unknown_platform"),
    ("codes.two", "codes.zwei", 45, "categories[1].codes.zwei", "unknown_platform"),
    ("words.one", "words.eins", 46, "categories[1].words.eins", "unknown_platform"),
    ('platform = "one", org', 'platform = "eins", org', 59, "stations[1].teams[1].platform", "unknown_platform"),
    ('platform = "one", cat', 'platform = "eins", cat', 63, "stations[1].projects[1].platform", "unknown_platform"),
    ("last_day = 2021-12-31", "last_day = 2021-09-30", 30, "periods[1].last_day", "days_reversed"),
    ("first_day = 2021-10-01", "first_day = 2021-10-02", 29, "periods[1].first_day", "days_missing"),
    ("last_day = 2021-12-31", "last_day = 2022-01-01", 35, "periods[2].first_day", "days_overlap"),
    ("last_day = 2021-12-31\n", "", 34, "periods[2].first_day", "days_overlap"),
    ("last_day = 2021-12-31", "last_day = 2021-12-30", 35, "periods[2].first_day", "days_missing"),
    ('decides = "two"', 'decides = "two"\n[[periods]]\nfirst_day = 2024-01-01\nsuffices = ["one"]\ndecides = "two"', 42,
     "periods[3].decides", "decides_not_sufficient"),
    ("last_day = 2023-12-31", "last_day = 2023-12-30", 36, "periods[2].last_day", "days_missing"),
    ("valid_to = 2023-12-31\n", "", 35, "periods[2].last_day", "days_missing"),
    ('["4506"]', '["4503"]', 53, "categories[2].codes.two", "twice"),
    ('words.one = ["陪", "伴"]', 'words.one = ["陪", "陪"]', 46, "categories[1].words.one", "twice"),
    ('category = "escort"', 'category = "walk"', 63, "stations[1].projects[1].category", "unknown_category"),
    ("last_day = 2022-12-31", "last_day = 2021-12-31", 59, "stations[1].teams[2].last_day", "days_reversed"),
    ("first_day = 2023-01-01", "first_day = 2022-12-31", 68, HERS, "team_of_two_stations"),
    ("first_day = 2023-01-01", "last_day = 2022-01-01", 68, HERS, "team_of_two_stations"),
    ("grace_days = 14", "grace_days = 367", 11, "limits.grace_days", "out_of_range"),
    ("grace_days = 14", "", 9, "limits.grace_days", "missing_key"),
    ("grace_days = 14", "grace_dais = 14", 11, "limits.grace_dais", "unknown_key"),
    ("special_words = ", "X_words = ", 6, "X_words", "unknown_key"),
    ("tells_honours = true", "tells_honours = 1", 22, "platforms.one.tells_honours", "bool_type"),
    ('names = ["二号"]', "names = []", 26, "platforms.two.names", "empty"),
    ('names = ["二号"]', 'names = "二号"', 26, "platforms.two.names", "not_list"),
    ('code = "B"', 'code = ""', 66, "stations[2].code", "empty"),
    ('code = "B"', 'code = "B B"', 66, "stations[2].code", "odd_characters"),
    ("[platforms.two]", '[platforms."two two"]', 25, "platforms.two two", "odd_characters"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "key", "problem"), FAULTS)
def test_a_fault_is_told_with_its_place(  # noqa: PLR0917 - a table of cases
    load: Load, tmp_path: Path, old: str, new: str, line: int, key: str, problem: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        load(changed(old, new))
    assert refusal.value.code == "rules_invalid"
    told = {"file": str(tmp_path / "rules.toml"), "line": line, "key": key, "problem": problem}
    assert refusal.value.data == told


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("valid_to = 2023-12-31", "valid_to = 2021-10-01"),
        ("day_hold_hours = 12.5", "day_hold_hours = 8"),
        ("last_day = 2023-12-31", "last_day = 2024-06-30"),
        ("last_day = 2022-12-31", "last_day = 2022-01-01"),
        ("valid_to = 2023-12-31\n", ""),
    ],
)
def test_what_is_no_fault_is_taken(load: Load, old: str, new: str) -> None:
    text = changed(old, new)
    if "valid_to" not in text:
        text = text.replace("last_day = 2023-12-31\n", "")
    assert load(text).document == "文号一"


@pytest.mark.parametrize(("written", "seconds"), [("0.01", 36), ("1", 3600), ("24", 86_400), ("0.070", 252)])
def test_hours_are_taken_to_the_second(load: Load, written: str, seconds: int) -> None:
    rules = load(changed("credit_hours = 0.5", f"credit_hours = {written}"))
    assert rules.categories["escort"].credit_seconds == seconds


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("0", "hours_out_of_range"), ("24.01", "hours_out_of_range"), ("-1", "hours_out_of_range"),
        ("0.005", "hours_out_of_range"), ("1.001", "hours_out_of_range"),
        ("nan", "not_hours"), ("inf", "not_hours"), ("true", "not_hours"), ('"0.5"', "not_hours"),
        ('"Actual"', "not_hours"), ("2022-01-01", "not_hours"),
    ],
)  # fmt: skip
def test_hours_that_are_none_are_refused(load: Load, written: str, problem: str) -> None:
    with pytest.raises(UsageError) as refusal:
        load(changed("credit_hours = 0.5", f"credit_hours = {written}"))
    assert (refusal.value.data["key"], refusal.value.data["problem"]) == ("categories[1].credit_hours", problem)


@pytest.mark.parametrize(("written", "taken"), [("100000", True), ("100000.01", False)])
def test_a_cap_has_a_bound_of_its_own(load: Load, written: str, taken: bool) -> None:  # noqa: FBT001 - a table of cases
    text = changed("cap_hours = 1500", f"cap_hours = {written}")
    if taken:
        assert load(text).cap_seconds == 360_000_000
    else:
        with pytest.raises(UsageError):
            load(text)


def test_an_editor_is_told_the_bounds_of_hours() -> None:
    fresh = reload(mapping.rulefile).RuleFile.model_json_schema()["$defs"]
    hours = {"type": "number", "exclusiveMinimum": 0, "maximum": 24, "multipleOf": 0.01}
    assert hours.items() <= fresh["Limits"]["properties"]["day_note_hours"].items()
    assert fresh["Limits"]["properties"]["cap_hours"]["maximum"] == 100_000
    assert fresh["CategoryPart"]["properties"]["credit_hours"]["anyOf"] == [hours, {"const": "actual"}]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('# one\ndocument = "x\n', 2), ("# one\n[limits", 0), ("a = 1\nb = 2\na = 3\n", 3), ("\x00", 1),
        ("a = " + "1" * 5000, 0), ("a = " + "[" * 3000, 0),
    ],
    ids=["string", "header", "twice", "nought", "number", "depth"],
)  # fmt: skip
def test_a_text_that_is_no_toml_is_told_with_its_line(load: Load, tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(UsageError) as refusal:
        load(text)
    assert refusal.value.code == "rules_syntax"
    told = {"file": str(tmp_path / "rules.toml"), "line": line, "key": "", "problem": "syntax"}
    assert refusal.value.data == told


def told_of(path: Path) -> tuple[str, dict[str, object]]:
    with pytest.raises(UsageError) as refusal:
        mapping.load.load_rules(path)
    return refusal.value.code, dict(refusal.value.data)


def test_a_file_that_is_not_there_or_not_to_be_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    told = {"file": str(file), "line": 0, "key": ""}
    assert told_of(file) == ("rules_missing", told | {"problem": "missing_file"})
    file.mkdir()
    assert told_of(file) == ("rules_unreadable", told | {"problem": "unreadable"})
    file.rmdir()
    file.write_bytes("# one\n# two\n# 文号".encode("gb18030"))
    assert told_of(file) == ("rules_unreadable", told | {"line": 3, "problem": "not_utf8"})


def test_a_file_of_a_million_bytes_is_the_largest(load: Load, tmp_path: Path) -> None:
    text = TEXT + "#" * (1_000_000 - len(TEXT.encode()))
    assert load(text) == load(TEXT)
    file = tmp_path / "large.toml"
    file.write_text(text + "#", encoding="utf-8")
    told = {"file": str(file), "line": 0, "key": "", "problem": "too_large"}
    assert told_of(file) == ("rules_unreadable", told)


def test_a_file_saved_by_notepad_is_read_as_the_same(load: Load) -> None:
    assert load("\ufeff" + TEXT) == load(TEXT)
