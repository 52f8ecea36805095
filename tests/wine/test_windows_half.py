"""Runs tests in a Windows Python under Wine: those that need Windows, and those of what must be
right on both systems, since PCs and the club's main computer run Windows too.
"""

from pathlib import Path

import pytest

from tests.support.programs import RUNS_ON
from tests.support.wine import ROOT, Wine

INSIDE = Path(__file__).parent / "inside"
TESTS = {
    "what only Windows has": [str(INSIDE.relative_to(ROOT))],
    "what a PC must get right": [
        "tests/protocol",
        "tests/agent/test_client.py",
        "tests/agent/test_journal.py",
        "tests/agent/test_pairing.py",
        "tests/agent/test_play.py",
        "tests/agent/test_session_keeper.py",
        "tests/agent/test_search.py",
        "tests/agent/test_settings.py",
        "tests/agent/test_versions.py",
        "tests/launcher/hook/test_keys.py",
        "tests/launcher/test_texts.py",
    ],
    "what the club's main computer must get right": [
        "tests/test_config_loader.py",
        "tests/server/ledger/test_service.py",
        "tests/server/sessions/test_service.py",
        "tests/server/sessions/test_lost_links.py",
        "tests/server/without_agent/test_network.py",
    ],
}
"""A group has a Windows Python to itself, whose start takes seconds."""
SUITE_SECONDS = 280


def test_every_file_named_is_there() -> None:
    assert list(INSIDE.glob("test_*.py"))
    assert all((ROOT / path).exists() for paths in TESTS.values() for path in paths)


@pytest.mark.timeout(SUITE_SECONDS + 20)
@pytest.mark.parametrize("group", TESTS)
def test_passes_on_windows(wine: Wine, group: str) -> None:
    # A PostgreSQL runs beside the tests on Linux only; there the same tests use it. What a datagram carried only Linux
    # tells; the same lines of ours send it there.
    chosen = ("-k", "not postgresql and not as_linux_sees_it")
    words = ["-m", "pytest", "-p", "no:cacheprovider", *chosen, *TESTS[group]]
    done = wine.run_python(*words, seconds=SUITE_SECONDS)

    assert done.exit_code == 0, done.output
    assert " passed" in done.output, done.output


def test_a_failure_under_windows_is_seen_here(wine: Wine, tmp_path: Path) -> None:
    failing = tmp_path / "test_failing.py"
    failing.write_text("def test_that_fails() -> None:\n    assert 'Клуб' == 'club'\n")

    words = ["-m", "pytest", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", str(failing)]
    done = wine.run_python(*words)

    assert done.exit_code == 1
    assert "AssertionError: assert 'Клуб' == 'club'" in done.output


def test_a_program_that_never_ends_is_ended(wine: Wine) -> None:
    with pytest.raises(AssertionError, match="did not end in 3 s:\nstarted"):
        wine.run_python("-c", f"print('started', flush=True); {RUNS_ON}", seconds=3)
