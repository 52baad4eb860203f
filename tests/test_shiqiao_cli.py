"""The command as people and scripts use it: exit codes, what goes where, both languages, and nothing half done."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from domain.errors import OperatorError, ShiqiaoError, StoreError, Unreachable, UsageError
from sandbox.city import build_city
from sandbox.lists import write_lists
from shiqiao import cli
from tests.stores import STORES

SECRET = "0123456789abcdef" * 2
MISSING = {"SHIQIAO_NATIONAL_SECRET": SECRET}
SECRETS = {
    f"SHIQIAO_{name}": SECRET
    for name in (
        "NATIONAL_SECRET", "NATIONAL_REQUEST_KEY", "NATIONAL_REQUEST_IV", "NATIONAL_RESPONSE_KEY",
        "NATIONAL_RESPONSE_IV", "GUANGXI_SECRET", "GUANGXI_DATA_KEY", "GUANGXI_DATA_IV",
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What one call of the command gave."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]
Stand = tuple[dict[str, str], dict[str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Give the command, run in this process with the environment that it is handed."""

    def call(*arguments: str | Path, **environ: str) -> Said:
        code = cli.run([str(argument) for argument in arguments], environ)
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return call


@pytest.fixture
def bank(tmp_path: Path, run: Run) -> Path:
    """Give the settings file of a freshly set up folder."""
    assert run("init", tmp_path / "bank").code == 0
    STORES.move_in(tmp_path / "bank")
    return tmp_path / "bank" / "shiqiao.toml"


def _process(*arguments: str, folder: Path, **environ: str) -> Said:
    """Run the installed command in a process of its own."""
    command = [str(Path(sys.executable).parent / "shiqiao"), *arguments]
    environment = {"PATH": os.environ["PATH"], **environ}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False, timeout=60)
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_the_help_names_every_verb_in_the_language_asked_for(run: Run) -> None:
    chinese, english = run("--help"), run("--help", SHIQIAO_LANG="en")

    assert (chinese.code, chinese.err, english.code, english.err) == (0, "", 0, "")
    assert "用法：" in chinese.out
    assert "Usage:" in english.out
    for verb in ("init", "people", "entries", "platforms", "rules", "sandbox", "doctor"):
        assert f"\n  {verb} " in chinese.out
        assert f"\n  {verb} " in english.out
        assert run(verb, "--help").code == 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_help_shows_a_bare_code(run: Run, language: str) -> None:
    verbs = [
        ["people", "import"],
        ["people", "merge"],
        ["entries", "import"],
        ["platforms", "check"],
        ["rules", "check"],
    ]
    helps = [run(*verb, "--help", "--lang", language) for verb in [[], ["init"], ["sandbox"], ["doctor"], *verbs]]

    assert [said.out for said in helps if "option_" in said.out or "verb_" in said.out or "help_" in said.out] == []


def test_without_a_verb_the_help_is_shown(run: Run) -> None:
    assert run() == run("--help")


def test_the_version_is_the_installed_one(run: Run) -> None:
    assert run("--version") == Said(0, f"shiqiao {version('shiqiao')}\n", "")


WRONG_USE = [
    ["nonsense"], ["rulez", "check"], ["rules"], ["rules", "check", "a", "b"], ["rules", "check", "--nonsense"],
    ["rules", "check", "--config"], ["init"], ["platforms", "check"], ["doctor", "--lang", "fr"],
    ["doctor", "--json=1"], ["people", "import"], ["people", "merge", "A", "B", "--by", "X"],
    ["sandbox", "--people", "many"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", WRONG_USE, ids=" ".join)
def test_wrong_arguments_are_told_with_the_usage(run: Run, arguments: list[str]) -> None:
    said = run(*arguments)

    assert (said.code, said.out) == (2, "")
    assert "错误：" in said.err
    assert not any(word in said.err for word in ("Error", "Usage", "Traceback", "use_"))
    assert len(said.err.splitlines()) <= 4


def test_wrong_arguments_are_told_in_english_too(run: Run) -> None:
    said = run("doctor", "--nonsense", SHIQIAO_LANG="en")

    assert said.code == 2
    assert said.err.splitlines()[0].startswith("Usage: shiqiao doctor")
    assert "There is no option --nonsense." in said.err


def test_what_comes_near_is_named(run: Run) -> None:
    assert "rules" in run("rulez").err
    assert "--json" in run("doctor", "--jsn").err


def test_init_sets_up_a_folder_that_works(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "bank"
    said = run("init", folder)

    assert said.code == 0
    assert str(folder) in said.out
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert names == ["rulesets/liuzhou-chengzhong.toml", "shiqiao.db", "shiqiao.key", "shiqiao.toml"]
    assert stat.S_IMODE((folder / "shiqiao.key").stat().st_mode) == 0o600
    assert run("rules", "check", "--config", folder / "shiqiao.toml").code == 0


def test_init_takes_an_empty_folder_and_no_other(tmp_path: Path, run: Run) -> None:
    empty, full = tmp_path / "empty", tmp_path / "full"
    empty.mkdir()
    full.mkdir()
    (full / "notes.txt").write_text("mine", encoding="utf-8")

    assert run("init", empty).code == 0
    assert run("init", empty).code == 2
    said = run("init", full)
    assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
    assert [path.name for path in full.iterdir()] == ["notes.txt"]


def _broken_off(folder: Path) -> Path:
    """Give a folder as an ``init`` leaves it that is killed before the settings come out."""
    (folder / ".setting-up").mkdir()
    (folder / "shiqiao.toml").rename(folder / ".setting-up" / "shiqiao.toml")
    return folder


def test_init_begins_anew_where_one_before_was_killed(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "bank"
    assert run("init", folder).code == 0
    key = (_broken_off(folder) / "shiqiao.key").read_bytes()

    assert run("rules", "check", "--config", folder / "shiqiao.toml").code == 2
    assert run("init", folder).code == 0
    assert (folder / "shiqiao.key").read_bytes() != key
    assert not (folder / ".setting-up").exists()


def test_init_never_takes_for_its_own_what_may_have_been_used(tmp_path: Path, run: Run) -> None:
    beside, lost = tmp_path / "beside", tmp_path / "lost"
    for folder in (beside, lost):
        assert run("init", folder).code == 0
    (_broken_off(beside) / "notes.txt").write_text("mine", encoding="utf-8")
    (lost / "shiqiao.toml").unlink()

    for folder in (beside, lost):
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        assert run("init", folder).code == 2
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_demo_takes_no_file_for_its_folder(tmp_path: Path, run: Run) -> None:
    (tmp_path / "notes").write_text("mine", encoding="utf-8")

    said = run("demo", "--dir", tmp_path / "notes")
    assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)


def test_a_report_before_the_first_night_says_what_to_do(bank: Path, run: Run, tmp_path: Path) -> None:
    said = run("report", "--out", tmp_path / "report", "--config", bank)
    assert said.code == 2
    assert "shiqiao sync" in said.err
    assert "第 7 次" in run("report", "--out", tmp_path / "report", "--run", "7", "--config", bank).err


def test_conflicts_of_a_station_that_there_is_not_are_refused_with_those_there_are(bank: Path, run: Run) -> None:
    said = run("conflicts", "--station", "CZ99", "--config", bank)
    assert (said.code, said.out) == (2, "")
    assert "CZ06 河东街道" in said.err
    assert run("conflicts", "--station", "河东街道", "--config", bank).code == 0


def test_a_folder_in_the_place_of_the_key_is_no_key(bank: Path, run: Run) -> None:
    (bank.parent / "shiqiao.key").unlink()
    (bank.parent / "shiqiao.key").mkdir()
    said = run("balances", "--config", bank)
    assert said.code == 2
    assert "chmod" not in said.err


def test_an_init_that_fails_leaves_nothing(tmp_path: Path, run: Run) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    assert run("init", empty, SHIQIAO_NOW="yesterday").code == 2
    assert run("init", tmp_path / "what?" / "bank").code == 2
    assert run("init", tmp_path / "new?").code == 2
    assert run("init", empty / "no" / "such").code == 2
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert run("init", tmp_path / "file").code == 2
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["empty", "file"]


BROKEN = [
    ("[bank]", "[bank", "第 4 行"),
    ("district", "distrikt", "bank.distrikt"),
    ("env:SHIQIAO_NATIONAL_SECRET", SECRET, "platforms.national.app_secret"),
    pytest.param(
        "sqlite:///shiqiao.db", f"postgresql+psycopg://a:{SECRET}@h/n", "store.url", marks=pytest.mark.store_file
    ),
]


@pytest.mark.parametrize(("right", "wrong", "place"), BROKEN)
@pytest.mark.parametrize("verb", [["doctor"], ["platforms"], ["platforms", "check", "national"], ["rules", "check"]])
def test_broken_settings_are_one_line_with_the_place(  # noqa: PLR0917 - one for each column
    bank: Path, run: Run, verb: list[str], right: str, wrong: str, place: str
) -> None:
    bank.write_text(bank.read_text(encoding="utf-8").replace(right, wrong, 1), encoding="utf-8")
    said = run(*verb, "--config", bank)

    assert (said.code, said.out) == (2, "")
    assert len(said.err.splitlines()) == 1
    assert str(bank) in said.err
    assert place in said.err
    assert SECRET not in said.err


def test_a_missing_settings_file_is_named(tmp_path: Path, run: Run) -> None:
    there = tmp_path / "nowhere.toml"

    for said in (run("doctor", "--config", there), run("doctor", SHIQIAO_CONFIG=str(there))):
        assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
        assert str(there) in said.err


def test_the_option_goes_before_the_environment_wherever_it_stands(bank: Path, run: Run) -> None:
    assert run("--config", bank, "rules", "check", SHIQIAO_CONFIG="/nowhere").code == 0
    assert run("rules", "--config", bank, "check", SHIQIAO_CONFIG="/nowhere").code == 0
    assert run("rules", "check", "--config", bank, SHIQIAO_CONFIG="/nowhere").code == 0


def test_platforms_are_listed_without_their_secrets(bank: Path, run: Run) -> None:
    said = run("platforms", "--json", "--config", bank)

    assert (said.code, said.err) == (0, "")
    assert json.loads(said.out) == [
        {"name": "national", "adapter": "chinavolunteer", "transport": ["interface"], "can_deliver": False},
        {"name": "guangxi", "adapter": "guizhiyuan", "transport": ["interface"], "can_deliver": False},
    ]
    assert len(run("platforms", "--config", bank).out.splitlines()) == 2


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, "SHIQIAO_NATIONAL_SECRET"),
        (MISSING, "SHIQIAO_NATIONAL_REQUEST_KEY"),
        (SECRETS | {"SHIQIAO_NATIONAL_RESPONSE_IV": SECRET[1:]}, "platforms.national.response_iv"),
        (SECRETS | {"SHIQIAO_NATIONAL_RESPONSE_IV": SECRET[1:] + "g"}, "platforms.national.response_iv"),
    ],
)
def test_a_key_at_fault_is_named_and_never_shown(bank: Path, run: Run, environ: dict[str, str], named: str) -> None:
    said = run("platforms", "check", "national", "--config", bank, **environ)

    assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
    assert named in said.err
    assert SECRET[1:] not in said.err


def test_a_platform_that_does_not_answer_is_for_somebody_to_act(bank: Path, run: Run) -> None:
    bank.write_text(bank.read_text(encoding="utf-8").replace("127.0.0.1:8101", "127.0.0.1:1"), encoding="utf-8")
    said = run("platforms", "check", "national", "--config", bank, **SECRETS)

    assert (said.code, said.out, len(said.err.splitlines())) == (1, "", 1)
    assert "national" in said.err


def test_an_unknown_platform_or_adapter_is_told_with_those_there_are(bank: Path, run: Run) -> None:
    said = run("platforms", "check", "beijing", "--config", bank)
    assert said.code == 2
    assert "national" in said.err
    bank.write_text(bank.read_text(encoding="utf-8").replace('"chinavolunteer"', '"nobody"'), encoding="utf-8")
    said = run("platforms", "check", "national", "--config", bank, **SECRETS)
    assert said.code == 2
    assert "chinavolunteer" in said.err


@pytest.mark.parametrize(
    "now", ["yesterday", "2022-13-01", "1999-12-31T23:59:59", "0001-01-01T00:00:00+14:00", "9999-12-31"]
)
def test_a_malformed_now_is_refused(bank: Path, run: Run, now: str) -> None:
    said = run("doctor", "--config", bank, SHIQIAO_NOW=now)

    assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
    assert "SHIQIAO_NOW" in said.err


def test_a_language_that_there_is_not_is_refused(run: Run) -> None:
    assert run("doctor", SHIQIAO_LANG="fr").code == 2


def test_rules_with_a_mistake_are_one_line_with_the_place(bank: Path, run: Run) -> None:
    rules = bank.parent / "rulesets/liuzhou-chengzhong.toml"
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("grace_days = 14", "grace_days = -14", 1), encoding="utf-8"
    )

    for said in (run("rules", "check", "--config", bank), run("rules", "check", rules)):
        assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
        assert "limits.grace_days" in said.err
    assert run("rules", "check", bank.parent).code == 2


def test_doctor_looks_at_everything_and_changes_nothing(bank: Path, run: Run) -> None:
    bank.write_text(bank.read_text(encoding="utf-8").replace("127.0.0.1:810", "127.0.0.1:"), encoding="utf-8")
    before = {path: path.read_bytes() for path in bank.parent.rglob("*") if path.is_file()}
    said = run("doctor", "--json", "--config", bank, **MISSING)

    assert (said.code, said.err) == (1, "")
    found = json.loads(said.out)
    assert found["ok"] is False
    assert {check["name"]: check["ok"] for check in found["checks"]} == {
        "settings": True, "clock": True, "key_file": True, "rules": True, "store": True,
        "platforms.national": False, "platforms.guangxi": False,
    }  # fmt: skip
    assert all(check["detail"] and check["remedy"] for check in found["checks"] if not check["ok"])
    assert SECRET not in said.out
    assert {path: path.read_bytes() for path in bank.parent.rglob("*") if path.is_file()} == before


@pytest.mark.store_file
def test_doctor_finds_what_is_amiss(bank: Path, run: Run) -> None:
    (bank.parent / "shiqiao.key").chmod(0o644)
    (bank.parent / "shiqiao.db").unlink()
    lines = run("doctor", "--config", bank).out.splitlines()

    assert [line.split()[1] for line in lines if line.startswith("不好")] == ["密钥文件", "账本", "平台", "平台"]
    assert "chmod 600" in next(line for line in lines if "密钥文件" in line)
    assert not (bank.parent / "shiqiao.db").exists()


def test_doctor_finds_rules_that_leave_out_a_platform(bank: Path, run: Run) -> None:
    text = bank.read_text(encoding="utf-8").replace("[platforms.guangxi]", "[platforms.beihai]")
    bank.write_text(text, encoding="utf-8")

    assert "beihai" in run("doctor", "--config", bank).out


def test_the_unforeseen_is_one_line_and_its_place_is_kept_without_its_words(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Door:
        def main(self, *_: object, **__: object) -> None:
            raise RuntimeError(SECRET)

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("shiqiao.cli._door", Door)
    said = run("doctor")
    (kept,) = tmp_path.glob("shiqiao-*.txt")

    assert (said.code, said.out, len(said.err.splitlines())) == (3, "", 1)
    assert str(kept) in said.err
    assert "Traceback" not in said.err
    assert "RuntimeError" in kept.read_text(encoding="utf-8")
    assert SECRET not in said.err + kept.read_text(encoding="utf-8")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_the_installed_command_keeps_words_and_results_apart(tmp_path: Path) -> None:
    made = _process("init", "bank", folder=tmp_path)
    assert made.code == 0
    assert "bank" in made.out
    assert "shiqiao doctor" in made.err

    listed = _process("platforms", "--json", folder=tmp_path / "bank")
    assert (listed.code, listed.err) == (0, "")
    assert [platform["name"] for platform in json.loads(listed.out)] == ["national", "guangxi"]

    refused = _process("doctor", "--lang", "en", folder=tmp_path)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("Error: There is no settings file")


def test_a_terminal_without_chinese_gets_codes_rather_than_a_traceback(tmp_path: Path) -> None:
    said = _process("--help", folder=tmp_path, PYTHONIOENCODING="ascii")

    assert said.code == 0
    assert "Traceback" not in said.err


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Stand]:
    """Give the modelled platforms as the command starts them: its exports, and the addresses by usual port."""
    command = [str(Path(sys.executable).parent / "shiqiao"), "sandbox", "--people", "20", "--lang", "en"]
    command += ["--national-port", "0", "--guangxi-port", "0", "--lists", str(tmp_path / "lists")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = process.stderr.readline()
        urls = [word.rstrip(",") for word in said.split() if word.startswith("http")]
        exports = dict(process.stdout.readline().removeprefix("export ").strip().split("=", 1) for _ in range(9))
        yield exports, dict(zip(("8101", "8102"), urls, strict=True))
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_the_sandbox_answers_those_who_follow_its_lines(sandbox: Stand, bank: Path, tmp_path: Path, run: Run) -> None:
    exports, urls = sandbox
    text = bank.read_text(encoding="utf-8")
    for port, url in urls.items():
        text = text.replace(f"http://127.0.0.1:{port}", url)
    bank.write_text(text, encoding="utf-8")

    assert run("doctor", "--config", bank, **exports).code == 0
    assert run("platforms", "check", "guangxi", "--config", bank, **exports).code == 0
    wrong = run("platforms", "check", "guangxi", "--config", bank, **exports | {"SHIQIAO_GUANGXI_SECRET": SECRET})
    assert (wrong.code, wrong.out, len(wrong.err.splitlines())) == (1, "", 1)
    assert sorted(path.name for path in (tmp_path / "lists").iterdir()) == ["entries.csv", "roster.csv"]


ROSTER = """本地编号,姓名,证件类型,证件号码,手机号,服务站,登记日期,执业证书,国家平台编号,桂志愿编号,同意上报
CZ01-0001,蓝·达努,01,459900194110070018,10010000037,CZ01,2021-09-10,,,,
"""
BAD_ROWS = """CZ01-0002,甘月娥,01,4.6E+17,,CZ01,,,,,
CZ01-0003,甘月娥,01,45990019680814000X,,CZ01,,,,,
合计,,,,,,,,,,
"""


def test_a_roster_goes_in_once_and_its_bad_rows_are_told(bank: Path, run: Run, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER, encoding="utf-8")
    said = run("people", "import", roster, "--json", "--config", bank)
    assert (said.code, said.err) == (0, "")
    assert json.loads(said.out) == {"added": 1, "changed": 0, "unchanged": 0, "refused": [], "skipped": []}

    roster.write_text(ROSTER + BAD_ROWS, encoding="gb18030")
    said = run("people", "import", roster, "--json", "--config", bank)
    told = json.loads(said.out)
    assert (said.code, told["added"], told["unchanged"]) == (1, 0, 1)
    assert [(row["line"], row["column"], row["code"]) for row in told["refused"]] == [
        (3, "证件号码", "id_eaten"),
        (4, "证件号码", "id_check_digit"),
    ]
    assert [row["line"] for row in told["skipped"]] == [5]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_refused_row_is_told_without_what_stands_in_it(bank: Path, run: Run, tmp_path: Path, language: str) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER + BAD_ROWS, encoding="utf-8")
    said = run("people", "import", roster, "--config", bank, "--lang", language)

    assert said.code == 1
    assert len(said.out.splitlines()) == 4
    assert len(said.err.splitlines()) == 1
    assert all(
        personal not in said.out + said.err for personal in ("甘月娥", "达努", "45990019", "10010000037", "row_")
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("noise.csv", bytes(range(256)) * 4),
        ("other.csv", b"a,b\n1,2\n"),
        ("fake.xlsx", b"PK\x03\x04 nothing"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("no-ids.csv", "本地编号,姓名\nA,覃\n".encode()),
    ],
)
@pytest.mark.parametrize("verb", ["people", "entries"])
def test_a_file_that_is_no_list_is_refused_whole(  # noqa: PLR0917 - one for each column
    bank: Path, run: Run, tmp_path: Path, verb: str, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    said = run(verb, "import", tmp_path / name, "--config", bank)

    assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
    assert name in said.err
    assert "sheet_" not in said.err


@pytest.mark.parametrize("verb", ["people", "entries"])
def test_a_file_that_is_not_there_is_named(bank: Path, run: Run, tmp_path: Path, verb: str) -> None:
    os.mkfifo(tmp_path / "pipe")

    for name in ("nowhere.csv", ".", "pipe"):
        said = run(verb, "import", tmp_path / name, "--config", bank)
        assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)


def test_entries_go_in_once_when_their_people_are_known(bank: Path, run: Run, tmp_path: Path) -> None:
    city = build_city(people=20, seed=4)
    roster, entries = write_lists(city, tmp_path / "lists")
    now = {"SHIQIAO_NOW": city.first_night.isoformat()}
    early = run("entries", "import", entries, "--json", "--config", bank, **now)
    refused = json.loads(early.out)["refused"]
    assert (early.code, {row["code"] for row in refused}) == (1, {"number_unknown"})
    assert all(row["line"] > 1 for row in refused)

    assert run("people", "import", roster, "--config", bank, **now).code == 0
    first = json.loads(run("entries", "import", entries, "--json", "--config", bank, **now).out)
    again = run("entries", "import", entries, "--json", "--config", bank, **now)
    assert (first["added"], first["refused"]) == (len(refused), [])
    assert (again.code, json.loads(again.out)["unchanged"], json.loads(again.out)["added"]) == (0, len(refused), 0)


def test_two_numbers_become_one_person(bank: Path, run: Run, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER + "CZ01-0002,蓝达努,05,E1234567,,CZ01,,,,,\n", encoding="utf-8")
    assert run("people", "import", roster, "--config", bank).code == 0
    merge = ["people", "merge", "CZ01-0001", "CZ01-0002", "--by", "韦站长", "--config", bank]

    assert run(*merge, "--reason", "  ").code == 2
    assert run(*merge[:2], "CZ01-0009", *merge[3:], "--reason", "一人两证").code == 2
    assert run(*merge, "--reason", "一人两证").code == 0
    again = run(*merge, "--reason", "一人两证")
    assert (again.code, again.out, len(again.err.splitlines())) == (3, "", 1)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, click.Abort])
def test_an_interruption_is_told_in_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, interruption: type[BaseException]
) -> None:
    class Door:
        def main(self, *_: object, **__: object) -> None:
            raise interruption

    monkeypatch.setattr("shiqiao.cli._door", Door)

    said = run("doctor")

    assert (said.code, said.out, len(said.err.splitlines())) == (130, "", 1)
    assert "再执行一次" in said.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("now_malformed"), 2),
        (OperatorError("run_in_progress"), 3),
        (OperatorError("rules_changed", in_force="1", found="2"), 1),
        (Unreachable("platform_timeout", platform="national", what="login"), 1),
        (StoreError("store_newer", step="9"), 3),
    ],
)
def test_who_must_act_decides_the_exit_code(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: ShiqiaoError, code: int
) -> None:
    class Door:
        def main(self, *_: object, **__: object) -> None:
            raise error

    monkeypatch.setattr("shiqiao.cli._door", Door)
    said = run("doctor")

    assert (said.code, said.out, len(said.err.splitlines())) == (code, "", 1)


def test_a_sync_before_there_is_a_roster_says_that_nothing_can_be_booked(run: Run, bank: Path) -> None:
    settings = bank.read_text(encoding="utf-8")
    bank.write_text(re.sub(r"(?ms)^\[platforms\..*?(?=^\[schedule)", "", settings), encoding="utf-8")

    bare = run("sync", "--config", bank)

    assert bare.code == 0
    assert "名册里还没有人" in bare.err
    roster = bank.parent / "roster.csv"
    roster.write_text(ROSTER, encoding="utf-8")
    assert run("people", "import", roster, "--config", bank).code == 0
    assert "名册里还没有人" not in run("sync", "--config", bank).err


def test_doctor_says_when_the_clock_is_held(run: Run, bank: Path) -> None:
    held = "2022-03-01T02:30:00+08:00"

    assert "SHIQIAO_NOW" in run("doctor", "--config", bank, SHIQIAO_NOW=held).out
    assert "SHIQIAO_NOW" not in run("doctor", "--config", bank).out
