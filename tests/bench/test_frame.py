import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import command, registry
from bench.frame import LeftOut, Result, Run
from bench.registry import Entry
from lovhub import benching


def result(measure: str, *ours: float) -> Result:
    return Result(measure, "a second", "≥ 2", [Run(one, 2.0, 8.0, {"extra": 1.0}) for one in ours])


class Module(Entry):
    """An entry whose measure is given."""

    does: Callable[[], list[Result]]

    def load(self) -> Callable[[], list[Result]]:
        return self.does


def entry(name: str, does: Callable[[], list[Result]], most_seconds: float = 60.0) -> Entry:
    made = Module("", (name,), most_seconds)
    made.does = does
    return made


def test_the_medians_and_their_ratios_are_written() -> None:
    assert result("heartbeats", 4.0, 100.0, 3.0).written() == {
        "measure": "heartbeats",
        "ours": 4.0,
        "baseline": 2.0,
        "limit": 8.0,
        "unit": "a second",
        "ratio_to_baseline": 2.0,
        "ratio_to_limit": 0.5,
        "runs": [
            {"ours": one, "baseline": 2.0, "limit": 8.0, "extra": 1.0} for one in (4.0, 100.0, 3.0)
        ],
    }


def test_one_measure_goes_beside_the_others_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = tuple(entry(name, list) for name in ("heartbeats", "pages"))
    monkeypatch.setattr(command, "ENTRIES", names)
    kept = tmp_path / "latest.json"
    command.keep([result("pages", 1.0)], kept)
    command.keep([result("heartbeats", 2.0)], kept)
    command.keep([result("pages", 3.0)], kept)
    found = json.loads(kept.read_text())
    assert [(row["measure"], row["ours"]) for row in found["measures"]] == [
        ("heartbeats", 2.0),
        ("pages", 3.0),
    ]
    assert found["machine"]["cores"] > 0


def test_what_another_machine_measured_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "latest.json"
    command.keep([result("heartbeats", 1.0)], kept)
    found = json.loads(kept.read_text())
    found["machine"]["cores"] += 1
    kept.write_text(json.dumps(found))
    monkeypatch.setattr(command, "ENTRIES", [entry(name, list) for name in ("heartbeats", "pages")])
    command.keep([result("pages", 1.0)], kept)
    assert [row["measure"] for row in json.loads(kept.read_text())["measures"]] == ["pages"]


def test_one_that_fails_or_hangs_does_not_stop_the_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails() -> list[Result]:
        raise RuntimeError("the server ended")

    def hangs() -> list[Result]:
        threading.Event().wait()
        return []

    entries = [entry("a", fails), entry("b", hangs, 0.01), entry("c", lambda: [result("c", 1.0)])]
    taken, failed = command.take_all(entries)
    assert ([one.measure for one in taken], failed) == (["c"], True)
    assert "the server ended" in capsys.readouterr().out


def test_what_this_machine_cannot_measure_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    def lacks() -> list[Result]:
        raise LeftOut("no PostgreSQL")

    assert command.take_all([entry("a", lacks)]) == ([], False)
    assert "left out: no PostgreSQL" in capsys.readouterr().out


def test_every_entry_has_a_measure_of_its_own() -> None:
    names = [name for one in registry.ENTRIES for name in one.names]
    assert len(set(names)) == len(names)
    for one in registry.ENTRIES:
        assert callable(one.load())


def test_a_name_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert benching.main(["heartbeets"]) == command.EXIT_BAD_INPUT
    assert "heartbeats" in capsys.readouterr().err


def test_an_installed_program_says_that_it_has_no_measures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert benching.main([], tmp_path) == benching.EXIT_NOT_HERE
    assert "только в исходном коде" in capsys.readouterr().err
