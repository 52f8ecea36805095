"""Runs tests in a Windows Python under Wine: those that need Windows, and those of the money and
the time, since the club's main computer may run Windows too.
"""

from pathlib import Path

import pytest

from tests.support.wine import ROOT, Wine

INSIDE = sorted((Path(__file__).parent / "inside").rglob("test_*.py"))
SHARED = [
    "tests/server/ledger/test_service.py",
    "tests/server/ledger/test_properties.py",
    "tests/server/sessions",
]
SUITE_SECONDS = 280


def test_there_are_tests_to_run_under_windows() -> None:
    assert INSIDE


@pytest.mark.timeout(SUITE_SECONDS + 20)
@pytest.mark.parametrize("tests", [*(str(path.relative_to(ROOT)) for path in INSIDE), *SHARED])
def test_passes_on_windows(wine: Wine, tests: str) -> None:
    # A PostgreSQL runs beside the tests on Linux only; there the same tests use it.
    words = ["-m", "pytest", "-p", "no:cacheprovider", "-k", "not postgresql", tests]
    done = wine.run_python(*words, seconds=SUITE_SECONDS)

    assert done.exit_code == 0, done.output
    assert " passed" in done.output, done.output


def test_a_failure_under_windows_is_seen_here(wine: Wine, tmp_path: Path) -> None:
    failing = tmp_path / "test_failing.py"
    failing.write_text("def test_that_fails() -> None:\n    assert 'Клуб' == 'club'\n")

    done = wine.run_python("-m", "pytest", "-p", "no:cacheprovider", str(failing))

    assert done.exit_code == 1
    assert "AssertionError: assert 'Клуб' == 'club'" in done.output


def test_a_program_that_never_ends_is_ended(wine: Wine) -> None:
    with pytest.raises(AssertionError, match="did not end in 3 s:\nstarted"):
        wine.run_python(
            "-c", "print('started', flush=True); import time; time.sleep(60)", seconds=3
        )
