"""The morning after: a small bank with conflicts of several kinds, its report, and the desk where they are decided."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from desk.decide.act import Desk
from desk.decide.said import Said, read_decision
from desk.gather import report_conflicts, report_data
from desk.report.values import ReportConflict
from desk.report.workbook import write_workbook
from desk.returned.answer import answer_sheet
from desk.returned.take_in import End, RowResult, TakenIn, take_in
from desk.words.words import Words, words
from domain.clock import SHANGHAI
from domain.conflicts import ConflictState
from sandbox.guangxi_rows import GuangxiRecord
from sandbox.national_rows import NationalRecord, hours_text
from sandbox.people import Volunteer
from sandbox.streets import KINDS, Kind
from sandbox.visits import activity_id, project_id
from tests.nights import TWO_STATIONS, Bank, Town, shipped_rules
from tests.spreadsheet import Spreadsheet

CHINESE = words("zh")
NIGHT = datetime.combine(date(2022, 9, 1), time(2, 30), SHANGHAI)
HANDCRAFT = next(kind for kind in KINDS if kind.category == "recreation")
NURSING = next(kind for kind in KINDS if kind.category == "professional")
GROWN_UP = 2000
REASON, OPERATOR = "签到表09:00至10:00", "韦站长"


class Morning:
    """Five visits that only the national platform knows, one stranger, one visit told twice, one of unlike hours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.town = Town(12)
        self.town.set_clock(NIGHT - timedelta(days=20))
        home = folder / "bank"
        home.mkdir()
        self.bank = Bank(self.town, home, shipped_rules())
        self.station = TWO_STATIONS[0]
        grown = [one for one in self.town.people[1:] if int(one.id_number[6:10]) < GROWN_UP]
        self.people = [replace(one, station=self.station.code, licence="护士证") for one in grown[:6]]
        *registered, stranger = self.people
        self.bank.take_in(registered)
        for number, person in enumerate(registered):
            self.show_nationally(person, date(2022, 8, 1 + number))
        self.show_in_guangxi(stranger, date(2022, 8, 8), HANDCRAFT)
        for _ in range(2):
            self.show_in_guangxi(registered[0], date(2022, 8, 9), HANDCRAFT)
        self.show_nationally(registered[1], date(2022, 8, 10), NURSING)
        self.show_in_guangxi(registered[1], date(2022, 8, 10), NURSING, minutes=120)
        self.town.set_clock(NIGHT)
        self.bank.night()

    def show_nationally(self, person: Volunteer, day: date, kind: Kind = HANDCRAFT) -> str:
        """Let the national platform show an hour of a person."""
        start = datetime.combine(day, time(9), SHANGHAI)
        end = start + timedelta(hours=1)
        record = NationalRecord(
            "", self.station.team, person.national_number, person.name, person.id_number,
            project_id(self.station, kind.projects[0]), start, end, hours_text(start, end), end, end,
        )  # fmt: skip
        return self.town.national.add(record).record_id

    def show_in_guangxi(self, person: Volunteer, day: date, kind: Kind, minutes: int = 60) -> int:
        """Let 桂志愿 show a visit of a person that begins at nine."""
        at = datetime.combine(day, time(12), SHANGHAI)
        end = f"{9 + minutes // 60:02d}:{minutes % 60:02d}"
        row = GuangxiRecord(
            0, self.station.organisation, person.guangxi_number, person.name, person.id_number,
            activity_id(self.station, kind.projects[0]), kind.service_type, day, "09:00", end, minutes, at, at,
        )  # fmt: skip
        return self.town.guangxi.add(row).record_id

    def night(self, days: int = 1) -> None:
        """Let another night pass."""
        self.town.set_clock(self.town.clock.at + timedelta(days=days))
        self.bank.night()

    @property
    def desk(self) -> Desk:
        return Desk(self.bank.store, self.bank.rules, self.town.clock, "test/2")

    def conflicts(self, *kinds: str) -> list[ReportConflict]:
        """Give the open conflicts of these kinds, or all."""
        with self.bank.store.reading() as tx:
            found = report_conflicts(tx, self.bank.rules, states=(ConflictState.OPEN,))
        return [one for one in found if not kinds or one.kind.value in kinds]

    def state(self, conflict_id: str) -> str:
        """Give a conflict's state."""
        with self.bank.store.reading() as tx:
            found = report_conflicts(tx, self.bank.rules, states=tuple(ConflictState))
        return next(one.state.value for one in found if one.conflict_id == conflict_id)

    def report(self, name: str = "conflicts.xlsx", said: Words = CHINESE) -> Path:
        """Write the workbook of this morning."""
        path = self.folder / name
        with self.bank.store.reading() as tx:
            data = report_data(tx, self.bank.rules, "城中区时间银行", self.town.clock.now())
        write_workbook(data, said, path)
        return path

    def sheet(self, name: str = "conflicts.xlsx") -> Spreadsheet:
        """Open the workbook of this morning."""
        return Spreadsheet(self.report(name))

    def decide(self, conflict_id: str, decision: str, by: str = "莫主任") -> None:
        """Let somebody else decide a conflict at the keyboard."""
        said = Said(conflict_id, *read_decision(decision, self.bank.rules), "派单", by)
        (outcome,) = self.desk.decide([said])
        assert outcome.problem is None

    def take_in(self, path: Path, said: Words = CHINESE, *, is_plan_only: bool = False) -> TakenIn:
        """Take a returned file in, and write its answer."""
        if is_plan_only:
            return take_in(self.desk, path, said, is_plan_only=True)
        with answer_sheet(path) as sheet:
            taken = take_in(self.desk, path, said)
            sheet.write(taken, said, "城中区时间银行", self.town.clock.now(), outcome_code)
        return taken

    def returned(self, sheet: Spreadsheet, name: str = "returned.xlsx") -> TakenIn:
        """Save a sheet that was filled in and take it in."""
        return self.take_in(sheet.save(self.folder / name))


def outcome_code(row: RowResult) -> str:
    """Say a row's outcome by its codes."""
    return " ".join([row.end.value, *(problem.code for problem in row.problems)])


def refusals(taken: TakenIn) -> list[str]:
    """Give why rows were refused, in order."""
    return [problem.code for row in taken.rows if row.end is End.REFUSED for problem in row.problems]


def ends(taken: TakenIn, but: Collection[End] = (End.BLANK,)) -> list[str]:
    """Give how the rows ended, in order."""
    return [row.end.value for row in taken.rows if row.end not in but]
