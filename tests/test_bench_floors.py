"""The bench's floors do what they say, its tapes play what was written, and its copies are a store like any other."""

from __future__ import annotations

import hashlib
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from bench import floors, postgresql
from bench.figures import Row, keep
from bench.history import grow
from bench.house import bookings_of, plan_all
from bench.population import FIRST_NIGHT
from bench.pulling import StandingClock, load_house_rules, opened, sqlite_url
from bench.tape import TapeWriter, playing, read_message
from bench.town import Town, build_town
from bench.verdicts import PAIRS, Score, scores
from bench.workshop import Sizes, Workshop
from tests.postgresql import Server

pytestmark = pytest.mark.checkout

SIZES = Sizes(records=1500, rounds=1, matched=1500, touched=3000, history=3000)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    with ExitStack() as stack:
        yield Workshop(SIZES, tmp_path_factory.mktemp("bench"), stack)


@pytest.fixture(scope="module")
def town(shop: Workshop) -> Town:
    return shop.town()


@pytest.fixture(scope="module")
def lived(shop: Workshop, town: Town) -> Path:
    """Give the folder of a store after its first night."""
    return shop.lived(town)


def test_a_tape_plays_its_answers_in_order_and_anew_for_each_who_calls(tmp_path: Path) -> None:
    with TapeWriter(tmp_path / "tape", FIRST_NIGHT) as writer:
        for answer in (b"one", b"two" * 100_000, b"three"):
            writer.add(answer)
    with playing(writer.tape()) as port:
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", port)) as caller:
                heard = []
                for _ in range(3):
                    caller.sendall(floors.REQUEST)
                    heard.append(read_message(caller))
                assert heard == [b"one", b"two" * 100_000, b"three"]


@pytest.mark.parametrize("platform", ["national", "guangxi"])
def test_the_floor_of_a_pull_keeps_every_row_once(
    shop: Workshop, town: Town, platform: str, tmp_path: Path, postgresql: Server
) -> None:
    tape, rows = shop.tapes(town)[platform], getattr(town, platform)
    with playing(tape) as port:
        for _ in range(2):
            assert floors.pull(port, tape.calls, tmp_path / "floor.db") == len(rows)
        assert _pull_floor(port, tape.calls, postgresql) == len(rows)
    with sqlite3.connect(tmp_path / "floor.db") as store:
        kept = dict(store.execute("SELECT id, body FROM record"))
    store.close()
    assert len(kept) == len(rows)
    with _looking(postgresql) as there:
        assert dict(there.execute("SELECT id, body FROM record").fetchall()) == kept


def _pull_floor(port: int, calls: int, server: Server) -> int:
    postgresql.create(server.folder, postgresql.FLOOR)
    return postgresql.pull(port, calls, server.folder)


def _looking(server: Server) -> psycopg.Connection:
    return psycopg.connect(host=str(server.folder), dbname=postgresql.FLOOR, user=postgresql.OWNER)


def test_the_floors_of_applying_book_the_same_chain_and_sum_to_zero(
    town: Town, tmp_path: Path, postgresql: Server
) -> None:
    bookings = bookings_of(town)
    assert floors.apply(bookings, tmp_path / "floor.db") == len(bookings)
    with sqlite3.connect(tmp_path / "floor.db") as store:
        vouchers = store.execute("SELECT number, key, body, hash FROM voucher ORDER BY number").fetchall()
        balances = dict(store.execute("SELECT account, seconds FROM balance"))
    store.close()
    previous = ""
    for number, _, body, link in vouchers:
        previous = hashlib.sha256(f"{previous}{number}{body}".encode()).hexdigest()
        assert link == previous
    assert len({key for _, key, _, _ in vouchers}) == len(bookings)
    assert sum(balances.values()) == 0
    assert -balances[0] == sum(seconds for _, _, seconds in bookings)
    assert _book_floor(bookings, postgresql) == len(bookings)
    with _looking(postgresql) as there:
        assert there.execute("SELECT number, key, body, hash FROM voucher ORDER BY number").fetchall() == vouchers
        assert dict(there.execute("SELECT account, seconds FROM balance").fetchall()) == balances


def _book_floor(bookings: list[tuple[str, int, int]], server: Server) -> int:
    postgresql.create(server.folder, postgresql.FLOOR)
    return postgresql.apply(bookings, server.folder)


@pytest.mark.parametrize("has_times", [True, False])
def test_the_plain_matcher_finds_the_pairs_of_ordinary_days(has_times: bool, tmp_path: Path) -> None:  # noqa: FBT001
    town = build_town(1500, has_times=has_times)
    floors.save_plainly(town, tmp_path / "plain.db")
    rows, pairs = floors.match(tmp_path / "plain.db")
    told = [{row.visit for row in side} for side in (town.national, town.guangxi)]
    both = len(told[0] & told[1])
    assert rows == town.records
    assert both * 0.97 < pairs < both * 1.03


def test_a_first_night_finds_what_the_truth_holds(town: Town, lived: Path) -> None:
    found = scores(town, lived / "store.db")
    assert found[PAIRS].truth > 500
    assert {label: score for label, score in found.items() if score.precision < 1.0 or score.recall < 1.0} == {}


def test_a_word_that_is_not_the_truths_counts_against_it() -> None:
    score = Score(truth=8, told=4, right=2)
    assert (score.precision, score.recall) == (0.5, 0.25)


def test_a_pair_that_is_not_one_to_one_is_no_figure_but_an_error(town: Town, lived: Path, tmp_path: Path) -> None:
    with sqlite3.connect(lived / "store.db") as whole, sqlite3.connect(tmp_path / "spoilt.db") as spoilt:
        whole.backup(spoilt)
        first, second = spoilt.execute(
            "SELECT m.service_id, r.number FROM record r JOIN membership m ON m.record = r.number "
            "WHERE r.platform = 'national' AND r.state = 'effective' AND m.disposition = 'booked' LIMIT 2"
        ).fetchall()
        spoilt.execute("UPDATE membership SET service_id = ? WHERE record = ?", (first[0], second[1]))
        spoilt.commit()
    with pytest.raises(AssertionError):
        scores(town, tmp_path / "spoilt.db")


def test_a_grown_store_plans_for_twice_the_people_what_it_planned_for_one(lived: Path, shop: Workshop) -> None:
    rules, room = load_house_rules(), shop.copied(lived)
    counted = []
    for times in (1, 2):
        grow(room / "store.db", times)
        with sqlite3.connect(room / "store.db") as store:
            store.execute("UPDATE subject SET planned_revision = revision - 1")
        store.close()
        with opened(sqlite_url(room), room, StandingClock()) as store_of_house:
            counted.append(plan_all(store_of_house, rules, StandingClock()).applied.actions)
    assert counted[0]["leave"] > 300
    assert counted[1] == {name: 2 * count for name, count in counted[0].items()}


def test_a_part_of_the_results_is_put_in_the_place_of_the_last_one(tmp_path: Path) -> None:
    results = tmp_path / "RESULTS.md"
    for title, body in (("bench", "| past |"), ("bench-large", "| large |"), ("bench", "| new |")):
        keep(results, title, body)
    text = results.read_text(encoding="utf-8")
    assert text.index("| new |") < text.index("| large |")
    assert "| past |" not in text


def test_a_rows_ratio_is_the_median_of_its_rounds() -> None:
    row = Row("what", "records/s", "≥ 0.40", [50.0, 30.0, 90.0], [100.0, 100.0, 100.0])
    assert row.cells() == ("what", "records/s", "50", "100", "0.50", "0.30–0.90", "≥ 0.40")
