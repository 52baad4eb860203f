"""The shipped rule set says what the interface promises, and a rule file with a mistake says where it is."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from mapping.lines import line_of
from mapping.load import load_rules, rules_schema

FOLDER = Path(str(files("rulesets")))
SHIPPED = FOLDER / "liuzhou-chengzhong.toml"
TEXT = SHIPPED.read_text(encoding="utf-8")
RULES = load_rules(SHIPPED)


def load_text(folder: Path, text: str) -> UsageError:
    file = folder / "rules.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_rules(file)
    assert caught.value.data["file"] == str(file)
    return caught.value


def test_a_platform_is_called_by_the_first_of_its_names() -> None:
    assert RULES.platform_names() == {"national": "中国志愿服务网", "guangxi": "桂志愿"}


def test_shipped_set_is_the_one_of_the_document() -> None:
    assert RULES.document == "城中民发〔2021〕24号"
    assert RULES.version.startswith("城中民发〔2021〕24号#")
    assert len(RULES.version.partition("#")[2]) == 12
    assert (RULES.valid_from, RULES.valid_to) == (date(2021, 10, 1), None)
    assert (RULES.cap_seconds, RULES.grace_days, RULES.tolerance_seconds) == (1500 * 3600, 14, 0)
    assert (RULES.day_note_seconds, RULES.day_hold_seconds, RULES.minimum_age) == (8 * 3600, 12 * 3600, 18)
    assert RULES.confirmations_needed == {"station", "community"}
    assert RULES.deliver_from == {"national": date(2021, 10, 1), "guangxi": date(2022, 1, 1)}


def test_shipped_categories_and_credits() -> None:
    found = {code: (kind.name, kind.credit_seconds, kind.needs_licence) for code, kind in RULES.categories.items()}
    assert found == {
        "recreation": ("文体活动", 3600, False),
        "training": ("培训讲座", 3600, False),
        "professional": ("其他服务（专业）", None, True),
        "escort": ("出行陪伴", 1800, False),
        "assistance": ("协助服务", 1800, False),
        "emotional_support": ("情感慰藉", 1800, False),
    }
    assert next(iter(found)) == "recreation"
    assert RULES.readings["guangxi"].codes == {
        "4504": "recreation", "4505": "training", "4506": "professional",
        "4503": "escort", "4502": "assistance", "4501": "emotional_support",
    }  # fmt: skip


def test_shipped_stations_and_their_teams() -> None:
    assert RULES.station_names == {
        "CZ01": "城中街道",
        "CZ02": "公园街道",
        "CZ03": "中南街道",
        "CZ04": "沿江街道",
        "CZ05": "潭中街道",
        "CZ06": "河东街道",
        "CZ07": "静兰街道",
    }
    assert RULES.scopes("guangxi") == tuple(f"GX450202-00{n}" for n in range(1, 8))
    assert RULES.scopes("national") == tuple(f"4502020000000000000000000000000{n}" for n in range(1, 8))
    day = date(2022, 3, 5)
    assert RULES.organisations("guangxi", "CZ03", day) == ("GX450202-003",)
    assert RULES.station_of("national", "45020200000000000000000000000006", day) == "CZ06"
    assert RULES.station_of("national", "GX450202-003", day) == ""
    assert RULES.area_of("national", "45020200000000000000000000000006") == "450202000000000000"
    assert RULES.area_of("guangxi", "GX450202-003") == RULES.area_of("national", "nobody") == ""
    assert RULES.platforms() == ("national", "guangxi")


@pytest.mark.parametrize(
    ("day", "suffices", "decides"),
    [
        (date(2021, 10, 1), {"national"}, "national"),
        (date(2021, 12, 31), {"national"}, "national"),
        (date(2022, 1, 1), {"national", "guangxi"}, "guangxi"),
        (date(2022, 6, 30), {"national", "guangxi"}, "guangxi"),
        (date(2022, 7, 1), {"guangxi"}, "guangxi"),
        (date(2030, 1, 1), {"guangxi"}, "guangxi"),
    ],
)
def test_who_suffices_and_decides(day: date, suffices: set[str], decides: str) -> None:
    period = RULES.period(day)
    assert period is not None
    assert period.suffices == suffices
    assert period.decides == decides


def test_no_period_before_the_first_day() -> None:
    assert RULES.period(date(2021, 9, 30)) is None


def test_schema_for_editors_is_current() -> None:
    assert json.loads((FOLDER / "schema.json").read_text(encoding="utf-8")) == rules_schema()


def test_version_changes_with_the_content_and_with_nothing_else(tmp_path: Path) -> None:
    same = tmp_path / "same.toml"
    same.write_text("# another remark\n" + TEXT.replace("credit_hours = 0.5", "credit_hours = 0.50"), encoding="utf-8")
    other = tmp_path / "other.toml"
    other.write_text(TEXT.replace("grace_days = 14", "grace_days = 15"), encoding="utf-8")
    assert load_rules(same).version == RULES.version
    assert load_rules(other).version != RULES.version


def test_half_cent_free_hours_are_exact(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(TEXT.replace("credit_hours = 0.5", "credit_hours = 0.07"), encoding="utf-8")
    assert load_rules(file).category("escort").credit_seconds == 252


def test_team_that_changed_its_organisation(tmp_path: Path) -> None:
    old = '    { platform = "guangxi", organisation = "GX450202-003" },\n'
    new = (
        '    { platform = "guangxi", organisation = "GX450202-003", last_day = 2022-05-31 },\n'
        '    { platform = "guangxi", organisation = "GX450202-093", first_day = 2022-06-01 },\n'
    )
    file = tmp_path / "rules.toml"
    file.write_text(TEXT.replace(old, new), encoding="utf-8")
    rules = load_rules(file)
    assert rules.organisations("guangxi", "CZ03", date(2022, 5, 31)) == ("GX450202-003",)
    assert rules.organisations("guangxi", "CZ03", date(2022, 6, 1)) == ("GX450202-093",)
    assert rules.station_of("guangxi", "GX450202-003", date(2022, 5, 31)) == "CZ03"
    assert rules.station_of("guangxi", "GX450202-003", date(2022, 6, 1)) == ""
    assert rules.scopes("guangxi")[2:4] == ("GX450202-003", "GX450202-093")


def test_project_for_deliveries(tmp_path: Path) -> None:
    old = 'code = "CZ02"\n'
    new = old + 'projects = [{ platform = "national", category = "escort", project = "P77" }]\n'
    file = tmp_path / "rules.toml"
    file.write_text(TEXT.replace(old, new), encoding="utf-8")
    rules = load_rules(file)
    assert rules.project("national", "CZ02", "escort") == "P77"
    assert rules.project("national", "CZ03", "escort") == ""


MISTAKES = [
    ("grace_days = 14", "grace_day = 14", "limits.grace_day", "unknown_key"),
    ("grace_days = 14", "", "limits.grace_days", "missing_key"),
    ("grace_days = 14", 'grace_days = "14"', "limits.grace_days", "not_whole_number"),
    ("grace_days = 14", "grace_days = -1", "limits.grace_days", "out_of_range"),
    ("credit_hours = 0.5", "credit_hours = 0.505", "categories[4].credit_hours", "hours_out_of_range"),
    ("cap_hours = 1500", "cap_hours = inf", "limits.cap_hours", "not_hours"),
    ("day_hold_hours = 12", "day_hold_hours = 7", "limits.day_hold_hours", "hold_below_note"),
    ("valid_from = 2021-10-01", 'valid_from = "2021-10-01"', "valid_from", "not_date"),
    ("valid_from = 2021-10-01", "valid_from = 2021-09-30", "periods[1].first_day", "days_missing"),
    ("last_day = 2021-12-31", "last_day = 2021-12-30", "periods[2].first_day", "days_missing"),
    ("last_day = 2021-12-31", "last_day = 2022-01-01", "periods[2].first_day", "days_overlap"),
    ("last_day = 2021-12-31", "last_day = 2021-01-01", "periods[1].last_day", "days_reversed"),
    ('suffices = ["national"]', 'suffices = ["nationaI"]', "periods[1].suffices", "unknown_platform"),
    ('suffices = ["national"]', 'suffices = ["guangxi"]', "periods[1].decides", "decides_not_sufficient"),
    ('code = "training"', 'code = "recreation"', "categories[2].aliases", "twice"),
    ('"4505"', '"4504"', "categories[2].codes.guangxi", "twice"),
    ('words.national = ["出行", "陪同"]', 'words.nation = ["出行"]', "categories[4].words.nation", "unknown_platform"),
    ('code = "CZ02"', 'code = "CZ01"', "stations[2].aliases", "twice"),
    ('"GX450202-002"', '"GX450202-001"', "stations[2].teams[2].organisation", "team_of_two_stations"),
    ('credit_hours = "actual"', 'credit_hours = "aktual"', "categories[3].credit_hours", "not_hours"),
    ('["station", "community"]', '["station", "comunity"]', "confirmations[2]", "not_a_choice"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "key", "problem"), MISTAKES)
def test_mistake_is_named_with_its_key_and_line(tmp_path: Path, right: str, wrong: str, key: str, problem: str) -> None:
    error = load_text(tmp_path, TEXT.replace(right, wrong, 1))
    assert (error.code, error.data["key"], error.data["problem"]) == ("rules_invalid", key, problem)
    line = int(error.data["line"])
    assert 0 < line <= TEXT.count("\n")


def test_line_is_that_of_the_key(tmp_path: Path) -> None:
    error = load_text(tmp_path, TEXT.replace("grace_days = 14", "grace_days = -1"))
    assert "grace_days" in TEXT.splitlines()[int(error.data["line"]) - 1]
    error = load_text(tmp_path, TEXT.replace('credit_hours = "actual"', 'credit_hours = "aktual"'))
    assert '"actual"' in TEXT.splitlines()[int(error.data["line"]) - 1]


@pytest.mark.parametrize("broken", ['document = "', "[limits", "a = 1\na = 2", "\x00"])
def test_text_that_is_no_toml(tmp_path: Path, broken: str) -> None:
    error = load_text(tmp_path, "# first line\n" + broken)
    assert error.code == "rules_syntax"
    assert isinstance(error.data["line"], int)


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as missing:
        load_rules(tmp_path / "none.toml")
    assert missing.value.code == "rules_missing"
    with pytest.raises(UsageError) as folder:
        load_rules(tmp_path)
    assert folder.value.code == "rules_unreadable"
    foreign = tmp_path / "gb.toml"
    foreign.write_bytes("# a\n# 文号".encode("gb18030"))
    with pytest.raises(UsageError) as encoded:
        load_rules(foreign)
    assert (encoded.value.code, encoded.value.data["line"]) == ("rules_unreadable", 2)


def test_lines_of_nested_places() -> None:
    text = 'a = 1\n[[x]]\nb = 1\n[[x]]\nb = 2\nc.d = 3\n[x.e]\n"f g" = 1\n"X" = 2\n'
    assert line_of(text, ("a",)) == 1
    assert line_of(text, ("x", 0, "b")) == 3
    assert line_of(text, ("x", 1, "b")) == 5
    assert line_of(text, ("x", 1, "c", "d")) == 6
    assert line_of(text, ("x", 1, "e", "f g")) == 8
    assert line_of(text, ("x", 1, "e", "X")) == 9
    assert line_of(text, ("x", 1, "missing")) == 4
    assert line_of(text, ("x",)) == 2
    assert line_of(text, ("x", 1, "e")) == 7
    assert line_of(text, ("nowhere",)) == 0


@given(st.data())
def test_damaged_rule_file_is_read_or_refused_in_one_way(data: st.DataObject) -> None:
    pieces = st.sampled_from(
        ["=", "[", "]]", '"', "{", "nan", "-1", "[]", "\n", "99999999999999999999", "#", "0001-01-01"]
    )
    start = data.draw(st.integers(0, len(TEXT)))
    cut = data.draw(st.integers(0, 40))
    text = TEXT[:start] + data.draw(pieces) + TEXT[start + cut :]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "rules.toml"
        file.write_text(text, encoding="utf-8")
        try:
            version = load_rules(file).version
        except UsageError as error:
            version = error.code
    assert "#" in version or version.startswith("rules_")
