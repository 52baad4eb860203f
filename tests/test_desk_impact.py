"""What a changed rule set would do is shown before it is published, and exactly that is booked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest

from desk.impact.figures import Impact
from desk.impact.foreseen import asks_for_all, in_force
from desk.impact.publish import Booked, Order, Publisher
from domain.clock import SHANGHAI
from domain.decisions import DecisionCode
from local_store import decisions, rulebook, runs
from local_store.lease import lease
from local_store.rulebook import RuleText
from mapping.load import read_rules
from mapping.rules import RuleSet
from sandbox.guangxi_rows import GuangxiRecord
from sandbox.national_rows import NationalRecord, hours_text
from sandbox.people import Volunteer
from sandbox.streets import KINDS
from sandbox.visits import activity_id, project_id
from tests.nights import TWO_STATIONS, Bank, Town

NIGHT = datetime(2022, 5, 20, 2, 30, tzinfo=SHANGHAI)
HANDCRAFT = next(kind for kind in KINDS if kind.category == "recreation")
SHIPPED = (resources.files("rulesets") / "liuzhou-chengzhong.toml").read_text(encoding="utf-8")
FLAT = "credit_hours = 1\n"
HOUR = 3600


def changed(*pairs: tuple[str, str]) -> tuple[RuleSet, RuleText]:
    text = SHIPPED
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    rules = read_rules(text, "changed.toml")
    return rules, RuleText(rules.version, rules.document, rules.valid_from, rules.valid_to, text)


class Office:
    """A bank of one station after its first night, and somebody who publishes rules there."""

    def __init__(self, folder: Path) -> None:
        self.town = Town()
        self.town.set_clock(NIGHT)
        rules, text = changed()
        self.bank = Bank(self.town, folder, rules)
        self.station = TWO_STATIONS[0]
        self.one, self.other = (replace(person, station=self.station.code) for person in self.town.people[:2])
        self.bank.take_in([self.one, self.other])
        with self.bank.store.writing() as tx:
            rulebook.keep_text(tx, text)

    def visit(self, person: Volunteer, day: date, project: str = HANDCRAFT.projects[0]) -> None:
        """Let both platforms show a visit from nine to ten, typed just now."""
        now = self.town.clock.at - timedelta(hours=8)
        start = datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI)
        end = start + timedelta(hours=1)
        self.town.national.add(NationalRecord(
            "", self.station.team, person.national_number, person.name, person.id_number,
            project_id(self.station, project), start, end, hours_text(start, end), now, now,
        ))  # fmt: skip
        self.town.guangxi.add(GuangxiRecord(
            0, self.station.organisation, person.guangxi_number, person.name, person.id_number,
            activity_id(self.station, project), HANDCRAFT.service_type, day, "09:00", "10:00", 60, now, now,
        ))  # fmt: skip

    def night(self) -> None:
        self.town.set_clock(self.town.clock.at + timedelta(days=1))
        self.bank.night()

    def publisher(self) -> Publisher:
        return Publisher(self.bank.store, self.town.clock, lambda *_: None, "test/1", self.bank.rules)

    def publish(self, rules: RuleSet, text: RuleText) -> tuple[Impact, Booked]:
        publisher, shown = self.publisher(), list[Impact]()
        order = Order(text, "韦科长", "新文件")
        impact = publisher.put_in_force(rules, order, shown.append, lambda: None)
        assert shown == [impact]
        booked = publisher.book(rules, impact)
        assert booked is not None
        self.bank.rules = rules
        return impact, booked

    def vouchers(self) -> list[tuple[object, ...]]:
        asked = "SELECT number, kind, service_date, rules_version, recorded_at FROM voucher ORDER BY number"
        return [tuple(row) for row in self.bank._rows(asked)]  # noqa: SLF001


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    office.visit(office.one, date(2022, 5, 10))
    office.visit(office.one, date(2022, 5, 11))
    office.visit(office.other, date(2022, 5, 12), HANDCRAFT.projects[1])
    office.night()
    yield office
    office.bank.close()


def test_what_is_shown_is_what_is_booked_to_the_byte(office: Office) -> None:
    rules, text = changed((FLAT, "credit_hours = 1.5\n"))
    shown = office.publisher().look(rules)
    before = office.vouchers()
    impact, booked = office.publish(rules, text)
    assert shown == impact
    figures = impact.stations["CZ01"]
    assert (figures.posted, figures.corrected, figures.reversed) == (0, 3, 0)
    assert (figures.before_seconds, figures.after_seconds) == (3 * HOUR, 3 * HOUR + 3 * HOUR // 2)
    assert booked.is_as_shown
    assert booked.figures.stations["CZ01"].corrected == 3
    assert booked.figures.digest == impact.digest
    assert office.vouchers()[: len(before)] == before
    assert office.bank.credited(office.one.local_number) == {
        (date(2022, 5, day), "recreation", "CZ01"): HOUR * 3 // 2 for day in (10, 11)
    }
    assert office.bank.faults_found() == []


def test_looking_writes_nothing(office: Office) -> None:
    def everything() -> list[object]:
        tables = ("claim", "voucher", "conflict", "subject", "run", "rule_text", "rules_activation", "lease")
        return [office.bank._rows(f"SELECT * FROM {table}") for table in tables]  # noqa: SLF001, S608

    there = everything()
    office.publisher().look(changed((FLAT, "credit_hours = 2\n"))[0])
    assert everything() == there


def test_corrections_are_recorded_today_for_the_day_of_the_service(office: Office) -> None:
    office.town.set_clock(NIGHT + timedelta(days=40))
    today = int(office.town.clock.at.timestamp())
    rules, text = changed((FLAT, "credit_hours = 1.5\n"))
    there = len(office.vouchers())
    office.publish(rules, text)
    added = office.vouchers()[there:]
    assert {row[3] for row in added} == {rules.version}
    assert {row[4] for row in added} == {today}
    assert sorted({str(row[2]) for row in added}) == ["2022-05-10", "2022-05-11", "2022-05-12"]


def test_a_rule_that_puts_projects_out_of_scope_is_shown_by_the_rule_that_spoke(office: Office) -> None:
    word = HANDCRAFT.projects[0][-3:]
    rules, text = changed(('excluded_words = ["志愿者培训"', f'excluded_words = ["{word}", "志愿者培训"'))
    assert not asks_for_all(rules, office.bank.rules)
    impact, booked = office.publish(rules, text)
    assert impact.stations["CZ01"].otherwise == 4
    assert {after for _, after in impact.by_rule} == {f"排除：项目名称含“{word}”"}
    assert impact.stations["CZ01"].reversed == 2
    assert impact.stations["CZ01"].after_seconds == HOUR
    assert booked.is_as_shown
    assert office.bank.faults_found() == []


def test_looking_at_some_finds_what_looking_at_all_finds(office: Office) -> None:
    word = HANDCRAFT.projects[0][-3:]
    rules, _ = changed(('excluded_words = ["志愿者培训"', f'excluded_words = ["{word}", "志愿者培训"'))
    some = office.publisher().look(rules)
    everybody = replace(office.publisher(), file=None)
    with office.bank.store.writing() as tx:
        tx.connection.exec_driver_sql("UPDATE run SET rules_version = 'lost'")
    whole = everybody.look(rules)
    with office.bank.store.reading() as tx:
        assert in_force(tx, None).rules is None
    assert whole.planned > some.planned > 0
    assert (whole.stations, whole.digest) == (some.stations, some.digest)


def waiting_alone(office: Office) -> None:
    """Let a visit stand that only the platform shows whose word is not enough, for eight days of waiting."""
    start = datetime(2022, 7, 2, 9, tzinfo=SHANGHAI)
    end = start + timedelta(hours=1)
    office.town.set_clock(datetime(2022, 7, 3, 2, 30, tzinfo=SHANGHAI))
    office.town.national.add(NationalRecord(
        "", office.station.team, office.one.national_number, office.one.name, office.one.id_number,
        project_id(office.station, HANDCRAFT.projects[0]), start, end, hours_text(start, end), end, end,
    ))  # fmt: skip
    for _ in range(8):
        office.night()


def test_a_shorter_grace_shows_the_conflicts_that_it_opens(office: Office) -> None:
    waiting_alone(office)
    rules, text = changed(("grace_days = 14", "grace_days = 5"))
    impact, booked = office.publish(rules, text)
    assert impact.stations["CZ01"].opened == {"uncorroborated": 1}
    assert booked.figures.stations["CZ01"].opened == {"uncorroborated": 1}
    assert booked.is_as_shown


def test_where_another_run_came_in_between_it_is_told_that_the_plan_was_made_anew(office: Office) -> None:
    rules, text = changed((FLAT, "credit_hours = 1.5\n"))
    publisher = office.publisher()
    impact = publisher.put_in_force(rules, Order(text, "韦科长", "新文件"), lambda _: None, lambda: None)
    office.visit(office.other, date(2022, 5, 14))
    office.bank.rules = rules
    office.night()
    booked = publisher.book(rules, impact)
    assert booked is not None
    assert not booked.is_as_shown
    assert booked.differs_at == ("CZ01",)
    assert booked.figures.digest.count == 0
    assert office.bank.faults_found() == []


def test_the_same_rules_again_do_nothing(office: Office) -> None:
    rules, text = changed((FLAT, "credit_hours = 1.5\n"))
    office.publish(rules, text)
    assert office.publisher().is_done(rules)
    again = office.publisher().look(rules)
    assert again.is_nothing
    assert again.digest.count == 0


def test_while_another_runs_nothing_is_published(office: Office) -> None:
    rules, text = changed((FLAT, "credit_hours = 1.5\n"))
    with lease(office.bank.store, "another/1"), pytest.raises(Exception, match="run_in_progress"):
        office.publisher().put_in_force(rules, Order(text, "韦科长", "新文件"), lambda _: None, lambda: None)
    with office.bank.store.reading() as tx:
        assert runs.rules_in_force(tx) != rules.version
        assert rulebook.text_of(tx, rules.version) is None


def test_the_way_back_is_meant_as_well(office: Office) -> None:
    first, first_text = changed()
    office.publish(*changed((FLAT, "credit_hours = 1.5\n")))
    with office.bank.store.reading() as tx:
        assert runs.is_first_under(tx, first.version)
    impact, booked = office.publish(first, first_text)
    assert impact.stations["CZ01"].moved_seconds == -3 * HOUR // 2
    assert booked.is_as_shown


def test_the_text_of_every_rule_set_is_kept_with_who_published_it(office: Office) -> None:
    rules, text = changed((FLAT, "credit_hours = 1.5\n"))
    office.publish(rules, text)
    with office.bank.store.reading() as tx:
        assert rulebook.text_of(tx, rules.version) == text
        assert [one.version for one in rulebook.texts(tx)] == [changed()[0].version, rules.version]
        (activation,) = rulebook.activations(tx)
    assert (activation.version, activation.by, activation.reason) == (rules.version, "韦科长", "新文件")


def test_a_cap_that_is_raised_lets_accounts_fill_further(office: Office) -> None:
    low, low_text = changed(("cap_hours = 1500", "cap_hours = 2"))
    office.publish(low, low_text)
    high, high_text = changed(("cap_hours = 1500", "cap_hours = 3000"), (FLAT, "credit_hours = 20\n"))
    _, booked = office.publish(high, high_text)
    assert booked.is_as_shown
    assert office.bank.balances()[office.one.local_number].available_seconds == 40 * HOUR


def test_a_decided_conflict_stays_decided_under_other_rules(office: Office) -> None:
    waiting_alone(office)
    office.publish(*changed(("grace_days = 14", "grace_days = 5")))
    ((conflict, fingerprint),) = office.bank._rows("SELECT conflict_id, evidence_fingerprint FROM conflict")  # noqa: SLF001
    with office.bank.store.writing() as tx:
        decisions.add(tx, conflict, DecisionCode.CREDIT, "1.25", "签到表", "韦站长")
    office.night()
    rules, text = changed((FLAT, "credit_hours = 1.5\n"), ("grace_days = 14", "grace_days = 7"))
    impact, booked = office.publish(rules, text)
    assert impact.stations["CZ01"].corrected == 3
    assert booked.is_as_shown
    asked = "SELECT state, evidence_fingerprint FROM conflict"
    assert [tuple(row) for row in office.bank._rows(asked)] == [("decided", fingerprint)]  # noqa: SLF001
    assert office.bank.credited(office.one.local_number)[date(2022, 7, 2), "recreation", "CZ01"] == HOUR * 5 // 4
