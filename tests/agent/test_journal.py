import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from lovhub.agent.journal import JOURNAL_FILE, Journal, SessionRecord
from lovhub.protocol.entries import AlarmRaised, Entry, UnknownEntry, written
from tests.agent.support.club_server import session_view


def alarm(number: int) -> Entry:
    return AlarmRaised(number=number, at=1, kind="launcher_killed", detail=f"№ {number}")


def numbers(journal: Journal) -> list[int]:
    return [entry.number for entry in journal.pending()]


def record(session_id: int = 3, ticked_at: int = 100, **changes: object) -> SessionRecord:
    values: dict[str, object] = {
        "view": session_view(session_id=session_id),
        "lease": None,
        "lease_serial": 1,
        "played_seconds": 60,
        "boot_id": "boot",
        "last_tick_at": ticked_at,
        "monotonic": 5.0,
        "state": "running",
    }
    return SessionRecord(**(values | changes))  # type: ignore[arg-type]


def test_facts_stay_until_acknowledged_and_numbers_are_never_used_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for _ in range(3):
        journal.append(alarm)
    journal.acknowledge(2)
    assert numbers(journal) == [3]
    journal.acknowledge(3)
    journal.close()
    journal = Journal(tmp_path)
    assert journal.append(alarm).number == 4
    journal.close()


def test_the_journal_keeps_its_id_as_long_as_its_file(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    first.close()
    second = Journal(tmp_path)
    second.close()
    assert first.journal_id == second.journal_id
    (tmp_path / JOURNAL_FILE).unlink()
    third = Journal(tmp_path)
    third.close()
    assert third.journal_id != first.journal_id


def test_the_newest_session_that_is_not_over_is_the_open_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.save_session(record(3, 100))
    journal.save_session(record(4, 200, state="over"))
    opened = journal.open_session()
    assert opened is not None
    assert opened.view.session_id == 3
    journal.close()


def test_a_stop_is_over_once_the_server_knows_of_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append(alarm, lambda number: record(3, state="stopped", stop_number=number))
    journal.acknowledge(0)
    assert journal.open_session() is not None
    journal.acknowledge(1)
    assert journal.open_session() is None
    journal.close()


def test_a_failed_fact_leaves_nothing_behind(tmp_path: Path) -> None:
    journal = Journal(tmp_path)

    def fail(number: int) -> SessionRecord:
        raise ValueError(number)

    with pytest.raises(ValueError, match="1"):
        journal.append(alarm, fail)
    assert numbers(journal) == []
    journal.close()


def test_a_command_is_begun_once_even_over_a_restart(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    assert journal.first_time("a")
    assert not journal.first_time("a")
    journal.close()
    journal = Journal(tmp_path)
    assert not journal.first_time("a")
    assert journal.first_time("b")
    journal.close()


FUTURE = b'{"entry":"telepathy_heard","number":2,"at":7,"words":["a new","kind"]}'
"""What a later version of the agent might write; its server might know it."""


def test_what_a_newer_version_has_written_is_no_damage_and_stays_in_its_place(
    tmp_path: Path,
) -> None:
    journal = Journal(tmp_path)
    journal.append(alarm)
    journal.close()
    newer = sqlite3.connect(tmp_path / JOURNAL_FILE)
    for table in ("entry", "session", "fact", "command"):
        newer.execute(f"ALTER TABLE {table} ADD COLUMN of_a_newer_version TEXT DEFAULT ''")
    newer.execute("CREATE TABLE of_a_newer_version (anything TEXT)")
    newer.execute("INSERT INTO entry (number, body) VALUES (2, ?)", (FUTURE,))
    newer.commit()
    newer.close()

    journal = Journal(tmp_path)
    assert journal.damaged_file is None
    journal.append(alarm, lambda _number: record())
    journal.remember("a fact", "of ours")
    assert journal.first_time("a command")
    kept = journal.pending()
    assert [entry.number for entry in kept] == [1, 2, 3]
    assert kept[1] == UnknownEntry(2, 7, "telepathy_heard", FUTURE)
    journal.acknowledge(1)
    journal.close()

    journal = Journal(tmp_path)
    assert [bytes(written(entry)) for entry in journal.pending()] == [
        FUTURE,
        bytes(written(alarm(3))),
    ]
    journal.close()


def test_a_session_that_only_a_newer_version_understands_is_left_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.save_session(record(3, 100))
    journal.save_session(record(4, 200))
    journal.close()
    newer = sqlite3.connect(tmp_path / JOURNAL_FILE)
    newer.execute(
        "UPDATE session SET body = replace(body, 'running', 'levitating') WHERE session_id = 4"
    )
    before = newer.execute("SELECT * FROM session WHERE session_id = 4").fetchall()
    newer.commit()
    newer.close()

    journal = Journal(tmp_path)
    assert journal.damaged_file is None
    assert journal.session(4) is None
    opened = journal.open_session()
    assert opened is not None
    assert opened.view.session_id == 3
    journal.acknowledge(9)
    journal.close()
    newer = sqlite3.connect(tmp_path / JOURNAL_FILE)
    assert newer.execute("SELECT * FROM session WHERE session_id = 4").fetchall() == before
    newer.close()


@pytest.mark.parametrize("body", [b"{torn", b"[]", b'{"entry":"telepathy_heard","number":2}'])
def test_what_is_no_fact_of_any_version_is_damage(tmp_path: Path, body: bytes) -> None:
    Journal(tmp_path).close()
    database = sqlite3.connect(tmp_path / JOURNAL_FILE)
    database.execute("INSERT INTO entry (number, body) VALUES (2, ?)", (body,))
    database.commit()
    database.close()
    journal = Journal(tmp_path)
    assert journal.damaged_file is not None
    journal.close()


WRITER = """
import sys
from pathlib import Path
from lovhub.agent.journal import Journal
from lovhub.protocol.entries import AlarmRaised
journal = Journal(Path(sys.argv[1]))
while True:
    entry = journal.append(lambda number: AlarmRaised(number=number, at=1, kind="launcher_killed"))
    print(entry.number, flush=True)
"""


def test_what_was_written_survives_the_death_of_the_writer(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert writer.stdout is not None
    for line in writer.stdout:
        if int(line) >= 20:
            break
    writer.kill()
    rest = writer.stdout.read()
    writer.wait()
    writer.stdout.close()
    told = int((rest.split() or [line])[-1])
    journal = Journal(tmp_path)
    kept = numbers(journal)
    assert journal.damaged_file is None
    assert kept[:told] == list(range(1, told + 1))
    journal.close()


@pytest.mark.parametrize("damage", ["text", "torn"])
def test_a_damaged_journal_is_put_aside_and_a_new_one_begun(tmp_path: Path, damage: str) -> None:
    journal = Journal(tmp_path)
    for _ in range(200):
        journal.append(alarm)
    journal.close()
    path = tmp_path / JOURNAL_FILE
    whole = path.read_bytes()
    path.write_bytes(b"no journal at all " * 500 if damage == "text" else whole[: len(whole) // 2])
    after = Journal(tmp_path)
    assert after.damaged_file is not None
    assert after.damaged_file.exists()
    assert after.journal_id != journal.journal_id
    assert after.append(alarm).number == 1
    after.close()


def test_an_entry_nobody_can_read_counts_as_damage(tmp_path: Path) -> None:
    Journal(tmp_path).close()
    database = sqlite3.connect(tmp_path / JOURNAL_FILE)
    database.execute("INSERT INTO entry VALUES (1, '{}')")
    database.commit()
    database.close()
    journal = Journal(tmp_path)
    assert journal.damaged_file is not None
    journal.close()
