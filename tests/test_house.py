"""The house rules, checked where everything is checked: style, types of both systems, layers."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINT_IMPORTS = shutil.which("lint-imports", path=str(Path(sys.executable).parent))


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "words",
    [
        [sys.executable, "-m", "ruff", "check"],
        [sys.executable, "-m", "ruff", "format", "--check"],
        [sys.executable, "-m", "mypy"],
        [sys.executable, "-m", "mypy", "--platform", "win32", "--cache-dir", ".mypy_cache/win"],
        [str(LINT_IMPORTS)],
    ],
    ids=["style", "format", "types", "types-on-windows", "layers"],
)
def test_the_house_is_in_order(words: list[str]) -> None:
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
